/// The pages of `docs/errors/shape`.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
extension ErrorPages {
  static let shape: [ErrorPage] = [
    ErrorPage(
      code: "shape/attribute-out-of-range",
      text: #"""
        # shape/attribute-out-of-range

        An op's stride, padding, dilation, window or number of groups is negative, zero where it may not be, or too
        large to compute with. In a model that is [spec/out-of-range](../spec/out-of-range.md); you may meet it in a
        graph's text that was written or changed by hand.

        ## Wrong

        ```
        %y = conv2d %x, %w {stride=0} : f32[N,8,8,8]
        ```

        ## Right

        ```
        %y = conv2d %x, %w {stride=1} : f32[N,8,8,8]
        ```

        """#),
    ErrorPage(
      code: "shape/axis-out-of-range",
      text: #"""
        # shape/axis-out-of-range

        There is no such axis. Axis 0 is the batch; of images, 1 is the channels, 2 the height and 3 the width; vectors
        have only axis 1.

        ## Wrong

        ```yaml
        discriminator:
          - flatten:
            name: pixels
          - concat: 2
            from: [pixels, pixels]
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten:
            name: pixels
          - concat: 1
            from: [pixels, pixels]
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "shape/channel-mismatch",
      text: #"""
        # shape/channel-mismatch

        An op's weight is made for another number of channels than its input has. In a model this cannot happen, for
        input channels are always inferred; you may meet it in a graph's text that was written or changed by hand.

        In a model, channels that are declared and do not agree are
        [agreement/declared-channels](../agreement/declared-channels.md).

        ## Wrong

        A weight for 64 channels on an input with 32:

        ```
        %y = conv2d %x, %w : f32[N,8,8,8]      with %x: f32[N,32,8,8] and %w: f32[8,64,3,3]
        ```

        ## Right

        ```
        %y = conv2d %x, %w : f32[N,8,6,6]      with %x: f32[N,32,8,8] and %w: f32[8,32,3,3]
        ```

        """#),
    ErrorPage(
      code: "shape/element-count-mismatch",
      text: #"""
        # shape/element-count-mismatch

        `reshape` gives the same values another shape, so both shapes must hold equally many. One extent may be -1: it
        is computed from the others.

        ## Wrong

        ```yaml
        generator:
          - linear: 192
          - reshape: [1, 8, 8]
          - tanh
        ```

        ## Right

        ```yaml
        generator:
          - linear: 192
          - reshape: [3, 8, 8]
          - tanh
        ```

        """#),
    ErrorPage(
      code: "shape/empty-output",
      text: #"""
        # shape/empty-output

        A transposed convolution cuts `padding` rows and columns off each side of what it makes, and here nothing is
        left. Its output is (size - 1) · stride - 2 · padding + dilation · (kernel - 1) + output_padding + 1.

        ## Wrong

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 3, kernel_size: 4, padding: 2}
          - upsample: 8
          - tanh
        ```

        ## Right

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 3, kernel_size: 4}
          - upsample: 2
          - tanh
        ```

        """#),
    ErrorPage(
      code: "shape/groups-do-not-divide",
      text: #"""
        # shape/groups-do-not-divide

        With `groups`, a convolution splits its channels into equal parts that do not mix. Both its input's channels and
        `out_channels` must be multiples of it.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 8, groups: 2}
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 9, kernel_size: 8, groups: 3}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "shape/kernel-too-large",
      text: #"""
        # shape/kernel-too-large

        The kernel is larger than the picture that it slides over, padding included, so it fits nowhere. Mostly the
        layers before it have made the picture smaller than you think: `graphc check` prints the shape after each.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
          - conv2d: {out_channels: 1, kernel_size: 8}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
          - conv2d: {out_channels: 1, kernel_size: 4}
        ```

        """#),
    ErrorPage(
      code: "shape/malformed-program",
      text: #"""
        # shape/malformed-program

        A fused op computes several functions of each element, one after the other, and here one of them reads a value
        that none before it makes. Passes write such programs; you may meet it in a graph's text that was changed by
        hand.

        ## Wrong

        A program whose first function reads the result of its second.

        ## Right

        Functions in the order in which they need each other, and as many operands as the program reads.

        """#),
    ErrorPage(
      code: "shape/operands-differ",
      text: #"""
        # shape/operands-differ

        `add`, `concat` and `residual` join values of equal shapes; for `concat` only the joined axis may differ. The
        notes tell which layers made them.

        For a residual whose body changes the shape, write a `shortcut` that changes the input in the same way.

        ## Wrong

        ```yaml
        discriminator:
          - residual:
              - conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - residual:
              layers:
                - conv2d: {out_channels: 16, kernel_size: 3, padding: 1}
              shortcut:
                - conv2d: {out_channels: 16, kernel_size: 1}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "shape/output-padding-too-large",
      text: #"""
        # shape/output-padding-too-large

        `output_padding` chooses among the sizes that a transposed convolution's stride leaves open, so it is smaller
        than the stride or the dilation. To make a larger picture, use a larger kernel or stride.

        ## Wrong

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 3, kernel_size: 7, output_padding: 1}
          - tanh
        ```

        ## Right

        ```yaml
        generator:
          - conv_transpose2d: {out_channels: 3, kernel_size: 7, stride: 2, output_padding: 1}
          - tanh
        ```

        """#),
    ErrorPage(
      code: "shape/pool-padding-too-large",
      text: #"""
        # shape/pool-padding-too-large

        A pooling layer's padding may be at most half of its window: with more, a window could see padding alone.

        ## Wrong

        ```yaml
        discriminator:
          - max_pool2d: {kernel_size: 3, stride: 2, padding: 2}
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - max_pool2d: {kernel_size: 3, stride: 2, padding: 1}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "shape/rank-mismatch",
      text: #"""
        # shape/rank-mismatch

        The layer wants images (batch, channels, height, width: 4 dimensions) and gets vectors (batch, values: 2
        dimensions), or the other way round. `flatten` makes a vector of an image, `reshape` an image of a vector.

        `conv2d`, `conv_transpose2d`, `batch_norm2d`, the pooling layers and `upsample` want images, `linear` and
        `batch_norm1d` want vectors.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "shape/too-large",
      text: #"""
        # shape/too-large

        A layer would make more than a million million values an image, or have as many weights. No machine holds that.
        Mostly a stride or a number of repetitions is larger than meant, so that pictures grow with each layer.

        ## Wrong

        ```yaml
        generator:
          - reshape: [100, 1, 1]
          - repeat: {times: 5, layers: [upsample: 1000]}
          - tanh
        ```

        ## Right

        ```yaml
        generator:
          - reshape: [100, 1, 1]
          - upsample: 8
          - conv2d: {out_channels: 3, kernel_size: 1}
          - tanh
        ```

        """#),
  ]
}
