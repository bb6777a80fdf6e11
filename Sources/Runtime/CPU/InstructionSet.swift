import CKernels

/// The instruction sets that the kernels are compiled for, by the names that the environment's `GRAPHC_ISA` takes.
public enum InstructionSet {
  /// The one that kernels called from this thread use.
  public static var current: String { unsafe String(cString: ck_isa_name(ck_isa_current())) }

  /// Those that this machine runs, the slowest first.
  public static var available: [String] {
    (CK_ISA_SCALAR.rawValue...ck_isa_best().rawValue).map {
      unsafe String(cString: ck_isa_name(ck_isa(rawValue: $0)))
    }
  }
}
