"""`models/sagan.yaml`: Zhang and others, "Self-Attention Generative Adversarial Networks" (2019), at 32×32."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from .family import Family, Losses, Mode, adam, descend, frozen, hinge
from .layers import SelfAttention, SumPool
from .schedule import WHOLE

WIDTH = 64
LATENT = 128


def make_generator() -> nn.Module:
    def up(inputs: int, outputs: int) -> nn.Module:
        return nn.Sequential(
            nn.Upsample(scale_factor=2),
            spectral_norm(nn.Conv2d(inputs, outputs, 3, padding=1)),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )

    return nn.Sequential(
        spectral_norm(nn.Linear(LATENT, 4 * WIDTH * 4 * 4)),
        nn.Unflatten(1, (4 * WIDTH, 4, 4)),
        nn.BatchNorm2d(4 * WIDTH),
        nn.ReLU(),
        up(4 * WIDTH, 4 * WIDTH),
        up(4 * WIDTH, 2 * WIDTH),
        SelfAttention(2 * WIDTH),
        up(2 * WIDTH, WIDTH),
        spectral_norm(nn.Conv2d(WIDTH, 3, 3, padding=1)),
        nn.Tanh(),
    )


def make_discriminator() -> nn.Module:
    def down(inputs: int, outputs: int) -> nn.Module:
        return nn.Sequential(
            spectral_norm(nn.Conv2d(inputs, outputs, 4, stride=2, padding=1)), nn.LeakyReLU(0.1)
        )

    return nn.Sequential(
        down(3, WIDTH),
        SelfAttention(WIDTH),
        down(WIDTH, 2 * WIDTH),
        down(2 * WIDTH, 4 * WIDTH),
        spectral_norm(nn.Conv2d(4 * WIDTH, 4 * WIDTH, 3, padding=1)),
        nn.LeakyReLU(0.1),
        SumPool(),
        spectral_norm(nn.Linear(4 * WIDTH, 1)),
    )


class SAGAN(Family):
    """One update of each, on the same images."""

    schedule = WHOLE
    image_shape = (3, 32, 32)

    def __init__(self, mode: Mode, batch_size: int):
        super().__init__(make_generator(), make_discriminator(), mode, batch_size)
        self.noise = torch.randn(batch_size, LATENT)
        self.adam_g = adam(self.generator, 1e-4, (0.0, 0.9))
        self.adam_d = adam(self.discriminator, 4e-4, (0.0, 0.9))

    def step(self, index: int) -> Losses:
        fake = self.generate(self.noise)
        loss_d = descend(hinge(self.score(self.real), self.score(fake.detach())), self.adam_d)
        with frozen(self.discriminator):
            loss_g = descend(-self.score(fake).mean(), self.adam_g)
        return {"loss_d": loss_d, "loss_g": loss_g}
