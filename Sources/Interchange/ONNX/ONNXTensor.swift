/// A tensor of an ONNX file: its elements as they lie in memory, as the format has them on the machines that graphc runs on.
public struct ONNXTensor: Sendable {
  public enum Contents: Sendable {
    /// As many bytes as type and shape take.
    case bytes(ArraySlice<UInt8>)
    /// In another file.
    case external(ExternalData)
    /// Strings, which are not kept.
    case strings
  }

  /// A part of another file.
  public struct ExternalData: Hashable, Sendable {
    /// Relative to the model's folder.
    public var location: String
    public var offset: Int
    /// Nil is up to the file's end.
    public var length: Int?
  }

  public var name: String
  public var elementType: ONNXElementType
  public var shape: [Int]
  public var contents: Contents

  public init(name: String, elementType: ONNXElementType, shape: [Int], contents: Contents) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.contents = contents
  }

  /// A tensor of floats.
  public init(name: String, shape: [Int], floats: [Float]) {
    precondition(floats.count == shape.reduce(1, *), "the elements fill the shape")
    self.init(
      name: name, elementType: .float, shape: shape,
      contents: .bytes(bytes(of: floats)[...]))
  }

  /// A tensor of 64-bit integers.
  public init(name: String, shape: [Int], integers: [Int64]) {
    precondition(integers.count == shape.reduce(1, *), "the elements fill the shape")
    self.init(
      name: name, elementType: .int64, shape: shape, contents: .bytes(bytes(of: integers)[...]))
  }

  public var elementCount: Int { shape.reduce(1, *) }

  /// The bytes that a tensor takes by its type and shape; nil where they exceed a word, for strings, and where
  /// an extent is negative.
  public var byteCount: Int? {
    guard var count = elementType.size else { return nil }
    for extent in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      if extent < 0 || overflows { return nil }
      count = product
    }
    return count
  }

  /// The elements as floats, rounded where they are of another type; nil for complex numbers, for strings, and
  /// for what lies in another file.
  public var floats: [Float]? {
    guard case .bytes(let bytes) = contents else { return nil }
    switch elementType {
    case .float: return values(of: bytes, as: Float.self)
    case .float16: return values(of: bytes, as: UInt16.self).map { Float(halfBits: $0) }
    case .bfloat16:
      return values(of: bytes, as: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .double:
      return values(of: bytes, as: Double.self).map { Float($0) }
    case .complex64, .complex128, .string: return nil
    case .uint8, .int8, .uint16, .int16, .int32, .int64, .bool, .uint32, .uint64:
      return integers?.map { Float($0) }
    }
  }

  /// The elements of a tensor of whole numbers or Booleans; nil for any other, and where one exceeds 63 bits.
  public var integers: [Int64]? {
    guard case .bytes(let bytes) = contents else { return nil }
    switch elementType {
    case .uint8, .bool: return bytes.map { Int64($0) }
    case .int8: return bytes.map { Int64(Int8(bitPattern: $0)) }
    case .uint16: return values(of: bytes, as: UInt16.self).map { Int64($0) }
    case .int16: return values(of: bytes, as: Int16.self).map { Int64($0) }
    case .int32: return values(of: bytes, as: Int32.self).map { Int64($0) }
    case .uint32: return values(of: bytes, as: UInt32.self).map { Int64($0) }
    case .int64: return values(of: bytes, as: Int64.self)
    case .uint64:
      let numbers = values(of: bytes, as: UInt64.self)
      return numbers.contains { $0 > UInt64(Int64.max) } ? nil : numbers.map { Int64($0) }
    case .float, .double, .float16, .bfloat16, .complex64, .complex128, .string: return nil
    }
  }
}

extension Float {
  /// A number of IEEE 754's 16-bit format, exactly.
  init(halfBits bits: UInt16) {
    let (sign, exponent, fraction) = (UInt32(bits >> 15) << 31, Int(bits >> 10 & 31), UInt32(bits & 0x3FF))
    switch exponent {
    case 31: self.init(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    case 0:
      // Denormal: fraction · 2⁻²⁴, which a float has as a normal number.
      let size = Float(fraction) * 0x1p-24
      self.init(bitPattern: sign | size.bitPattern)
    default: self.init(bitPattern: sign | UInt32(exponent + 112) << 23 | fraction << 13)
    }
  }
}
