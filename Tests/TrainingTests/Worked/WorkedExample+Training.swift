extension WorkedExample {
  /// What stands between a loss and the weights: clipping, optimisers, averages, and draws.
  static let training: [WorkedExample] = [
    WorkedExample(
      "gradients of a norm of 5 clipped to 1",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, clip_gradients: {norm: 1}, minimize: "mean(per_image_sum(generator(noise) * real))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [3, 4]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [0, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [0]),
        "final.generator.0.const": .init([1, 1, 2], [-0.59999988, -0.79999984]),
      ]),
    WorkedExample(
      "gradients of a norm of 1 clipped to 1",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, clip_gradients: {norm: 1}, minimize: "mean(per_image_sum(generator(noise) * real))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [0.6, 0.8]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [0, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [0]),
        "final.generator.0.const": .init([1, 1, 2], [-0.5999994, -0.7999992]),
      ]),
    WorkedExample(
      "gradients of a norm of 0.5 left as they are",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, clip_gradients: {norm: 1}, minimize: "mean(per_image_sum(generator(noise) * real))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [0.3, 0.4]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [0, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [0]),
        "final.generator.0.const": .init([1, 1, 2], [-0.3, -0.4]),
      ]),
    WorkedExample(
      "gradients clipped number by number",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, clip_gradients: {value: 0.5}, minimize: "mean(per_image_sum(generator(noise) * real))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [3, -0.4]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [0, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [0]),
        "final.generator.0.const": .init([1, 1, 2], [-0.5, 0.4]),
      ]),
    WorkedExample(
      "a gradient of zero moves Adam",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {adam: {lr: 0.1, betas: [0.5, 0.999]}}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(generator(noise) * real))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 0]),
        "step.1.real": .init([1, 1, 1, 2], [0, 1]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "step.1.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [1, 1]),
      ],
      expected: [
        "final.generator.0.const": .init([1, 1, 2], [0.85284775, 0.905742670348])
      ]),
    WorkedExample(
      "a parameter that no objective reaches stays",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator:
        layers:
          - {linear: {out_features: 1, bias: false}, name: other}
          - {constant: [1, 1, 2], name: image}
        outputs: {image: image, other: other}
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {adam: {lr: 0.1, betas: [0.5, 0.999]}}
        updates:
          - {network: generator, name: loss, every: 2, minimize: "mean(per_image_sum(generator(noise).image * real))"}
          - {network: generator, name: rest, minimize: "mean(generator(noise).other)"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 1]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "step.1.noise": .init([1, 2], [0, 0]),
        "init.generator.image.const": .init([1, 1, 2], [1, 1]),
        "init.generator.other.weight": .init([1, 2], [0, 0]),
      ],
      expected: [
        "final.generator.image.const": .init([1, 1, 2], [0.9, 0.9]),
        "final.generator.other.weight": .init([1, 2], [0, 0]),
      ]),
    WorkedExample(
      "an average of weights",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        average: {generator: 0.9}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(generator(noise) * real))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [-1, -1]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "step.1.real": .init([1, 1, 1, 2], [-1, -1]),
        "step.1.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [1, 10]),
      ],
      expected: [
        "final.generator.0.const": .init([1, 1, 2], [3, 12]),
        "final.average.generator.0.const": .init([1, 1, 2], [1.29, 10.29]),
      ]),
    WorkedExample(
      "cross-entropy",
      """
      image: {channels: 1, height: 1, width: 3}
      latent: 1
      generator: {frozen: true, layers: [constant: [1, 1, 3]]}
      discriminator: {output: patch, layers: [conv2d: {out_channels: 1, kernel_size: 1, bias: false}, flatten]}
      train:
        optimizer: {sgd: 1}
        draw: {kind: {class: 3}}
        updates:
          - {network: discriminator, name: loss, minimize: "cross_entropy(discriminator(real), kind)"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 3], [2, 0, 1]),
        "step.0.draw.kind": .init([1], [0]),
        "init.discriminator.0.weight": .init([1, 1, 1, 1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [0.40760596]),
        "final.discriminator.0.weight": .init([1, 1, 1, 1], [1.424789617396]),
      ]),
    WorkedExample(
      "a code's likelihood",
      """
      image: {channels: 1, height: 1, width: 1}
      latent: 1
      generator: {frozen: true, layers: [reshape: [1, 1, 1]]}
      discriminator: [{constant: [1]}]
      train:
        optimizer: {sgd: 1}
        draw: {turn: {uniform: [-1, 1], size: 1}}
        updates:
          - {network: discriminator, name: loss, minimize: "mean(per_image_sum((turn - discriminator(real)) ** 2)) / 2 + 0.9189385332046727"}
      """,
      given: [
        "step.0.real": .init([2, 1, 1, 1], [0, 0]),
        "step.0.draw.turn": .init([2, 1], [0.5, 0.5]),
        "init.discriminator.0.const": .init([1], [0]),
      ],
      expected: [
        "step.0.loss": .init([], [1.04393853]),
        "final.discriminator.0.const": .init([1], [0.5]),
      ]),
    WorkedExample(
      "colours drawn together",
      """
      image: {channels: 3, height: 1, width: 1}
      latent: 3
      generator: {frozen: true, layers: [reshape: [3, 1, 1]]}
      discriminator: [constant: [1], flatten]
      train:
        optimizer: {sgd: 1}
        augment: [color]
        draw: {weight: {uniform: [0, 9], size: 1}}
        updates:
          - {network: discriminator, name: loss, minimize: "mean(discriminator(real) * per_image_sum(augment(real) ** 3))"}
      """,
      given: [
        "step.0.real": .init([1, 3, 1, 1], [1, 0, -0.4]),
        "step.0.draw.augment_brightness": .init([1], [0]),
        "step.0.draw.augment_saturation": .init([1], [0.5]),
        "step.0.draw.augment_contrast": .init([1], [1]),
        "init.discriminator.0.const": .init([1], [1]),
      ],
      expected: [
        "step.0.loss": .init([], [0.216]),
        "final.discriminator.0.const": .init([1], [0.784]),
      ]),
    WorkedExample(
      "an adaptive probability, 64 images a step",
      """
      image: {channels: 3, height: 1, width: 1}
      latent: 3
      generator: {frozen: true, layers: [reshape: [3, 1, 1]]}
      discriminator: [constant: [1]]
      train:
        batch_size: 64
        optimizer: {sgd: 1e-30}
        augment: {policy: [color], adaptive: true}
        updates:
          - {network: discriminator, name: loss, minimize: "mean(discriminator(augment(real)))"}
      """,
      given: [
        "step.0.real": .init([1, 3, 1, 1], [1, 0, -0.4]),
        "step.0.draw.augment_brightness": .init([1], [0]),
        "step.0.draw.augment_saturation": .init([1], [0.5]),
        "step.0.draw.augment_contrast": .init([1], [1]),
        "step.0.draw.augment_coin_color": .init([1], [0.5]),
        "step.1.real": .init([1, 3, 1, 1], [1, 0, -0.4]),
        "step.1.draw.augment_brightness": .init([1], [0]),
        "step.1.draw.augment_saturation": .init([1], [0.5]),
        "step.1.draw.augment_contrast": .init([1], [1]),
        "step.1.draw.augment_coin_color": .init([1], [0.5]),
        "step.2.real": .init([1, 3, 1, 1], [1, 0, -0.4]),
        "step.2.draw.augment_brightness": .init([1], [0]),
        "step.2.draw.augment_saturation": .init([1], [0.5]),
        "step.2.draw.augment_contrast": .init([1], [1]),
        "step.2.draw.augment_coin_color": .init([1], [0.5]),
        "step.3.real": .init([1, 3, 1, 1], [1, 0, -0.4]),
        "step.3.draw.augment_brightness": .init([1], [0]),
        "step.3.draw.augment_saturation": .init([1], [0.5]),
        "step.3.draw.augment_contrast": .init([1], [1]),
        "step.3.draw.augment_coin_color": .init([1], [0.5]),
        "init.discriminator.0.const": .init([1], [1]),
      ],
      expected: [
        "step.0.augment_p": .init([], [0.000128]),
        "step.1.augment_p": .init([], [0.000256]),
        "step.2.augment_p": .init([], [0.000384]),
        "step.3.augment_p": .init([], [0.000512]),
      ]),
  ]
}
