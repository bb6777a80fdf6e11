extension WorkedExample {
  /// Where functions bend, as PyTorch has their slopes.
  static let slopes: [WorkedExample] = [
    WorkedExample(
      "the slope of relu at 0",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(real * relu(generator(noise))))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 2]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [0, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [0]),
        "final.generator.0.const": .init([1, 1, 2], [0, 0]),
      ]),
    WorkedExample(
      "the slope of leaky_relu at 0",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(real * leaky_relu(generator(noise), 0.2)))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 2]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [0, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [0]),
        "final.generator.0.const": .init([1, 1, 2], [-0.2, -0.4]),
      ]),
    WorkedExample(
      "the slope of abs at 0",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(real * abs(generator(noise))))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 2]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [0, 0]),
      ],
      expected: [
        "step.0.loss": .init([], [0]),
        "final.generator.0.const": .init([1, 1, 2], [0, 0]),
      ]),
    WorkedExample(
      "the slope of a larger of equal numbers",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(real * max(generator(noise), 3)))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 2]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [3, 3]),
      ],
      expected: [
        "step.0.loss": .init([], [9]),
        "final.generator.0.const": .init([1, 1, 2], [2.5, 2]),
      ]),
    WorkedExample(
      "the slope of a smaller of equal numbers",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(real * min(generator(noise), 3)))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 2]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [3, 3]),
      ],
      expected: [
        "step.0.loss": .init([], [9]),
        "final.generator.0.const": .init([1, 1, 2], [2.5, 2]),
      ]),
    WorkedExample(
      "the slope of softplus beyond 20",
      """
      image: {channels: 1, height: 1, width: 2}
      latent: 2
      generator: [constant: [1, 1, 2]]
      discriminator: {frozen: true, layers: [flatten, linear: 1]}
      train:
        optimizer: {sgd: 1}
        updates:
          - {network: generator, name: loss, minimize: "mean(per_image_sum(real * softplus(generator(noise))))"}
      """,
      given: [
        "step.0.real": .init([1, 1, 1, 2], [1, 2]),
        "step.0.noise": .init([1, 2], [0, 0]),
        "init.generator.0.const": .init([1, 1, 2], [20.5, -1]),
      ],
      expected: [
        "step.0.loss": .init([], [21.126523375036]),
        "final.generator.0.const": .init([1, 1, 2], [19.5, -1.53788284274]),
      ]),
  ]
}
