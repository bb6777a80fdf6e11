import Files
import TestSupport
import Testing

@testable import Training

@Suite struct ControlGroupTests {
  private let folder = TemporaryFolder()

  private func groups(_ files: [String: String]) throws -> ControlGroups {
    for (path, text) in files {
      let parts = path.split(separator: "/").dropLast().joined(separator: "/")
      try createFolder(at: folder.file(parts))
      try writeFileAtomically(Array(text.utf8), to: folder.file(path))
    }
    return ControlGroups(root: folder.path)
  }

  @Test func theTightestLimitOfTheGroupsAboveHolds() throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
      "sys/fs/cgroup/a/memory.max": "1000000\n", "sys/fs/cgroup/a/b/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/a/cpu.max": "max 100000\n",
    ])
    #expect(groups.memory == 1_000_000)
    #expect(groups.processors == 1.5)
  }

  @Test func aContainersRootIsReadWhereThePathIsTheHosts() throws {
    let groups = try groups([
      "proc/self/cgroup": "0::/docker/0123\n", "sys/fs/cgroup/memory.max": "512\n",
      "sys/fs/cgroup/cpu.max": "50000 100000",
    ])
    #expect(groups.memory == 512)
    #expect(groups.processors == 0.5)
  }

  @Test func versionOneIsReadToo() throws {
    let groups = try groups([
      "proc/self/cgroup": "5:cpu,cpuacct:/job\n4:memory:/job\n0::/\n",
      "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "300000000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "200000\n",
      "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    ])
    #expect(groups.memory == 300_000_000)
    #expect(groups.processors == 2)
  }

  @Test func whatIsMissingOrMalformedIsNoLimit() throws {
    #expect(ControlGroups(root: folder.file("nowhere")).memory == nil)
    #expect(ControlGroups(root: folder.file("nowhere")).processors == nil)
    let groups = try groups([
      "proc/self/cgroup": "no cgroup\n0::/../..\n", "sys/fs/cgroup/memory.max": "many\n",
      "sys/fs/cgroup/cpu.max": "100000\n",
    ])
    #expect(groups.memory == nil)
    #expect(groups.processors == nil)
  }
}
