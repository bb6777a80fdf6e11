import CProcess
import Glibc

/// How much memory this process takes and may take, in bytes.
public enum ProcessMemory {
  /// Now.
  public static var residentBytes: Int { bytes(of: "VmRSS") ?? 0 }

  /// The most that it ever took.
  ///
  /// `getrusage` answers only where the system has no `/proc`: what it counts includes the program that
  /// started this one, before this one took its place.
  public static var peakResidentBytes: Int { bytes(of: "VmHWM") ?? maximumOfUsage }

  /// The addresses that are taken now, in bytes, memory behind them or not.
  public static var addressSpaceBytes: Int { bytes(of: "VmSize") ?? 0 }

  /// What the machine has, for all processes; less where a container, or a limit of address space, leaves this one
  /// less.
  ///
  /// - Parameter taken: The address space, in bytes, that is taken by what does not count.
  public static func limit(besides taken: Int) -> Int {
    var limit = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    if let container = ControlGroups().memory { limit = min(limit, container) }
    if let addresses = addressSpaceLimit { limit = min(limit, max(0, addresses - taken)) }
    return limit
  }

  /// The most address space that this process may take, in bytes; nil without a limit.
  private static var addressSpaceLimit: Int? {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur < rlim_t(Int.max) ? Int(limit.rlim_cur) : nil
  }

  /// Prepares the process for a system that refuses it memory: call it before anything is done.
  public static func prepareForRefusals() {
    cprocess_reserve_memory(8 << 20)
    if addressSpaceLimit != nil { cprocess_share_heap() }
  }

  /// For a process that takes memory in many small pieces and soon ends: what is freed stays with it, which saves the
  /// system's work. Not where the address space is limited.
  public static func keepFreed() {
    if addressSpaceLimit == nil { cprocess_keep_memory() }
  }

  /// Hands back what was freed: to be called after work that took much and is seldom done.
  public static func giveBack() { cprocess_give_back_memory() }

  /// Whether the system has refused memory that had to be taken from the reserve: it is time to end.
  public static var isShort: Bool { cprocess_is_short_of_memory() }

  /// Whether the system would give so much more, in bytes.
  public static func hasAddressSpace(_ bytes: Int) -> Bool { cprocess_has_address_space(bytes) }

  /// A line of `/proc/self/status`: its name, and a number of kilobytes.
  private static func bytes(of field: String) -> Int? {
    let descriptor = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = 1 << 13
    // The system writes the whole text at the first reading.
    let status = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = unsafe max(0, read(descriptor, buffer.baseAddress, size))
    }
    for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: "\(field):".utf8) {
      let digits = line.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      return Int(String(decoding: digits, as: UTF8.self)).map { $0 * 1024 }
    }
    return nil
  }

  private static var maximumOfUsage: Int {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}

/// The processors that this process may use.
public enum ProcessorCount {
  /// How many threads have something to run on: the processors that the process is bound to, and no more than a
  /// container gives it the time of.
  public static var usable: Int {
    let bound = Int(cprocess_bound_processors())
    let allowed = ControlGroups().processors.map { Int($0.rounded(.up)) } ?? bound
    return max(1, min(bound, allowed, 1024))
  }
}
