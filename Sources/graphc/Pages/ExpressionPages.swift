/// The pages of `docs/errors/expression`.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
extension ErrorPages {
  static let expression: [ErrorPage] = [
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
      code: "expression/unexpected-label",
      text: #"""
        # expression/unexpected-label

        An argument is given by a name that the function or network does not know. A network's arguments are called as its `inputs:` call them; of functions, most take theirs by place alone.

        ## Wrong

        ```yaml
        train:
          seed: "log2(base: 8)"
        ```

        ## Right

        ```yaml
        train:
          seed: log2(8)
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
  ]
}
