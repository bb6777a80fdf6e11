import Diagnostics

/// A name out of a file as an error shows it: quoted, visible (`visibleText`), no
/// longer than a line.
public func quotedForDisplay(_ name: String) -> String {
  let limit = 120
  let scalars = name.unicodeScalars
  let isLong = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex) != nil
  let shown = scalars.prefix(limit).reduce(into: "") { shown, scalar in
    shown += scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : scalar.visibleEscape ?? String(scalar)
  }
  return "\"\(shown)\(isLong ? "…" : "")\""
}
