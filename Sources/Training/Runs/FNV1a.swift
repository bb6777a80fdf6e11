/// The 64-bit FNV-1a hash of bytes: short, and the same on every machine and in every process, as
/// `Hasher` is not. It finds mistakes, not attackers.
///
/// Source: Fowler, Noll, Vo; https://datatracker.ietf.org/doc/html/draft-eastlake-fnv.
public func fnv1a64(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { hash, byte in (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
