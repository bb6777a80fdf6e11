import Diagnostics
import GraphIR
import ModelSpec

private let window: [AttributeSchema] = [
  .init("kernel_size", .size(1...65_536), .required, "the height and width of the window"),
  .init("stride", .size(1...65_536), .optional, "how far the window moves; its size by default"),
  .init(
    "padding", .size(0...65_536), .defaultsTo(.size(height: 0, width: 0)),
    "rows and columns around the input, at most half a window"),
]

extension LayerDefinition {
  static let poolings = [
    LayerDefinition(
      Schema(
        "avg_pool2d", "The average of each window.", primary: "kernel_size",
        window + [
          .init(
            "count_include_pad", .bool, .defaultsTo(.bool(true)),
            "whether the padding's zeros count in the average")
        ]), input: .image
    ) { (context) throws(TypeRuleViolation) in
      let (kernel, stride, padding) = windowSizes(context)
      return try context.emit(
        AvgPool2D(
          kernelSize: kernel, stride: stride, padding: padding,
          countIncludePad: context.layer.kind.bool("count_include_pad") ?? true), context.input)
    },
    LayerDefinition(
      Schema("max_pool2d", "The largest value of each window.", primary: "kernel_size", window), input: .image
    ) { (context) throws(TypeRuleViolation) in
      let (kernel, stride, padding) = windowSizes(context)
      return try context.emit(MaxPool2D(kernelSize: kernel, stride: stride, padding: padding), context.input)
    },
    global("global_avg_pool", "The average of each channel: C×H×W becomes C×1×1.", mean: true),
    global("global_sum_pool", "The sum of each channel: C×H×W becomes C×1×1.", mean: false),
  ]

  private static func global(_ name: String, _ summary: String, mean: Bool) -> LayerDefinition {
    LayerDefinition(Schema(name, summary), input: .image) { (context) throws(TypeRuleViolation) in
      let type = context.type(of: context.input)
      guard type.rank == 4, let channels = type.shape[1].fixedExtent else {
        throw TypeRuleViolation(
          .rankMismatch, ["op": name, "expected": "4", "actual": type.description], operand: 0)
      }
      let pooled = try context.emit(Reduce(axes: [2, 3], mean: mean), context.input)
      return try context.emit(Reshape(shape: [type.shape[0], .fixed(channels), 1, 1]), pooled)
    }
  }
}

private func windowSizes(_ context: LayerContext) -> (kernel: Size2, stride: Size2, padding: Size2) {
  func size(_ name: String) -> Size2? {
    context.layer.kind.size(name).map { Size2($0.height, $0.width) }
  }
  let kernel = size("kernel_size") ?? 1
  return (kernel, size("stride") ?? kernel, size("padding") ?? 0)
}
