/// The pages of `docs/errors/program`.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
extension ErrorPages {
  static let program: [ErrorPage] = [
    ErrorPage(
      code: "program/argument-shape",
      text: #"""
        # program/argument-shape

        What a network is given does not have the shape that its input has. Perhaps the arguments are in another order than the network's `inputs:`.

        ## Wrong

        ```yaml
        train:
          metrics: {opinion: mean(discriminator(noise))}
        ```

        ## Right

        ```yaml
        train:
          metrics: {opinion: mean(discriminator(generator(noise)))}
        ```

        """#),
    ErrorPage(
      code: "program/arguments",
      text: #"""
        # program/arguments

        A function, a value with parameters, or a network is given too few arguments, too many, or ones that it cannot take. An input of a network that a call does not name takes the value of the same name, if there is one.

        ## Wrong

        ```yaml
        train:
          metrics: {distance: l1(discriminator(real))}
        ```

        ## Right

        ```yaml
        train:
          metrics: {distance: "l1(discriminator(real), 1)" }
        ```

        """#),
    ErrorPage(
      code: "program/cycle",
      text: #"""
        # program/cycle

        A value is needed to compute itself, directly or by others.

        ## Wrong

        ```yaml
        train:
          values: {one: two + 1, two: one - 1}
          metrics: {sum: mean(one)}
        ```

        ## Right

        ```yaml
        train:
          values: {one: two + 1, two: mean(real)}
          metrics: {sum: mean(one)}
        ```

        """#),
    ErrorPage(
      code: "program/gradient-independent",
      text: #"""
        # program/gradient-independent

        `gradient(y, x)` asks how y changes with x, and y does not depend on x: the gradient would be zero. Mostly y is computed from something that is equal to x, but is not x: give it a name under `values:`, and use the name in both places.

        ## Wrong

        ```yaml
        train:
          metrics: {slope: "mean(norm(gradient(discriminator(real), noise)))"}
        ```

        ## Right

        ```yaml
        train:
          metrics: {slope: "mean(norm(gradient(discriminator(real), real)))"}
        ```

        """#),
    ErrorPage(
      code: "program/labels-without-classes",
      text: #"""
        # program/labels-without-classes

        A network has an input for the class of an image, and the model does not say how many classes there are.

        ## Wrong

        ```yaml
        discriminator:
          inputs: {image: image, label: class}
          layers: [flatten, linear: 1]
        ```

        ## Right

        ```yaml
        classes: 10
        discriminator:
          inputs: {image: image, label: class}
          layers: [flatten, linear: 1]
        ```

        """#),
    ErrorPage(
      code: "program/network-never-moves",
      text: #"""
        # program/network-never-moves

        No update names this network, so it would keep the weights that it begins with. If that is meant, write `frozen: true` in it.

        ## Wrong

        ```yaml
        networks:
          eye: {inputs: {x: image}, layers: [flatten, linear: 4]}
        train:
          metrics: {size: mean(eye(real))}
        ```

        ## Right

        ```yaml
        networks:
          eye: {inputs: {x: image}, frozen: true, layers: [flatten, linear: 4]}
        train:
          metrics: {size: mean(eye(real))}
        ```

        """#),
    ErrorPage(
      code: "program/no-images",
      text: #"""
        # program/no-images

        Samples show what one network makes: the one that is called `generator`, or else the first that has an input `latent`. This model has neither, and yet a network whose result has the size of the images. Call the network `generator` whose images are to be seen; it may have any inputs, and the model then says `latent`. A model none of whose networks makes images, such as a classifier, trains without pictures, and needs no `latent`.

        ## Wrong

        A model with `networks:` called `painter`, with `inputs: {input: image}`, and `critic`.

        ## Right

        The same network as `generator`.

        """#),
    ErrorPage(
      code: "program/no-such-result",
      text: #"""
        # program/no-such-result

        Behind a network's call, a dot names one of its results: an output that `outputs:` names, or a layer with a `name:`.

        ## Wrong

        ```yaml
        train:
          metrics: {size: mean(discriminator(real).features)}
        ```

        ## Right

        ```yaml
        discriminator:
          - {conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1}, name: features}
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 4}
        train:
          metrics: {size: mean(discriminator(real).features)}
        ```

        """#),
    ErrorPage(
      code: "program/no-updates",
      text: #"""
        # program/no-updates

        `loss` is a short form of two updates: of a network that makes images from noise, called `generator`, and of one that judges them, called `discriminator`. A model with other networks writes its updates itself.

        ## Wrong

        A model with `networks:` called `painter` and `critic`, and `loss: hinge`.

        ## Right

        The same networks under `generator:` and `discriminator:`, or `updates:` in place of `loss:`.

        """#),
    ErrorPage(
      code: "program/not-a-tensor",
      text: #"""
        # program/not-a-tensor

        A value stands where it cannot: a network without what it is applied to, a number where a tensor is wanted, a tensor where a number is.

        ## Wrong

        ```yaml
        train:
          metrics: {opinion: mean(discriminator)}
        ```

        ## Right

        ```yaml
        train:
          metrics: {opinion: mean(discriminator(real))}
        ```

        """#),
    ErrorPage(
      code: "program/objective-independent",
      text: #"""
        # program/objective-independent

        The objective does not depend on the network that it is to move: nothing would change. Mostly the wrong network stands behind `network:`, or the objective reads the wrong value. `detach` keeps a gradient out, too.

        ## Wrong

        ```yaml
        train:
          updates:
            - {network: discriminator, minimize: -mean(discriminator(real))}
            - {network: generator, minimize: -mean(discriminator(real))}
        ```

        ## Right

        ```yaml
        train:
          updates:
            - {network: discriminator, minimize: -mean(discriminator(real))}
            - {network: generator, minimize: -mean(discriminator(generator(noise)))}
        ```

        """#),
    ErrorPage(
      code: "program/objective-shape",
      text: #"""
        # program/objective-shape

        What an update minimises, and what a metric reports, is one number for the whole batch. `mean(…)` makes one of many; `sum(…)` does too, but grows with the batch.

        ## Wrong

        ```yaml
        train:
          metrics: {opinion: discriminator(real)}
        ```

        ## Right

        ```yaml
        train:
          metrics: {opinion: mean(discriminator(real))}
        ```

        """#),
    ErrorPage(
      code: "program/penalty-through-batch-norm",
      text: #"""
        # program/penalty-through-batch-norm

        A gradient by an image goes through a batch norm, which mixes all images of a batch: it is not each image's own gradient any more, and a penalty on it means something else. A critic that ends in a batch norm even has no such gradient at all. `layer_norm`, `group_norm` and `instance_norm2d` keep images apart.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1, bias: false}
          - batch_norm2d
          - leaky_relu: 0.2
          - conv2d: {out_channels: 1, kernel_size: 4}
        train:
          loss: wgan_gp
        ```

        ## Right

        ```yaml
        train:
          loss: wgan_gp
        ```

        """#),
    ErrorPage(
      code: "program/shapes-differ",
      text: #"""
        # program/shapes-differ

        Two values under an operator have shapes that cannot meet. A number meets anything; one number an image meets whatever has images; other tensors meet those of their own shape. Nothing else is stretched, so that no mistake hides in it.

        ## Wrong

        ```yaml
        train:
          metrics: {distance: mean(abs(real - noise))}
        ```

        ## Right

        ```yaml
        train:
          metrics: {distance: mean(abs(real - generator(noise)))}
        ```

        """#),
    ErrorPage(
      code: "program/stage-shapes-differ",
      text: #"""
        # program/stage-shapes-differ

        A stage of the training begins with the weights that the one before it ends with, each under its own name. Here a tensor of one name has another shape in the next stage. Give a layer that changes with the image a `name:` that changes with it, such as `rgb_<image.height>`: it then begins anew in the stage where it first appears.

        ## Wrong

        ```yaml
        train:
          stages:
            - {set: {generator.0.conv_transpose2d.out_channels: 16}, steps: 10}
            - {set: {generator.0.conv_transpose2d.out_channels: 24}, steps: 10}
        ```

        ## Right

        ```yaml
        train:
          stages:
            - {set: {train.batch_size: 8}, steps: 10}
            - {set: {train.batch_size: 16}, steps: 10}
        ```

        """#),
    ErrorPage(
      code: "program/unknown-function",
      text: #"""
        # program/unknown-function

        A formula calls something that is neither a function, nor a network, nor a value with parameters. The language's page lists the functions.

        ## Wrong

        ```yaml
        train:
          metrics: {opinion: mean(sigmoidal(discriminator(real)))}
        ```

        ## Right

        ```yaml
        train:
          metrics: {opinion: mean(sigmoid(discriminator(real)))}
        ```

        """#),
    ErrorPage(
      code: "program/unknown-name",
      text: #"""
        # program/unknown-name

        A formula names something that is not there. It may name networks, the values and draws of `train`, `noise`, and what the data gives: `real`, and `label` or `input` where the data has them. Names of numbers are those of `let`, `latent` and `image.height` and its kin.

        ## Wrong

        ```yaml
        train:
          updates:
            - {network: discriminator, minimize: mean(discriminator(generator(noise))) - mean(discriminator(reel))}
            - {network: generator, minimize: -mean(discriminator(generator(noise)))}
        ```

        ## Right

        ```yaml
        train:
          updates:
            - {network: discriminator, minimize: mean(discriminator(generator(noise))) - mean(discriminator(real))}
            - {network: generator, minimize: -mean(discriminator(generator(noise)))}
        ```

        """#),
    ErrorPage(
      code: "program/value-unread",
      text: #"""
        # program/value-unread

        Nothing reads this value: no update, no metric and no value that they read. It is not computed. Perhaps its name is misspelt where it was to be read; else remove it.

        ## Wrong

        ```yaml
        train:
          values: {brightness: mean(real)}
        ```

        ## Right

        ```yaml
        train:
          values: {brightness: mean(real)}
          metrics: {light: brightness}
        ```

        """#),
  ]
}
