import CKernels
import Testing

@Suite struct MatmulTests {
  struct Case: CustomStringConvertible {
    var shape: ck_matmul_shape
    var activation: ck_activation
    var hasBias: Bool

    init(noise: inout Noise) {
      let extents = [1, 2, 3, 7, 12, 13, 15, 16, 17, 31, 33, 64, 100, 130, 257]
      let pick = { (noise: inout Noise) in extents[noise.below(extents.count)] }
      let (rows, columns, depth) = (pick(&noise), pick(&noise), pick(&noise))
      let (a, b) = (noise.below(2) == 0, noise.below(2) == 0)
      shape = ck_matmul_shape(
        rows: rows, columns: columns, depth: depth, transpose_a: a, transpose_b: b,
        lda: (a ? rows : depth) + noise.below(3), ldb: (b ? depth : columns) + noise.below(3),
        ldc: columns + noise.below(3), accumulate: noise.below(2) == 0)
      activation = activations[noise.below(activations.count)]
      hasBias = noise.below(2) == 0
    }

    var description: String { "\(shape), \(activation.kind), bias \(hasBias)" }
    var aCount: Int { (shape.transpose_a ? shape.depth : shape.rows) * shape.lda }
    var bCount: Int { (shape.transpose_b ? shape.columns : shape.depth) * shape.ldb }
    var cCount: Int { shape.rows * shape.ldc }
  }

  /// The product by the plain loop, and by the fast kernel on every target.
  func check(_ sample: Case, _ noise: inout Noise) {
    var shape = sample.shape
    let a = noise.array(sample.aCount)
    let b = noise.array(sample.bCount)
    let c = noise.array(sample.cCount)
    let bias = sample.hasBias ? noise.array(shape.columns) : nil
    var expected = c
    unsafe ck_matmul_reference(&shape, a, b, &expected, bias, sample.activation)
    let fixed = shape
    let depth = Double(shape.depth)
    unsafe expectKernel(
      "\(sample)", toMatch: expected, Tolerance(relative: 4e-6, absolute: 1e-6 + 1e-6 * depth.squareRoot())
    ) { pool in
      var shape = fixed
      let workspace = Workspace(bytes: unsafe ck_matmul_workspace_bytes(&shape, ck_pool_lanes(pool)))
      var result = c
      unsafe ck_matmul(pool, &shape, a, b, &result, bias, sample.activation, workspace.base)
      return result
    }
  }

  @Test func productsOfAnyShapeAndLayoutMatchThePlainLoop() {
    var noise = Noise()
    for _ in 0..<150 {
      let sample = Case(noise: &noise)
      check(sample, &noise)
    }
  }

  @Test func deepAndWideProductsMatchThePlainLoop() {
    var noise = Noise()
    for (rows, columns, depth) in [
      (64, 1, 4097), (64, 3, 1025), (2049, 5, 64), (130, 300, 700), (1, 5000, 100),
    ] {
      var sample = Case(noise: &noise)
      sample.shape = ck_matmul_shape(
        rows: rows, columns: columns, depth: depth, transpose_a: false, transpose_b: true, lda: depth,
        ldb: depth,
        ldc: columns, accumulate: false)
      sample.activation = activations[0]
      check(sample, &noise)
    }
  }

  @Test func aProductOfNoDepthIsTheActivatedBias() {
    var shape = ck_matmul_shape(
      rows: 2, columns: 3, depth: 0, transpose_a: false, transpose_b: false, lda: 1, ldb: 3, ldc: 3,
      accumulate: false)
    for isa in vectorISAs {
      with(isa) {
        let workspace = Workspace(bytes: unsafe ck_matmul_workspace_bytes(&shape, 1))
        var c = [Float](repeating: 9, count: 6)
        unsafe ck_matmul(nil, &shape, [0], [0], &c, [1, -1, 2], activations[1], workspace.base)
        #expect(c == [1, 0, 2, 1, 0, 2])
      }
    }
  }
}
