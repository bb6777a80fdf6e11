import Files

/// What the control groups of a container or a batch system leave this process: versions 2 and 1.
///
/// Source: https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html.
struct ControlGroups {
  /// What stands before `/proc` and `/sys`; empty but in tests.
  let root: String

  init(root: String = "") { self.root = root }

  /// The most memory that the process and those of its groups may take, in bytes; nil without a limit.
  var memory: Int? {
    numbers(unified: "memory.max", controller: "memory", "memory.limit_in_bytes").compactMap { values in
      // Version 1 writes the largest whole number of pages where there is no limit.
      values.first.flatMap { $0 < 1 << 60 ? $0 : nil }
    }.min()
  }

  /// How many processors' time the process may take; nil without a limit.
  var processors: Double? {
    let quotas =
      numbers(unified: "cpu.max", controller: "cpu", "cpu.cfs_quota_us", "cpu.cfs_period_us")
    return quotas.compactMap { values in
      values.count == 2 && values[0] > 0 && values[1] > 0 ? Double(values[0]) / Double(values[1]) : nil
    }.min()
  }

  /// The numbers that each of the process's groups and those above them say of a limit.
  ///
  /// - Parameters:
  ///   - unified: The file of version 2.
  ///   - files: Those of version 1, which have a number each.
  private func numbers(unified: String, controller: String, _ files: String...) -> [[Int]] {
    var numbers: [[Int]] = []
    for path in folders(of: nil) { numbers.append(read("\(path)/\(unified)")) }
    for path in folders(of: controller) { numbers.append(files.flatMap { read("\(path)/\($0)") }) }
    return numbers
  }

  /// The folders of a controller's groups, or of the unified hierarchy, from the process's own up to the root. A
  /// container sees its own group as the root, and its path in the host's terms leads nowhere.
  private func folders(of controller: String?) -> [String] {
    let mounts =
      controller.map { name in
        name == "cpu" ? ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"] : ["/sys/fs/cgroup/\(name)"]
      } ?? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
    var folders: [String] = []
    for mount in mounts where isFolder(root + mount) {
      var parts = path(of: controller).split(separator: "/")
      while true {
        folders.append(([root + mount] + parts.map(String.init)).joined(separator: "/"))
        if parts.popLast() == nil { break }
      }
    }
    return folders
  }

  /// The process's path in a hierarchy, as `/proc/self/cgroup` tells: `number:controllers:path`, no controllers
  /// for the unified one.
  private func path(of controller: String?) -> String {
    for line in text("\(root)/proc/self/cgroup").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isMeant =
        controller.map { fields[1].split(separator: ",").contains(Substring($0)) } ?? fields[1].isEmpty
      if isMeant { return fields[2].contains("..") ? "/" : String(fields[2]) }
    }
    return "/"
  }

  private func read(_ path: String) -> [Int] {
    let words = text(path).split { $0 == " " || $0 == "\n" }
    let numbers = words.compactMap { Int($0) }
    return numbers.count == words.count ? numbers : []
  }

  private func text(_ path: String) -> String {
    // The system's files claim no size, or a wrong one.
    String(decoding: (try? readStream(at: path, limit: 1 << 16)) ?? [], as: UTF8.self)
  }
}
