"""The adversarial step as PyTorch computes it, for models in graphc's spec language.

`spec` reads a model, `networks` builds its two networks, `optimizers` its optimisers, `adversarial`
runs the step, `images` draws training images, `draws` names the other random numbers, `fixtures`
records what happened, and `conditioning` measures how far rounding carries.
"""
