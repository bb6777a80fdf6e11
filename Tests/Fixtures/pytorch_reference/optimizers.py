"""PyTorch's optimisers under a spec's names; attributes are PyTorch's own."""

from collections.abc import Iterable

import torch
from torch import optim

from .spec import Configured

OPTIMIZERS = {"adam": optim.Adam, "adamw": optim.AdamW, "sgd": optim.SGD, "rmsprop": optim.RMSprop}


def build_optimizer(
    configured: Configured, parameters: Iterable[torch.nn.Parameter]
) -> optim.Optimizer:
    """Without the schedule of its rate, if it has one.

    Raises:
        KeyError: for an unknown optimiser. TypeError: for an unknown attribute.
    """
    attributes = {name: configured.attributes[name] for name in configured.attributes if name != "schedule"}
    return OPTIMIZERS[configured.name](parameters, **attributes)
