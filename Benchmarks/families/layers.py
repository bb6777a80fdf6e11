"""Layers and blocks that several models share."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm


class Residual(nn.Module):
    """What `body` makes, and its input or what `shortcut` makes of it, added."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None):
        super().__init__()
        self.body = body
        self.shortcut = shortcut or nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + self.shortcut(x)


class SumPool(nn.Module):
    """The sum of each channel: [N, C, H, W] to [N, C]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.sum(dim=(2, 3))


class MeanPool(nn.Module):
    """The mean of each channel: [N, C, H, W] to [N, C]."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=(2, 3))


class SelfAttention(nn.Module):
    """SAGAN's attention with spectral norm, as BigGAN's `layers.py` has it."""

    def __init__(self, channels: int):
        super().__init__()

        def project(inputs: int, outputs: int) -> nn.Module:
            return spectral_norm(nn.Conv2d(inputs, outputs, 1, bias=False))

        self.theta = project(channels, channels // 8)
        self.phi = project(channels, channels // 8)
        self.g = project(channels, channels // 2)
        self.o = project(channels // 2, channels)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        queries = self.theta(x).flatten(2)
        keys = F.max_pool2d(self.phi(x), 2).flatten(2)
        values = F.max_pool2d(self.g(x), 2).flatten(2)
        attention = torch.softmax(queries.transpose(1, 2) @ keys, dim=-1)
        gathered = (values @ attention.transpose(1, 2)).view(n, c // 2, h, w)
        return x + self.gamma * self.o(gathered)


def residual_generator(latent: int, width: int) -> nn.Module:
    """The generator of 3×32×32 images that WGAN-GP and SNGAN share: three residual blocks on 4×4 pixels."""

    def up() -> nn.Module:
        body = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )
        return Residual(body, nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 1)))

    return nn.Sequential(
        nn.Linear(latent, width * 4 * 4),
        nn.Unflatten(1, (width, 4, 4)),
        up(),
        up(),
        up(),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, 3, 3, padding=1),
        nn.Tanh(),
    )


def residual_discriminator(width: int, pool: nn.Module, normalize=lambda module: module) -> nn.Module:
    """The discriminator of 3×32×32 images that they share.

    Args:
        pool: makes one vector an image of the last block's channels.
        normalize: what is done to each layer that has a weight.
    """

    def conv(inputs: int, size: int) -> nn.Module:
        return normalize(nn.Conv2d(inputs, width, size, padding=size // 2))

    def stay() -> nn.Module:
        return Residual(nn.Sequential(nn.ReLU(), conv(width, 3), nn.ReLU(), conv(width, 3)))

    return nn.Sequential(
        Residual(
            nn.Sequential(conv(3, 3), nn.ReLU(), conv(width, 3), nn.AvgPool2d(2)),
            nn.Sequential(nn.AvgPool2d(2), conv(3, 1)),
        ),
        Residual(
            nn.Sequential(nn.ReLU(), conv(width, 3), nn.ReLU(), conv(width, 3), nn.AvgPool2d(2)),
            nn.Sequential(conv(width, 1), nn.AvgPool2d(2)),
        ),
        stay(),
        stay(),
        nn.ReLU(),
        pool,
        normalize(nn.Linear(width, 1)),
    )
