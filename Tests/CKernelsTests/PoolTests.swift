import CKernels
import Testing

/// How often each task of a run was done.
@safe private final class Tally {
  let counts: UnsafeMutablePointer<Int32>
  let size: Int

  init(_ size: Int) {
    self.size = size
    unsafe counts = .allocate(capacity: max(size, 1))
    unsafe counts.initialize(repeating: 0, count: max(size, 1))
  }

  deinit { unsafe counts.deallocate() }

  var all: [Int32] { unsafe Array(UnsafeBufferPointer(start: counts, count: size)) }
}

@Suite struct PoolTests {
  @Test("each task of each run is done once, however many threads there are", arguments: [1, 2, 3, 8, 33])
  func tasks(lanes: Int) {
    let pool = Pool(lanes: lanes)
    for tasks in [0, 1, 2, 7, 100] {
      let tally = Tally(tasks)
      let runs = 300
      for _ in 0..<runs {
        // A run that follows at once meets threads that are still looking for tasks of the one before.
        unsafe ck_pool_run(
          pool.handle, Int32(tasks),
          { context, task, _ in
            unsafe context!.assumingMemoryBound(to: Int32.self)[Int(task)] += 1
          }, tally.counts)
      }
      #expect(tally.all == Array(repeating: Int32(runs), count: tasks))
    }
  }

  @Test("lanes are numbered below their number")
  func lanes() {
    let pool = Pool(lanes: 4)
    let tally = Tally(64)
    unsafe ck_pool_run(
      pool.handle, 64,
      { context, task, lane in unsafe context!.assumingMemoryBound(to: Int32.self)[Int(task)] = lane },
      tally.counts)
    #expect(tally.all.allSatisfy { (0..<4).contains($0) })
  }

  @Test("matrix products take denormal numbers for zero, and leave the caller's arithmetic as it was")
  func denormals() {
    let tiny = Float.leastNonzeroMagnitude * 1000
    let size = 300
    var shape = ck_matmul_shape(
      rows: size, columns: size, depth: size, transpose_a: false, transpose_b: false, lda: size, ldb: size,
      ldc: size, accumulate: false)
    let none = ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
    for lanes in [1, 2] {
      let pool = Pool(lanes: lanes)
      for isa in vectorISAs {
        with(isa) {
          let workspace = Workspace(bytes: unsafe ck_matmul_workspace_bytes(&shape, Int32(lanes)))
          let operand = [Float](repeating: tiny, count: size * size)
          var result = [Float](repeating: 1, count: size * size)
          unsafe ck_matmul(
            pool.handle, &shape, operand, [Float](repeating: 1, count: size * size), &result, nil, none,
            workspace.base)
          #expect(result.allSatisfy { $0 == 0 })
        }
      }
    }
    #expect(tiny * 2 != 0)
  }
}
