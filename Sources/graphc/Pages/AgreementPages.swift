/// The pages of `docs/errors/agreement`.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
extension ErrorPages {
  static let agreement: [ErrorPage] = [
    ErrorPage(
      code: "agreement/bce-needs-sigmoid",
      text: #"""
        # agreement/bce-needs-sigmoid

        `bce` is the cross-entropy of probabilities, which lie between 0 and 1. This discriminator ends in something
        else, whose values may lie anywhere. Take `bce_with_logits`, which has the sigmoid inside, or end the
        discriminator in `sigmoid`.

        ## Wrong

        ```yaml
        discriminator:
          - flatten
          - linear: 1
        train:
          loss: bce
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten
          - linear: 1
        train:
          loss: bce_with_logits
        ```

        """#),
    ErrorPage(
      code: "agreement/channels-last",
      text: #"""
        # agreement/channels-last

        `image` is written as [channels, height, width]. Other libraries write the channels last; read in the order of this
        language, that is a strip of a few pixels with more channels than any picture has.

        ## Wrong

        ```yaml
        image: [8, 8, 3]
        ```

        ## Right

        ```yaml
        image: [3, 8, 8]
        ```

        """#),
    ErrorPage(
      code: "agreement/declared-channels",
      text: #"""
        # agreement/declared-channels

        `in_channels`, `in_features` and `num_features` need not be written: they are inferred from the layer above.
        Where one is written, it is checked, and here it is not what the layer gets.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {in_channels: 1, out_channels: 1, kernel_size: 8}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {in_channels: 3, out_channels: 1, kernel_size: 8}
        ```

        """#),
    ErrorPage(
      code: "agreement/discriminator-input-mismatch",
      text: #"""
        # agreement/discriminator-input-mismatch

        The discriminator's `inputs` declares another size than the images that it gets from the generator and the
        data. Change it, or leave the size out of `inputs`.

        ## Wrong

        ```yaml
        discriminator:
          inputs: {x: [1, 8, 8]}
          layers:
            - flatten
            - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          inputs: {x: [3, 8, 8]}
          layers:
            - flatten
            - linear: 1
        ```

        """#),
    ErrorPage(
      code: "agreement/image-mismatch",
      text: #"""
        # agreement/image-mismatch

        The generator makes images of another size than `image` says. The discriminator sees both the generator's images
        and those of the data, which are brought to the size of `image`; so they must agree.

        Each transposed convolution with kernel 4, stride 2 and padding 1 doubles height and width: from 4 pixels, one
        makes 8, two make 16, four make 64.

        ## Wrong

        ```yaml
        image: {channels: 3, height: 8, width: 8}
        generator:
          - conv_transpose2d: {out_channels: 16, kernel_size: 4}
          - relu
          - conv_transpose2d: {out_channels: 1, kernel_size: 4, stride: 2, padding: 1}
          - tanh
        ```

        ## Right

        ```yaml
        image: {channels: 3, height: 8, width: 8}
        generator:
          - conv_transpose2d: {out_channels: 16, kernel_size: 4}
          - relu
          - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
          - tanh
        ```

        """#),
    ErrorPage(
      code: "agreement/latent-mismatch",
      text: #"""
        # agreement/latent-mismatch

        `latent` says how many random numbers the generator gets, and the generator's `inputs` says another number.
        Change one of them, or leave the size out of `inputs`.

        ## Wrong

        ```yaml
        latent: 100
        generator:
          inputs: {z: 64}
          layers:
            - linear: 192
            - reshape: [3, 8, 8]
            - tanh
        ```

        ## Right

        ```yaml
        latent: 100
        generator:
          inputs: {z: 100}
          layers:
            - linear: 192
            - reshape: [3, 8, 8]
            - tanh
        ```

        """#),
    ErrorPage(
      code: "agreement/nesterov-without-momentum",
      text: #"""
        # agreement/nesterov-without-momentum

        Nesterov's method takes the gradient where the momentum will have led, so it needs a momentum above 0, and no
        dampening. Without them it would be plain gradient descent under another name, and PyTorch refuses it, too.

        ## Wrong

        ```yaml
        train:
          data: digits
          loss: bce_with_logits
          optimizer: {sgd: {lr: 0.01, nesterov: true}}
        ```

        ## Right

        ```yaml
        train:
          data: digits
          loss: bce_with_logits
          optimizer: {sgd: {lr: 0.01, momentum: 0.9, nesterov: true}}
        ```

        """#),
    ErrorPage(
      code: "agreement/one-value-per-channel",
      text: #"""
        # agreement/one-value-per-channel

        In training, batch norm takes the mean and the variance of each channel over the batch. With one image in the
        batch and one value a channel there is nothing to take a variance of. Use larger batches; with
        `drop_last: true` the smaller last batch of an epoch is left out.

        ## Wrong

        ```yaml
        discriminator:
          - flatten
          - linear: 8
          - batch_norm1d
          - linear: 1
        train:
          batch_size: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten
          - linear: 8
          - batch_norm1d
          - linear: 1
        train:
          batch_size: 2
        ```

        """#),
    ErrorPage(
      code: "agreement/output-range",
      text: #"""
        # agreement/output-range

        The generator's last layer gives values in another range than the data has, so that the discriminator can tell
        them apart by their brightness alone. `tanh` gives [-1, 1], which is the data's range by default; `sigmoid` gives
        [0, 1].

        ## Wrong

        ```yaml
        generator:
          - linear: 192
          - reshape: [3, 8, 8]
          - tanh
        train:
          data: {digits: {range: [0, 1]}}
        ```

        ## Right

        ```yaml
        generator:
          - linear: 192
          - reshape: [3, 8, 8]
          - tanh
        train:
          data: {digits: {range: [-1, 1]}}
        ```

        """#),
    ErrorPage(
      code: "agreement/real-label-unread",
      text: #"""
        # agreement/real-label-unread

        A warning: `real_label` is what cross-entropy compares the scores of real images with. Other losses have no such number, so this one has no effect. Remove it, or choose a loss with labels; of `lsgan`, set `b`, its target for real images.

        ## Wrong

        ```yaml
        train:
          loss: hinge
          real_label: 0.9
        ```

        ## Right

        ```yaml
        train:
          loss: bce_with_logits
          real_label: 0.9
        ```

        """#),
    ErrorPage(
      code: "agreement/score-shape",
      text: #"""
        # agreement/score-shape

        The discriminator judges an image by one number, and this one gives several. Mostly it was made for smaller
        images: its last convolution sees a larger picture than its kernel covers, and slides over it.

        Make the last kernel as large as what it sees, or add layers that halve the picture before it. A discriminator
        that is meant to judge patches of the image says `output: patch`; then the loss is the mean over the patches.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 2}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 4}
        ```

        """#),
    ErrorPage(
      code: "agreement/sigmoid-saturates",
      text: #"""
        # agreement/sigmoid-saturates

        A warning: it trains, but not as well as it could. Where the discriminator is very sure, a sigmoid comes so near
        to 0 or 1 that fp32 cannot tell the difference, and the gradient is lost. `bce_with_logits` computes sigmoid and
        cross-entropy together, which is the same function without that loss.

        Remove the last `sigmoid` and set the loss to `bce_with_logits`. The weights keep their meaning.

        ## Wrong

        ```yaml
        discriminator:
          - flatten
          - linear: 1
          - sigmoid
        train:
          loss: bce
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten
          - linear: 1
        train:
          loss: bce_with_logits
        ```

        """#),
    ErrorPage(
      code: "agreement/sigmoid-under-logits",
      text: #"""
        # agreement/sigmoid-under-logits

        `bce_with_logits` applies a sigmoid itself. With another one at the discriminator's end, its scores would be
        squeezed twice: it could never be surer than 73 %, and would learn slowly. Remove the last `sigmoid`.

        ## Wrong

        ```yaml
        discriminator:
          - flatten
          - linear: 1
          - sigmoid
        train:
          loss: bce_with_logits
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten
          - linear: 1
        train:
          loss: bce_with_logits
        ```

        """#),
    ErrorPage(
      code: "agreement/unbounded-output",
      text: #"""
        # agreement/unbounded-output

        A warning: the generator's last layer gives values without bounds, while the data lies in a range. It can learn
        to stay within, but most generators end in `tanh`, for data in [-1, 1].

        ## Wrong

        ```yaml
        generator:
          - linear: 192
          - reshape: [3, 8, 8]
        ```

        ## Right

        ```yaml
        generator:
          - linear: 192
          - reshape: [3, 8, 8]
          - tanh
        ```

        """#),
  ]
}
