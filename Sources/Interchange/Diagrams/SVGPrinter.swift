import GraphIR

/// A graph as a drawing: a box an op with its layer and what it keeps, an arrow a value with its shape.
///
/// The tensors that outlive a run stand in the boxes of the ops that read them, not as boxes of their own: a
/// step reads dozens. The drawing follows the reader's light or dark scheme.
public struct SVGPrinter: Sendable {
  private let graph: Graph

  public init(_ graph: Graph) { self.graph = graph }

  public var text: String {
    let boxes = DiagramBox.boxes(of: graph)
    let layout = LayeredLayout(boxes.map(\.frame), links(between: boxes))
    let margin = 24.0
    let (width, height) = (layout.width + 2 * margin, layout.height + 2 * margin)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="\(number(-margin)) \(number(-margin)) \
      \(number(width)) \(number(height))" width="\(number(width))" height="\(number(height))" role="img">
      <title>\(markupText(graph.name))</title>
      <style>\(diagramStyle)</style>
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
      orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>
      <rect class="page" x="\(number(-margin))" y="\(number(-margin))" width="100%" height="100%"/>

      """
    for lane in layout.lanes {
      text +=
        #"<path class="edge" d="M\#(number(lane.x)) \#(number(lane.top))V\#(number(lane.bottom))"/>"# + "\n"
    }
    for segment in layout.segments { text += curve(segment) }
    for (index, box) in boxes.enumerated() {
      text += drawing(of: box, at: layout.places[index])
      for (output, value) in box.outputs.enumerated() {
        text += label(of: value, at: layout.outputPlace(output, of: index), number: output)
      }
    }
    return text + "</svg>\n"
  }

  /// Each use of a value by a box below.
  private func links(between boxes: [DiagramBox]) -> [LayeredLayout.Link] {
    var origin: [ValueID: (box: Int, output: Int)] = [:]
    for (index, box) in boxes.enumerated() {
      for (output, value) in box.outputs.enumerated() { origin[value] = (index, output) }
    }
    return boxes.enumerated().flatMap { target, box in
      box.operands.compactMap { operand in
        origin[operand].map { .init(source: $0.box, output: $0.output, target: target) }
      }
    }
  }

  private func curve(_ segment: LayeredLayout.Segment) -> String {
    let (start, end) = (segment.start, segment.end)
    let middle = (start.y + end.y) / 2
    let path =
      "M\(number(start.x)) \(number(start.y))C\(number(start.x)) \(number(middle)) "
      + "\(number(end.x)) \(number(middle)) \(number(end.x)) \(number(end.y))"
    let arrow = segment.arrives ? #" marker-end="url(#arrow)""# : ""
    return #"<path class="edge"\#(arrow) d="\#(path)"/>"# + "\n"
  }

  private func drawing(of box: DiagramBox, at place: LayeredLayout.Point) -> String {
    let (width, height) = (box.frame.width, box.frame.height)
    let radius = box.kind == .input || box.kind == .output ? height / 2 : 6
    var text = #"<g class="\#(box.kind.styleClass)"><title>\#(markupText(box.title))</title>"#
    text +=
      #"<rect x="\#(number(place.x - width / 2))" y="\#(number(place.y))" width="\#(number(width))" "#
      + #"height="\#(number(height))" rx="\#(number(radius))"/>"#
    for (index, line) in box.lines.enumerated() {
      let y = place.y + DiagramBox.padding + (Double(index) + 0.75) * DiagramBox.lineHeight
      let style = index == 0 ? "name" : "detail"
      text +=
        #"<text class="\#(style)" x="\#(number(place.x))" y="\#(number(y))">\#(markupText(line))</text>"#
    }
    return text + "</g>\n"
  }

  /// The shape of a value beside the beginning of its arrow; those of one box on lines of their own.
  private func label(of value: ValueID, at place: LayeredLayout.Point, number position: Int) -> String {
    let y = place.y + 12 + Double(position % 3) * 12
    let shape = graph.type(of: value).shapeText
    return #"<text class="shape" x="\#(number(place.x + 4))" y="\#(number(y))">\#(markupText(shape))</text>"#
      + "\n"
  }

  /// With one digit behind the point at most.
  private func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }
}

extension TensorType {
  /// `[N,64,32,32]`.
  var shapeText: String { "[\(shape.map(\.description).joined(separator: ","))]" }
}
