"""What the training loops of all families share."""

from abc import ABC, abstractmethod

import torch
from torch import nn

from ..draws import Draws, connect_dropouts
from ..optimizers import build_optimizer
from ..spec import ModelSpec

Losses = dict[str, torch.Tensor]


class Trainer(ABC):
    """Trains a model's networks step by step, each family in a loop of its own.

    All networks stay in training mode. Draws come from a fixture, as fp32, and are used in the type
    of the networks.

    Args:
        batch: images in each batch.
    """

    def __init__(
        self,
        spec: ModelSpec,
        networks: dict[str, nn.Module],
        draws: Draws,
        batch: int,
        dtype: torch.dtype,
    ):
        self.spec = spec
        self.networks = networks
        self.draws = draws
        self.batch = batch
        self.dtype = dtype
        connect_dropouts(networks, draws)
        self.losses: Losses = {}
        self.optimizers = {
            name: build_optimizer(spec.optimizers[name], network.parameters())
            for name, network in networks.items()
            if name in spec.optimizers and any(True for _ in network.parameters())
        }
        self.begin()

    def begin(self) -> None:
        """What a family sets up before the first step."""

    @abstractmethod
    def step(self) -> None:
        """One training step; it records its losses with `record`."""

    def state(self) -> dict[str, torch.Tensor]:
        """What the fixture holds of the end, besides the networks' own states."""
        return {}

    # Draws

    def real(self) -> torch.Tensor:
        """The images of the batch, [N, C, H, W]."""
        return self.draws.images("real", self.spec.image_shape, self.batch).to(self.dtype)

    def noise(self) -> torch.Tensor:
        """Latent vectors, [N, latent]."""
        return self.draws.normal("noise", (self.batch, self.spec.latent)).to(self.dtype)

    def labels(self) -> torch.Tensor:
        """The classes of the batch, [N]."""
        return self.draws.classes("labels", self.spec.classes, self.batch)

    def epsilon(self) -> torch.Tensor:
        """A share between 0 and 1 for each image, [N, 1, 1, 1]."""
        shares = self.draws.uniform("epsilon", 0, 1, (self.batch,))
        return shares.to(self.dtype).view(-1, 1, 1, 1)

    # Training

    def record(self, name: str, loss: torch.Tensor) -> None:
        """Notes a loss under the name of its update, and of the repetition if there are several."""
        self.losses[self.draws.key(name)] = loss.detach()

    def descend(self, loss: torch.Tensor, *names: str) -> None:
        """Moves the parameters of these networks down the gradient, and no others'."""
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        loss.backward()
        for name in names:
            self.optimizers[name].step()

    def repetitions(self, count: int):
        """Counts the repetitions of an update that has draws of its own in each."""
        for repetition in range(count):
            self.draws.repetition = repetition
            yield repetition
        self.draws.repetition = None
