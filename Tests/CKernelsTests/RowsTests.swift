import CKernels
import Testing

@Suite struct RowsTests {
  @Test func softmaxAndItsLogarithmMatchThePlainLoops() {
    for (rows, columns) in [(1, 1), (3, 7), (40, 16), (5, 17), (2, 1500), (700, 33)] {
      var noise = Noise()
      let x = noise.array(rows * columns, in: -30...30)
      for isLog in [false, true] {
        var expected = x
        unsafe ck_softmax_reference(rows, columns, isLog, x, &expected)
        unsafe expectKernel(
          "\(rows)×\(columns), log \(isLog)", toMatch: expected, Tolerance(relative: 2e-6, absolute: 1e-6)
        ) { pool in
          var y = x
          unsafe y.withUnsafeMutableBufferPointer { y in
            unsafe ck_softmax(pool, rows, columns, isLog, y.baseAddress, y.baseAddress)
          }
          return y
        }
      }
    }
  }

  @Test func softmaxOfARowWithNaNIsNaN() {
    let x: [Float] = [0, .nan, 1, .nan, 0, 1, 0, 1, .nan]
    unsafe expectKernel("NaN", toMatch: x.map { _ in .nan }, .exact) { pool in
      var y = x
      unsafe ck_softmax(pool, 3, 3, false, x, &y)
      return y
    }
  }

  @Test func aLabelThatIsNoClassMakesARowOfNaN() {
    let labels: [Float] = [2, 0, 3, -1, 0.5, .nan, .infinity]
    let none = [Float](repeating: .nan, count: 3)
    let expected: [Float] = [0, 0, 1, 1, 0, 0] + none + none + none + none + none
    unsafe expectKernel("labels", toMatch: expected, .exact) { pool in
      var y = [Float](repeating: 9, count: 21)
      unsafe ck_one_hot(pool, 7, 3, labels, &y)
      return y
    }
  }

  @Test func meansOverGroupsMatchThePlainLoopsAlsoInPlace() {
    for (batch, count, group) in [(6, 5, 3), (4, 1, 4), (8, 40_001, 2), (3, 17, 1)] {
      var noise = Noise()
      let x = noise.array(batch * count)
      var expected = x
      unsafe ck_group_mean_reference(batch, count, group, x, &expected)
      for inPlace in [false, true] {
        unsafe expectKernel(
          "\(batch)×\(count) by \(group)", toMatch: expected, Tolerance(absolute: 4e-7)
        ) { pool in
          var y = x
          unsafe y.withUnsafeMutableBufferPointer { y in
            unsafe x.withUnsafeBufferPointer { x in
              unsafe ck_group_mean(
                pool, batch, count, group, inPlace ? UnsafePointer(y.baseAddress) : x.baseAddress,
                y.baseAddress)
            }
          }
          return y
        }
      }
    }
  }

  @Test func interpolationAndItsAdjointMatchThePlainLoops() {
    var noise = Noise()
    for _ in 0..<60 {
      let shape = ck_interpolation(
        outer: 1 + noise.below(4), small: 1 + noise.below(7), large: 1 + noise.below(12),
        inner: [1, 3, 16, 33][noise.below(4)], align_corners: noise.below(2) == 0)
      let x = noise.array(shape.outer * shape.small * shape.inner)
      let dy = noise.array(shape.outer * shape.large * shape.inner)
      var (expected, adjoint) = (dy, x)
      var reference = shape
      unsafe ck_interpolate_reference(&reference, x, &expected)
      unsafe ck_interpolate_adjoint_reference(&reference, dy, &adjoint)
      unsafe expectKernel("\(shape)", toMatch: expected, Tolerance(absolute: 1e-6)) { pool in
        var (shape, y) = (shape, dy)
        unsafe ck_interpolate(pool, &shape, x, &y)
        return y
      }
      unsafe expectKernel("adjoint \(shape)", toMatch: adjoint, Tolerance(absolute: 2e-6)) { pool in
        var (shape, dx) = (shape, x)
        unsafe ck_interpolate_adjoint(pool, &shape, dy, &dx)
        return dx
      }
    }
  }
}
