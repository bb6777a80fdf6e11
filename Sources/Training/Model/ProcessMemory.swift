import Glibc

/// How much physical memory this process takes, in bytes.
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

  /// What the machine has, for all processes; less where a limit leaves this one less address space.
  ///
  /// - Parameter taken: The address space, in bytes, that is taken by what does not count.
  public static func limit(besides taken: Int) -> Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < rlim_t(Int.max)
    else { return machine }
    return max(0, min(machine, Int(limit.rlim_cur) - taken))
  }

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
