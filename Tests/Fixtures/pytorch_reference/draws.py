"""Random numbers that a training step draws, by name, so that another program can be given the same.

A draw of step i is the tensor `step.<i>.<name>` of a fixture; of repetition j of an update that runs
several times in a step, `step.<i>.<name>.<j>`.
"""

from collections.abc import Callable

import torch
from torch import nn

from .images import draw_shapes

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
        self.repetition: int | None = None

    @property
    def run(self) -> tuple[int, int | None]:
        """Which run of updates the draws are for: the step, and the repetition if there are several."""
        return self.step, self.repetition

    def key(self, name: str) -> str:
        """What the fixture calls the draw."""
        key = f"step.{self.step}.{name}"
        return key if self.repetition is None else f"{key}.{self.repetition}"

    def recorded(self, name: str, draw: Callable[[torch.Generator], torch.Tensor]) -> torch.Tensor:
        """The fixture's draw of that name, which is drawn where it lacks it."""
        key = self.key(name)
        if key not in self.tensors and self.random is not None:
            self.tensors[key] = draw(self.random)
        return self.tensors[key]

    def bernoulli(self, name: str, share: float, shape: tuple[int, ...]) -> torch.Tensor:
        """Ones with probability `share`, else zeros, fp32."""
        return self.recorded(name, lambda r: (torch.rand(shape, generator=r) < share).float())

    def uniform(self, name: str, low: float, high: float, shape: tuple[int, ...]) -> torch.Tensor:
        """Numbers from `low` to `high`, fp32."""
        return self.recorded(name, lambda r: low + (high - low) * torch.rand(shape, generator=r))

    def normal(self, name: str, shape: tuple[int, ...]) -> torch.Tensor:
        """Standard normal numbers, fp32."""
        return self.recorded(name, lambda r: torch.randn(shape, generator=r))

    def classes(self, name: str, count: int, batch: int) -> torch.Tensor:
        """Numbers of classes, one an image, int64."""
        return self.recorded(name, lambda r: torch.randint(count, (batch,), generator=r))

    def images(self, name: str, shape: tuple[int, int, int], batch: int) -> torch.Tensor:
        """Images out of the data, fp32."""
        return self.recorded(name, lambda r: draw_shapes(batch, shape, r))


class RecordedDropout(nn.Module):
    """`nn.Dropout` whose masks come from a fixture.

    Of each application within a run of updates, in the order in which they are computed, the fixture holds
    `mask.<layer>.<k>`: 1 where a value is kept.
    """

    def __init__(self, p: float = 0.5):
        super().__init__()
        self.p = p
        self.draws: Draws | None = None
        self.path = ""
        self.run: tuple[int, int | None] | None = None
        self.applications = 0

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return value
        if self.draws is None:
            return nn.functional.dropout(value, self.p)
        if self.run != self.draws.run:
            self.run, self.applications = self.draws.run, 0
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
