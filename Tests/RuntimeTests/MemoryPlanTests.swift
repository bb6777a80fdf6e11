import GraphIR
import Passes
import Testing

@testable import Runtime

/// Where buffers are placed in an arena.
@Suite struct MemoryPlanTests {
  private func request(_ count: Int, _ steps: ClosedRange<Int>) -> MemoryPlan.Request {
    MemoryPlan.Request(count: count, steps: steps)
  }

  @Test("buffers that never live together share their place")
  func disjointLifetimes() {
    let plan = MemoryPlan([request(32, 0...1), request(32, 2...3), request(16, 4...9)])
    #expect(plan.offsets == [0, 0, 0])
    #expect(plan.count == 32)
  }

  @Test("buffers that live together lie side by side, the largest first")
  func overlappingLifetimes() {
    let plan = MemoryPlan([request(16, 0...2), request(64, 1...3), request(32, 2...4)])
    #expect(plan.offsets == [96, 0, 64])
    #expect(plan.count == 112)
    #expect(plan.lowerBound == 112)
  }

  @Test("a lifetime includes both its ends")
  func touchingLifetimes() {
    let plan = MemoryPlan([request(16, 0...1), request(16, 1...2)])
    #expect(plan.offsets == [0, 16])
  }

  @Test("buffers begin on cache lines, and none is empty")
  func alignment() {
    let plan = MemoryPlan([request(1, 0...1), request(17, 0...1), request(16, 0...1)])
    #expect(plan.offsets == [48, 0, 32])
    #expect(plan.count == 64)
  }

  @Test("a buffer takes the lowest gap that is wide enough")
  func gaps() {
    let plan = MemoryPlan([
      request(64, 0...9), request(48, 0...4), request(32, 0...9), request(16, 5...9), request(32, 5...9),
    ])
    // 64 | 48 then 32 and 16 | 32
    #expect(plan.offsets == [0, 64, 112, 96, 64])
    #expect(plan.count == 144)
  }

  @Test("among equals the first comes first, so that a plan never changes")
  func ties() {
    let plan = MemoryPlan([request(16, 0...3), request(16, 1...4), request(16, 2...5)])
    #expect(plan.offsets == [0, 16, 32])
  }

  @Test("no requests take no memory")
  func empty() {
    #expect(MemoryPlan([]).count == 0)
    #expect(MemoryPlan([]).lowerBound == 0)
  }

  @Test("on random lifetimes no two live buffers overlap, and the plan is near the least possible")
  func randomLifetimes() {
    for seed in 0..<200 {
      let source = RandomSource(seed: seed, stream: .syntheticData)
      let count = 1 + source.integer(0, below: 60)
      let requests = (0..<count).map { index in
        let first = source.integer(3 * index + 1, below: 40)
        let length = source.integer(3 * index + 2, below: 12)
        return request(1 + source.integer(3 * index + 3, below: 500), first...first + length)
      }
      let plan = MemoryPlan(requests)
      expectNoOverlap(plan, requests)
      #expect(plan.lowerBound == bruteForcePeak(requests))
      #expect(plan.lowerBound <= plan.count && Double(plan.count) <= 1.5 * Double(plan.lowerBound))
    }
  }

  @Test("the lowest gap is the one that going through everything placed finds")
  func lowestGap() {
    for seed in 0..<300 {
      let source = RandomSource(seed: seed, stream: .syntheticData)
      let steps = 1 + source.integer(0, below: 40)
      var occupancy = Occupancy(steps: steps)
      var taken: [(addresses: Range<Int>, steps: ClosedRange<Int>)] = []
      for index in 0..<120 {
        let first = source.integer(4 * index + 1, below: steps)
        let lifetime = first...min(steps - 1, first + source.integer(4 * index + 2, below: 12))
        let size = source.integer(4 * index + 3, below: 40)
        var expected = 0
        for other in taken.sorted(by: { $0.addresses.lowerBound < $1.addresses.lowerBound })
        where other.steps.overlaps(lifetime) && other.addresses.lowerBound < expected + size {
          expected = max(expected, other.addresses.upperBound)
        }
        let gap = occupancy.lowestGap(of: size, during: lifetime)
        #expect(gap == expected)
        // Now and then with a hole before it.
        let start = gap + 8 * source.integer(4 * index + 4, below: 2)
        occupancy.take(start..<start + size, during: lifetime)
        if size > 0 { taken.append((start..<start + size, lifetime)) }
      }
    }
  }

  private func expectNoOverlap(_ plan: MemoryPlan, _ requests: [MemoryPlan.Request]) {
    for a in requests.indices {
      #expect(plan.offsets[a] + requests[a].count <= plan.count)
      for b in requests.indices where a < b && requests[a].steps.overlaps(requests[b].steps) {
        let apart =
          plan.offsets[a] + requests[a].count <= plan.offsets[b]
          || plan.offsets[b] + requests[b].count <= plan.offsets[a]
        #expect(apart, "\(requests[a]) and \(requests[b])")
      }
    }
  }

  private func bruteForcePeak(_ requests: [MemoryPlan.Request]) -> Int {
    (0..<60).map { step in
      requests.filter { $0.steps.contains(step) }.reduce(0) { $0 + MemoryPlan.rounded($1.count) }
    }.max() ?? 0
  }
}
