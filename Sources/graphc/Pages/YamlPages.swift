/// The pages of `docs/errors/yaml`.
/// Written by `GRAPHC_BLESS=1 swift test --filter ErrorPages`.
extension ErrorPages {
  static let yaml: [ErrorPage] = [
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
      code: "yaml/bidirectional-text",
      text: #"""
        # yaml/bidirectional-text

        The text holds one of the characters U+202A to U+202E or U+2066 to U+2069. They turn the direction of writing
        around: an editor may show the line in another order than the file has it, and so another model than the one
        that is trained. graphc shows them as escapes, as `\u{202E}`. A model has no use for them; who was given the file
        should look at the line with care. The warning stands at the first of them.

        ## Wrong

        A line with U+202E before `true` in a comment: what follows it is shown from right to left.

        ## Right

        The same line without the character:

        ```console
        $ sed 's/[\xE2][\x80][\xAA-\xAE]//g; s/[\xE2][\x81][\xA6-\xA9]//g' model.yaml > plain.yaml
        ```

        """#),
    ErrorPage(
      code: "yaml/comment",
      text: #"""
        # yaml/comment

        A comment begins with `#`, alone on its line or behind a blank. `//` is a division that is rounded down.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8}   // one score
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8}   # one score
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
      code: "yaml/indentation",
      text: #"""
        # yaml/indentation

        In YAML the blanks in front of a line say what it belongs to. This line stands too far to the left or to the right
        for what it says: an item of a list beside the list, or an attribute beside the layer that it belongs to.

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
      code: "yaml/look-alike",
      text: #"""
        # yaml/look-alike

        A character stands here that looks like one of YAML's and is another: a quote or dash of a word processor, a blank
        that does not break lines (from a web page), a full-width colon of a Chinese or Japanese keyboard. Names and texts in
        quotes may hold any characters; what gives the file its form may not.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels： 1, kernel_size: 8}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8}
        ```

        """#),
    ErrorPage(
      code: "yaml/missing-blank",
      text: #"""
        # yaml/missing-blank

        In YAML a colon separates a key from its value only with a blank behind it, and a dash begins an item only with a
        blank behind it. `kernel_size:4` is one word.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size:8}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8}
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

        What happens most: a value that begins with one of `* & ! % @` and needs quotes around it, or text behind a quote
        that is closed. Slips with a page of their own: [indentation](indentation.md), [unclosed](unclosed.md),
        [missing-blank](missing-blank.md), [look-alike](look-alike.md), [comment](comment.md).

        ## Wrong

        ```yaml
        name: @cats
        ```

        ## Right

        ```yaml
        name: "@cats"
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
      code: "yaml/unclosed",
      text: #"""
        # yaml/unclosed

        A bracket, a brace or a quote is opened here, and the file goes on without closing it. YAML notices it lines below,
        where nothing fits any more; the place that is shown is where it was opened.

        ## Wrong

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8
        train: {data: digits, loss: bce_with_logits}
        ```

        ## Right

        ```yaml
        discriminator:
          - conv2d: {out_channels: 1, kernel_size: 8}
        train: {data: digits, loss: bce_with_logits}
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
