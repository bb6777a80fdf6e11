"""PyTorch's optimisers under a spec's names; attributes are PyTorch's own."""

from collections.abc import Iterable

import torch
from torch import optim

from .spec import Configured

OPTIMIZERS = {"adam": optim.Adam, "adamw": optim.AdamW, "sgd": optim.SGD, "rmsprop": optim.RMSprop}


def build_optimizer(
    configured: Configured, parameters: Iterable[torch.nn.Parameter]
) -> optim.Optimizer:
    """Raises KeyError for an unknown optimiser, TypeError for an unknown attribute."""
    return OPTIMIZERS[configured.name](parameters, **configured.attributes)
