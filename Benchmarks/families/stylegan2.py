"""`models/stylegan2-64.yaml`: Karras and others, "Analyzing and Improving the Image Quality of StyleGAN" (2020).

Layers as in the authors' PyTorch code, where it trains without their own kernels.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .family import Family, Losses, Mode, adam, descend, frozen, squared_slopes
from .layers import Residual
from .schedule import Schedule

SIZE = 64
LATENT = 128
WIDTH = 128
MAPPING_LAYERS = 4
STYLES = 10
R1_GAMMA = 10
R1_EVERY = 16
PATH_WEIGHT = 2
PATH_EVERY = 4
PATH_DECAY = 0.01


class EqualizedConv2d(nn.Conv2d):
    """A convolution whose weight is scaled where it is used, padded so that the size stays or is halved."""

    def __init__(
        self, inputs: int, outputs: int, size: int, stride: int = 1, bias: bool = True, gain: float = math.sqrt(2)
    ):
        super().__init__(inputs, outputs, size, stride=stride, padding=size // 2, bias=bias)
        self.scale = gain / math.sqrt(inputs * size * size)
        nn.init.normal_(self.weight)
        if bias:
            nn.init.zeros_(self.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._conv_forward(x, self.weight * self.scale, self.bias)


class EqualizedLinear(nn.Linear):
    """A linear layer whose weight is scaled where it is used."""

    def __init__(self, inputs: int, outputs: int, gain: float = math.sqrt(2), bias: float = 0.0):
        super().__init__(inputs, outputs)
        self.scale = gain / math.sqrt(inputs)
        nn.init.normal_(self.weight)
        nn.init.constant_(self.bias, bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.weight * self.scale, self.bias)


class Blur(nn.Module):
    """The filter (1, 3, 3, 1) along both axes, which keeps, doubles or halves the size."""

    def __init__(self, channels: int, up: int = 1, down: int = 1):
        super().__init__()
        row = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        kernel = torch.outer(row, row) * up**2
        self.register_buffer("kernel", kernel.repeat(channels, 1, 1, 1))
        self.channels, self.up, self.down = channels, up, down

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.up > 1:
            return F.conv_transpose2d(x, self.kernel, stride=self.up, padding=1, groups=self.channels)
        if self.down > 1:
            return F.conv2d(x, self.kernel, stride=self.down, padding=1, groups=self.channels)
        return F.conv2d(F.pad(x, [2, 1, 2, 1]), self.kernel, groups=self.channels)


class ModulatedConv2d(nn.Module):
    """A convolution that scales its inputs by a style, and its outputs back to unit variance."""

    def __init__(self, inputs: int, outputs: int, size: int, demodulates: bool = True):
        super().__init__()
        self.affine = EqualizedLinear(LATENT, inputs, gain=1, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.demodulates = demodulates
        self.scale = 1 if demodulates else 1 / math.sqrt(inputs * size * size)

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        style = self.affine(w) * self.scale
        y = F.conv2d(x * style[:, :, None, None], self.weight, padding=self.weight.shape[2] // 2)
        if self.demodulates:
            squares = style.square() @ self.weight.square().sum(dim=(2, 3)).T
            y = y * (squares + 1e-8).rsqrt()[:, :, None, None]
        return y + self.bias[:, None, None]


class StyledConv(nn.Module):
    """A modulated convolution, noise and an activation."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv = ModulatedConv2d(inputs, outputs, 3)
        self.strength = nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        y = self.conv(x, w)
        y = y + self.strength * torch.randn(y.shape[0], 1, *y.shape[2:])
        return F.leaky_relu(y, 0.2) * math.sqrt(2)


class SynthesisBlock(nn.Module):
    """Doubles the features' size and the image's, and adds to the image."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.up = Blur(inputs, up=2)
        self.first = StyledConv(inputs, outputs)
        self.second = StyledConv(outputs, outputs)
        self.rgb = ModulatedConv2d(outputs, 3, 1, demodulates=False)
        self.up_image = Blur(3, up=2)

    def forward(
        self, x: torch.Tensor, image: torch.Tensor, styles: tuple[torch.Tensor, ...]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.second(self.first(self.up(x), styles[0]), styles[1])
        return x, self.up_image(image) + self.rgb(x, styles[2])


class Generator(nn.Module):
    """Images of noise, and the styles that they were made with, [N, STYLES · LATENT]."""

    def __init__(self):
        super().__init__()
        dense = [nn.Sequential(EqualizedLinear(LATENT, LATENT), nn.LeakyReLU(0.2)) for _ in range(MAPPING_LAYERS)]
        self.mapping = nn.Sequential(*dense)
        self.begin = nn.Parameter(torch.randn(1, WIDTH, 4, 4))
        self.at4 = StyledConv(WIDTH, WIDTH)
        self.rgb4 = ModulatedConv2d(WIDTH, 3, 1, demodulates=False)
        widths = [WIDTH, WIDTH, WIDTH, WIDTH // 2, WIDTH // 4]
        self.blocks = nn.ModuleList(SynthesisBlock(*pair) for pair in zip(widths, widths[1:]))

    def forward(self, noise: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        w = self.mapping(noise * (noise.square().mean(1, keepdim=True) + 1e-8).rsqrt())
        # A copy for each convolution, so that the path's length counts them one by one.
        styles = w.repeat(1, STYLES)
        parts = styles.chunk(STYLES, dim=1)
        x = self.at4(self.begin.expand(noise.shape[0], -1, -1, -1), parts[0])
        image = self.rgb4(x, parts[1])
        for index, block in enumerate(self.blocks):
            # A block's first style is the image's of the block before.
            x, image = block(x, image, parts[2 * index + 1 : 2 * index + 4])
        return image, styles


class MinibatchStddev(nn.Module):
    """Appends the mean deviation within groups of images, as a plane."""

    def __init__(self, group_size: int):
        super().__init__()
        self.group_size = group_size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        groups = x.reshape(self.group_size, -1, c, h, w)
        deviation = ((groups - groups.mean(0)).square().mean(0) + 1e-8).sqrt().mean(dim=(1, 2, 3))
        plane = deviation.reshape(-1, 1, 1, 1).repeat(self.group_size, 1, h, w)
        return torch.cat([x, plane], dim=1)


class Down(Residual):
    """Half the size, residually."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(
            nn.Sequential(
                EqualizedConv2d(inputs, outputs, 3),
                nn.LeakyReLU(0.2),
                Blur(outputs),
                EqualizedConv2d(outputs, outputs, 3, stride=2),
                nn.LeakyReLU(0.2),
            ),
            nn.Sequential(Blur(inputs, down=2), EqualizedConv2d(inputs, outputs, 1, bias=False, gain=1)),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) * math.sqrt(0.5)


def make_discriminator() -> nn.Module:
    return nn.Sequential(
        EqualizedConv2d(3, WIDTH // 4, 1),
        nn.LeakyReLU(0.2),
        Down(WIDTH // 4, WIDTH // 2),
        Down(WIDTH // 2, WIDTH),
        Down(WIDTH, WIDTH),
        Down(WIDTH, WIDTH),
        MinibatchStddev(4),
        EqualizedConv2d(WIDTH + 1, WIDTH, 3),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        EqualizedLinear(WIDTH * 4 * 4, WIDTH),
        nn.LeakyReLU(0.2),
        EqualizedLinear(WIDTH, 1, gain=1),
    )


class StyleGAN2(Family):
    """One update of each, R1 on every 16th step and the path's length on every 4th, as updates of their own."""

    schedule = Schedule(
        # With both penalties, with the path's length alone, and with none.
        steps={0: 1, PATH_EVERY: R1_EVERY // PATH_EVERY - 1, 1: R1_EVERY - R1_EVERY // PATH_EVERY},
        graphs={
            "step_loss_d_penalty_d_loss_g_path_length": 1,
            "step_loss_d_loss_g_path_length": 3,
            "step_loss_d_loss_g": 12,
        },
    )
    image_shape = (3, SIZE, SIZE)

    def __init__(self, mode: Mode, batch_size: int):
        super().__init__(Generator(), make_discriminator(), mode, batch_size)
        self.noise = torch.randn(batch_size, LATENT)
        self.direction = self.laid_out(torch.randn_like(self.real))
        self.mean_length = torch.zeros(())
        self.adam_g = adam(self.generator, 2e-3, (0.0, 0.99))
        self.adam_d = adam(self.discriminator, 2e-3, (0.0, 0.99))

    def step(self, index: int) -> Losses:
        fake, _ = self.generate(self.noise)
        loss = F.softplus(-self.score(self.real)).mean() + F.softplus(self.score(fake.detach())).mean()
        losses = {"loss_d": descend(loss, self.adam_d)}
        if index % R1_EVERY == 0:
            losses["penalty_d"] = self.r1_update()
        with frozen(self.discriminator):
            losses["loss_g"] = descend(F.softplus(-self.score(fake)).mean(), self.adam_g)
        if index % PATH_EVERY == 0:
            losses["path_length"] = self.path_length_update()
        return losses

    def r1_update(self) -> torch.Tensor:
        points = self.real.detach().requires_grad_()
        penalty = squared_slopes(self.discriminator(points), points).mean()
        return descend(R1_EVERY * R1_GAMMA / 2 * penalty, self.adam_d)

    def path_length_update(self) -> torch.Tensor:
        image, styles = self.generator(self.noise)
        direction = self.direction / SIZE
        lengths = squared_slopes(image * direction, styles).sqrt() / math.sqrt(STYLES)
        mean_length = self.mean_length.lerp(lengths.mean(), PATH_DECAY)
        self.mean_length = mean_length.detach()
        return descend(PATH_EVERY * PATH_WEIGHT * (lengths - mean_length).square().mean(), self.adam_g)
