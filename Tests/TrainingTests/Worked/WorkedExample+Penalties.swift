extension WorkedExample {
  /// Penalties, the norms in them, and what spectral norm makes of a weight: numbers that PyTorch 2.13 and arithmetic
  /// by hand give.
  static let penalties: [WorkedExample] = [
    WorkedExample(
      "a gradient penalty of 8",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: [constant: [1]]
      train:
        optimizer: {sgd: 1}
        values:
          score(x): per_image_sum(discriminator(x) * x ** 2) / 2
        updates:
          - {network: discriminator, name: loss, minimize: "mean((norm(gradient(score(real), real)) - 1) ** 2)"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [3, 4, 1, 0]),
        "init.discriminator.0.const": .init([1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [8]),
        "final.discriminator.0.const": .init([1], [-19]),
      ]),
    WorkedExample(
      "R1 of 65",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: [constant: [1]]
      train:
        optimizer: {sgd: 1}
        values:
          score(x): per_image_sum(discriminator(x) * x ** 2) / 2
        updates:
          - {network: discriminator, name: loss, minimize: "10 / 2 * mean(norm(gradient(score(real), real)) ** 2)"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [3, 4, 1, 0]),
        "init.discriminator.0.const": .init([1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [65]),
        "final.discriminator.0.const": .init([1], [-129]),
      ]),
    WorkedExample(
      "lazy R1 of 1040",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: [constant: [1]]
      train:
        optimizer: {sgd: 1}
        values:
          score(x): per_image_sum(discriminator(x) * x ** 2) / 2
        updates:
          - {network: discriminator, name: loss, every: 16, minimize: "16 * 10 / 2 * mean(norm(gradient(score(real), real)) ** 2)"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [3, 4, 1, 0]),
        "init.discriminator.0.const": .init([1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [1040]),
        "final.discriminator.0.const": .init([1], [-2079]),
      ]),
    WorkedExample(
      "a slope of zero has no gradient",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: [constant: [1]]
      train:
        optimizer: {sgd: 1}
        values:
          score(x): per_image_sum(discriminator(x) * x ** 2) / 2
        updates:
          - {network: discriminator, name: loss, minimize: "10 * mean((norm(gradient(score(real), real)) - 1) ** 2)"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [3, 4, 1, 0]),
        "init.discriminator.0.const": .init([1], [0]),
      ],
      expected: [
        "step.0.loss": .init([], [10]),
        "final.discriminator.0.const": .init([1], [0]),
      ]),
    WorkedExample(
      "a linear critic's penalty of 1.6",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: [flatten, {linear: {out_features: 1, bias: false}}]
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "10 * mean((norm(gradient(discriminator(real), real)) - 1) ** 2)"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [3, 4, 1, 0]),
        "init.discriminator.1.weight": .init([1, 2], [0.6, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [1.6]),
        "final.discriminator.1.weight": .init([1, 2], [8.6, 0]),
      ]),
    WorkedExample(
      "scores of patches are summed",
      """
      image: {channels: 1, height: 2, width: 2}
      latent: 4
      generator: {frozen: true, layers: [reshape: [1, 2, 2]]}
      discriminator: {output: patch, layers: [conv2d: {out_channels: 1, kernel_size: 1, bias: false}]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "mean((norm(gradient(discriminator(real), real)) - 1) ** 2)"}
      """,
      given: [
        "step.0.real": .init([1, 1, 2, 2], [1, 2, 3, 4]),
        "init.discriminator.0.weight": .init([1, 1, 1, 1], [2]),
      ],
      expected: [
        "step.0.loss": .init([], [9]),
        "final.discriminator.0.weight": .init([1, 1, 1, 1], [-10]),
      ]),
    WorkedExample(
      "a penalty through batch norm is lambda, whatever the weight",
      """
      image: {channels: 1, height: 1, width: 1}
      latent: 1
      generator: {frozen: true, layers: [reshape: [1, 1, 1]]}
      discriminator: [flatten, batch_norm1d, {linear: {out_features: 1, bias: false}}]
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "10 * mean((norm(gradient(discriminator(real), real)) - 1) ** 2) + 0 * mean(discriminator(real))"}
      """,
      given: [
        "step.0.real": .init([3, 1, 1, 1], [0, 1, 5]),
        "init.discriminator.1.weight": .init([1], [1]),
        "init.discriminator.1.bias": .init([1], [0]),
        "init.discriminator.1.running_mean": .init([1], [0]),
        "init.discriminator.1.running_var": .init([1], [1]),
        "init.discriminator.1.num_batches_tracked": .init([], [0]),
        "init.discriminator.2.weight": .init([1, 1], [7]),
      ],
      expected: [
        "step.0.loss": .init([], [10]),
        "final.discriminator.1.weight": .init([1], [1]),
        "final.discriminator.1.bias": .init([1], [0]),
        "final.discriminator.2.weight": .init([1, 1], [7]),
        "final.discriminator.1.running_mean": .init([1], [0.2]),
        "final.discriminator.1.running_var": .init([1], [1.6]),
        "final.discriminator.1.num_batches_tracked": .init([], [1]),
      ]),
    WorkedExample(
      "a path's length",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        values: {length: "norm(gradient(per_image_sum(generator(noise) * real), real))"}
        updates:
          - {network: generator, name: loss, minimize: "2 * mean((length - running(mean(length), 0.01)) ** 2)"}
        metrics: {length: mean(length)}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [1, 1, 1, 1]),
        "step.0.noise": .init([2, 2], [0, 0, 0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [1, 2]),
      ],
      expected: [
        "step.0.loss": .init([], [9.801]),
        "step.0.length": .init([], [2.23606798]),
        "final.generator.0.const": .init([1, 1, 2], [-2.9204, -5.8408]),
      ]),
    WorkedExample(
      "feature matching by absolute differences",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: {output: patch, layers: [conv2d: {out_channels: 1, kernel_size: 1, bias: false}]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "mean(abs(batch_mean(discriminator(real)) - batch_mean(discriminator(generator(noise)))))"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [1, 0, 3, 2]),
        "step.0.noise": .init([2, 2], [0, 0, 1, 1]),
        "init.discriminator.0.weight": .init([1, 1, 1, 1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [1]),
        "final.discriminator.0.weight": .init([1, 1, 1, 1], [0]),
      ]),
    WorkedExample(
      "feature matching by squares",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: {output: patch, layers: [conv2d: {out_channels: 1, kernel_size: 1, bias: false}]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "sum((batch_mean(discriminator(real)) - batch_mean(discriminator(generator(noise)))) ** 2)"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [1, 0, 3, 2]),
        "step.0.noise": .init([2, 2], [0, 0, 1, 1]),
        "init.discriminator.0.weight": .init([1, 1, 1, 1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [2.5]),
        "final.discriminator.0.weight": .init([1, 1, 1, 1], [-4]),
      ]),
    WorkedExample(
      "feature matching by mean squares",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: {output: patch, layers: [conv2d: {out_channels: 1, kernel_size: 1, bias: false}]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "mean((batch_mean(discriminator(real)) - batch_mean(discriminator(generator(noise)))) ** 2)"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [1, 0, 3, 2]),
        "step.0.noise": .init([2, 2], [0, 0, 1, 1]),
        "init.discriminator.0.weight": .init([1, 1, 1, 1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [1.25]),
        "final.discriminator.0.weight": .init([1, 1, 1, 1], [-1.5]),
      ]),
    WorkedExample(
      "a deviation over the batch",
      """
      image: {channels: 1, height: 1, width: 1}
      latent: 1
      generator: {frozen: true, layers: [reshape: [1, 1, 1]]}
      discriminator: [constant: [1]]
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "mean(discriminator(real)) * sqrt(mean((real - mean(real)) ** 2))"}
      """,
      given: [
        "step.0.real": .init([4, 1, 1, 1], [0, 1, 2, 3]),
        "init.discriminator.0.const": .init([1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [1.11803399]),
        "final.discriminator.0.const": .init([1], [-0.11803399]),
      ]),
    WorkedExample(
      "batch norm mixes the slopes of a batch",
      """
      image: {channels: 1, height: 1, width: 1}
      latent: 1
      generator: {frozen: true, layers: [reshape: [1, 1, 1]]}
      discriminator: [flatten, batch_norm1d, softplus]
      train:
        optimizer: {sgd: 1}
        draw: {share: {uniform: [0, 9], size: 1}}
        updates:
          - {network: discriminator, name: loss, minimize: "sum(share * norm(gradient(discriminator(real), real)) ** 2)"}
      """,
      given: [
        "step.0.real": .init([3, 1, 1, 1], [0, 1, 5]),
        "init.discriminator.1.weight": .init([1], [2]),
        "init.discriminator.1.bias": .init([1], [0]),
        "init.discriminator.1.running_mean": .init([1], [0]),
        "init.discriminator.1.running_var": .init([1], [1]),
        "init.discriminator.1.num_batches_tracked": .init([], [0]),
        "step.0.draw.share": .init([3, 1], [1, 2, 3]),
      ],
      expected: [
        "step.0.loss": .init([], [0.000142973329]),
        "final.discriminator.1.weight": .init([1], [1.999363575305]),
        "final.discriminator.1.bias": .init([1], [0.002154474171]),
        "final.discriminator.1.running_mean": .init([1], [0.2]),
        "final.discriminator.1.running_var": .init([1], [1.6]),
        "final.discriminator.1.num_batches_tracked": .init([], [1]),
      ]),
    WorkedExample(
      "spectral norm over three applications",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: {output: patch, layers: [flatten, {linear: {out_features: 2, bias: false, spectral_norm: true}}]}
      train:
        optimizer: {sgd: 1e-30}
        updates:
          - {network: discriminator, name: loss, minimize: "sum(discriminator(real))"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [1, 0, 0, 1]),
        "step.1.real": .init([2, 1, 1, 2], [1, 0, 0, 1]),
        "step.2.real": .init([2, 1, 1, 2], [1, 0, 0, 1]),
        "init.discriminator.1.parametrizations.weight.original": .init([2, 2], [3, 0, 0, 1]),
        "init.discriminator.1.parametrizations.weight.0._u": .init([2], [0.6, 0.8]),
        "init.discriminator.1.parametrizations.weight.0._v": .init([2], [0.707106781187, 0.707106781187]),
      ],
      expected: [
        "step.0.loss": .init([], [1.396860592834]),
        "step.1.loss": .init([], [1.334145845942]),
        "step.2.loss": .init([], [1.333343368964]),
      ]),
    WorkedExample(
      "spectral norm's gradient",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: {output: patch, layers: [flatten, {linear: {out_features: 2, bias: false, spectral_norm: true}}]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "sum(discriminator(real))"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 2], [1, 0, 0, 1]),
        "init.discriminator.1.parametrizations.weight.original": .init([2, 2], [3, 0, 0, 1]),
        "init.discriminator.1.parametrizations.weight.0._u": .init([2], [0.6, 0.8]),
        "init.discriminator.1.parametrizations.weight.0._v": .init([2], [0.707106781187, 0.707106781187]),
      ],
      expected: [
        "step.0.loss": .init([], [1.396860592834]),
        "final.discriminator.1.parametrizations.weight.original": .init(
          [2, 2], [3.11072675, -0.29811049, -0.19590118, 0.66781974]),
        "final.discriminator.1.parametrizations.weight.0._u": .init([2], [0.948683298051, 0.316227766017]),
        "final.discriminator.1.parametrizations.weight.0._v": .init([2], [0.993883734674, 0.110431526075]),
      ]),
    WorkedExample(
      "R1 through spectral norm, the fourth application",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: {frozen: true, layers: [reshape: [1, 1, 2]]}
      discriminator: {output: patch, layers: [flatten, {linear: {out_features: 2, bias: false, spectral_norm: true}}]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: discriminator, name: loss, minimize: "mean(norm(gradient(discriminator(real), real)) ** 2)"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 2]),
        "init.discriminator.1.parametrizations.weight.original": .init([2, 2], [3, 0, 0, 1]),
        "init.discriminator.1.parametrizations.weight.0._u": .init([2], [0.999991532564, 0.004115191492]),
        "init.discriminator.1.parametrizations.weight.0._v": .init([2], [0.999999059163, 0.001371740822]),
      ],
      expected: [
        "step.0.loss": .init([], [1.11111132]),
        "final.discriminator.1.parametrizations.weight.original": .init(
          [2, 2], [3.07407407, -0.22210936, -0.66632809, 0.77777779]),
        "final.discriminator.1.parametrizations.weight.0._u": .init([2], [0.999999895462, 0.000457247323]),
        "final.discriminator.1.parametrizations.weight.0._v": .init([2], [0.999999988385, 0.000152415789]),
      ]),
  ]
}
