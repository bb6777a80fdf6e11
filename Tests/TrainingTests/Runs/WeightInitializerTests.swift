import Runtime
import Testing

@testable import Lowering
@testable import Training

@Suite struct WeightInitializerTests {
  private func definition(
    _ name: String, _ shape: [Int], _ initializer: ParameterDefinition.Initializer
  ) -> ParameterDefinition {
    ParameterDefinition(
      name: name, shape: shape, initializer: initializer, role: .parameter, network: "generator")
  }

  private var definitions: [ParameterDefinition] {
    [
      definition("uniform", [40, 50, 5], .uniform(bound: 0.25)),
      definition("normal", [10_001], .normal(mean: 1, deviation: 0.02)),
      definition("constant", [], .constant(3)),
      definition("again", [10_001], .normal(mean: 1, deviation: 0.02)),
    ]
  }

  private func store(seed: Int) -> TensorStore {
    let store = TensorStore(definitions)
    WeightInitializer(seed: seed).fill(store, with: definitions)
    return store
  }

  private func moments(_ values: [Float]) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (mean, (squares / Double(values.count)).squareRoot())
  }

  @Test func uniformValuesFillTheirInterval() throws {
    let values = try #require(store(seed: 7).values(of: "uniform"))
    let (mean, deviation) = moments(values)
    // Four standard errors of 10,000 values.
    #expect(abs(mean) < 4 * 0.25 / (3 * 10_000.0).squareRoot())
    #expect(abs(deviation - 0.25 / 3.0.squareRoot()) < 0.003)
    #expect(values.allSatisfy { -0.25 <= $0 && $0 <= 0.25 })
    #expect(try #require(values.min()) < -0.249)
    #expect(try #require(values.max()) > 0.249)
  }

  @Test func normalValuesHaveTheirMeanAndDeviation() throws {
    let (mean, deviation) = moments(try #require(store(seed: 7).values(of: "normal")))
    #expect(abs(mean - 1) < 4 * 0.02 / 100)
    #expect(abs(deviation - 0.02) < 4 * 0.02 / 141)
  }

  @Test(arguments: [[7, 4, 3, 3], [40, 5]])
  func theShorterSideOfAnOrthogonalMatrixIsOrthogonal(shape: [Int]) throws {
    let definitions = [definition("w", shape, .orthogonal(gain: 1.5))]
    let store = TensorStore(definitions)
    WeightInitializer(seed: 3).fill(store, with: definitions)
    let values = try #require(store.values(of: "w")).map(Double.init)
    let (rows, columns) = (shape[0], shape[1...].reduce(1, *))
    let (count, length) = (min(rows, columns), max(rows, columns))
    func entry(_ vector: Int, _ place: Int) -> Double {
      values[rows <= columns ? vector * columns + place : place * columns + vector]
    }
    for first in 0..<count {
      for second in 0...first {
        let product = (0..<length).reduce(0) { $0 + entry(first, $1) * entry(second, $1) }
        #expect(abs(product - (first == second ? 2.25 : 0)) < 1e-6)
      }
    }
  }

  @Test func listedValuesAreWritten() {
    let definitions = [definition("filter", [3], .values([0.25, 0.5, 0.25]))]
    let store = TensorStore(definitions)
    WeightInitializer(seed: 3).fill(store, with: definitions)
    #expect(store.values(of: "filter") == [0.25, 0.5, 0.25])
  }

  /// By the definition: they are of length 1, and the matrix takes one to σ times the other.
  @Test(arguments: [0, 1])
  func singularVectorsAreThoseOfTheWeight(outputAxis: Int) throws {
    let shape = outputAxis == 0 ? [3, 4, 2, 2] : [4, 3, 2, 2]
    func side(_ side: ParameterDefinition.Initializer.Side) -> ParameterDefinition.Initializer {
      .singularVector(of: "w", side: side, outputAxis: outputAxis)
    }
    let definitions = [
      definition("u", [3], side(.left)), definition("v", [16], side(.right)),
      definition("w", shape, .normal(mean: 0.3, deviation: 0.1)),
    ]
    let store = TensorStore(definitions)
    WeightInitializer(seed: 3).fill(store, with: definitions)
    let (u, v, w) = (
      try #require(store.values(of: "u")), try #require(store.values(of: "v")),
      try #require(store.values(of: "w"))
    )
    var product = [Double](repeating: 0, count: 3)
    for output in 0..<3 {
      for input in 0..<4 {
        for pixel in 0..<4 {
          let place = outputAxis == 0 ? output * 4 + input : input * 3 + output
          product[output] += Double(w[place * 4 + pixel]) * Double(v[input * 4 + pixel])
        }
      }
    }
    let sigma = product.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(sigma > 1)
    for (a, b) in zip(product, u) { #expect(abs(a - sigma * Double(b)) < 1e-5 * sigma) }
    #expect(abs(v.reduce(0) { $0 + Double($1) * Double($1) } - 1) < 1e-5)
  }

  @Test func aConstantIsWritten() {
    #expect(store(seed: 7).values(of: "constant") == [3])
  }

  @Test func valuesFollowFromTheSeedAndTheNameAlone() {
    #expect(bits(store(seed: 7)) == bits(store(seed: 7)))
    #expect(store(seed: 7).values(of: "normal") != store(seed: 8).values(of: "normal"))
    #expect(store(seed: 7).values(of: "normal") != store(seed: 7).values(of: "again"))
    // What stands before a tensor changes nothing of it.
    let alone = TensorStore([definitions[3]])
    WeightInitializer(seed: 7).fill(alone, with: [definitions[3]])
    #expect(alone.values(of: "again") == store(seed: 7).values(of: "again"))
  }

  @Test func aLongerTensorBeginsAsAShorterOne() throws {
    func values(count: Int) throws -> [Float] {
      let definitions = [definition("a", [count], .normal(mean: 0, deviation: 1))]
      let store = TensorStore(definitions)
      WeightInitializer(seed: 1).fill(store, with: definitions)
      return try #require(store.values(of: "a"))
    }
    #expect(Array(try values(count: 100)[..<7]) == (try values(count: 7)))
  }
}
