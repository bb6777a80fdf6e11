import Foundation
import Testing

@testable import Interchange

/// Events as TensorBoard reads them.
@Suite struct EventFileTests {
  /// Source of the numbers: RFC 3720, and TensorFlow's tests of its masking.
  @Test(
    arguments: [
      ("123456789", 0xE306_9283, 0xC78A_B0E5), ("", 0, 0xA282_EAD8),
      (String(repeating: "\0", count: 32), 0x8A91_36AA, 0x0FD7_FFFA),
    ] as [(String, UInt32, UInt32)])
  func checksums(text: String, checksum: UInt32, masked: UInt32) {
    #expect(CRC32C.of(Array(text.utf8)) == checksum)
    #expect(CRC32C.masked(Array(text.utf8)) == masked)
  }

  @Test func messagesAreThoseOfProtocolBuffers() {
    var message = EventMessage()
    message.set(1, 150)
    message.set(2, "testing")
    message.set(3) { $0.set(1, 1.5 as Float) }
    message.set(4, -1)
    #expect(
      message.bytes == [0x08, 0x96, 0x01, 0x12, 0x07] + Array("testing".utf8) + [
        0x1A, 0x05, 0x0D, 0, 0, 0xC0, 0x3F, 0x20,
      ] + [UInt8](repeating: 0xFF, count: 9) + [1])
  }

  @Test func recordsHaveTheirLengthsAndChecksums() throws {
    let folder = NSTemporaryDirectory() + "events-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var paths: [String] = []
    for step in [0, 7] {
      let events = try EventFile(inFolder: folder, continuingAfter: step)
      try events.append(scalars: [("loss_d", 1), ("loss_g", 2)], step: step + 1)
      try events.append(
        Image(width: 2, height: 1, channels: 1, pixels: [0, 255]), name: "samples", step: step + 1)
      paths.append(events.path)
    }
    #expect(Set(paths).count == 2)
    for (path, count) in zip(paths, [3, 4]) {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      var place = 0
      var records = 0
      while place < bytes.count {
        let header = Array(bytes[place..<place + 8])
        let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(Array(bytes[place + 8..<place + 12]) == EventMessage.littleEndian(CRC32C.masked(header)))
        let data = Array(bytes[place + 12..<place + 12 + length])
        let end = place + 12 + length
        #expect(Array(bytes[end..<end + 4]) == EventMessage.littleEndian(CRC32C.masked(data)))
        place = end + 4
        records += 1
      }
      #expect(records == count)
    }
  }
}
