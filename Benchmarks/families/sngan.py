"""`models/sngan-32.yaml`: Miyato and others, "Spectral Normalization for Generative Adversarial Networks" (2018)."""

import torch
from torch.nn.utils.parametrizations import spectral_norm

from .family import Family, Losses, Mode, adam, descend, frozen, hinge
from .layers import SumPool, residual_discriminator, residual_generator
from .schedule import with_critic_steps

GENERATOR_WIDTH = 256
DISCRIMINATOR_WIDTH = 128
LATENT = 128
CRITIC_STEPS = 5


class SNGAN(Family):
    """Five discriminator's updates, each on noise of its own, then one generator's."""

    schedule = with_critic_steps(CRITIC_STEPS)
    image_shape = (3, 32, 32)

    def __init__(self, mode: Mode, batch_size: int):
        super().__init__(
            residual_generator(LATENT, GENERATOR_WIDTH),
            residual_discriminator(DISCRIMINATOR_WIDTH, SumPool(), spectral_norm),
            mode,
            batch_size,
        )
        self.noise = torch.randn(batch_size, LATENT)
        self.adam_g = adam(self.generator, 2e-4, (0.0, 0.9))
        self.adam_d = adam(self.discriminator, 2e-4, (0.0, 0.9))

    def step(self, index: int) -> Losses:
        for _ in range(CRITIC_STEPS):
            with torch.no_grad():
                fake = self.generate(self.noise)
            loss_d = descend(hinge(self.score(self.real), self.score(fake)), self.adam_d)
        with frozen(self.discriminator):
            loss_g = descend(-self.score(self.generate(self.noise)).mean(), self.adam_g)
        return {"loss_d": loss_d, "loss_g": loss_g}
