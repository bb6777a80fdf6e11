import GraphIR
import Lowering
import ModelSpec
import Runtime
import TestSupport
import Testing
import Training

/// Images out of a generator whose weights a test has set.
@Suite struct SamplerTests {
  /// A generator that makes its last layer of `bias`, whatever the noise: its weights are zero.
  private func sampler(
    _ bias: [Float], channels: Int = 1, last: String = "", data: String = ""
  ) throws -> Sampler {
    let width = bias.count / channels
    let model = try compiled(
      """
      image: {channels: \(channels), height: 1, width: \(width)}
      latent: 3
      generator: [{linear: \(bias.count)}, {reshape: [\(channels), 1, \(width)]}\(last.isEmpty ? "" : ", \(last)")]
      discriminator: [flatten, {linear: 1}]
      train: {\(data.isEmpty ? "" : "data: \(data), ")loss: bce_with_logits}
      """)
    model.store.write(Array(repeating: 0, count: 3 * bias.count), to: "generator.0.weight")
    model.store.write(bias, to: "generator.0.bias")
    return Sampler(model)
  }

  private func compiled(_ text: String) throws -> CompiledModel {
    let loaded = load(text)
    let spec = try #require(loaded.spec, "\(loaded.diagnostics.map(\.message))")
    let lowered = ModelLowering.lower(spec, sources: loaded.sources)
    return try CompiledModel(
      spec, try #require(lowered.model, "\(lowered.diagnostics.map(\.message))"), threads: 1)
  }

  private func pixels(of sampler: Sampler) -> [UInt8] { sampler.images(from: [1, 2, 3])[0].pixels }

  @Test("values of [-1, 1] become bytes, rounded to the nearest; what lies outside is clipped, NaN is black")
  func bytes() throws {
    let values: [Float] = [-1, 1, 0, -0.5, 0.999, -1.001, 7, .nan]
    #expect(try pixels(of: sampler(values)) == [0, 255, 128, 64, 255, 0, 255, 0])
  }

  @Test("a last sigmoid means [0, 1], a last tanh [-1, 1]")
  func ranges() throws {
    #expect(try pixels(of: sampler([-50, 50, 0], last: "sigmoid")) == [0, 255, 128])
    #expect(try pixels(of: sampler([-50, 50, 0], last: "tanh")) == [0, 255, 128])
    #expect(try pixels(of: sampler([-1.0986, 1.0986], last: "sigmoid")) == [64, 191])
  }

  @Test("the range of the data decides, where there is data")
  func rangeOfData() throws {
    let data = "{synthetic: shapes, range: [0, 4]}"
    #expect(try pixels(of: sampler([0, 4, 1, 2], data: data)) == [0, 255, 64, 128])
  }

  @Test("of three channels and more the first three are shown, interleaved; of two the first")
  func channels() throws {
    let three = try sampler([-1, 1, 0, 1, 1, -1], channels: 3).images(from: [0, 0, 0])[0]
    #expect((three.channels, three.width, three.height) == (3, 2, 1))
    #expect(three.pixels == [0, 128, 255, 255, 255, 0])
    let four = try sampler([-1, 1, 0, 1, 1, -1, 0, 0], channels: 4).images(from: [0, 0, 0])[0]
    #expect(four == three)
    let two = try sampler([-1, 1, 0, 1], channels: 2).images(from: [0, 0, 0])[0]
    #expect((two.channels, two.pixels) == (1, [0, 255]))
  }

  @Test("each latent vector depends on the seed and its number alone, and is standard normal")
  func noise() throws {
    let sampler = try sampler([0])
    let noise = sampler.noise(count: 70, seed: 5)
    #expect(noise.count == 70 * 3)
    #expect(sampler.noise(count: 2, seed: 5) == Array(noise[..<6]))
    for index in [0, 1, 69] {
      let source = RandomSource(seed: 5, stream: .sampleNoise, step: index)
      #expect(Array(noise[index * 3..<index * 3 + 3]) == source.normals(3))
    }
    #expect(sampler.noise(count: 70, seed: 6) != noise)
  }

  @Test("images come in the order of their vectors, also where they go through in parts")
  func order() throws {
    let model = try compiled(
      """
      image: {channels: 1, height: 1, width: 1}
      latent: 1
      generator: [{linear: 1}, {reshape: [1, 1, 1]}]
      discriminator: [flatten, {linear: 1}]
      train: {loss: bce_with_logits}
      """)
    model.store.write([1], to: "generator.0.weight")
    model.store.write([0], to: "generator.0.bias")
    // Exact in 32 bits: number i makes a byte of i.
    let noise = (0..<150).map { Float($0) / 127.5 - 1 }
    let images = Sampler(model).images(from: noise)
    #expect(images.map { Int($0.pixels[0]) } == Array(0..<150))
    #expect(Sampler(model).images(from: []) == [])
  }

  /// A generator whose image is its class and what is drawn besides, each in a pixel of its own.
  private func conditional(_ inputs: String, _ from: String, pixels: Int) throws -> Sampler {
    let model = try compiled(
      """
      image: {channels: 1, height: 1, width: \(pixels)}
      latent: 1
      classes: 3
      generator:
        inputs: {noise: latent, \(inputs)}
        layers:
          - {one_hot: 3, name: row, from: \(from.prefix { $0 != "," })}
          \(from.contains(",") ? "- {concat: , from: [row\(from.drop { $0 != "," })]}" : "- relu")
          - {reshape: [1, 1, \(pixels)], name: all}
          - {linear: {out_features: \(pixels), bias: false}, from: noise}
          - {reshape: [1, 1, \(pixels)], name: none}
          - {add: , from: [all, none]}
      discriminator: [flatten, {linear: 1}]
      train:
        draw: {kind: {class: 3}, turn: {uniform: [-1, 1], size: 2}}
        data: {synthetic: shapes, range: [0, 1]}
        updates:
          - {network: discriminator, minimize: mean(discriminator(real))}
          - {network: generator, minimize: "mean(discriminator(generator(noise, \(from))))"}
      """)
    model.store.write(Array(repeating: 0, count: pixels), to: "generator.3.weight")
    return Sampler(model)
  }

  @Test("a class is the one that is asked for, or goes through all", arguments: ["label: class", "kind"])
  func classes(input: String) throws {
    let name = String(input.prefix { $0 != ":" })
    let sampler = try conditional(name == "kind" ? "kind: kind" : input, name, pixels: 3)
    func chosen(_ labels: [Int]?, count: Int, first: Int = 0) -> [Int?] {
      sampler.images(from: Array(repeating: 0, count: count), labels: labels, first: first)
        .map { $0.pixels.firstIndex(of: 255) }
    }
    #expect(chosen(nil, count: 5) == [0, 1, 2, 0, 1])
    #expect(chosen(nil, count: 2, first: 64) == [1, 2])
    #expect(chosen([2, 2, 0], count: 3) == [2, 2, 0])
    #expect(chosen((0..<150).map { $0 % 2 }, count: 150) == (0..<150).map { $0 % 2 })
  }

  @Test("what is drawn besides depends on the seed and the image's number alone")
  func draws() throws {
    let sampler = try conditional("kind: kind, turn: turn", "kind, turn", pixels: 5)
    func turns(count: Int, seed: Int = 0, first: Int = 0) -> [[UInt8]] {
      sampler.images(from: Array(repeating: 0, count: count), seed: seed, first: first)
        .map { Array($0.pixels[3...]) }
    }
    let all = turns(count: 100)
    #expect(Set(all).count > 50)
    #expect(turns(count: 3) == Array(all[..<3]))
    #expect(turns(count: 30, first: 70) == Array(all[70...]))
    #expect(turns(count: 100, seed: 1) != all)
  }
}
