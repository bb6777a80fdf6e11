import CKernels
import Glibc
import Testing
import Threads

/// Counts that fill no vector, one vector, a bit more, and several chunks with a rest.
let awkwardCounts = [1, 7, 15, 16, 17, 40_001]

/// The vector instruction sets that this machine runs; the scalar one is the reference itself.
var vectorISAs: [ck_isa] {
  [CK_ISA_PORTABLE, CK_ISA_AVX2, CK_ISA_AVX512, CK_ISA_AVX512_BF16, CK_ISA_AMX].filter {
    $0.rawValue <= ck_isa_best().rawValue
  }
}

/// Runs `body` with one instruction set for this thread's kernels.
func with<Result>(_ isa: ck_isa, _ body: () -> Result) -> Result {
  let previous = ck_isa_current()
  ck_isa_select(isa)
  defer { ck_isa_select(previous) }
  return body()
}

/// A pool of threads that ends with its owner.
@safe final class Pool {
  let handle: OpaquePointer?

  init(lanes: Int) { unsafe handle = ck_pool_create(Int32(lanes)) }
  deinit { unsafe ck_pool_destroy(handle) }
}

/// Pools of 1, 2, 3 and 8 lanes. A pool has one caller at a time, and tests run side by side.
private let pools = Guarded([1, 2, 3, 8].map { Pool(lanes: $0) })

/// Pseudo-random test data: xorshift64.
struct Noise {
  private var state: UInt64

  init(seed: UInt64 = 88_172_645_463_325_252) { state = seed }

  mutating func word() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state >> 16
  }

  mutating func below(_ bound: Int) -> Int { Int(word() % UInt64(bound)) }

  mutating func value(in range: ClosedRange<Float> = -1...1) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * Float(word() % (1 << 24)) * 0x1p-24
  }

  mutating func array(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for index in values.indices { values[index] = value(in: range) }
    return values
  }
}

/// How far a result may be from the reference: `relative` of the element, plus `absolute`.
struct Tolerance {
  var relative = 4e-7
  var absolute = 0.0

  static let exact = Tolerance(relative: 0)
  static let elementwise = Tolerance()
  static let sum = Tolerance(relative: 3e-6, absolute: 3e-6)

  func accepts(_ value: Float, _ expected: Float) -> Bool {
    if expected == value { return true }
    if expected.isNaN { return value.isNaN }
    return abs(Double(value) - Double(expected)) <= relative * abs(Double(expected)) + absolute
  }
}

/// Holds a kernel to the reference on every vector instruction set, and to its own bits with 1, 2, 3
/// and 8 lanes.
func expectKernel(
  _ name: String, toMatch reference: [Float], _ tolerance: Tolerance,
  sourceLocation: SourceLocation = #_sourceLocation, _ kernel: (_ pool: OpaquePointer?) -> [Float]
) {
  for isa in vectorISAs {
    with(isa) {
      let isaName = unsafe String(cString: ck_isa_name(isa))
      let alone = kernel(nil)
      let wrong = reference.indices.first { !tolerance.accepts(alone[$0], reference[$0]) }
      #expect(
        wrong == nil,
        "\(name), \(isaName): \(wrong.map { "[\($0)] \(alone[$0]), not \(reference[$0])" } ?? "")",
        sourceLocation: sourceLocation)
      for lanes in [1, 2, 3, 8] {
        let pool = Pool(lanes: lanes)
        let shared = unsafe kernel(pool.handle)
        #expect(
          sameBits(shared, alone), "\(name), \(isaName), \(lanes) lanes", sourceLocation: sourceLocation)
      }
    }
  }
}

func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
  unsafe a.withUnsafeBytes { a in
    unsafe b.withUnsafeBytes { b in
      unsafe a.count == b.count && memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0
    }
  }
}

/// Memory for a kernel's workspace, aligned to 64 bytes, that notices when it is overrun.
@safe struct Workspace: ~Copyable {
  let base: UnsafeMutableRawPointer
  private let size: Int
  private static let guardBytes = 64
  /// NaN in floats and in bf16: what a kernel did not write shows, even where it is multiplied by zero.
  private static let filling: UInt8 = 0xFF

  init(bytes: Int) {
    size = bytes
    unsafe base = .allocate(byteCount: bytes + Self.guardBytes, alignment: 64)
    unsafe base.initializeMemory(as: UInt8.self, repeating: Self.filling, count: bytes + Self.guardBytes)
  }

  deinit {
    let end = unsafe UnsafeRawBufferPointer(start: base + size, count: Self.guardBytes)
    #expect(unsafe end.allSatisfy { $0 == Self.filling }, "the kernel wrote beyond its workspace")
    unsafe base.deallocate()
  }
}

/// Floats that end where memory ends: whatever reads or writes past their end stops the test.
@safe struct GuardedFloats: ~Copyable {
  let base: UnsafeMutablePointer<Float>
  private let count: Int
  private let mapped: UnsafeMutableRawPointer
  private let mappedBytes: Int

  init(_ values: [Float]) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let bytes = values.count * MemoryLayout<Float>.stride
    let usable = (bytes + page - 1) / page * page
    count = values.count
    mappedBytes = usable + page
    let start = unsafe mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    unsafe precondition(start != MAP_FAILED && mprotect(start + usable, page, PROT_NONE) == 0)
    unsafe mapped = start
    unsafe base = (start + usable - bytes).bindMemory(to: Float.self, capacity: values.count)
    unsafe base.initialize(from: values, count: values.count)
  }

  var values: [Float] { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }

  deinit { unsafe munmap(mapped, mappedBytes) }
}

/// All activations, with parameters under which each has its usual shape.
let activations: [ck_activation] = (0...9).map { kind in
  ck_activation(kind: ck_activation_kind(UInt32(kind)), alpha: kind == 6 ? 1.5 : 0.2, beta: 20)
}
