import Files
import Glibc

/// A file of events, as TensorBoard shows them: numbers and pictures by their steps.
///
/// A torn record in the middle of a file hides what follows, so a run that goes on begins a new file; that first
/// says from which step on, so that what an earlier file has of later steps is left out. Source: TensorBoard's
/// `summary/writer/event_file_writer.py` and `backend/event_processing`.
public final class EventFile {
  /// What the names of these files begin with.
  public static let prefix = "events.out.tfevents."

  private var file: AppendingFile
  public let path: String

  /// Creates a file of its own name in a folder.
  ///
  /// - Parameter step: The last step before.
  public init(inFolder folder: String, continuingAfter step: Int) throws(FileError) {
    try createFolder(at: folder)
    let seconds = String(Int(Self.now))
    let padded = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
    var number = 0
    func name() -> String { "\(folder)/\(Self.prefix)\(padded).graphc.\(getpid()).\(number)" }
    while try FileStatus(ofFileAt: name(), isForWriting: true) != nil { number += 1 }
    path = name()
    file = try AppendingFile(path: path)
    try append(step: nil) { $0.set(3, "brain.Event:2") }
    // What was written of later steps, before a run was taken up again, does not count.
    if step > 0 { try append(step: step + 1) { $0.set(7) { $0.set(1, 1) } } }
  }

  private static var now: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Appends numbers of a step, by their names.
  public func append(
    scalars: [(name: String, value: Float)], step: Int
  ) throws(FileError) {
    try append(step: step) { event in
      event.set(5) { summary in
        for (name, value) in scalars {
          summary.set(1) {
            $0.set(1, name)
            $0.set(2, value)
          }
        }
      }
    }
  }

  /// Appends a picture of a step.
  public func append(_ image: Image, name: String, step: Int) throws(FileError) {
    try append(step: step) { event in
      event.set(5) { summary in
        summary.set(1) { value in
          value.set(1, name)
          value.set(4) {
            $0.set(1, image.height)
            $0.set(2, image.width)
            $0.set(3, image.channels)
            $0.set(4, image.encodedPNG())
          }
        }
      }
    }
  }

  /// Appends a text, which is shown as Markdown.
  public func append(text: String, name: String, step: Int) throws(FileError) {
    try append(step: step) { event in
      event.set(5) { summary in
        summary.set(1) { value in
          value.set(1, "\(name)/text_summary")
          value.set(9) { $0.set(1) { $0.set(1, "text") } }
          value.set(8) { tensor in
            tensor.set(1, 7)
            tensor.set(2) { $0.set(2) { $0.set(1, 1) } }
            tensor.set(8, text)
          }
        }
      }
    }
  }

  private func append(
    step: Int?, _ build: (inout EventMessage) -> Void
  ) throws(FileError) {
    var event = EventMessage()
    event.set(1, Self.now)
    if let step { event.set(2, step) }
    build(&event)
    let length = EventMessage.littleEndian(UInt64(event.bytes.count))
    try file.append(
      length + EventMessage.littleEndian(CRC32C.masked(length)) + event.bytes
        + EventMessage.littleEndian(CRC32C.masked(event.bytes)))
  }
}
