import CKernels

/// One kernel with its operands in place. A plan is an array of these; running one retains and allocates
/// nothing.
///
/// Counts, rows and extents are elements; the names of regions are those of the kernels' headers.
enum KernelCall: BitwiseCopyable {
  case copy(count: Int, x: Region, y: Region)
  case fill(count: Int, value: Float, y: Region)
  case affine(count: Int, scale: Float, offset: Float, x: Region, y: Region)
  case unary(ck_unary, p0: Float, p1: Float, count: Int, x: Region, y: Region)
  case unaryBackward(ck_unary, p0: Float, p1: Float, count: Int, saved: Region, dy: Region, dx: Region)
  case binary(ck_binary, count: Int, a: Region, b: Region, y: Region)
  /// The program of this index among the plan's.
  case program(Int)
  case biasAdd(rows: Int, channels: Int, x: Region, bias: Region, y: Region)

  case stridedCopy(StridedWalk, x: Region, y: Region)
  case broadcast(StridedWalk, x: Region, y: Region)
  case reduceSum(StridedWalk, scale: Float, x: Region, y: Region, workspace: Region)
  case toChannelsLast(batch: Int, channels: Int, pixels: Int, x: Region, y: Region)
  case toRowMajor(batch: Int, channels: Int, pixels: Int, x: Region, y: Region)

  /// So many products, one after the other.
  case matmul(ck_matmul_shape, count: Int, a: Region, b: Region, c: Region, workspace: Region)
  case softmax(rows: Int, columns: Int, isLog: Bool, x: Region, y: Region)
  case oneHot(classes: Int, labels: Region, y: Region)
  case translate(
    height: Int, width: Int, channels: Int, back: Bool, x: Region, down: Region, right: Region, y: Region)
  case window(size: Int, extent: Int, centre: Region, y: Region)
  case prepareConvolution(Convolution, weight: Region, prepared: Region)
  case convolution(
    Convolution, first: Region, second: Region, result: Region, ConvolutionEpilogue, workspace: Region)

  case channelStatistics(
    rows: Int, channels: Int, x: Region, mean: Region, variance: Region, workspace: Region)
  case normalize(BatchNormShape, x: Region, BatchNormOperands, y: Region)
  case batchNormBackward(
    BatchNormShape, dy: Region, x: Region, BatchNormOperands, dx: Region, dweight: Region, dbias: Region,
    workspace: Region)
  case updateRunning(
    rows: Int, channels: Int, momentum: Float, mean: Region, variance: Region, runningMean: Region,
    runningVariance: Region)

  case groupMean(batch: Int, group: Int, x: Region, y: Region)
  case interpolate(ck_interpolation, isAdjoint: Bool, x: Region, y: Region)
  case upsample(UpsampleShape, x: Region, y: Region)
  case avgPool(ck_pooling, x: Region, y: Region)
  case avgPoolAdjoint(ck_pooling, dy: Region, dx: Region)
  case maxPool(ck_pooling, x: Region, y: Region)
  case maxPoolGradient(ck_pooling, x: Region, dy: Region, dx: Region)
  case maxPoolGather(ck_pooling, x: Region, t: Region, y: Region)
  case increment(by: Int, count: Int, x: Region, y: Region)
  case dropoutMask(seed: Int, stream: UInt32, rate: Float, count: Int, step: Region, y: Region)
  case randomNormal(seed: Int, stream: UInt32, count: Int, step: Region, y: Region)

  /// The update of this index among the plan's.
  case optimizer(Int)
}

/// Extents and strides of a walk over at most six axes.
struct StridedWalk: BitwiseCopyable {
  typealias Extents = (Int, Int, Int, Int, Int, Int)
  var rank: Int32
  var dims: Extents
  var xStrides: Extents
  var yStrides: Extents

  init(dims: [Int], xStrides: [Int], yStrides: [Int]) {
    func pack(_ values: [Int], fill: Int) -> Extents {
      func at(_ index: Int) -> Int { index < values.count ? values[index] : fill }
      return (at(0), at(1), at(2), at(3), at(4), at(5))
    }
    rank = Int32(max(dims.count, 1))
    self.dims = pack(dims, fill: 1)
    self.xStrides = pack(xStrides, fill: 0)
    self.yStrides = pack(yStrides, fill: 0)
  }
}

struct Convolution: BitwiseCopyable {
  var shape: ck_conv_shape
  var direction: ck_conv_direction
  var algorithm: ck_conv_algorithm
}

struct ConvolutionEpilogue: BitwiseCopyable {
  var bias: Region?
  var activation = ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
  var mean: Region?
  var variance: Region?
  var accumulate = false
}

struct BatchNormShape: BitwiseCopyable {
  var rows: Int
  var channels: Int
  var eps: Float
  var activation: ck_activation
}

struct BatchNormOperands: BitwiseCopyable {
  var mean: Region
  var variance: Region
  var weight: Region
  var bias: Region?
}

struct UpsampleShape: BitwiseCopyable {
  var batch, height, width, channels, scaleHeight, scaleWidth: Int
}
