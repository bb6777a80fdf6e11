"""Random numbers that a training step draws, by name, so that another program can be given the same.

A draw of step i is the tensor `step.<i>.<name>` of a fixture.
"""

import torch
from torch import nn

Tensors = dict[str, torch.Tensor]


class Draws:
    """The draws of a fixture's steps.

    Args:
        tensors: the fixture. What it lacks is drawn and put into it.
        random: draws what the fixture lacks; without one, a missing draw is a KeyError.
    """

    def __init__(self, tensors: Tensors, random: torch.Generator | None = None):
        self.tensors = tensors
        self.random = random
        self.step = 0

    def bernoulli(self, name: str, share: float, shape: torch.Size) -> torch.Tensor:
        """Ones with probability `share`, else zeros, fp32."""
        key = f"step.{self.step}.{name}"
        if key not in self.tensors and self.random is not None:
            self.tensors[key] = (torch.rand(shape, generator=self.random) < share).float()
        return self.tensors[key]


class RecordedDropout(nn.Module):
    """`nn.Dropout` whose masks come from a fixture.

    Of each application within a step, in the order in which they are computed, the fixture holds
    `mask.<layer>.<k>`: 1 where a value is kept.
    """

    def __init__(self, p: float = 0.5):
        super().__init__()
        self.p = p
        self.draws: Draws | None = None
        self.path = ""
        self.step = -1
        self.applications = 0

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return value
        if self.draws is None:
            return nn.functional.dropout(value, self.p)
        if self.step != self.draws.step:
            self.step, self.applications = self.draws.step, 0
        name = f"mask.{self.path}.{self.applications}"
        self.applications += 1
        kept = self.draws.bernoulli(name, 1 - self.p, value.shape)
        return value * kept.to(value.dtype) / (1 - self.p)


def connect_dropouts(networks: dict[str, nn.Module], draws: Draws) -> None:
    """Lets every dropout layer take its masks from `draws`."""
    for network_name, network in networks.items():
        for path, module in network.named_modules(prefix=network_name):
            if isinstance(module, RecordedDropout):
                module.draws, module.path = draws, path
