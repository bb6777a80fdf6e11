import Diagnostics
import Files
import Interchange
import ModelSpec

/// What helps somebody whose data is not where the model says.
enum DataPathHint {
  /// A failure to open data with the line of the model that names it, and what is special about the path.
  static func adding(to error: FileError, _ data: Configured, _ sources: SourceMap) -> FileError {
    for (name, attribute) in data.attributes.sorted(by: { $0.key < $1.key }) {
      guard case .path(let written, let base) = attribute.value, data.path(name) == error.path else {
        continue
      }
      var error = error
      if !exists(error.path), let hint = hint(written, base: base) {
        error.reason += "; \(hint)"
      }
      if let span = attribute.span {
        error.reason +=
          " (`\(name)` in \(sources.name(of: span.source)), line \(sources.start(of: span).line))"
      }
      return error
    }
    return error
  }

  private static func exists(_ path: String) -> Bool { (try? FileStatus(ofFileAt: path)) ?? nil != nil }

  private static func hint(_ written: String, base: String) -> String? {
    if written.hasPrefix("file://") { return "write the path without `file://`" }
    if written.contains("://") { return "this is an address: download the data, and name where it lies" }
    if written.contains("$") {
      return "variables such as `$HOME` are not replaced: write the path out, or `~`"
    }
    if written.contains("*") || written.contains("?") {
      return "patterns are not replaced: name the folder, all of whose pictures are read"
    }
    if written.hasPrefix("~"), !written.hasPrefix("~/"), written != "~" {
      return "of `~`, only one's own folder is known: write the path out"
    }
    if written.contains("\\") { return "folders are separated by `/`" }
    guard !written.hasPrefix("/"), !written.hasPrefix("~"), !base.isEmpty else { return nil }
    let isHere = exists(written)
    return "the path counts from the model's folder, \(base)"
      + (isHere ? "; where you are, \(written) does exist: write the path from the model, or whole" : "")
  }
}
