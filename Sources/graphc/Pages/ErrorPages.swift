/// The pages of `docs/errors`, which the binary carries. Written by
/// `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
enum ErrorPages {
  static let all: [ErrorPage] = [
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
    ErrorPage(
      code: "expression/argument-count",
      text: #"""
        # expression/argument-count

        The function is given too many arguments. `floor`, `ceil` and `log2` take one; `min` and `max` take one or more.

        ## Wrong

        ```yaml
        train:
          seed: log2(8, 2)
        ```

        ## Right

        ```yaml
        train:
          seed: log2(8)
        ```

        """#),
    ErrorPage(
      code: "expression/chain-too-long",
      text: #"""
        # expression/chain-too-long

        A variable needs another, that one the next, and so on for more than 64 variables. Compute some of them
        directly.

        ## Wrong

        Variables `a0: a1 + 1`, `a1: a2 + 1`, … to `a65`.

        ## Right

        ```yaml
        let:
          a0: 65
        train:
          seed: a0
        ```

        """#),
    ErrorPage(
      code: "expression/cycle",
      text: #"""
        # expression/cycle

        A variable is needed to compute itself: it names itself, or it names another that leads back to it.

        ## Wrong

        ```yaml
        let:
          width: depth * 2
          depth: width / 2
        train:
          seed: width
        ```

        ## Right

        ```yaml
        let:
          width: depth * 2
          depth: 8
        train:
          seed: width
        ```

        """#),
    ErrorPage(
      code: "expression/division-by-zero",
      text: #"""
        # expression/division-by-zero

        The expression divides by zero, or takes the remainder of a division by zero. The caret stands under what is
        zero; it may be a variable, or a difference such as `i - 1` in a repetition whose index `i` begins with 0.

        ## Wrong

        ```yaml
        let:
          none: 0
        train:
          seed: 8 / none
        ```

        ## Right

        ```yaml
        let:
          none: 1
        train:
          seed: 8 / none
        ```

        """#),
    ErrorPage(
      code: "expression/not-a-number",
      text: #"""
        # expression/not-a-number

        A name that stands for `true` or `false` is used as a number.

        ## Wrong

        ```yaml
        let:
          deep: true
        train:
          seed: deep + 1
        ```

        ## Right

        ```yaml
        let:
          deep: 1
        train:
          seed: deep + 1
        ```

        """#),
    ErrorPage(
      code: "expression/not-finite",
      text: #"""
        # expression/not-finite

        The result is no number that can be used: the logarithm of zero or of a negative number, a root of a negative
        number, or a result beyond what a computer's fractions hold.

        ## Wrong

        ```yaml
        train:
          seed: log2(0)
        ```

        ## Right

        ```yaml
        train:
          seed: log2(1)
        ```

        """#),
    ErrorPage(
      code: "expression/overflow",
      text: #"""
        # expression/overflow

        The result is a whole number beyond 9,223,372,036,854,775,807, the largest that can be held.

        ## Wrong

        ```yaml
        train:
          seed: 2 ** 64
        ```

        ## Right

        ```yaml
        train:
          seed: 2 ** 32
        ```

        """#),
    ErrorPage(
      code: "expression/syntax",
      text: #"""
        # expression/syntax

        This cannot be read as a number or an expression. An expression is made of numbers, names, `+ - * / // % **`,
        parentheses and the functions `min`, `max`, `floor`, `ceil` and `log2`.

        Between `{}` or `[]` a comma ends a value, also within a function's parentheses: put quotes around the
        expression, as in `"min(2, 3)"`.

        ## Wrong

        ```yaml
        train:
          seed: 2 x 3
        ```

        ## Right

        ```yaml
        train:
          seed: 2 * 3
        ```

        """#),
    ErrorPage(
      code: "expression/unknown-function",
      text: #"""
        # expression/unknown-function

        There are five functions: `min`, `max`, `floor`, `ceil` and `log2`.

        ## Wrong

        ```yaml
        train:
          seed: round(2.5)
        ```

        ## Right

        ```yaml
        train:
          seed: floor(2.5)
        ```

        """#),
    ErrorPage(
      code: "expression/unknown-name",
      text: #"""
        # expression/unknown-name

        The expression uses a name that means nothing here. Names are `latent`, `image.channels`, `image.height`,
        `image.width`, the variables of `let`, and, inside of them, the parameters of a block and the index of a
        repetition. A block does not see the parameters of the block that uses it: hand them on.

        ## Wrong

        ```yaml
        let:
          width: 16
        discriminator:
          - conv2d: {out_channels: 2 * widht, kernel_size: 8}
          - flatten
          - linear: width - 15
        ```

        ## Right

        ```yaml
        let:
          width: 16
        discriminator:
          - conv2d: {out_channels: 2 * width, kernel_size: 8}
          - flatten
          - linear: width - 15
        ```

        """#),
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
    ErrorPage(
      code: "spec/bad-name",
      text: #"""
        # spec/bad-name

        This cannot be a name. Layers' names are letters, digits, `_` and `-`, with a letter first; they become part of
        the weights' names, where a dot separates. The names of variables, parameters and indices are letters, digits
        and `_`, for a `-` would be a minus in an expression.

        ## Wrong

        ```yaml
        discriminator:
          - flatten:
            name: 1st.layer
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten:
            name: first_layer
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/bad-override",
      text: #"""
        # spec/bad-override

        What follows `--set` is `key=value`. The key is the way to the value with dots between, as in
        `train.optimizer.adam.lr`; in a list it is the place, counted from zero. The value is YAML.

        ## Wrong

        ```console
        $ graphc check model.yaml --set batch_size:64
        ```

        ## Right

        ```console
        $ graphc check model.yaml --set train.batch_size=64
        ```

        """#),
    ErrorPage(
      code: "spec/block-recursion",
      text: #"""
        # spec/block-recursion

        A block uses itself, directly or through other blocks, and would never end. To use the same layers several
        times, write `repeat`.

        ## Wrong

        ```yaml
        blocks:
          down:
            - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
            - down
        discriminator:
          - down
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        blocks:
          down:
            - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
        discriminator:
          - repeat: {times: 2, layers: [down]}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/duplicate-name",
      text: #"""
        # spec/duplicate-name

        Two layers of one network have the same name, or a layer has the name of the network's input. Names are also
        the names of the weights in a checkpoint, so each may stand once.

        ## Wrong

        ```yaml
        discriminator:
          - flatten:
            name: features
          - linear: 8
            name: features
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten:
            name: pixels
          - linear: 8
            name: features
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/empty-network",
      text: #"""
        # spec/empty-network

        A network, a residual, or a block that `name` or `from` stands beside, has no layers: its list is empty, or
        everything in it is repeated zero times.

        ## Wrong

        ```yaml
        discriminator:
          layers: []
        ```

        ## Right

        ```yaml
        discriminator:
          layers:
            - flatten
            - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/extends-cycle",
      text: #"""
        # spec/extends-cycle

        A model extends itself, directly or through the models that it extends, so that none of them comes first.

        ## Wrong

        ```yaml
        extends: model.yaml
        ```

        ## Right

        ```yaml
        extends: base.yaml
        ```

        """#),
    ErrorPage(
      code: "spec/file-unreadable",
      text: #"""
        # spec/file-unreadable

        The model, or the model that it extends, cannot be read. The system's reason stands in the message: the file
        is not there, it is a folder, or you may not read it. `extends` is relative to the file that it stands in.

        ## Wrong

        ```yaml
        extends: missing.yaml
        ```

        ## Right

        ```yaml
        extends: base.yaml
        ```

        """#),
    ErrorPage(
      code: "spec/input-count",
      text: #"""
        # spec/input-count

        Most layers take one input, `add` and `concat` two or more. `from` names them; without it a layer takes what
        the layer above it makes, which is one.

        ## Wrong

        ```yaml
        discriminator:
          - relu
          - add
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - relu:
            name: bent
          - add:
            from: [bent, image]
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/layer-form",
      text: #"""
        # spec/layer-form

        An element of a list of layers is one layer: its name alone, or its name with its attributes. Here two names
        stand in one element, or none. Mostly a `-` is missing, or attributes are indented like a second layer.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d:
            out_channels: 1
            kernel_size: 8
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d:
              out_channels: 1
              kernel_size: 8
        ```

        """#),
    ErrorPage(
      code: "spec/missing-key",
      text: #"""
        # spec/missing-key

        Something that has no default was not said. A model needs `image`, `latent`, `generator` and `discriminator`;
        a convolution needs `out_channels` and `kernel_size`; `repeat` needs `times` and `layers`.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8}
        ```

        """#),
    ErrorPage(
      code: "spec/missing-parameter",
      text: #"""
        # spec/missing-parameter

        The block has a parameter without a default (`required`), and this use of it does not give one.

        ## Wrong

        ```yaml
        blocks:
          down:
            params: {channels: required}
            layers:
              - conv2d: {out_channels: channels, kernel_size: 4, stride: 2, padding: 1}
              - leaky_relu: 0.2
        discriminator:
          - down
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        blocks:
          down:
            params: {channels: required}
            layers:
              - conv2d: {out_channels: channels, kernel_size: 4, stride: 2, padding: 1}
              - leaky_relu: 0.2
        discriminator:
          - down: {channels: 16}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/out-of-range",
      text: #"""
        # spec/out-of-range

        The value is of the right kind, but too small or too large to make sense. The message says what may stand here.

        ## Wrong

        ```yaml
        train:
          batch_size: 0
        ```

        ## Right

        ```yaml
        train:
          batch_size: 64
        ```

        """#),
    ErrorPage(
      code: "spec/path-outside",
      text: #"""
        # spec/path-outside

        `extends` names a file in the model's own folder or below it. It may not be an absolute path, lead upwards with
        `..`, or be a link to somewhere else, so that a model that you were given cannot read your other files.

        Copy the other model beside this one.

        ## Wrong

        ```yaml
        extends: ../base.yaml
        ```

        ## Right

        ```yaml
        extends: base.yaml
        ```

        """#),
    ErrorPage(
      code: "spec/reserved-name",
      text: #"""
        # spec/reserved-name

        The name has a meaning already. A block may not be called as a layer is, nor `repeat`, `residual`, `name` or
        `from`; a variable may not be called `image`, `latent`, `true`, `false` or as a function is; a layer inside a
        residual may not be called `shortcut`.

        ## Wrong

        ```yaml
        blocks:
          linear: [flatten]
        discriminator:
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        blocks:
          head: [flatten, linear: 1]
        discriminator:
          - head
        ```

        """#),
    ErrorPage(
      code: "spec/too-deep",
      text: #"""
        # spec/too-deep

        Blocks, repetitions and residuals stand in each other more than 16 levels deep. No network that is used comes
        near; a chain of blocks that each use the next may.

        ## Wrong

        Blocks `b1: [b2]`, `b2: [b3]`, … to `b17`.

        ## Right

        ```yaml
        blocks:
          unit: [{conv2d: {out_channels: 3, kernel_size: 3, padding: 1}}, relu]
        discriminator:
          - repeat: {times: 17, layers: [unit]}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/too-many-layers",
      text: #"""
        # spec/too-many-layers

        With all blocks and repetitions written out, a network has more than 1,000 layers. A number of repetitions may
        be larger than meant, or repetitions stand in each other and multiply.

        ## Wrong

        ```yaml
        discriminator:
          - repeat:
              times: 100
              layers:
                - repeat: {times: 100, layers: [relu]}
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - repeat: {times: 10, layers: [relu]}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/unknown-choice",
      text: #"""
        # spec/unknown-choice

        There is no data source, loss or optimiser of this name. The message or the fix tells which there are.

        ## Wrong

        ```yaml
        train:
          optimizer: {adamW: {lr: 0.0002}}
        ```

        ## Right

        ```yaml
        train:
          optimizer: {adamw: {lr: 0.0002}}
        ```

        """#),
    ErrorPage(
      code: "spec/unknown-key",
      text: #"""
        # spec/unknown-key

        There is no such key at this place. Mostly it is misspelt, and the fix names the key that is nearest; or it is
        indented too little or too far, and so belongs to another mapping.

        ## Wrong

        ```yaml
        train:
          epoch: 25
        ```

        ## Right

        ```yaml
        train:
          epochs: 25
        ```

        """#),
    ErrorPage(
      code: "spec/unknown-layer",
      text: #"""
        # spec/unknown-layer

        No layer and no block has this name. Layers are named as PyTorch's functions are, in lower case: `conv2d`,
        `batch_norm2d`, `leaky_relu`. For PyTorch's class names, such as `LeakyReLU`, the fix gives graphc's.

        ## Wrong

        ```yaml
        discriminator:
          - Conv2d: {out_channels: 8, kernel_size: 8}
          - LeakyReLU: 0.2
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 8}
          - leaky_relu: 0.2
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/unknown-reference",
      text: #"""
        # spec/unknown-reference

        `from` and `outputs` name layers, and no layer above has this name. A layer is named by `name:` beside it. A
        name given inside a residual, a block or a repetition is known only in there.

        `noise` is the generator's input and `image` the discriminator's, unless `inputs:` calls them otherwise.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 3, padding: 1}
            name: early
          - relu
          - concat:
            from: [erly, image]
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 3, padding: 1}
          - relu:
            name: early
          - concat:
            from: [early, image]
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/unused-layer",
      text: #"""
        # spec/unused-layer

        Nothing reads what this layer makes: the layer after it takes its input from somewhere else, and no `from`
        names it. It would cost time and never learn. Name it and read it, or remove it.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 3, padding: 1}
          - conv2d: {out_channels: 8, kernel_size: 1}
            from: image
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 3, padding: 1}
            name: wide
          - conv2d: {out_channels: 8, kernel_size: 1}
            from: image
            name: narrow
          - concat:
            from: [wide, narrow]
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/unused-name",
      text: #"""
        # spec/unused-name

        A variable, a block, a parameter or an index is defined and never used. Perhaps the place that should use it
        has its name misspelt, or says a number instead. If it is not needed any more, remove it.

        What a model takes over with `extends` may stay unused.

        ## Wrong

        ```yaml
        let:
          width: 16
        discriminator:
          - conv2d: {out_channels: 64, kernel_size: 8}
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        let:
          width: 16
        discriminator:
          - conv2d: {out_channels: width, kernel_size: 8}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/wrong-type",
      text: #"""
        # spec/wrong-type

        The value is of the wrong kind: a list where a number is meant, a number with a fraction where a whole one is
        meant, or a word that is not among those that may stand here.

        Flags are `true` and `false`. `yes`, `no`, `on` and `off` are plain words, as YAML 1.2 has it.

        ## Wrong

        ```yaml
        train:
          drop_last: yes
        ```

        ## Right

        ```yaml
        train:
          drop_last: true
        ```

        """#),
    ErrorPage(
      code: "yaml/bad-merge",
      text: #"""
        # yaml/bad-merge

        `<<` copies the keys of another mapping into this one. What follows it must be a mapping, or a list of
        mappings; mostly it is an alias such as `<<: *common`.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {<<: 4, out_channels: 1, kernel_size: 8}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: &half {out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
          - conv2d: {<<: *half, out_channels: 16}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "yaml/duplicate-key",
      text: #"""
        # yaml/duplicate-key

        The same key stands twice in one mapping. YAML readers often keep the last one without a word; here it is an
        error, because one of the two is not what you meant.

        ## Wrong

        ```yaml
        train:
          batch_size: 32
          epochs: 10
          batch_size: 64
        ```

        ## Right

        ```yaml
        train:
          batch_size: 64
          epochs: 10
        ```

        """#),
    ErrorPage(
      code: "yaml/key-not-scalar",
      text: #"""
        # yaml/key-not-scalar

        A key is a word. Here a list or a mapping stands before the colon. Mostly a bracket is in the wrong place.

        ## Wrong

        ```yaml
        train:
          [batch_size, epochs]: 10
        ```

        ## Right

        ```yaml
        train:
          batch_size: 10
          epochs: 10
        ```

        """#),
    ErrorPage(
      code: "yaml/not-utf8",
      text: #"""
        # yaml/not-utf8

        The file is not written in UTF-8, the encoding that graphc reads. Some editors on Windows save UTF-16, and old
        files may be in Latin-1. Save the file again as UTF-8.

        ## Wrong

        A file that begins with the bytes `FF FE` (UTF-16), or in which `ü` is the single byte `FC` (Latin-1).

        ## Right

        The same text as UTF-8:

        ```console
        $ iconv -f UTF-16 -t UTF-8 model.yaml > model-utf8.yaml
        ```

        """#),
    ErrorPage(
      code: "yaml/syntax",
      text: #"""
        # yaml/syntax

        The text is not YAML. The caret stands where reading stopped; the mistake is there or on the line before.

        What happens most: a bracket or a quote that is never closed, a missing blank after a colon, a tab in the
        indentation (YAML wants blanks), or a value that begins with one of `* & ! % @` and needs quotes around it.

        ## Wrong

        ```yaml
        image: {channels: 3, height: 8, width: 8
        latent: 100
        ```

        ## Right

        ```yaml
        image: {channels: 3, height: 8, width: 8}
        latent: 100
        ```

        """#),
    ErrorPage(
      code: "yaml/too-large",
      text: #"""
        # yaml/too-large

        The file is larger than any model needs: more than 1 MiB of text, 100,000 values, 64 levels of nesting, or
        1,000 values that come out of aliases. The limits keep a broken or hostile file from stopping the program.

        A network with many equal layers is short with `repeat` or `blocks`.

        ## Wrong

        A list of 100,001 layers, or `[[[[…` with 65 brackets.

        ## Right

        ```yaml
        discriminator:
          - repeat: {times: 4, layers: [{conv2d: {out_channels: 8, kernel_size: 3, padding: 1}}, relu]}
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "yaml/undefined-alias",
      text: #"""
        # yaml/undefined-alias

        `*name` repeats what the anchor `&name` stands for, and no such anchor stands above it. Perhaps the name is
        misspelt, or the anchor comes later in the file.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: *half
          - leaky_relu: 0.2
          - flatten
          - linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: &half {out_channels: 8, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: 0.2
          - conv2d: *half
          - flatten
          - linear: 1
        ```

        """#),
  ]
}
