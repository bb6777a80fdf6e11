"""`models/wgan-gp-32.yaml`: Gulrajani and others, "Improved Training of Wasserstein GANs" (2017)."""

import torch

from .family import Family, Losses, Mode, adam, descend, frozen, squared_slopes
from .layers import MeanPool, residual_discriminator, residual_generator
from .schedule import with_critic_steps

WIDTH = 128
LATENT = 128
CRITIC_STEPS = 5
PENALTY = 10


class WGANGP(Family):
    """Five critic's updates with a gradient penalty, each on noise of its own, then one generator's."""

    schedule = with_critic_steps(CRITIC_STEPS)
    image_shape = (3, 32, 32)

    def __init__(self, mode: Mode, batch_size: int):
        super().__init__(
            residual_generator(LATENT, WIDTH), residual_discriminator(WIDTH, MeanPool()), mode, batch_size
        )
        self.noise = torch.randn(batch_size, LATENT)
        self.share = torch.rand(batch_size, 1, 1, 1)
        self.adam_g = adam(self.generator, 2e-4, (0.0, 0.9))
        self.adam_d = adam(self.discriminator, 2e-4, (0.0, 0.9))

    def step(self, index: int) -> Losses:
        for _ in range(CRITIC_STEPS):
            loss_d = self.critic_update()
        with frozen(self.discriminator):
            loss_g = descend(-self.score(self.generate(self.noise)).mean(), self.adam_g)
        return {"loss_d": loss_d, "loss_g": loss_g}

    def critic_update(self) -> torch.Tensor:
        with torch.no_grad():
            fake = self.generate(self.noise)
        between = (self.share * self.real + (1 - self.share) * fake).requires_grad_()
        slopes = squared_slopes(self.discriminator(between), between).sqrt()
        loss = self.score(fake).mean() - self.score(self.real).mean()
        return descend(loss + PENALTY * (slopes - 1).square().mean(), self.adam_d)
