/// The pages of `docs/errors/advice`.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
extension ErrorPages {
  static let advice: [ErrorPage] = [
    ErrorPage(
      code: "advice/bias-before-norm",
      text: #"""
        # advice/bias-before-norm

        Batch norm takes the mean off each channel, and with it the bias that the layer before has just added. That bias is
        computed, stored and updated for nothing; batch norm has one of its own. It does no harm.

        ## Wrong

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 16, kernel_size: 4}
          - batch_norm2d
          - relu
          - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
          - tanh
        ```

        ## Right

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 16, kernel_size: 4, bias: false}
          - batch_norm2d
          - relu
          - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
          - tanh
        ```

        """#),
    ErrorPage(
      code: "advice/bounded-scores",
      text: #"""
        # advice/bounded-scores

        `bce_with_logits` makes a probability of a score by a sigmoid. A score that is kept between -1 and 1 becomes a
        probability between 0.27 and 0.73, and the loss never falls below 0.62; one that cannot be negative can never say no.
        Leave the last activation out.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 4}
          - tanh
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
      code: "advice/checkerboard",
      text: #"""
        # advice/checkerboard

        A transposed convolution whose stride does not divide its kernel lays unequally many windows on neighbouring pixels,
        which shows in pictures as a pattern of squares (Odena, Dumoulin and Olah 2016, "Deconvolution and Checkerboard
        Artifacts"). The fix is a kernel that the stride divides, with the padding that gives the same size.

        ## Wrong

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 16, kernel_size: 4, bias: false}
          - batch_norm2d
          - relu
          - conv_transpose2d: {out_channels: 3, kernel_size: 5, stride: 2, padding: 2, output_padding: 1}
          - tanh
        ```

        ## Right

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 16, kernel_size: 4, bias: false}
          - batch_norm2d
          - relu
          - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
          - tanh
        ```

        """#),
    ErrorPage(
      code: "advice/memory",
      text: #"""
        # advice/memory

        Training would take more memory than the machine has, and `graphc train` will refuse it. The note names the largest
        batch that fits; smaller images and fewer `out_channels` take less, too.

        ## Wrong

        A batch of 65,536 images of 128×128 on a machine of 16 GB.

        ## Right

        A batch of 64.

        """#),
    ErrorPage(
      code: "advice/norm-at-edge",
      text: #"""
        # advice/norm-at-edge

        Batch norm at the generator's output gives the pictures of each batch the same mean and contrast in each colour,
        whatever they show. At the discriminator's input it takes from the pictures, before anything has looked at them, what
        tells bright from dark. Radford, Metz and Chintala found both unstable (2016, arXiv:1511.06434, section 3).

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1, bias: false}
          - batch_norm2d
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 4}
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
      code: "advice/odd-value",
      text: #"""
        # advice/odd-value

        The value may be written, and is hardly ever meant: an `eps` of 0.8 that was to be a momentum, a `momentum` in Keras'
        sense (one minus PyTorch's), a learning rate of 2, a slope of `leaky_relu` above 1, a `dropout` that was to be the
        share that stays.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: 2
          - conv2d: {out_channels: 1, kernel_size: 4}
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
      code: "advice/small-batch",
      text: #"""
        # advice/small-batch

        Batch norm takes the mean and the variance of each channel over the batch and its pixels. Of fewer than 16 values the
        variance is off by a third and more, differently in each step, and the running statistics that samples are made with
        are not those that were trained with.

        ## Wrong

        ```yaml
        discriminator:
          - flatten
          - linear: {out_features: 16, bias: false}
          - leaky_relu: 0.2
          - linear: {out_features: 16, bias: false}
          - batch_norm1d
          - leaky_relu: 0.2
          - linear: 1
        train:
          data: digits
          loss: bce_with_logits
          batch_size: 4
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten
          - linear: {out_features: 16, bias: false}
          - leaky_relu: 0.2
          - linear: {out_features: 16, bias: false}
          - batch_norm1d
          - leaky_relu: 0.2
          - linear: 1
        train:
          data: digits
          loss: bce_with_logits
          batch_size: 64
        ```

        """#),
    ErrorPage(
      code: "advice/unequal-networks",
      text: #"""
        # advice/unequal-networks

        One network has many times the parameters and the work of the other. The two learn from each other's mistakes; the
        larger one soon makes none, and the smaller one learns nothing more. Published GANs keep them within a factor of 4.

        ## Wrong

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 512, kernel_size: 4, bias: false}
          - batch_norm2d
          - relu
          - conv_transpose2d: {out_channels: 512, kernel_size: 3, padding: 1, bias: false}
          - batch_norm2d
          - relu
          - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
          - tanh
        ```

        ## Right

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 16, kernel_size: 4, bias: false}
          - batch_norm2d
          - relu
          - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}
          - tanh
        ```

        """#),
    ErrorPage(
      code: "advice/unread-input",
      text: #"""
        # advice/unread-input

        A network is given something that none of its layers reads. Of a generator's random numbers this means that every
        picture is the same.

        ## Wrong

        ```yaml
        classes: 10
        discriminator:
          inputs: [image, label]
          layers:
            - conv2d: {out_channels: 1, kernel_size: 8}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8}
        ```

        """#),
  ]
}
