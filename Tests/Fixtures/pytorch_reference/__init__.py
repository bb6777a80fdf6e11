"""The adversarial step as PyTorch computes it, for models in graphc's spec language.

`spec` reads a model, `networks` builds its two `nn.Sequential`s, `optimizers` its optimisers,
`adversarial` runs the step, `images` draws training images, `fixtures` records what happened, and
`conditioning` measures how far rounding carries.
"""
