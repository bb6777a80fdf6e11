import Glibc

/// Whether the system has as much memory as somebody is about to take: what Swift cannot get ends the process,
/// and a file that asks for too much is to be an error of that file.
func hasMemory(for byteCount: Int) -> Bool {
  // What is small is there, or nothing works any more.
  if byteCount < 8 << 20 { return true }
  guard let memory = unsafe malloc(byteCount) else { return false }
  unsafe free(memory)
  return true
}
