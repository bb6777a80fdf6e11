"""What the models share: how they are run, and what a training step needs."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from .schedule import Schedule

Losses = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Mode:
    """Switches that change PyTorch's speed and not its results.

    Attributes:
        is_channels_last: images and weights lie in memory as NHWC.
        is_compiled: networks go through `torch.compile`, but where a penalty differentiates them twice, which
            it does not support.
    """

    is_channels_last: bool = False
    is_compiled: bool = False


class Family(ABC):
    """Two networks, their optimisers and one training step, on tensors that lie in memory.

    Attributes:
        schedule: what graphc runs in a period of steps.
        generator, discriminator: the modules, which penalties use.
        generate, score: the same networks, compiled where the mode says so.
    """

    schedule: Schedule
    image_shape: tuple[int, int, int]

    def __init__(self, generator: nn.Module, discriminator: nn.Module, mode: Mode, batch_size: int):
        self.mode = mode
        self.batch_size = batch_size
        self.generator, self.discriminator = (self.laid_out(it) for it in (generator, discriminator))
        self.generate, self.score = (
            torch.compile(it, dynamic=False) if mode.is_compiled else it for it in (self.generator, self.discriminator)
        )
        self.real = self.images()

    def laid_out(self, value):
        """A tensor of images or a module, in the mode's memory format."""
        return value.to(memory_format=torch.channels_last) if self.mode.is_channels_last else value

    def images(self) -> torch.Tensor:
        """A batch of random images between -1 and 1."""
        return self.laid_out(torch.rand(self.batch_size, *self.image_shape) * 2 - 1)

    @abstractmethod
    def step(self, index: int) -> Losses:
        """One training step, the `index`-th from zero, and the losses of its last updates."""


def adam(network: nn.Module, lr: float, betas: tuple[float, float]) -> torch.optim.Adam:
    """PyTorch's fastest Adam on a CPU, which is not its default."""
    return torch.optim.Adam(network.parameters(), lr=lr, betas=betas, fused=True)


def descend(loss: torch.Tensor, optimizer: torch.optim.Optimizer) -> torch.Tensor:
    """Moves the optimiser's parameters down the gradient; returns the loss as a constant."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """No gradients of the network's weights are computed in this context."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def squared_slopes(scores: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """The squared norm of each image's gradient of its score, [N], which can be differentiated again."""
    (slope,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
    return slope.flatten(1).square().sum(1)


def hinge(real_scores: torch.Tensor, fake_scores: torch.Tensor) -> torch.Tensor:
    """The discriminator's hinge loss."""
    return F.relu(1 - real_scores).mean() + F.relu(1 + fake_scores).mean()
