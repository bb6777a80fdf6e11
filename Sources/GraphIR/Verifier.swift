/// What holds of every graph, between any two passes.
public enum Invariant: String, Sendable, CaseIterable {
  // Values.
  case valuesExist = "every value is one of the graph's"
  case singleDefinition = "a value is defined once, by an input or as a node's result"
  case definitionBeforeUse = "a value is read only after its definition"
  // Types.
  case addressableTypes = "extents are positive and a tensor's elements can be counted"
  case layouts = "only rank 4 is channels last, and `relayout` makes the layout that it names"
  case operandCount = "an op has as many operands as its signature allows"
  case typeRule = "an op's type rule accepts its operands"
  case inferredTypes = "an op's results have the shapes that its type rule infers"
  // What the caller sees.
  case uniqueNames = "no two inputs share a name, and no two outputs do"
  case batchFreeState = "what outlives a run has a shape without the batch"
  case storeTarget = "a store's target is an input that outlives the run, and is stored to once"
  case storeType = "a store's value has its target's type, layout and all, and can take its place"
}

/// One place where a graph breaks an invariant.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
  public var invariant: Invariant
  /// What breaks it: a name, a type, the type rule's own words.
  public var detail: String
  /// The node, input, store or output at fault, in the text form.
  public var text: String

  public var description: String { "\(invariant.rawValue) (\(detail)): \(text)" }
}

/// Checks a graph against every `Invariant`. It accepts any graph, however broken.
public struct Verifier {
  private let graph: Graph
  private let printer: GraphPrinter
  /// By the value's index.
  private var isDefined: [Bool]
  private var violations: [Violation] = []

  /// The invariants that a graph breaks, in the graph's order; none if it is sound.
  public static func violations(in graph: Graph) -> [Violation] {
    var verifier = Verifier(graph)
    verifier.checkInputs()
    for node in graph.nodes { verifier.check(node) }
    verifier.checkStores()
    verifier.checkOutputs()
    return verifier.violations
  }

  private init(_ graph: Graph) {
    self.graph = graph
    printer = GraphPrinter(graph)
    isDefined = Array(repeating: false, count: graph.values.count)
  }

  /// What is checked. Its text is made only where there is something to report.
  private enum Subject {
    case input(GraphInput)
    case node(Node)
    case store(Store)
    case output(Graph.Output)
  }

  // MARK: - Inputs, stores, outputs

  private mutating func checkInputs() {
    var names: Set<String> = []
    for input in graph.inputs {
      let subject = Subject.input(input)
      if !names.insert(input.name).inserted { report(.uniqueNames, input.name, subject) }
      guard define(input.value, subject) else { continue }
      let type = graph.type(of: input.value)
      checkType(type, subject)
      if input.outlivesRun, type.shape.contains(.batch) {
        report(.batchFreeState, type.description, subject)
      }
    }
  }

  private mutating func checkStores() {
    var outliving = [Bool](repeating: false, count: graph.values.count)
    for input in graph.inputs where input.outlivesRun && exists(input.value) {
      outliving[input.value.index] = true
    }
    for store in graph.stores {
      let subject = Subject.store(store)
      let isDefined = read(store.value, subject)
      // Each may be the target of one store.
      guard exists(store.target), outliving[store.target.index] else {
        report(.storeTarget, printer.name(store.target), subject)
        continue
      }
      outliving[store.target.index] = false
      guard isDefined else { continue }
      let (type, expected) = (graph.type(of: store.value), graph.type(of: store.target))
      if type != expected { report(.storeType, "\(type) to \(expected)", subject) }
    }
  }

  private mutating func checkOutputs() {
    var names: Set<String> = []
    for output in graph.outputs {
      let subject = Subject.output(output)
      if !names.insert(output.name).inserted { report(.uniqueNames, output.name, subject) }
      read(output.value, subject)
    }
  }

  // MARK: - Nodes

  private mutating func check(_ node: Node) {
    let subject = Subject.node(node)
    let definition = node.op.definition
    var isSound = true
    for operand in node.operands where !read(operand, subject) { isSound = false }
    for result in node.results {
      guard define(result, subject) else {
        isSound = false
        continue
      }
      checkType(graph.type(of: result), subject)
    }
    if !type(of: definition).signature.accepts(operandCount: node.operands.count) {
      report(.operandCount, "\(node.operands.count)", subject)
      return
    }
    // A type rule counts on operands that are sound themselves.
    let operands = node.operands.filter(exists).map { graph.type(of: $0) }
    if isSound, operands.allSatisfy(\.isAddressable) { checkTypes(of: node, definition, operands, subject) }
  }

  private mutating func checkTypes(
    of node: Node, _ definition: any OpDefinition, _ operands: [TensorType], _ subject: Subject
  ) {
    let actual = node.results.map { graph.type(of: $0) }
    do {
      let inferred = try definition.checkedTypes(operands)
      if inferred.map(\.shape) != actual.map(\.shape) || inferred.map(\.element) != actual.map(\.element) {
        report(.inferredTypes, inferred.map(\.description).joined(separator: ", "), subject)
      }
    } catch {
      report(.typeRule, error.kind.message(error.arguments), subject)
    }
    if case .relayout(let relayout) = node.op, let type = actual.first, type.layout != relayout.layout {
      report(.layouts, type.description, subject)
    }
  }

  // MARK: - Values

  private func exists(_ value: ValueID) -> Bool { graph.values.indices.contains(value.index) }

  /// Notes a definition; returns whether it is the first, and of a value that exists.
  private mutating func define(_ value: ValueID, _ subject: Subject) -> Bool {
    guard exists(value) else {
      report(.valuesExist, "value \(value.index)", subject)
      return false
    }
    guard !isDefined[value.index] else {
      report(.singleDefinition, printer.name(value), subject)
      return false
    }
    isDefined[value.index] = true
    return true
  }

  /// Returns whether the value may be read here.
  @discardableResult
  private mutating func read(_ value: ValueID, _ subject: Subject) -> Bool {
    guard exists(value) else {
      report(.valuesExist, "value \(value.index)", subject)
      return false
    }
    guard isDefined[value.index] else {
      report(.definitionBeforeUse, printer.name(value), subject)
      return false
    }
    return true
  }

  private mutating func checkType(_ type: TensorType, _ subject: Subject) {
    if !type.isAddressable { report(.addressableTypes, type.description, subject) }
    if type.layout == .channelsLast, type.rank != 4 { report(.layouts, type.description, subject) }
  }

  private mutating func report(_ invariant: Invariant, _ detail: String, _ subject: Subject) {
    let text =
      switch subject {
      case .input(let input): printer.text(of: input)
      case .node(let node): printer.text(of: node)
      case .store(let store): printer.text(of: store)
      case .output(let output): "return \(printer.text(of: output))"
      }
    violations.append(Violation(invariant: invariant, detail: detail, text: text))
  }
}

extension GraphInput {
  /// Whether the caller keeps its content from run to run.
  public var outlivesRun: Bool {
    switch kind {
    case .data: false
    case .parameter, .statistic, .state: true
    }
  }
}
