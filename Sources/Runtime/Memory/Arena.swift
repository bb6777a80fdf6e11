import CProcess
import Glibc

/// A block of floats at an address that does not move, zeroed at first.
///
/// The pages come straight from the system: those that nobody touches take no memory.
@safe final class Arena {
  /// In floats.
  let count: Int
  let base: UnsafeMutablePointer<Float>
  private let bytes: Int

  /// Ends the program where the system refuses the memory: whoever takes much asks first
  /// (`ProcessMemory.hasAddressSpace`).
  ///
  /// - Parameter count: In floats.
  init(count: Int) {
    self.count = count
    bytes = max(count, 1) * MemoryLayout<Float>.stride
    let pages = unsafe mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let pages = unsafe pages, unsafe pages != MAP_FAILED else {
      cprocess_refuse_memory(bytes)
    }
    // Large pages save the processor most of its address look-ups.
    if bytes >= 1 << 22 { unsafe madvise(pages, bytes, MADV_HUGEPAGE) }
    unsafe base = pages.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { unsafe munmap(base, bytes) }
}
