import CKernels
import Testing

@Suite struct ReduceTests {
  static let matrices = [
    (1, 1), (1_000_003, 1), (7, 3), (5001, 3), (3, 40_000), (65, 4000), (100, 513), (200, 63), (129, 1030),
  ]

  @Test(arguments: matrices)
  func rowsColumnsAndAllElementsAddUp(rows: Int, columns: Int) {
    var noise = Noise()
    let x = noise.array(rows * columns, in: 0...1)
    let bytes = ck_reduce_workspace_bytes(x.count, columns)
    var byColumn = [Float](repeating: 0, count: columns)
    unsafe ck_reduce_sum_reference(2, [rows, columns], 0.5, x, [columns, 1], &byColumn, [0, 1])
    unsafe expectKernel("sum of rows", toMatch: byColumn, .sum) { pool in
      let workspace = Workspace(bytes: bytes)
      var y = [Float](repeating: 0, count: columns)
      unsafe ck_sum_rows(pool, rows, columns, 0.5, x, &y, workspace.base)
      return y
    }
    var total: [Float] = [0]
    unsafe ck_reduce_sum_reference(1, [x.count], 0.5, x, [1], &total, [0])
    unsafe expectKernel("sum of all", toMatch: total, .sum) { pool in
      let workspace = Workspace(bytes: bytes)
      var y: [Float] = [0]
      unsafe ck_sum_all(pool, x.count, 0.5, x, &y, workspace.base)
      return y
    }
  }

  @Test func aSumKeepsItsDigitsOverMillionsOfElements() {
    let count = 4_000_001
    let x = [Float](repeating: 0.1, count: count)
    let expected = Float(Double(Float(0.1)) * Double(count))
    unsafe expectKernel("sum", toMatch: [expected], Tolerance(relative: 1e-6)) { pool in
      let workspace = Workspace(bytes: ck_reduce_workspace_bytes(count, 1))
      var y: [Float] = [0]
      unsafe ck_sum_all(pool, count, 1, x, &y, workspace.base)
      return y
    }
  }

  /// A tensor in any order of axes, some with gaps, and the axes that are kept.
  struct Reduction {
    var dims: [Int] = []
    var xStrides: [Int] = []
    var yStrides: [Int] = []
    var xCount = 1
    var yCount = 1

    init(noise: inout Noise) {
      let rank = noise.below(7)
      for _ in 0..<rank {
        var extent = [1, 2, 3, 5, 17, 33, 64][noise.below(7)]
        if dims.reduce(extent, *) > 30_000 { extent = 1 }
        dims.append(extent)
      }
      xStrides = [Int](repeating: 0, count: rank)
      yStrides = xStrides
      for axis in shuffled(rank, &noise) {
        xStrides[axis] = xCount
        xCount *= dims[axis] + (noise.below(8) == 0 ? 1 : 0)
      }
      for axis in shuffled(rank, &noise) where noise.below(2) == 0 {
        yStrides[axis] = yCount
        yCount *= dims[axis]
      }
    }

    private func shuffled(_ count: Int, _ noise: inout Noise) -> [Int] {
      var order = Array((0..<count).reversed())
      guard noise.below(2) == 0 else { return order }
      for index in order.indices { order.swapAt(index, noise.below(count)) }
      return order
    }
  }

  @Test func anyAxesOfAnyLayoutAddUp() {
    var noise = Noise()
    for _ in 0..<300 {
      let reduction = Reduction(noise: &noise)
      let rank = Int32(reduction.dims.count)
      let x = noise.array(reduction.xCount)
      var expected = [Float](repeating: 0, count: reduction.yCount)
      unsafe ck_reduce_sum_reference(
        rank, reduction.dims, 0.7, x, reduction.xStrides, &expected, reduction.yStrides)
      let bytes = ck_reduce_workspace_bytes(x.count, reduction.dims.last ?? 1)
      unsafe expectKernel(
        "\(reduction)", toMatch: expected, Tolerance(relative: 1e-6, absolute: 1e-5)
      ) { pool in
        let workspace = Workspace(bytes: bytes)
        var y = [Float](repeating: 0, count: reduction.yCount)
        unsafe ck_reduce_sum(
          pool, rank, reduction.dims, 0.7, x, reduction.xStrides, &y, reduction.yStrides, workspace.base)
        return y
      }
    }
  }

  @Test(arguments: matrices)
  func aBiasIsAddedToEveryRowAndActivated(rows: Int, columns: Int) {
    var noise = Noise()
    let x = noise.array(rows * columns)
    let bias = noise.array(columns)
    for activation in activations {
      var expected = x
      unsafe ck_bias_add_reference(rows, columns, x, bias, activation, &expected)
      unsafe expectKernel("\(activation.kind)", toMatch: expected, Tolerance(absolute: 4e-7)) { pool in
        var y = x
        unsafe y.withUnsafeMutableBufferPointer { y in
          unsafe ck_bias_add(pool, rows, columns, y.baseAddress, bias, activation, y.baseAddress)
        }
        return y
      }
    }
  }

  @Test func aBroadcastRepeatsTheAxesWithoutAStride() {
    let x: [Float] = [1, 2, 3]
    let expected: [Float] = [1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3]
    unsafe expectKernel("broadcast", toMatch: expected, .exact) { pool in
      var y = [Float](repeating: 0, count: 12)
      unsafe ck_broadcast(pool, 3, [2, 3, 2], x, [0, 1, 0], &y, [6, 2, 1])
      return y
    }
  }
}
