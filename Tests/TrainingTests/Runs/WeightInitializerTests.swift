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
