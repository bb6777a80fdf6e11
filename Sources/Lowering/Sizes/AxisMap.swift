import GraphIR
import ModelSpec

/// One side of an image.
enum Axis: CaseIterable, Sendable {
  case height, width
}

/// A value for each side of an image.
struct Axes<Value: Sendable>: Sendable {
  var height: Value
  var width: Value

  init(_ height: Value, _ width: Value) {
    self.height = height
    self.width = width
  }

  subscript(axis: Axis) -> Value {
    get { axis == .height ? height : width }
    set { if axis == .height { height = newValue } else { width = newValue } }
  }

  func map<Other>(_ transform: (Value) throws -> Other) rethrows -> Axes<Other> {
    Axes<Other>(try transform(height), try transform(width))
  }
}

extension Axes: Equatable where Value: Equatable {
  var isSquare: Bool { height == width }
}

extension Axes: Hashable where Value: Hashable {}

extension Axes<Int> {
  var text: String { "\(height)×\(width)" }
  /// As attributes are written: `4`, or `[3, 4]`.
  var attributeText: String { isSquare ? "\(height)" : "[\(height), \(width)]" }
}

/// An attribute that decides the size of what a layer makes.
enum SizeAttribute: String, CaseIterable, Sendable {
  case kernelSize = "kernel_size"
  case stride
  case padding
  case outputPadding = "output_padding"
  case dilation
  case scaleFactor = "scale_factor"
}

/// A window that moves along one side of an image.
struct AxisWindow: Hashable, Sendable {
  var kernel: Int
  var stride = 1
  var padding = 0
  var dilation = 1
  var outputPadding = 0

  subscript(attribute: SizeAttribute) -> Int {
    get {
      switch attribute {
      case .kernelSize: kernel
      case .stride: stride
      case .padding: padding
      case .outputPadding: outputPadding
      case .dilation: dilation
      case .scaleFactor: 1
      }
    }
    set {
      switch attribute {
      case .kernelSize: kernel = newValue
      case .stride: stride = newValue
      case .padding: padding = newValue
      case .outputPadding: outputPadding = newValue
      case .dilation: dilation = newValue
      case .scaleFactor: break
      }
    }
  }
}

/// What a layer makes of one side of an image: a map from a size to a size.
///
/// Height and width go through a network independently of each other, so that a network is two chains of
/// such maps, which take nanoseconds where its graph takes milliseconds.
indirect enum AxisMap: Hashable, Sendable {
  case keep
  case convolution(AxisWindow)
  case transposed(AxisWindow)
  case pool(AxisWindow)
  case upsample(Int)
  /// A size that does not depend on the input: global pooling, and the images that a reshape makes.
  case constant(Int)
  /// Both ways must come out alike.
  case residual(body: [AxisMap], shortcut: [AxisMap])

  /// Nil where the layer does not fit an input of that size.
  func callAsFunction(_ size: Int) -> Int? {
    switch self {
    case .keep: return size
    case .convolution(let window): return Self.small(size, window)
    case .pool(let window): return window.padding * 2 > window.kernel ? nil : Self.small(size, window)
    case .transposed(let window):
      guard window.outputPadding < max(window.stride, window.dilation) else { return nil }
      let large = ConvolutionGeometry.large(
        small: size, kernel: window.kernel, stride: window.stride, padding: window.padding,
        dilation: window.dilation)
      return large + window.outputPadding > 0 && large > 0 ? large + window.outputPadding : nil
    case .upsample(let scale): return size * scale
    case .constant(let size): return size
    case .residual(let body, let shortcut):
      guard let main = body.composed(size), let around = shortcut.composed(size) else { return nil }
      return main == around ? main : nil
    }
  }

  private static func small(_ size: Int, _ window: AxisWindow) -> Int? {
    let small = ConvolutionGeometry.small(
      large: size, kernel: window.kernel, stride: window.stride, padding: window.padding,
      dilation: window.dilation)
    return small > 0 ? small : nil
  }

  var window: AxisWindow? {
    switch self {
    case .convolution(let window), .transposed(let window), .pool(let window): window
    default: nil
    }
  }

  var scale: Int? {
    if case .upsample(let scale) = self { scale } else { nil }
  }

  /// The same map with another number; nil where it has none.
  func with(_ attribute: SizeAttribute, _ value: Int) -> AxisMap? {
    if scale != nil { return attribute == .scaleFactor ? .upsample(value) : nil }
    guard var window else { return nil }
    window[attribute] = value
    return with(window)
  }

  /// The same map with another window.
  func with(_ window: AxisWindow) -> AxisMap {
    switch self {
    case .convolution: .convolution(window)
    case .transposed: .transposed(window)
    case .pool: .pool(window)
    default: self
    }
  }
}

extension Sequence<AxisMap> {
  /// The size behind all of them, one after the other.
  func composed(_ size: Int) -> Int? {
    var size = size
    for map in self {
      guard let next = map(size) else { return nil }
      size = next
    }
    return size
  }
}
