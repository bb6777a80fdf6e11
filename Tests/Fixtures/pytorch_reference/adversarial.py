"""The adversarial step, in the order of PyTorch's `examples/dcgan/main.py`."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn
from torch.nn import functional

from .optimizers import build_optimizer
from .spec import ModelSpec

LOSSES = {
    "bce": functional.binary_cross_entropy,
    "bce_with_logits": functional.binary_cross_entropy_with_logits,
}


class AdversarialTrainer:
    """Trains a generator against a discriminator, one batch at a time.

    The networks stay in training mode throughout, so the discriminator's running statistics move
    three times a step: for the real images, the detached fakes, and the fakes.

    Args:
        networks: `generator` and `discriminator`; their parameters' type is that of the batches.
        freeze_discriminator: spares the generator's step the discriminator's weight gradients,
            which nothing reads. No result depends on it.
        forward_context: entered around each forward pass; autocast, for instance.
    """

    def __init__(
        self,
        spec: ModelSpec,
        networks: dict[str, nn.Module],
        *,
        freeze_discriminator: bool = False,
        forward_context: Callable[[], AbstractContextManager] = nullcontext,
    ):
        self.generator = networks["generator"]
        self.discriminator = networks["discriminator"]
        self.generator_optimizer = build_optimizer(
            spec.optimizers["generator"], self.generator.parameters()
        )
        self.discriminator_optimizer = build_optimizer(
            spec.optimizers["discriminator"], self.discriminator.parameters()
        )
        self.loss = LOSSES[spec.loss]
        self.real_label = spec.real_label
        self.freeze_discriminator = freeze_discriminator
        self.forward_context = forward_context

    def score(self, images: torch.Tensor, label: float) -> torch.Tensor:
        """The mean loss of the scores of `images` `[N, C, H, W]` against one label for all."""
        with self.forward_context():
            scores = self.discriminator(images)
        # Scores come as [N, 1], [N, 1, 1, 1] or, one per place, [N, 1, H, W]; under autocast in a
        # narrower type.
        scores = scores.to(images.dtype)
        return self.loss(scores, torch.full_like(scores, label))

    def step(self, real: torch.Tensor, noise: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Updates both networks on `real` `[N, C, H, W]` and `noise` `[N, latent]`.

        Returns:
            The discriminator's loss, real and fake summed, and the generator's; both scalars.
        """
        with self.forward_context():
            fake = self.generator(noise)
        fake = fake.to(real.dtype)

        self.discriminator_optimizer.zero_grad()
        discriminator_loss = self.score(real, self.real_label) + self.score(fake.detach(), 0.0)
        discriminator_loss.backward()
        self.discriminator_optimizer.step()

        # The discriminator that judges the same fakes again has its updated weights.
        self.generator_optimizer.zero_grad()
        if self.freeze_discriminator:
            self.discriminator.requires_grad_(False)
        generator_loss = self.score(fake, 1.0)
        generator_loss.backward()
        self.generator_optimizer.step()
        if self.freeze_discriminator:
            self.discriminator.requires_grad_(True)
        return discriminator_loss.detach(), generator_loss.detach()
