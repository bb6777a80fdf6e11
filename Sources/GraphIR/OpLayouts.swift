/// How the images among an op's operands and results (tensors of rank 4) lie in memory.
public struct OpLayouts: Hashable, Sendable {
  public enum Operands: Hashable, Sendable {
    /// However they lie.
    case any
    case all(Layout)
    /// Row-major the operand of this number, a weight; channels last the others.
    case weight(at: Int)
  }

  public enum Results: Hashable, Sendable {
    case always(Layout)
    /// As the operands do, which all lie alike: where they disagree, they meet in channels last.
    case matchOperands
    /// Channels last where the tensor has a batch: one without is a weight, or made to meet one.
    case byBatch
  }

  public var operands: Operands
  public var results: Results

  public init(operands: Operands, results: Results) {
    self.operands = operands
    self.results = results
  }

  /// Its kernels walk all tensors in the order in which they lie.
  public static let elementwise = OpLayouts(operands: .any, results: .matchOperands)
  /// Its kernels read and write any layout.
  public static let free = OpLayouts(operands: .any, results: .byBatch)
  /// Its kernels want channels innermost.
  public static let images = OpLayouts(operands: .all(.channelsLast), results: .always(.channelsLast))
  /// Images are channels last, and the second operand is a weight.
  public static let convolution = OpLayouts(operands: .weight(at: 1), results: .always(.channelsLast))
  /// Weights and what is kept of them.
  public static let parameters = OpLayouts(operands: .all(.rowMajor), results: .always(.rowMajor))

  /// The layout that an operand of rank 4 must have, if it must have one.
  public func required(ofOperand index: Int) -> Layout? {
    switch operands {
    case .any: nil
    case .all(let layout): layout
    case .weight(let place): index == place ? .rowMajor : .channelsLast
    }
  }
}
