/// The pages of `docs/errors/spec`.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
extension ErrorPages {
  static let spec: [ErrorPage] = [
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
        stand in one element, or none. Mostly a `-` is missing. Attributes that stand beside their layer are told as
        [indentation](../yaml/indentation.md).

        ## Wrong

        ```yaml
        discriminator:
          - flatten:
            linear: 1
        ```

        ## Right

        ```yaml
        discriminator:
          - flatten
          - linear: 1
        ```

        """#),
    ErrorPage(
      code: "spec/misplaced-key",
      text: #"""
        # spec/misplaced-key

        The key is known, but belongs at another place: what training needs stands under `train`, what an optimiser needs
        stands in the optimiser. The fix takes it there. On the command line, `--set` names the whole path.

        ## Wrong

        ```yaml
        train:
          data: digits
          loss: bce_with_logits
          lr: 0.0001
        ```

        ## Right

        ```yaml
        train:
          data: digits
          loss: bce_with_logits
          optimizer: {adam: {lr: 0.0001}}
        ```

        """#),
    ErrorPage(
      code: "spec/missing-key",
      text: #"""
        # spec/missing-key

        Something that has no default was not said. A model needs `image`, `latent`, `generator` and `discriminator`; one with `networks` needs `image`, and `latent` where a network makes images of it;
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
      code: "spec/needless-key",
      text: #"""
        # spec/needless-key

        Another program needs to be told this; here it holds anyhow, or is none of the model's business. `inplace` saves
        memory in PyTorch and changes no number, `num_workers` is a flag of `graphc train`. The fix leaves it out.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: {negative_slope: 0.2, inplace: true}
          - conv2d: {out_channels: 1, kernel_size: 4}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: {negative_slope: 0.2}
          - conv2d: {out_channels: 1, kernel_size: 4}
        ```

        """#),
    ErrorPage(
      code: "spec/no-counterpart",
      text: #"""
        # spec/no-counterpart

        Another program has this, and there is nothing here that would do the same. A layer that looks like it is not
        offered as a correction, since the network would silently be another one; where one is close, the note names it.

        ## Wrong

        ```yaml
        train:
          data: digits
          loss: bce_with_logits
          optimizer: {adam: {lr: 0.0001, amsgrad: true}}
        ```

        ## Right

        ```yaml
        train:
          data: digits
          loss: bce_with_logits
          optimizer: {adam: {lr: 0.0001}}
        ```

        """#),
    ErrorPage(
      code: "spec/other-spelling",
      text: #"""
        # spec/other-spelling

        This is how PyTorch, Keras or another program writes what a model says in other words. The fix writes the same
        here, with every number that stands in it: `nn.LeakyReLU(0.2)` is `leaky_relu: 0.2`.

        It is an error and not another way to write it, so that one thing has one name in every model.

        ## Wrong

        ```yaml
        discriminator:
          - nn.Conv2d(3, 16, 4, 2, 1)
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 4}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {in_channels: 3, out_channels: 16, kernel_size: 4, stride: 2, padding: 1}
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 4}
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
        residual may not be called `shortcut`; a value and an update may not be called as what the log has in each line:
        `step`, `epoch`, `images_per_second`, `data_wait_ms`, `events`.

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
          optimizer: {adan: {lr: 0.0002}}
        ```

        ## Right

        ```yaml
        train:
          optimizer: {adam: {lr: 0.0002}}
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
        `batch_norm2d`, `leaky_relu`. PyTorch's and Keras' own names, such as `LeakyReLU` and `Conv2DTranspose`, are
        told with graphc's: [other-spelling](other-spelling.md).

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 8, kernel_size: 8}
          - leeky_relu: 0.2
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
  ]
}
