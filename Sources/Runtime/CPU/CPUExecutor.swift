import CKernels
import GraphIR

/// Runs plans on the processor's cores. Its steady state allocates nothing.
@safe public final class CPUExecutor {
  /// How many threads compute.
  public let threads: Int
  let pool: OpaquePointer?
  /// Shared by all plans that run here.
  private(set) var scratch = Arena(count: 1)

  /// - Parameter threads: How many threads are to compute, the caller's among them. Where the system does not
  ///   start so many, the caller's is the only one.
  public init(threads: Int) {
    let pool = unsafe threads > 1 ? ck_pool_create(Int32(threads)) : nil
    unsafe self.pool = pool
    self.threads = unsafe Int(ck_pool_lanes(pool))
  }

  deinit { unsafe ck_pool_destroy(pool) }

  /// Memory that all plans of this executor share, in bytes.
  public var scratchBytes: Int { scratch.count * MemoryLayout<Float>.stride }

  // MARK: Running

  /// Computes the outputs and updates the state.
  public func run(_ plan: CPUPlan) {
    start(plan)
    run(plan, from: 0, to: plan.calls.count)
    finish(plan)
  }

  /// Begins a run, and computes up to where the output of this name holds; `resume` does the rest.
  public func run(_ plan: CPUPlan, until output: String) {
    start(plan)
    plan.position = 0
    resume(plan, until: output)
  }

  /// Goes on with a run that stopped at an output: up to where another one holds, or to the end.
  public func resume(_ plan: CPUPlan, until output: String? = nil) {
    let end = output.map { max(plan.position, plan.callsUntil(output: $0)) } ?? plan.calls.count
    run(plan, from: plan.position, to: end)
    plan.position = end
    finish(plan)
  }

  /// Runs the plan and says how long each node took.
  ///
  /// - Returns: Seconds, by the node's index; nodes that need no call are missing.
  public func profile(_ plan: CPUPlan) -> [(node: Int, seconds: Double)] {
    start(plan)
    var seconds: [Int: Double] = [:]
    var order: [Int] = []
    let clock = ContinuousClock()
    for index in plan.calls.indices {
      let node = plan.calls[index].node
      let time = clock.measure { run(plan, from: index, to: index + 1) }
      if seconds[node] == nil { order.append(node) }
      seconds[node, default: 0] +=
        Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)
    }
    finish(plan)
    return order.map { ($0, seconds[$0] ?? 0) }
  }

  /// Runs the plan on the state as it is and returns the first node that makes a value which is infinite
  /// or NaN.
  public func firstNonfiniteNode(_ plan: CPUPlan) -> Node? {
    start(plan)
    for index in plan.calls.indices {
      run(plan, from: index, to: index + 1)
      let node = plan.calls[index].node
      guard node < plan.graph.nodes.count,
        index + 1 == plan.calls.count || plan.calls[index + 1].node != node
      else { continue }
      for result in plan.graph.nodes[node].results where !isFinite(plan, result) {
        return plan.graph.nodes[node]
      }
    }
    return nil
  }

  private func isFinite(_ plan: CPUPlan, _ value: ValueID) -> Bool {
    guard let region = plan.regions[value.index], plan.graph.type(of: value).element == .f32 else {
      return true
    }
    let at = unsafe bases(plan)
    return unsafe ck_first_nonfinite(pool, region.count, at[region]) < 0
  }

  /// Gives the plan memory, and computes what depends on the state alone unless it still holds.
  func start(_ plan: CPUPlan) {
    precondition(plan.lanes >= threads, "the plan was made for fewer threads")
    bind(plan)
    if plan.prologueGeneration == plan.store.generation { return }
    let at = unsafe bases(plan)
    guard let bound = unsafe plan.binding?.bound else { return }
    for index in plan.prologue.indices { unsafe plan.prologue[index].call.run(at, bound: bound, pool: pool) }
    plan.prologueGeneration = plan.store.generation
  }

  /// Makes the calls `first ..< end` of a plan that has been started.
  func run(_ plan: CPUPlan, from first: Int, to end: Int) {
    let at = unsafe bases(plan)
    guard let bound = unsafe plan.binding?.bound else { return }
    for index in first..<end { unsafe plan.calls[index].call.run(at, bound: bound, pool: pool) }
  }

  private func finish(_ plan: CPUPlan) {
    if !plan.graph.stores.isEmpty { plan.store.noteUpdate() }
  }

  /// Makes the memory that plans share large enough for all of these, so that going from one to another
  /// replaces none.
  public func reserve(for plans: [CPUPlan]) {
    let count = plans.map(\.scratchCount).max() ?? 0
    if scratch.count < count { scratch = Arena(count: count) }
  }

  /// Gives the plan memory, unless it has it already.
  func bind(_ plan: CPUPlan) {
    if scratch.count < plan.scratchCount { scratch = Arena(count: plan.scratchCount) }
    if let binding = unsafe plan.binding, unsafe binding.scratch === scratch { return }
    let at = unsafe bases(plan)
    unsafe plan.binding = (
      BoundArguments(programs: plan.programs, optimizers: plan.optimizers, at: at), scratch
    )
    plan.prologueGeneration = nil
  }

  private func bases(_ plan: CPUPlan) -> ArenaBases {
    unsafe ArenaBases(state: plan.store.arena.base, scratch: scratch.base, persistent: plan.persistent.base)
  }

  // MARK: Data

  /// Gives the memory of a data input to `body`: the batch in the plan's layout, channels innermost for
  /// images. It must be filled before every run.
  ///
  /// - Precondition: The graph has a data input of that name.
  public func withInput<Result, Failure: Error>(
    _ name: String, of plan: CPUPlan, _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    bind(plan)
    guard let (region, _) = plan.region(ofInput: name) else { preconditionFailure("no input \(name)") }
    let at = unsafe bases(plan)
    var span = unsafe MutableSpan(_unsafeStart: at[region], count: region.count)
    return try body(&span)
  }

  /// Writes a data input.
  ///
  /// - Parameter values: In logical row-major order: N, C, H, W.
  public func write(_ values: [Float], to name: String, of plan: CPUPlan) {
    bind(plan)
    guard let (region, type) = plan.region(ofInput: name), region.count == values.count * type.element.words
    else {
      preconditionFailure("no input \(name) of \(values.count) values")
    }
    let at = unsafe bases(plan)
    if type.element == .i64 {
      for (index, value) in values.enumerated() {
        unsafe at.counters(region).storeBytes(of: Int64(value), toByteOffset: index * 8, as: Int64.self)
      }
      return
    }
    unsafe values.withUnsafeBufferPointer { source in
      if type.layout == .channelsLast {
        let e = type.extents(batch: plan.batch)
        unsafe ck_nchw_to_nhwc(nil, e[0], e[1], e[2] * e[3], source.baseAddress, at[region])
      } else {
        unsafe ck_copy(nil, values.count, source.baseAddress, at[region])
      }
    }
  }

  /// Fills a data input with a source's standard normal numbers.
  public func fillNormal(_ name: String, of plan: CPUPlan, from source: RandomSource) {
    bind(plan)
    guard let (region, _) = plan.region(ofInput: name) else { preconditionFailure("no input \(name)") }
    let at = unsafe bases(plan)
    unsafe ck_random_normal(pool, source.kernelSource, region.count, 0, 1, at[region])
  }

  /// Fills a data input with a source's uniform numbers.
  public func fillUniform(
    _ name: String, of plan: CPUPlan, from source: RandomSource, low: Float, high: Float
  ) {
    bind(plan)
    guard let (region, _) = plan.region(ofInput: name) else { preconditionFailure("no input \(name)") }
    let at = unsafe bases(plan)
    unsafe ck_random_uniform(pool, source.kernelSource, region.count, low, high, at[region])
  }

  /// An output, in logical row-major order, once the plan has run.
  public func values(of name: String, in plan: CPUPlan) -> [Float] {
    guard let (region, type) = plan.region(ofOutput: name) else { preconditionFailure("no output \(name)") }
    let at = unsafe bases(plan)
    if type.element == .i64 {
      return (0..<region.count / 2).map {
        Float(unsafe at.counters(region).load(fromByteOffset: $0 * 8, as: Int64.self))
      }
    }
    return unsafe [Float](unsafeUninitializedCapacity: region.count) { buffer, count in
      if type.layout == .channelsLast, type.rank == 4 {
        let e = type.extents(batch: plan.batch)
        unsafe ck_nhwc_to_nchw(nil, e[0], e[1], e[2] * e[3], at[region], buffer.baseAddress)
      } else {
        unsafe ck_copy(nil, region.count, at[region], buffer.baseAddress)
      }
      count = region.count
    }
  }

  /// An output of one number.
  public func scalar(_ name: String, in plan: CPUPlan) -> Float {
    guard let (region, _) = plan.region(ofOutput: name) else { preconditionFailure("no output \(name)") }
    let at = unsafe bases(plan)
    return unsafe at[region].pointee
  }
}
