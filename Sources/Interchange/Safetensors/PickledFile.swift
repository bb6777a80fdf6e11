import Files

extension FileError {
  /// Why a file of PyTorch's own format is not read: it is a pickle, alone or in a zip archive, and a pickle runs
  /// code when it is opened.
  ///
  /// - Parameter beginning: The file's first bytes.
  /// - Returns: Nil where these are of another format.
  static func pickle(_ path: String, beginning: [UInt8]) -> FileError? {
    switch FileKind(beginning: beginning) {
    case .archive, .other("a Python pickle"):
      guard [0x50, 0x80].contains(beginning.first) else { return nil }
      return FileError(
        path: path,
        reason: "is a pickle, as `torch.save` writes it, which runs code when it is opened; graphc does not"
          + " open it. Where you trust it, convert it: python -c \"import torch, safetensors.torch;"
          + " safetensors.torch.save_file(torch.load('model.pt', weights_only=True), 'model.safetensors')\"")
    default: return nil
    }
  }
}
