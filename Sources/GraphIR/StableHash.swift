/// The 64-bit FNV-1a hash of bytes: short, and the same on every machine and in every process, as
/// `Hasher` is not. It finds mistakes, not attackers.
///
/// Source: Fowler, Noll, Vo; https://datatracker.ietf.org/doc/html/draft-eastlake-fnv.
public func fnv1a64(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { hash, byte in (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
}

/// The seed of the random numbers that belong to one name: a parameter's first values, a layer's masks.
///
/// It follows from the run's seed and the name alone, so that nothing that stands elsewhere in a model
/// changes it. Equal names of two seeds, and two names of one seed, never share numbers: SplitMix64's
/// finaliser is a bijection, and names of equal `fnv1a64` are one pair in 2⁶⁴.
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014).
public func namedSeed(_ seed: Int, _ name: String) -> Int {
  func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  return Int(
    bitPattern: UInt(mixed(mixed(UInt64(bitPattern: Int64(seed))) ^ fnv1a64(name.utf8))))
}
