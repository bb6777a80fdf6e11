import CKernels

extension CPUExecutor {
  /// What the multiply-add units of the cores that this executor uses reach, in multiplications and additions a
  /// second, measured in about a twentieth of a second; nil without vectors.
  public func measurePeak() -> Double? {
    let clock = ContinuousClock()
    var best = 0.0
    for _ in 0..<20 {
      var operations = 0.0
      let time = clock.measure { operations = unsafe ck_peak_run(pool, 1 << 16) }
      let seconds = Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)
      best = max(best, operations / seconds)
    }
    return best > 0 ? best : nil
  }
}
