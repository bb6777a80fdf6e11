import ArgumentParser
import Diagnostics
import Files
import ModelSpec
import Training

/// What says which latent vectors images are made of.
struct LatentOptions: ParsableArguments {
  @Option(help: "What the samples depend on: with it, a sample's number says which one it is.")
  var seed = 0

  @Option(
    help: ArgumentHelp(
      "Keep the noise within ±limit: truer images, and fewer kinds of them.", valueName: "limit"))
  var truncation: Double?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("The class of the images, from zero, of a model that is told one.", valueName: "class")
  )
  var label: Int?

  @Option(
    name: .customLong("let"),
    help: ArgumentHelp(
      "Call the mean of samples by a name, for --latent: --let smiling=3,8,21.", valueName: "name=samples"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "Latent vectors by their names, for --latent: a safetensors file, as --save-latents writes it.",
      valueName: "file"))
  var latents: String?

  func validate() throws {
    if seed < 0 { throw ValidationError("--seed must not be negative.") }
    if let truncation, !(truncation > 0 && truncation <= 100) {
      throw ValidationError("--truncation must be above 0, and at most 100.")
    }
  }

  var truncated: TruncatedNormal? { truncation.map { TruncatedNormal(limit: $0) } }

  /// Numbers as `3,9,12-15` lists them.
  static func numbers(_ text: String, option: String) throws -> [Int] {
    var result: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        Int($0.drop { $0 == " " })
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
        first <= last, last <= LatentExpression.largestSample, last - first < 1_000_000
      else {
        throw ValidationError("\(option): `\(part)` is neither a number nor a range such as 12-15.")
      }
      result += first...last
    }
    return result
  }

  /// Reads what `--latent` says.
  static func expression(_ text: String) throws -> LatentExpression {
    do throws(LatentExpression.Mistake) {
      return try LatentExpression(text)
    } catch {
      throw ValidationError("--latent: \(error)")
    }
  }

  /// The vectors that expressions name, in their order.
  ///
  /// What is computed of several has the length of noise again: sums are longer, and means shorter.
  func values(of expressions: [LatentExpression], _ sampler: Sampler) throws -> [[Float]] {
    let named = try named(sampler)
    for expression in expressions {
      for name in expression.names where named[name] == nil {
        let known = named.vectors.map { $0.name }
        throw fail(
          """
          --latent: no latent is called `\(name)`\(known.isEmpty ? "" : "; there are: \(known.joined(separator: ", "))"). \
          --let \(name)=3,8,21 calls the mean of samples so, --latents names a file of them
          """, .validationFailure)
      }
    }
    return expressions.map { expression in
      let value = expression.value(
        sample: { sampler.noise(of: [$0], seed: seed, truncation: truncated) },
        named: { name in
          guard let value = named[name] else { preconditionFailure("every name was looked for") }
          return value
        })
      return expression.isPlain ? value : LatentWalk.scaledToNormalLength(value)
    }
  }

  private func named(_ sampler: Sampler) throws -> SavedLatents {
    var known =
      try latents.map { path throws(FileError) in
        try SavedLatents(contentsOf: path, dimensions: sampler.latent)
      } ?? SavedLatents()
    for text in names {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, (try? LatentExpression(parts[0]))?.names == [parts[0]] else {
        throw ValidationError("--let: `\(text)` is not as in smiling=3,8,21.")
      }
      guard known[parts[0]] == nil else { throw ValidationError("--let: `\(parts[0])` has a value already.") }
      let numbers = try Self.numbers(parts[1], option: "--let")
      let vectors = numbers.map { sampler.noise(of: [$0], seed: seed, truncation: truncated) }
      let mean = (0..<sampler.latent).map { place in
        Float(vectors.reduce(0) { $0 + Double($1[place]) } / Double(vectors.count))
      }
      known.add(parts[0], numbers.count == 1 ? mean : LatentWalk.scaledToNormalLength(mean))
    }
    return known
  }
}
