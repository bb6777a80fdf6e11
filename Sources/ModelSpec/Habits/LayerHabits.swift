/// A layer as another program names it, and the layer that it is here.
///
/// A line of `LayerHabit.all` is all that a further spelling needs. A layer that the catalog lacks is passed over
/// (see `knownElsewhere`), so that the table may name what a catalog does not have yet.
struct LayerHabit {
  enum Origin: String {
    case pyTorch = "PyTorch"
    case keras = "Keras"
    /// Abbreviations that configuration files have in common.
    case common = "other configurations"
  }

  /// Without `nn.` and the like.
  var spellings: [String]
  /// The spellings as they are compared.
  let plainSpellings: Set<String>
  var origin: Origin
  /// Its name here.
  var layer: String
  /// Its arguments there, in the order in which they stand without names.
  var positions: [String] = []
  /// What it takes there where nothing is written, and what it does not take here.
  var defaults: [(name: String, value: String)] = []

  init(
    _ origin: Origin, _ spellings: String..., is layer: String, positions: [String] = [],
    defaults: [(name: String, value: String)] = []
  ) {
    self.spellings = spellings
    plainSpellings = Set(spellings.map(Self.plain))
    self.origin = origin
    self.layer = layer
    self.positions = positions
    self.defaults = defaults
  }

  private static let convolution = [
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
    "padding_mode",
  ]
  private static let transposedConvolution = [
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "bias",
    "dilation", "padding_mode",
  ]
  private static let batchNorm = ["num_features", "eps", "momentum", "affine", "track_running_stats"]
  private static let window = ["kernel_size", "stride", "padding"]

  static let all: [LayerHabit] = [
    // PyTorch: https://docs.pytorch.org/docs/stable/nn.html
    .init(.pyTorch, "Conv2d", is: "conv2d", positions: convolution),
    .init(.pyTorch, "ConvTranspose2d", is: "conv_transpose2d", positions: transposedConvolution),
    .init(
      .pyTorch, "Linear", "LazyLinear", is: "linear", positions: ["in_features", "out_features", "bias"]),
    .init(.pyTorch, "BatchNorm2d", "SyncBatchNorm", is: "batch_norm2d", positions: batchNorm),
    .init(.pyTorch, "BatchNorm1d", is: "batch_norm1d", positions: batchNorm),
    .init(.pyTorch, "InstanceNorm2d", is: "instance_norm2d", positions: batchNorm),
    .init(
      .pyTorch, "GroupNorm", is: "group_norm", positions: ["num_groups", "num_channels", "eps", "affine"]),
    .init(
      .pyTorch, "LayerNorm", is: "layer_norm", positions: ["normalized_shape", "eps", "elementwise_affine"]),
    .init(.pyTorch, "ReLU", is: "relu", positions: ["inplace"]),
    .init(.pyTorch, "ReLU6", is: "relu6", positions: ["inplace"]),
    .init(.pyTorch, "LeakyReLU", is: "leaky_relu", positions: ["negative_slope", "inplace"]),
    .init(.pyTorch, "PReLU", is: "prelu", positions: ["num_parameters", "init"]),
    .init(.pyTorch, "ELU", is: "elu", positions: ["alpha", "inplace"]),
    .init(.pyTorch, "CELU", is: "celu", positions: ["alpha", "inplace"]),
    .init(.pyTorch, "SELU", is: "selu", positions: ["inplace"]),
    .init(.pyTorch, "SiLU", is: "silu", positions: ["inplace"]),
    .init(.pyTorch, "Mish", is: "mish", positions: ["inplace"]),
    .init(.pyTorch, "GELU", is: "gelu", positions: ["approximate"]),
    .init(.pyTorch, "Softplus", is: "softplus", positions: ["beta", "threshold"]),
    .init(.pyTorch, "Hardtanh", is: "hardtanh", positions: ["min_val", "max_val", "inplace"]),
    .init(.pyTorch, "Softmax", is: "softmax", positions: ["dim"]),
    .init(.pyTorch, "LogSoftmax", is: "log_softmax", positions: ["dim"]),
    .init(.pyTorch, "Tanh", is: "tanh"),
    .init(.pyTorch, "Sigmoid", is: "sigmoid"),
    .init(.pyTorch, "Dropout", is: "dropout", positions: ["p", "inplace"]),
    .init(.pyTorch, "Dropout2d", is: "dropout2d", positions: ["p", "inplace"]),
    .init(.pyTorch, "AvgPool2d", is: "avg_pool2d", positions: window + ["ceil_mode", "count_include_pad"]),
    .init(
      .pyTorch, "MaxPool2d", is: "max_pool2d",
      positions: window + ["dilation", "return_indices", "ceil_mode"]),
    .init(.pyTorch, "AdaptiveAvgPool2d", is: "global_avg_pool", positions: ["output_size"]),
    .init(.pyTorch, "Flatten", is: "flatten", positions: ["start_dim", "end_dim"]),
    .init(.pyTorch, "Unflatten", is: "reshape", positions: ["dim", "unflattened_size"]),
    .init(
      .pyTorch, "Upsample", is: "upsample", positions: ["size", "scale_factor", "mode", "align_corners"]),
    .init(.pyTorch, "UpsamplingNearest2d", is: "upsample", positions: ["size", "scale_factor"]),
    .init(.pyTorch, "PixelShuffle", is: "pixel_shuffle", positions: ["upscale_factor"]),
    .init(.pyTorch, "ZeroPad2d", is: "pad", positions: ["padding"]),
    .init(.pyTorch, "ReflectionPad2d", is: "pad", positions: ["padding"], defaults: [("mode", "reflect")]),
    .init(.pyTorch, "ReplicationPad2d", is: "pad", positions: ["padding"], defaults: [("mode", "replicate")]),
    .init(.pyTorch, "CircularPad2d", is: "pad", positions: ["padding"], defaults: [("mode", "circular")]),
    .init(.pyTorch, "Embedding", is: "embedding", positions: ["num_embeddings", "embedding_dim"]),
    .init(.pyTorch, "Hardswish", is: "hardswish", positions: ["inplace"]),
    .init(.pyTorch, "Hardsigmoid", is: "hardsigmoid", positions: ["inplace"]),

    // Keras: https://keras.io/api/layers
    .init(
      .keras, "Conv2D", "Convolution2D", is: "conv2d",
      positions: [
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups",
        "activation", "use_bias",
      ]),
    .init(
      .keras, "Conv2DTranspose", "Convolution2DTranspose", "Deconv2D", is: "conv_transpose2d",
      positions: [
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "activation",
        "use_bias",
      ]),
    .init(.keras, "Dense", is: "linear", positions: ["units", "activation", "use_bias"]),
    .init(
      .keras, "BatchNormalization", is: batchNormOfPlace, positions: ["axis", "momentum", "epsilon"],
      defaults: [("eps", "0.001"), ("momentum", "0.01")]),
    .init(.keras, "ReLU", is: "relu", positions: ["max_value"]),
    .init(
      .keras, "LeakyReLU", is: "leaky_relu", positions: ["alpha"], defaults: [("negative_slope", "0.3")]),
    .init(.keras, "ELU", is: "elu", positions: ["alpha"]),
    .init(.keras, "Dropout", is: "dropout", positions: ["rate"]),
    .init(.keras, "SpatialDropout2D", is: "dropout2d", positions: ["rate"]),
    .init(.keras, "Flatten", is: "flatten", positions: ["data_format"]),
    .init(.keras, "Reshape", is: "reshape", positions: ["target_shape"]),
    .init(.keras, "UpSampling2D", is: "upsample", positions: ["size", "data_format", "interpolation"]),
    .init(
      .keras, "MaxPooling2D", "MaxPool2D", is: "max_pool2d", positions: ["pool_size", "strides", "padding"]),
    .init(
      .keras, "AveragePooling2D", "AvgPool2D", is: "avg_pool2d",
      positions: ["pool_size", "strides", "padding"]),
    .init(.keras, "GlobalAveragePooling2D", "GlobalAvgPool2D", is: "global_avg_pool"),
    .init(.keras, "ZeroPadding2D", is: "pad", positions: ["padding"]),
    .init(.keras, "Embedding", is: "embedding", positions: ["input_dim", "output_dim"]),
    .init(.keras, "Concatenate", is: "concat", positions: ["axis"]),
    .init(.keras, "Add", is: "add"),

    // Names that configurations and papers use.
    .init(.common, "conv", "convolution", "conv_2d", is: "conv2d"),
    .init(
      .common, "deconv", "deconv2d", "conv_transpose", "transposed_conv", "transposed_conv2d", "tconv",
      "conv2d_transpose", "transpose_conv", "transpose_conv2d", "up_conv", "upconv", "convT", "conv_t",
      is: "conv_transpose2d"),
    .init(
      .common, "fc", "dense", "fully_connected", "affine", "lin", is: "linear", positions: ["out_features"]),
    .init(.common, "bn", "batch_norm", "batchnorm", "batch_normalization", "norm", is: batchNormOfPlace),
    .init(.common, "bn2d", is: "batch_norm2d"),
    .init(.common, "bn1d", is: "batch_norm1d"),
    .init(
      .common, "lrelu", "leaky", "leakyrelu", is: "leaky_relu", positions: ["negative_slope"]),
    .init(.common, "swish", is: "silu"),
    .init(.common, "logistic", is: "sigmoid"),
    .init(.common, "drop", is: "dropout", positions: ["p"]),
    .init(
      .common, "maxpool", "max_pool", "max_pooling", "max_pooling2d", "mp", is: "max_pool2d",
      positions: window),
    .init(
      .common, "avgpool", "avg_pool", "average_pool", "average_pooling", "average_pooling2d", "mean_pool",
      is: "avg_pool2d", positions: window),
    .init(
      .common, "gap", "global_average_pooling", "global_average_pooling2d", "global_avg_pooling",
      "global_avg_pool2d", "global_pool", is: "global_avg_pool"),
    .init(.common, "view", "unflatten", is: "reshape"),
    .init(
      .common, "upsampling", "upsampling2d", "upsample2d", "interpolate", "nearest_upsample",
      "upsample_nearest", is: "upsample", positions: ["scale_factor"]),
    .init(.common, "cat", "concatenate", "merge", is: "concat"),
    .init(.common, "sum", "plus", is: "add"),
  ]

  /// Stands for `batch_norm1d` behind vectors, and `batch_norm2d` behind images.
  static let batchNormOfPlace = "batch_norm"

  /// Layers that people know, and what is to be said of each where the catalog does not have it: none is a
  /// misspelling of another.
  static let knownElsewhere: [(name: String, remark: String, nearest: String?)] = [
    ("celu", "`elu` is the same for an alpha of 1", nil),
    ("rrelu", "its slope is drawn at random; `leaky_relu` has a fixed one", "leaky_relu: 0.2292"),
    ("tanhshrink", "no activation here is like it", nil),
    ("threshold", "`relu` is the one of zero", nil),
    ("instancenorm", "it is called `instance_norm2d` here", "instance_norm2d"),
    ("localresponsenorm", "`batch_norm2d` is not the same: it normalises over the batch", nil),
    ("spectralnorm", "it changes the weights of another layer", nil),
    ("weightnorm", "it changes the weights of another layer", nil),
    ("batchnorm3d", "images have two dimensions here", nil),
    ("conv1d", "images have two dimensions here", nil),
    ("conv3d", "images have two dimensions here", nil),
    ("convtranspose1d", "images have two dimensions here", nil),
    ("convtranspose3d", "images have two dimensions here", nil),
    ("maxpool1d", "images have two dimensions here", nil),
    ("dropout3d", "images have two dimensions here", nil),
    (
      "separableconv2d",
      "`conv2d` with `groups` as many as channels, and one of kernel 1 behind it, are the same", nil
    ),
    ("depthwiseconv2d", "`conv2d` with `groups` as many as its channels is the same", nil),
    (
      "adaptivemaxpool2d", "`max_pool2d` with a kernel as large as its input is the same for an output of 1",
      nil
    ),
    (
      "adaptiveavgpool2d", "`avg_pool2d` with a kernel as large as its input is the same for an output of 1",
      nil
    ),
    ("globalmaxpooling2d", "`max_pool2d` with a kernel as large as its input is the same", nil),
    ("lppool2d", "`avg_pool2d` takes the mean", nil),
    ("identity", "a layer that does nothing can be left out", nil),
    ("lstm", "a network is a list of layers without a memory", nil),
    ("gru", "a network is a list of layers without a memory", nil),
    ("multiheadattention", "`self_attention` has one head", nil),
    ("gaussiannoise", "`noise` adds normal numbers times a strength that trains", nil),
    ("lambda", "a layer is one of those that there are", nil),
    ("input", "a network's input needs no layer: it is `latent` or `image`", nil),
    ("inputlayer", "a network's input needs no layer: it is `latent` or `image`", nil),
  ]

  /// A name as it is compared: small letters and digits.
  static func plain(_ name: String) -> String {
    name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." && $0 != " " }
  }
}
