import Glibc
import Threads

/// An HTTP server on this machine, which gives files and can behave badly.
public final class LoopbackServer: Sendable {
  public struct Behavior: Sendable {
    /// After so many bytes of a file the connection is cut.
    public var cutsAfter: Int?
    public var ignoresRanges = false

    public init(cutsAfter: Int? = nil, ignoresRanges: Bool = false) {
      (self.cutsAfter, self.ignoresRanges) = (cutsAfter, ignoresRanges)
    }
  }

  private let files: [String: [UInt8]]
  private let behavior: Behavior
  private let listener: Int32
  private let port: UInt16
  private let asked = Guarded<[String]>([])

  /// The address of the folder with the files.
  public var address: String { "http://127.0.0.1:\(port)/files/" }
  /// What was asked for: names, and behind a blank from which byte on, where that is not the first.
  public var requests: [String] { asked.withLock { $0 } }

  private init(_ files: [String: [UInt8]], _ behavior: Behavior) {
    (self.files, self.behavior) = (files, behavior)
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe precondition(bind(listener, address, length) == 0, "no port is free")
        unsafe getsockname(listener, address, &length)
      }
    }
    precondition(listen(listener, 8) == 0)
    port = UInt16(bigEndian: address.sin_port)
    self.listener = listener
  }

  /// Serves while a body runs.
  @discardableResult public static func with<Result>(
    _ files: [String: [UInt8]], _ behavior: Behavior = Behavior(),
    _ body: (LoopbackServer) throws -> Result
  ) rethrows -> Result {
    let server = LoopbackServer(files, behavior)
    let thread = WorkerThread { server.serve() }!
    defer {
      shutdown(server.listener, Int32(SHUT_RDWR))
      thread.join()
      close(server.listener)
    }
    return try body(server)
  }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      if connection < 0 { return }
      answer(connection)
      close(connection)
    }
  }

  private func answer(_ connection: Int32) {
    var request: [UInt8] = []
    while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      var part = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(connection, &part, part.count)
      if count <= 0 { return }
      request += part[..<count]
    }
    let text = String(decoding: request, as: UTF8.self)
    let name = text.split(separator: " ")[1].split(separator: "/").last.map(String.init) ?? ""
    let start = text.firstMatch(of: /(?i)range: bytes=([0-9]+)-/).flatMap { Int($0.output.1) } ?? 0
    asked.withLock { $0.append(start > 0 ? "\(name) \(start)" : name) }
    guard let file = files[name] else { return send("404 Not Found", "", [], to: connection) }
    guard start > 0, !behavior.ignoresRanges else { return send("200 OK", "", file[...], to: connection) }
    guard start < file.count else { return send("416 Range Not Satisfiable", "", [], to: connection) }
    send(
      "206 Partial Content", "Content-Range: bytes \(start)-\(file.count - 1)/\(file.count)\r\n",
      file[start...],
      to: connection)
  }

  private func send(_ status: String, _ header: String, _ body: ArraySlice<UInt8>, to connection: Int32) {
    let head = "HTTP/1.1 \(status)\r\n\(header)Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    var rest = (Array(head.utf8) + body.prefix(behavior.cutsAfter ?? .max))[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}
