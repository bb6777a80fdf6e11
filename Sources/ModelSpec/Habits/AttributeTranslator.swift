import Diagnostics

/// Turns arguments of other programs into attributes of a layer, an optimiser, a loss or a data source.
struct AttributeTranslator {
  let schema: Schema
  let isLayer: Bool
  /// The program that the layer's name belongs to; nil where it is the name here.
  var origin: LayerHabit.Origin?

  struct Given {
    var name: String
    var value: PythonValue
    /// Where it stands in a mapping; nil in a call.
    var entry: YAMLNode.Entry?
  }

  enum Outcome {
    case kept
    /// The name that it has here, and its value.
    case attribute(String, PythonValue)
    case leftOut(why: String)
    /// The layers behind this one.
    case activation(PythonValue)
    /// There is nothing like it.
    case refused(String)
    /// Nobody knows it.
    case unknown
  }

  struct Result {
    var outcomes: [Outcome] = []
    /// What has to be written besides.
    var added: [(name: String, value: PythonValue)] = []
  }

  func translate(_ given: [Given]) -> Result {
    var result = Result()
    for argument in given { result.outcomes.append(outcome(argument)) }
    mergeBetas(given, &result)
    fitPadding(given, &result)
    return result
  }

  private func has(_ attribute: String) -> Bool { schema.attributes.contains { $0.name == attribute } }

  private func outcome(_ given: Given) -> Outcome {
    // Keras keeps that share of the old statistics, PyTorch and graphc take it of the new.
    if origin == .keras, given.name == "momentum", schema.name.hasPrefix("batch_norm") {
      return complement("momentum", given)
    }
    if has(given.name) {
      let value = normal(given.value, given.name)
      if given.entry == nil {
        return isInferred(given) ? .leftOut(why: "it is inferred") : .attribute(given.name, value)
      }
      return value.yaml == given.value.yaml ? .kept : .attribute(given.name, value)
    }
    guard let habit = ArgumentHabits.find(given.name, of: schema.name, isLayer: isLayer) else {
      return .unknown
    }
    switch habit {
    case .attribute(let name):
      guard has(name) else { return .unknown }
      if isInferred(Given(name: name, value: given.value, entry: nil)) {
        return .leftOut(why: "it is inferred")
      }
      return .attribute(name, normal(given.value, name))
    case .complement(let name): return has(name) ? complement(name, given) : .unknown
    case .needless(let values, let why):
      let text = given.value.yaml ?? ""
      return values.isEmpty || values.contains(text)
        ? .leftOut(why: why) : .refused("`\(given.name): \(text)`")
    case .needlessCalls(let names, let why):
      // A list of calls has no text of its own as YAML; it stands in a mapping.
      guard let text = given.value.yaml ?? given.entry.map({ Self.scalars($0.value).joined(separator: ", ") })
      else { return .refused("`\(given.name)`") }
      // The words before brackets.
      let called = text.split(separator: "(", omittingEmptySubsequences: false).dropLast().compactMap {
        part in
        let word = part.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed()
        return word.first?.isLetter == true ? String(word) : nil
      }
      return called.isEmpty || !called.allSatisfy(names.contains)
        ? .refused("`\(given.name)`") : .leftOut(why: why)
    case .beta: return has("betas") ? .kept : .unknown
    case .activation:
      if ["linear", "null", "identity", "none"].contains(given.value.yaml ?? "") {
        return .leftOut(why: "there is none")
      }
      return .activation(given.value)
    case .channelsLastShape(let name):
      guard has(name) else { return .unknown }
      guard let list = given.value.list, list.count == 3 else { return .attribute(name, given.value) }
      return .attribute(
        name, PythonValue(content: .list([list[2], list[0], list[1]]), range: given.value.range))
    case .onlyOne:
      let sizes = given.value.list ?? [given.value]
      return sizes.allSatisfy { $0.yaml == "1" }
        ? .leftOut(why: "the result is C×1×1") : .refused("an output of \(given.value.yaml ?? "that size")")
    }
  }

  private static func scalars(_ node: YAMLNode) -> [String] {
    switch node.content {
    case .scalar(let text, _): [text]
    case .sequence(let elements): elements.flatMap(scalars)
    case .mapping(let entries): entries.flatMap { scalars($0.value) }
    }
  }

  /// A count of inputs that is a formula of another program's variables.
  private func isInferred(_ given: Given) -> Bool {
    ["in_channels", "in_features", "num_features"].contains(given.name)
      && given.value.yaml.flatMap(YAMLScalar.int) == nil
  }

  private func complement(_ name: String, _ given: Given) -> Outcome {
    guard let share = given.value.formula.flatMap(YAMLScalar.double), (0...1).contains(share) else {
      return .refused("`\(given.name)` with that value")
    }
    // 1 - 0.8 is 0.2, not 0.19999999999999996.
    let value = ((1 - share) * 1e9).rounded() / 1e9
    return .attribute(name, PythonValue(content: .formula(Number.real(value).text), range: given.value.range))
  }

  /// `(5,)` for one number, `(0.5, 0.999)` for a list, `yes` for a flag, quotes around a number.
  private func normal(_ value: PythonValue, _ name: String) -> PythonValue {
    guard let kind = schema.attributes.first(where: { $0.name == name })?.kind else { return value }
    switch (kind, value.content) {
    case (.int, .list(let values)), (.size, .list(let values)), (.number, .list(let values)):
      return values.count == 1 ? values[0] : value
    case (.bool, .formula(let text)), (.bool, .text(let text)):
      switch text.lowercased() {
      case "yes", "on", "1", "true": return PythonValue(content: .bool(true), range: value.range)
      case "no", "off", "0", "false": return PythonValue(content: .bool(false), range: value.range)
      default: return value
      }
    case (.numbers(let count, _), .formula(let text)) where name == "betas" && count == 2:
      // The first alone, with the second that it has by default.
      guard YAMLScalar.double(text) != nil, let second = defaultBetas.last else { return value }
      return PythonValue(content: .list([value, formula(second)]), range: value.range)
    default: return value
    }
  }

  private func formula(_ text: String) -> PythonValue { PythonValue(content: .formula(text), range: 0..<0) }

  // MARK: betas

  private var defaultBetas: [String] {
    guard
      case .defaultsTo(.numbers(let values))? = schema.attributes.first(where: { $0.name == "betas" })?
        .requirement
    else { return [] }
    return values.map { Number.real($0).text }
  }

  /// `beta1` and `beta2` are the two of `betas`.
  private func mergeBetas(_ given: [Given], _ result: inout Result) {
    var betas = defaultBetas.map(formula)
    var places: [Int] = []
    for (place, argument) in given.enumerated() {
      guard case .beta(let index)? = ArgumentHabits.find(argument.name, of: schema.name, isLayer: false),
        betas.indices.contains(index), !has(argument.name)
      else { continue }
      betas[index] = argument.value
      places.append(place)
    }
    guard let first = places.first else { return }
    if given.contains(where: { $0.name == "betas" }) {
      for place in places { result.outcomes[place] = .refused("`\(given[place].name)` beside `betas`") }
      return
    }
    for place in places { result.outcomes[place] = .leftOut(why: "it is one of `betas`") }
    result.outcomes[first] = .attribute(
      "betas", PythonValue(content: .list(betas), range: given[first].value.range))
  }

  // MARK: padding

  /// `same` and `valid`, which say what the size of the output should be, as numbers of pixels.
  private func fitPadding(_ given: [Given], _ result: inout Result) {
    guard has("padding"), has("kernel_size") else { return }
    func index(of name: String) -> Int? {
      given.indices.first { index in
        if case .attribute(name, _) = result.outcomes[index] { return true }
        if case .kept = result.outcomes[index] { return given[index].name == name }
        return false
      }
    }
    func value(_ name: String) -> PythonValue? {
      index(of: name).map { index in
        if case .attribute(_, let value) = result.outcomes[index] { value } else { given[index].value }
      }
    }
    guard let place = index(of: "padding"), let word = value("padding")?.yaml?.lowercased() else { return }
    func set(_ name: String, _ sizes: [Int]) -> PythonValue {
      formula(sizes[0] == sizes[1] ? "\(sizes[0])" : "[\(sizes[0]), \(sizes[1])]")
    }
    switch word {
    case "valid", "none", "null", "no": result.outcomes[place] = .attribute("padding", formula("0"))
    case "same":
      let isTransposed = has("output_padding")
      guard let kernel = sizes(value("kernel_size")), let stride = sizes(value("stride") ?? formula("1")),
        let dilation = sizes(value("dilation") ?? formula("1")),
        let paddings = Self.same(kernel, stride, dilation, isTransposed: isTransposed)
      else {
        result.outcomes[place] = .refused(
          "`padding: same` for this kernel and stride, since both ends are padded alike (a kernel of 3 with 1, of 5 with 2)"
        )
        return
      }
      result.outcomes[place] = .attribute("padding", set("padding", paddings.padding))
      if paddings.outputPadding != [0, 0] {
        result.added.append(("output_padding", set("output_padding", paddings.outputPadding)))
      }
    default: return
    }
  }

  private func sizes(_ value: PythonValue?) -> [Int]? {
    guard let value else { return nil }
    let sizes = (value.list ?? [value, value]).compactMap { $0.yaml.flatMap(YAMLScalar.int) }
    return sizes.count == 2 ? sizes : nil
  }

  /// The padding with which a convolution makes ⌈n / stride⌉ pixels of n, and a transposed one n · stride.
  ///
  /// Keras pads the two ends differently where it must; here they are equal. Nil where no equal padding gives that
  /// size.
  private static func same(
    _ kernel: [Int], _ stride: [Int], _ dilation: [Int], isTransposed: Bool
  ) -> (padding: [Int], outputPadding: [Int])? {
    var padding: [Int] = []
    var outputPadding: [Int] = []
    for axis in 0..<2 {
      let extent = dilation[axis] * (kernel[axis] - 1) + 1
      let rest = extent - stride[axis]
      if isTransposed {
        padding.append(max(0, (rest + 1) / 2))
        outputPadding.append(2 * padding[axis] - rest)
      } else {
        padding.append((extent - 1) / 2)
        outputPadding.append(0)
        if 2 * padding[axis] < rest { return nil }
      }
    }
    return (padding, outputPadding)
  }
}
