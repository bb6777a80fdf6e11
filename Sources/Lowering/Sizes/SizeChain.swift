import Diagnostics
import GraphIR
import ModelSpec

/// What is asked of a network's sizes.
struct SizeTask: Sendable {
  enum Goal: Hashable, Sendable {
    /// Images of these channels and this size.
    case image(channels: Int, size: Axes<Int>)
    /// One number an image.
    case oneScore
    /// Whatever it makes, as long as every layer fits.
    case any
  }

  var network: NetworkSpec
  /// The size of the images that come in; 1×1 for a latent vector.
  var input: Axes<Int>
  var goal: Goal
}

extension ModelSpec {
  /// What each network's sizes must come to, in the order in which the networks are written.
  var sizeTasks: [SizeTask] {
    let image = Axes(height.value, width.value)
    return networks.map { network in
      let input: Axes<Int>
      switch network.inputs.first?.type.value {
      case .image: input = image
      case .extents(let extents) where extents.count == 3: input = Axes(extents[1], extents[2])
      default: input = Axes(1, 1)
      }
      let goal: SizeTask.Goal
      if network.name == imageMaker?.name {
        goal = .image(channels: channels.value, size: image)
      } else if network.name == imageJudge?.name, !network.isPatch {
        goal = .oneScore
      } else {
        goal = .any
      }
      return SizeTask(network: network, input: input, goal: goal)
    }
  }

  /// Whether an input's declared extents are to follow the image: those of a network that is shown images.
  func followsImage(_ task: SizeTask) -> SourceSpan? {
    guard task.network.name == imageJudge?.name, let declared = task.network.inputs[0].declaredExtents,
      declared.value.count == 3, declared.value != [channels.value, height.value, width.value]
    else { return nil }
    return declared.span
  }
}

/// A layer on a network's way, as far as sizes go.
struct SizeStep: Sendable {
  var layer: LayerSpec
  var maps: Axes<AxisMap>
  /// The channels that it makes; nil where it keeps them.
  var channels: Int?
  /// Whether its numbers are written in a place that other layers read, too.
  var isShared = false

  /// Where an attribute's value is written; nil where the default holds.
  func span(of attribute: SizeAttribute) -> SourceSpan? { layer.kind.attributes[attribute.rawValue]?.span }
}

/// A network as a chain of maps: no branches but residuals, and images all the way.
struct SizeChain: Sendable {
  var task: SizeTask
  var steps: [SizeStep]
  /// The sizes that must come out; nil where any will do.
  var goal: Axes<Int>?
  /// The channels that must come out.
  var goalChannels: Int?
  /// The linear layer in front of the reshape that makes images, where there is one.
  var head: LayerSpec?

  /// Nil where the network is no such chain.
  init?(_ task: SizeTask) {
    self.task = task
    var steps: [SizeStep] = []
    var isImage = true
    let network = task.network
    let end = network.layers.firstIndex { $0.name == network.outputLayer?.name } ?? network.layers.endIndex
    var before: String?
    for layer in network.layers.prefix(end + 1) {
      if let from = layer.from, from.map(\.value) != [before ?? network.inputs[0].name] { return nil }
      before = layer.isNamed ? layer.name : nil
      switch layer.kind.name.value {
      case "flatten": isImage = false
      case "linear":
        isImage = false
        head = layer
      case "reshape":
        let count = head?.kind.int("out_features")
        guard let written = layer.kind.ints("shape"), written.count == 3,
          let shape = written.allSatisfy({ $0 > 0 })
            ? written : count.flatMap({ filledExtents(written, count: $0) })
        else {
          isImage = false
          continue
        }
        // What came before decides how many values there are, and no more.
        isImage = true
        steps = [
          SizeStep(
            layer: layer, maps: Axes(.constant(shape[1]), .constant(shape[2])), channels: shape[0])
        ]
      default:
        guard isImage else { continue }
        guard let step = SizeStep(layer) else { return nil }
        steps.append(step)
      }
    }
    self.steps = steps
    switch task.goal {
    case .image(let channels, let size):
      guard isImage else { return nil }
      (goal, goalChannels) = (size, channels)
    case .oneScore:
      (goal, goalChannels) = isImage ? (Axes(1, 1), 1) : (nil, nil)
    case .any: (goal, goalChannels) = (nil, nil)
    }
    markShared()
  }

  /// What a number is written for once, it is written for all that read it.
  private mutating func markShared() {
    var readers: [SourceSpan: Int] = [:]
    for step in steps { readers[step.layer.span, default: 0] += 1 }
    for index in steps.indices { steps[index].isShared = readers[steps[index].layer.span] != 1 }
  }

  /// Changes a number for all steps that read it.
  mutating func apply(_ change: SharedChange?) {
    guard let change else { return }
    for index in steps.indices where steps[index].layer.span == change.layer.span {
      for axis in Axis.allCases {
        switch steps[index].maps[axis] {
        case .upsample: steps[index].maps[axis] = .upsample(change.value)
        default:
          guard var window = steps[index].maps[axis].window else { continue }
          window[change.attribute] = change.value
          steps[index].maps[axis] = steps[index].maps[axis].with(window)
        }
      }
    }
  }

  /// The sizes in front of each step and behind the last, up to the first that does not fit.
  func sizes(_ axis: Axis) -> [Int] {
    var sizes = [task.input[axis]]
    for step in steps {
      guard let next = step.maps[axis](sizes[sizes.count - 1]) else { break }
      sizes.append(next)
    }
    return sizes
  }

  /// The channels that come out; nil where those of the input do.
  var channels: Int? { steps.last { $0.channels != nil }?.channels }

  /// Whether the sizes come to what is asked; channels are another matter.
  var fits: Bool {
    Axis.allCases.allSatisfy { axis in
      let sizes = sizes(axis)
      guard sizes.count == steps.count + 1 else { return false }
      return goal.map { $0[axis] == sizes[sizes.count - 1] } ?? true
    }
  }

  /// The values that the reshape needs, and those that come; nil where they are the same, or nothing is known.
  var missingValues: (needed: Int, given: Int)? {
    guard let head, let given = head.kind.int("out_features"), let first = steps.first,
      first.layer.kind.name.value == "reshape", let channels = first.channels,
      case .constant(let height) = first.maps.height, case .constant(let width) = first.maps.width
    else { return nil }
    let needed = channels * height * width
    return needed == given ? nil : (needed, given)
  }

  var isRight: Bool { fits && channelsFit && missingValues == nil }

  var channelsFit: Bool { goalChannels.map { channels == nil || channels == $0 } ?? true }
}

/// A number that several layers read, because they come out of one block or repetition.
struct SharedChange: Sendable {
  var layer: LayerSpec
  var attribute: SizeAttribute
  var value: Int
}

extension SizeStep {
  /// Nil for a layer that is no map of sizes.
  init?(_ layer: LayerSpec) {
    guard let maps = Self.maps(layer) else { return nil }
    self.init(layer: layer, maps: maps, channels: layer.kind.int("out_channels"))
    if layer.kind.name.value == "residual" { channels = Self.channels(of: layer) }
  }

  private static func channels(of layer: LayerSpec) -> Int? {
    layer.body.last { $0.kind.int("out_channels") != nil }?.kind.int("out_channels")
  }

  private static func maps(_ layer: LayerSpec) -> Axes<AxisMap>? {
    let kind = layer.kind
    func window(_ axis: Axis) -> AxisWindow {
      func value(_ attribute: SizeAttribute, _ standard: Int) -> Int {
        kind.size(attribute.rawValue).map { axis == .height ? $0.height : $0.width } ?? standard
      }
      let kernel = value(.kernelSize, 1)
      let isPool = kind.name.value.hasSuffix("pool2d")
      return AxisWindow(
        kernel: kernel, stride: value(.stride, isPool ? kernel : 1), padding: value(.padding, 0),
        dilation: value(.dilation, 1), outputPadding: value(.outputPadding, 0))
    }
    switch kind.name.value {
    case "conv2d": return Axes(.convolution(window(.height)), .convolution(window(.width)))
    case "conv_transpose2d": return Axes(.transposed(window(.height)), .transposed(window(.width)))
    case "avg_pool2d", "max_pool2d": return Axes(.pool(window(.height)), .pool(window(.width)))
    case "global_avg_pool": return Axes(.constant(1), .constant(1))
    case "upsample":
      guard let scale = kind.size("scale_factor") else { return nil }
      return Axes(.upsample(scale.height), .upsample(scale.width))
    case "residual":
      let (body, shortcut) = (steps(layer.body), steps(layer.shortcut))
      guard let body, let shortcut else { return nil }
      func map(_ axis: Axis) -> AxisMap {
        .residual(body: body.map { $0.maps[axis] }, shortcut: shortcut.map { $0.maps[axis] })
      }
      return Axes(map(.height), map(.width))
    default:
      guard LayerDefinition.byName[kind.name.value]?.preservesShape == true else { return nil }
      return Axes(.keep, .keep)
    }
  }

  private static func steps(_ layers: [LayerSpec]) -> [SizeStep]? {
    let steps = layers.compactMap { $0.from == nil ? SizeStep($0) : nil }
    return steps.count == layers.count ? steps : nil
  }
}
