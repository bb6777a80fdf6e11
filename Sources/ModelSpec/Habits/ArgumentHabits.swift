/// What an argument of another program is here.
enum ArgumentHabit {
  /// The attribute of that name.
  case attribute(String)
  /// One minus the value is the attribute of that name.
  case complement(String)
  /// It says what holds here anyhow, for these values (none stands for all), and why.
  case needless(values: [String], why: String)
  /// It says what holds here anyhow where it calls nothing but these, and why.
  case needlessCalls([String], why: String)
  /// The first or the second of `betas`.
  case beta(Int)
  /// The activation behind the layer.
  case activation
  /// A shape whose channels stand last.
  case channelsLastShape(String)
  /// The shape that it is must be 1×1.
  case onlyOne
}

/// Arguments of other programs, by the layers and choices here that they may stand in.
///
/// An attribute that the schema has is never looked up, and one that it lacks is never meant, so that the table may
/// name what a catalog does not have yet.
struct ArgumentHabits {
  /// The names of layers, optimisers, losses or data sources; none stands for every layer.
  var owners: [String]
  var habits: [(names: [String], habit: ArgumentHabit)]

  static func find(_ name: String, of owner: String, isLayer: Bool) -> ArgumentHabit? {
    let plain = LayerHabit.plain(name)
    for (table, habits) in byName where table.owners.contains(owner) || (table.owners.isEmpty && isLayer) {
      if let habit = habits[plain] { return habit }
    }
    return nil
  }

  /// The habits of each table by their names as they are compared.
  private static let byName = all.map { table in
    (
      table: table,
      habits: Dictionary(
        table.habits.flatMap { entry in entry.names.map { (LayerHabit.plain($0), entry.habit) } },
        uniquingKeysWith: { first, _ in first })
    )
  }

  private static let inferred = "what a layer takes in is inferred"
  private static let noNumber = "it changes no number"

  private static let all: [ArgumentHabits] = [
    .init(
      owners: ["conv2d", "conv_transpose2d"],
      habits: [
        (
          [
            "filters", "out_planes", "out_ch", "num_filters", "n_filters", "nf", "features", "channels",
            "out",
            "out_c", "num_output", "out_dim", "units", "c_out", "nout", "output_channels", "channels_out",
          ], .attribute("out_channels")
        ),
        (
          ["in_planes", "in_ch", "in_c", "c_in", "nin", "input_channels", "channels_in", "in_dim"],
          .attribute("in_channels")
        ),
        (["kernel", "ksize", "k", "ks", "filter_size", "size", "kernel_shape"], .attribute("kernel_size")),
        (["strides", "s", "subsample"], .attribute("stride")),
        (["pad", "p", "pads", "border_mode"], .attribute("padding")),
        (["out_pad", "out_padding", "op"], .attribute("output_padding")),
        (["dilation_rate", "dilations", "d"], .attribute("dilation")),
        (["group", "num_groups"], .attribute("groups")),
        (["use_bias", "has_bias", "with_bias", "bias_term"], .attribute("bias")),
        (["padding_mode"], .needless(values: ["zeros", "zero", "constant"], why: "padding is zeros")),
      ]),
    .init(
      owners: ["linear"],
      habits: [
        (
          [
            "units", "out", "out_dim", "out_features", "features", "size", "out_channels", "nout",
            "output_dim",
            "num_units", "output_size", "hidden", "width", "channels",
          ], .attribute("out_features")
        ),
        (["in_dim", "input_dim", "in", "input_size", "in_channels", "nin"], .attribute("in_features")),
        (["use_bias", "has_bias", "with_bias"], .attribute("bias")),
      ]),
    .init(
      owners: ["batch_norm2d", "batch_norm1d", "instance_norm2d", "group_norm", "layer_norm"],
      habits: [
        (["epsilon", "variance_epsilon"], .attribute("eps")),
        (["num_channels", "channels", "features", "in_channels", "n_features"], .attribute("num_features")),
        (
          ["affine", "elementwise_affine"],
          .needless(values: ["true"], why: "scale and shift are always there")
        ),
        (["scale", "center"], .needless(values: ["true"], why: "scale and shift are always there")),
        (["track_running_stats"], .needless(values: ["true"], why: "they are always kept")),
        (["axis"], .needless(values: ["1", "-1", "3"], why: "channels are what is normalised")),
        (
          ["process_group", "fused", "renorm", "virtual_batch_size", "adjustment"],
          .needless(values: ["false", "null"], why: noNumber)
        ),
      ]),
    .init(
      owners: ["leaky_relu"],
      habits: [
        (
          ["alpha", "slope", "leak", "a", "leakiness", "leaky_slope", "neg_slope"],
          .attribute("negative_slope")
        )
      ]),
    .init(owners: ["elu", "celu"], habits: [(["a", "scale"], .attribute("alpha"))]),
    .init(
      owners: ["relu"],
      habits: [
        (["max_value"], .needless(values: ["null"], why: "there is no upper end")),
        (["negative_slope", "threshold"], .needless(values: ["0", "0.0"], why: "it is 0 here")),
      ]),
    .init(
      owners: ["dropout", "dropout2d"],
      habits: [
        (["rate", "prob", "drop_prob", "dropout", "ratio", "probability", "drop_rate"], .attribute("p")),
        (["keep_prob", "keep"], .complement("p")),
        (["seed", "noise_shape"], .needless(values: ["null"], why: noNumber)),
      ]),
    .init(
      owners: ["max_pool2d", "avg_pool2d"],
      habits: [
        (["pool_size", "kernel", "ksize", "k", "size", "window", "pool"], .attribute("kernel_size")),
        (["strides", "s"], .attribute("stride")),
        (["pad", "p"], .attribute("padding")),
        (["ceil_mode"], .needless(values: ["false"], why: "sizes are rounded down")),
        (["return_indices"], .needless(values: ["false"], why: noNumber)),
        (["dilation"], .needless(values: ["1"], why: "windows have no gaps")),
        (["divisor_override"], .needless(values: ["null"], why: noNumber)),
      ]),
    .init(
      owners: ["global_avg_pool"],
      habits: [
        (["output_size"], .onlyOne),
        (["keepdims", "keep_dims"], .needless(values: ["true"], why: "the result is C×1×1")),
      ]),
    .init(
      owners: ["flatten"],
      habits: [
        (["start_dim"], .needless(values: ["1"], why: "all but the batch is one row")),
        (["end_dim"], .needless(values: ["-1"], why: "all but the batch is one row")),
      ]),
    .init(
      owners: ["reshape"],
      habits: [
        (["unflattened_size", "dims", "size", "new_shape", "output_shape"], .attribute("shape")),
        (["target_shape"], .channelsLastShape("shape")),
        (["dim"], .needless(values: ["1"], why: "all but the batch is reshaped")),
      ]),
    .init(
      owners: ["upsample"],
      habits: [
        (
          ["scale", "factor", "scale_factors", "upscale", "upsampling_factor", "ratio"],
          .attribute("scale_factor")
        ),
        (["interpolation", "method"], .attribute("mode")),
        (["align_corners"], .needless(values: ["false", "null"], why: "pixels are repeated")),
        (["recompute_scale_factor"], .needless(values: [], why: noNumber)),
      ]),
    .init(owners: ["concat"], habits: [(["axis"], .attribute("dim"))]),
    .init(
      owners: ["embedding"],
      habits: [
        (
          ["input_dim", "num_classes", "n_classes", "classes", "vocab_size", "num"],
          .attribute("num_embeddings")
        ),
        (
          ["output_dim", "dim", "size", "embed_dim", "emb_dim", "embedding_size"], .attribute("embedding_dim")
        ),
        (
          ["padding_idx", "max_norm", "scale_grad_by_freq", "sparse"],
          .needless(values: ["null", "false"], why: noNumber)
        ),
      ]),

    // Every layer.
    .init(
      owners: [],
      habits: [
        (["inplace"], .needless(values: [], why: noNumber)),
        (["device"], .needless(values: [], why: "a model does not say where it runs")),
        (["dtype"], .needless(values: [], why: "numbers are fp32; see `train.precision`")),
        (["data_format"], .needless(values: [], why: "images are [channels, height, width] throughout")),
        (
          ["input_shape", "batch_input_shape", "input_dim", "input_size"],
          .needless(values: [], why: inferred)
        ),
        (["trainable"], .needless(values: ["true"], why: "layers train")),
        (
          ["activation", "act", "nonlinearity", "activation_fn"],
          .activation
        ),
        (
          [
            "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint",
            "bias_constraint", "beta_regularizer", "gamma_regularizer",
          ], .needless(values: ["null"], why: noNumber)
        ),
        (
          ["bias_initializer", "beta_initializer"],
          .needless(values: ["zeros"], why: "`init` says how weights begin")
        ),
        (["gamma_initializer"], .needless(values: ["ones"], why: "`init` says how weights begin")),
        (
          ["kernel_initializer"],
          .needless(
            values: ["glorot_uniform", "glorot_normal", "he_normal", "he_uniform"],
            why: "`init` says how weights begin")
        ),
      ]),

    // Optimisers.
    .init(
      owners: ["adam", "adamw", "sgd", "rmsprop"],
      habits: [
        (["learning_rate", "rate", "lrate", "base_lr", "step_size", "eta"], .attribute("lr")),
        (["epsilon"], .attribute("eps")),
        (["wd", "l2", "weight_decay_rate", "l2_reg"], .attribute("weight_decay")),
        (["beta1", "b1", "beta_1", "adam_beta1"], .beta(0)),
        (["beta2", "b2", "beta_2", "adam_beta2"], .beta(1)),
        (["rho", "smoothing", "decay_rate"], .attribute("alpha")),
        (["use_nesterov"], .attribute("nesterov")),
        (["amsgrad"], .needless(values: ["false"], why: "it is off")),
        (["maximize"], .needless(values: ["false"], why: "losses are made small")),
        (["foreach", "fused", "capturable", "differentiable"], .needless(values: [], why: noNumber)),
        (["params", "parameters"], .needless(values: [], why: "each network has its own")),
        (
          ["clipnorm", "clipvalue", "global_clipnorm"],
          .needless(values: ["null"], why: "gradients are not clipped")
        ),
      ]),

    // Losses.
    .init(
      owners: ["bce", "bce_with_logits"],
      habits: [
        (["reduction"], .needless(values: ["mean"], why: "the loss is the mean over the batch")),
        (
          ["weight", "pos_weight", "size_average", "reduce"],
          .needless(values: ["null"], why: "each image counts once")
        ),
        (["label_smoothing"], .needless(values: ["0", "0.0"], why: "labels are 0 and 1")),
      ]),
    .init(
      owners: ["bce"],
      habits: [(["from_logits"], .needless(values: ["false"], why: "it takes probabilities"))]),
    .init(
      owners: ["bce_with_logits"],
      habits: [(["from_logits"], .needless(values: ["true"], why: "the sigmoid is in the loss"))]),
    .init(
      owners: ["wgan", "wgan_gp", "hinge"],
      habits: [
        (
          [
            "n_critic", "critic_iters", "num_critic", "d_iters", "d_steps", "n_dis", "critic_iterations",
            "steps",
          ],
          .attribute("critic_steps")
        )
      ]),
    .init(
      owners: ["wgan"],
      habits: [
        (["weight_clip", "clip_value", "weight_clipping", "clamp", "c", "limit"], .attribute("clip"))
      ]),
    .init(
      owners: ["wgan_gp", "dragan"],
      habits: [
        (
          [
            "lambda_gp", "gp_weight", "lambda", "lambda_", "gp_lambda", "penalty", "penalty_weight",
            "lambda_term",
          ],
          .attribute("weight")
        )
      ]),
    .init(
      owners: ["bce_with_logits", "logistic", "hinge", "relativistic"],
      habits: [
        (["r1_gamma", "r1_weight", "gamma"], .attribute("r1")),
        (["d_reg_every", "r1_interval"], .attribute("r1_every")),
      ]),

    // Data.
    .init(
      owners: ["folder", "cifar10", "idx"],
      habits: [
        (
          ["root", "dir", "directory", "data_dir", "dataroot", "image_dir", "data_path", "file", "filename"],
          .attribute("path")
        ),
        (["root", "path", "file", "filename", "data"], .attribute("images")),
        (["shuffle"], .needless(values: ["true"], why: "images come in random order")),
        (
          ["transform", "transforms", "preprocessing"],
          .needlessCalls(
            ["Compose", "Resize", "CenterCrop", "ToTensor", "Normalize", "Grayscale", "ToPILImage"],
            why: "pictures get the model's size and channels, and numbers from -1 to 1, anyhow")
        ),
        (["download"], .needless(values: [], why: "files are read where they are")),
        (["extensions", "loader"], .needless(values: [], why: "all files that are pictures are read")),
      ]),
    .init(
      owners: ["folder", "cifar10", "idx", "digits", "synthetic"],
      habits: [
        (
          ["hflip", "horizontal_flip", "random_flip", "random_horizontal_flip", "mirror"], .attribute("flip")
        ),
        (
          ["max_images", "max_size", "max_dataset_size", "subset", "num_images", "n_images"],
          .attribute("limit")
        ),
        (["normalize", "value_range", "scale"], .attribute("range")),
      ]),
  ]
}
