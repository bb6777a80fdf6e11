import Diagnostics
import Files
import Lowering

/// A model whose files were mended by the first fix of each mistake.
struct FixedFiles {
  let model: FixedModel

  var loaded: ModelOptions.Loaded { .init(model.checked) }

  /// As `diff -u` writes it.
  var difference: String { model.changes.map(\.difference).joined() }

  /// Writes the files that change, each in one step.
  ///
  /// - Throws: The exit code, after a message, where a file cannot be written, or is not as it was read.
  init(_ options: ModelOptions) throws {
    model = ModelChecker(catalog: .standard, path: options.model, overrides: options.overrides).fixed()
    for change in model.changes {
      try reportingFileErrors {
        guard try readFile(at: change.name) == change.before else {
          throw fail(
            "\(change.name): has changed since it was read; nothing was written to it: try again",
            Exit.tryAgain)
        }
        try writeFileAtomically(change.after, to: change.name)
      }
    }
  }
}
