/// Keys of other programs, and where a model says the same.
struct KeyHabit {
  enum Target {
    /// The key at the end of a path: `["train", "batch_size"]`.
    case path([String])
    /// An attribute of what is chosen in `train`: of the optimiser or of the loss.
    case attribute(of: Translator.ChoiceKind, String)
    /// A name for a number, under `let`.
    case variable
    /// An option of a command.
    case flag(String)
    /// It says what holds here anyhow, and why.
    case needless(String)
    /// It is said in another way here, and in which.
    case told(String)
  }

  var names: [String]
  var target: Target

  static func find(_ name: String) -> KeyHabit? {
    byName[LayerHabit.plain(name)]
  }

  /// By their names as they are compared.
  private static let byName = Dictionary(
    all.flatMap { habit in habit.names.map { (LayerHabit.plain($0), habit) } },
    uniquingKeysWith: { first, _ in first })

  /// What a variable of another program is in a formula here.
  static func variable(_ name: String) -> String? {
    guard case .path(let path)? = find(name)?.target else { return nil }
    switch path {
    case ["latent"]: return "latent"
    case ["image", "channels"]: return "image.channels"
    case ["image", "height"], ["image", "size"]: return "image.height"
    case ["image", "width"]: return "image.width"
    default: return nil
    }
  }

  private static func path(_ path: String..., names: [String]) -> KeyHabit {
    KeyHabit(names: names, target: .path(path))
  }

  private static let maker = NetworkPreset.maker.name
  private static let judge = NetworkPreset.judge.name

  static let all: [KeyHabit] = [
    path(
      "latent",
      names: [
        "latent", "nz", "z_dim", "latent_dim", "latent_size", "noise_dim", "z_size", "noise_size", "zdim",
        "latent_vector_size", "noise", "dim_z", "codings_size", "num_latent", "latent_space",
      ]),
    path(
      "image", "size",
      names: ["image_size", "img_size", "resolution", "isize", "size", "crop_size", "fine_size", "im_size"]),
    path(
      "image", "channels",
      names: [
        "nc", "channels", "num_channels", "n_channels", "image_channels", "img_channels", "input_nc",
        "output_nc", "c_dim", "nch", "in_channels", "color_channels",
      ]),
    path("image", "height", names: ["img_height", "image_height", "height", "img_h", "rows", "img_rows"]),
    path("image", "width", names: ["img_width", "image_width", "width", "img_w", "cols", "img_cols"]),
    path("init", names: ["init", "init_type", "weight_init", "initializer", "weights_init"]),
    KeyHabit(
      names: [
        "ngf", "ndf", "nf", "base_channels", "features_g", "features_d", "features_gen", "features_disc",
        "gf_dim", "df_dim", "g_conv_dim", "d_conv_dim", "hidden_dim", "base_width",
      ], target: .variable),
    path(maker, names: [maker, "G", "netG", "gen", "net_g", "g_model", "generator_layers"]),
    path(judge, names: [judge, "D", "netD", "disc", "net_d", "critic", "d_model", "discriminator_layers"]),
    path(
      "train", "batch_size",
      names: [
        "batch_size", "batch", "bs", "train_batch_size", "minibatch", "minibatch_size", "samples_per_batch",
      ]),
    path(
      "train", "epochs",
      names: [
        "epochs", "epoch", "num_epochs", "n_epochs", "nepochs", "niter", "max_epochs", "nb_epochs",
        "total_epochs",
      ]),
    path(
      "train", "max_steps",
      names: [
        "max_steps", "steps", "num_steps", "n_steps", "max_iter", "max_iters", "iterations", "n_iters",
        "total_steps", "num_iterations", "total_iters", "n_iterations", "train_steps", "num_iter",
      ]),
    path("train", "seed", names: ["seed", "manual_seed", "random_seed", "rng_seed", "random_state"]),
    path(
      "train", "loss",
      names: [
        "loss", "criterion", "gan_mode", "loss_fn", "loss_function", "adversarial_loss", "gan_loss",
        "objective", "loss_type", "adv_loss",
      ]),
    path(
      "train", "data",
      names: [
        "data", "dataset", "dataroot", "data_dir", "data_path", "data_root", "train_dir", "dataset_path",
        "image_dir", "images", "train_data", "dataset_name", "input_dir",
      ]),
    path("train", "optimizer", names: ["optimizer", "optim", "opt", "optimiser"]),
    path(
      "train", "optimizer", maker,
      names: [
        "optimizer_g", "g_optimizer", "optimG", "opt_g", "optimizer_generator", "generator_optimizer", "optG",
      ]),
    path(
      "train", "optimizer", judge,
      names: [
        "optimizer_d", "d_optimizer", "optimD", "opt_d", "optimizer_discriminator", "discriminator_optimizer",
        "optD",
      ]),
    path(
      "train", "sample_every",
      names: [
        "sample_every", "sample_interval", "sample_freq", "image_every", "display_freq", "sample_step",
        "save_image_every", "sample_period",
      ]),
    path(
      "train", "checkpoint_every",
      names: [
        "checkpoint_every", "save_every", "save_interval", "checkpoint_interval", "checkpoint_freq",
        "save_step", "model_save_step", "save_freq", "save_latest_freq",
      ]),
    path(
      "train", "real_label", names: ["real_label", "smooth_label", "smooth_real", "label_smoothing_real"]),
    path(
      "train", "average", maker,
      names: ["ema", "ema_decay", "ema_beta", "g_ema", "ema_rate", "ema_momentum", "generator_ema"]),
    KeyHabit(
      names: [
        "scheduler", "lr_scheduler", "lr_policy", "lr_schedule", "schedule", "lr_decay", "decay_epoch",
        "niter_decay",
        "n_epochs_decay", "lr_decay_iters",
      ],
      target: .told(
        "a learning rate follows a schedule of its optimiser: "
          + "`optimizer: {adam: {lr: 0.0002, schedule: {linear: {to: 0, epochs: 100}}}}`")),
    KeyHabit(
      names: ["transform", "transforms", "preprocessing"],
      target: .told(
        "pictures get the model's size and channels, and numbers from -1 to 1, anyhow; "
          + "a source of data has `flip` and `range`")),
    KeyHabit(
      names: ["label_smoothing", "smoothing", "smooth", "label_smooth", "one_sided_smoothing"],
      target: .told("`real_label: 0.9` smooths the label of real images by 0.1")),
    KeyHabit(
      names: ["label_flip", "flip_labels", "label_flipping", "flip_prob", "noisy_labels", "label_noise"],
      target: .told(
        "`graphc check --expand` writes the updates out, in whose formulas a label may be a draw: "
          + "`draw: {flipped: {bernoulli: 0.05}}`")),
    KeyHabit(
      names: [
        "gradient_clip", "grad_clip", "clip_grad", "clip_grad_norm", "max_grad_norm", "gradient_clipping",
        "gradient_clip_val", "clip_gradients", "clipnorm", "clip_norm",
      ],
      target: .told(
        "gradients are clipped in an update: `graphc check --expand` writes the updates out, and each may have "
          + "`clip_gradients: {norm: 1}`")),
    path("train", "drop_last", names: ["drop_last", "drop_remainder"]),
    path("train", "precision", names: ["precision", "mixed_precision", "amp"]),
    KeyHabit(names: ["lr", "learning_rate", "base_lr", "lrate"], target: .attribute(of: .optimizer, "lr")),
    KeyHabit(names: ["beta1", "b1", "beta_1", "adam_beta1"], target: .attribute(of: .optimizer, "beta1")),
    KeyHabit(names: ["beta2", "b2", "beta_2", "adam_beta2"], target: .attribute(of: .optimizer, "beta2")),
    KeyHabit(names: ["betas"], target: .attribute(of: .optimizer, "betas")),
    KeyHabit(names: ["weight_decay", "wd"], target: .attribute(of: .optimizer, "weight_decay")),
    KeyHabit(names: ["momentum"], target: .attribute(of: .optimizer, "momentum")),
    KeyHabit(
      names: [
        "n_critic", "critic_iters", "n_critics", "num_critic", "critic_iterations", "d_iters", "critic_steps",
        "d_steps", "disc_iters", "n_dis", "discriminator_steps", "num_d_steps", "d_updates", "critic_updates",
      ],
      target: .attribute(of: .loss, "critic_steps")),
    KeyHabit(
      names: [
        "weight_clip", "clip_value", "weight_clipping", "weight_clip_value", "weight_cliping_limit",
        "weight_clipping_limit", "clamp", "clip_weights", "wclip", "c_clip",
      ],
      target: .attribute(of: .loss, "clip")),
    KeyHabit(
      names: [
        "lambda_gp", "gp_weight", "gp_lambda", "lambda_term", "gradient_penalty_weight",
        "grad_penalty_weight",
        "penalty_weight", "gp_coef", "lambda_gradient_penalty",
      ],
      target: .attribute(of: .loss, "weight")),
    KeyHabit(names: ["r1_gamma", "r1_weight", "lambda_r1", "r1_reg"], target: .attribute(of: .loss, "r1")),
    KeyHabit(
      names: ["d_reg_every", "r1_interval", "r1_every", "d_reg_interval"],
      target: .attribute(of: .loss, "r1_every")),
    path(
      "train", "optimizer", maker, "lr",
      names: ["lr_g", "g_lr", "lr_generator", "generator_lr", "gen_lr", "learning_rate_g"]),
    path(
      "train", "optimizer", judge, "lr",
      names: ["lr_d", "d_lr", "lr_discriminator", "discriminator_lr", "disc_lr", "learning_rate_d"]),
    KeyHabit(
      names: [
        "workers", "num_workers", "n_cpu", "n_threads", "threads", "num_threads", "nworkers", "cpu_threads",
      ],
      target: .flag("train --threads")),
    KeyHabit(
      names: [
        "outf", "output_dir", "out_dir", "out", "save_dir", "log_dir", "result_dir", "checkpoint_dir",
        "run_dir", "output", "sample_dir", "logdir", "checkpoints_dir", "results_dir",
      ],
      target: .flag("train --out")),
    KeyHabit(names: ["resume", "resume_from", "continue_train"], target: .flag("train --resume")),
    KeyHabit(
      names: ["weights", "pretrained", "checkpoint", "load", "load_weights"], target: .flag("train --weights")
    ),
    KeyHabit(
      names: [
        "device", "cuda", "gpu", "ngpu", "gpu_ids", "gpus", "use_cuda", "num_gpus", "accelerator", "mps",
      ],
      target: .needless("a model does not say where it runs")),
    KeyHabit(names: ["shuffle"], target: .needless("images come in random order anyhow")),
    KeyHabit(
      names: ["pin_memory", "prefetch", "cache", "persistent_workers"],
      target: .needless("images are kept in memory anyhow")),
    KeyHabit(
      names: ["log_every", "log_interval", "print_freq", "log_freq", "verbose", "log_step", "print_every"],
      target: .needless("every step is logged in `metrics.jsonl`")),
    KeyHabit(
      names: ["version", "description", "author", "project", "experiment", "tags"],
      target: .needless("a comment (`# …`) says it")),
  ]
}
