"""Layers of GAN families that `torch.nn` lacks, as their papers and code have them."""

import math

import torch
from torch import nn
from torch.nn import functional


class PixelNorm(nn.Module):
    """Each pixel's channels over the root of their mean square. Progressive growing's `networks.py`."""

    def __init__(self, eps: float = 1e-8):
        super().__init__()
        self.eps = eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + self.eps)


class MinibatchStddev(nn.Module):
    """StyleGAN2's layer, with the largest group that divides the batch."""

    def __init__(self, group_size: int = 4, num_channels: int = 1):
        super().__init__()
        self.group_size = group_size
        self.num_channels = num_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        group = max(size for size in range(1, min(self.group_size, n) + 1) if n % size == 0)
        planes = self.num_channels
        y = x.reshape(group, -1, planes, c // planes, h, w)
        y = y - y.mean(dim=0)
        y = (y.square().mean(dim=0) + 1e-8).sqrt().mean(dim=[2, 3, 4])
        y = y.reshape(-1, planes, 1, 1).repeat(group, 1, h, w)
        return torch.cat([x, y], dim=1)


class SelfAttention(nn.Module):
    """SAGAN's attention as BigGAN's `layers.py` has it."""

    def __init__(self, channels: int):
        super().__init__()
        self.theta = nn.Conv2d(channels, channels // 8, 1, bias=False)
        self.phi = nn.Conv2d(channels, channels // 8, 1, bias=False)
        self.g = nn.Conv2d(channels, channels // 2, 1, bias=False)
        self.o = nn.Conv2d(channels // 2, channels, 1, bias=False)
        # Zero would hide everything behind it.
        self.gamma = nn.Parameter(torch.tensor(0.7))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        queries = self.theta(x).flatten(2)
        keys = functional.max_pool2d(self.phi(x), 2).flatten(2)
        values = functional.max_pool2d(self.g(x), 2).flatten(2)
        attention = torch.softmax(queries.transpose(1, 2) @ keys, dim=-1)
        gathered = (values @ attention.transpose(1, 2)).view(n, c // 2, h, w)
        return x + self.gamma * self.o(gathered)


class Pad(nn.Module):
    """`torch.nn.functional.pad` with the sides that a spec writes."""

    def __init__(self, padding: list[int], mode: str = "zeros"):
        super().__init__()
        sides = {1: padding * 4, 2: [padding[0]] * 2 + [padding[-1]] * 2, 4: padding}
        self.sides = sides[len(padding)]
        self.mode = "constant" if mode == "zeros" else mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.pad(x, self.sides, mode=self.mode)


class Multiply(nn.Module):
    """The product of its inputs; a vector scales the channels of images."""

    def forward(self, first: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        for other in others:
            first = first * (other[:, :, None, None] if other.dim() == 2 < first.dim() else other)
        return first


class Fade(nn.Module):
    """A mixture of two inputs."""

    def __init__(self, alpha: float):
        super().__init__()
        self.alpha = alpha

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return self.alpha * first + (1 - self.alpha) * second


class Mean(nn.Module):
    """The average over some axes."""

    def __init__(self, dim: list[int]):
        super().__init__()
        self.dim = dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean(dim=self.dim)


class GlobalSumPool(nn.Module):
    """The sum of each channel, as images of one pixel."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.sum(dim=(2, 3), keepdim=True)


class Scale(nn.Module):
    """Its input times a number."""

    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.factor * x


class Constant(nn.Module):
    """StyleGAN's learned input, the same for every image."""

    def __init__(self, shape: list[int]):
        super().__init__()
        self.const = nn.Parameter(torch.randn(shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.const.unsqueeze(0).repeat(x.shape[0], *[1] * self.const.dim())


class Slice(nn.Module):
    """Some entries of one axis."""

    def __init__(self, length: int, dim: int = 1, start: int = 0):
        super().__init__()
        self.dim, self.start, self.length = dim, start, length

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.narrow(self.dim, self.start, self.length)


class Chunk(nn.Module):
    """One of so many equal parts of an axis."""

    def __init__(self, chunks: int, index: int, dim: int = 1):
        super().__init__()
        self.chunks, self.index, self.dim = chunks, index, dim

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.chunk(self.chunks, self.dim)[self.index]


class Blur(nn.Module):
    """StyleGAN2's `upfirdn2d` with the padding of its `upsample2d` and `downsample2d`."""

    def __init__(self, taps: list[int] = [1, 3, 3, 1], up: int = 1, down: int = 1):
        super().__init__()
        row = torch.tensor(taps, dtype=torch.float32)
        self.register_buffer("resample_filter", torch.outer(row, row) / row.sum() ** 2)
        self.up, self.down = up, down

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, c, h, w = x.shape
        up, down, size = self.up, self.down, self.resample_filter.shape[0]
        x = x.reshape(n, c, h, 1, w, 1)
        x = functional.pad(x, [0, up - 1, 0, 0, 0, up - 1])
        x = x.reshape(n, c, h * up, w * up)
        if up > 1:
            sides = [(size + up - 1) // 2, (size - up) // 2]
        else:
            sides = [(size - down + 1) // 2, (size - down) // 2]
        x = functional.pad(x, sides * 2)
        filter = (self.resample_filter * up**2).flip([0, 1])
        x = functional.conv2d(x, filter.repeat(c, 1, 1, 1), groups=c)
        return x[:, :, ::down, ::down]


class StyleAffine(nn.Module):
    """StyleGAN2's fully connected layer of a style."""

    def __init__(self, size: int, outputs: int, bias: float):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, size))
        self.bias = nn.Parameter(torch.full((outputs,), bias))

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        return functional.linear(w, self.weight / math.sqrt(w.shape[1]), self.bias)


class AdaIN(nn.Module):
    """StyleGAN's style modulation after an instance norm."""

    def __init__(self, channels: int, size: int, eps: float = 1e-8):
        super().__init__()
        self.affine = StyleAffine(size, 2 * channels, 0.0)
        self.eps = eps

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        scale, shift = self.affine(w)[:, :, None, None].chunk(2, 1)
        normalized = functional.instance_norm(x, eps=self.eps)
        return (1 + scale) * normalized + shift


class ModulatedConv2d(nn.Module):
    """StyleGAN2's `modulated_conv2d`, a kernel an image, by a grouped convolution."""

    def __init__(
        self,
        channels: int,
        size: int,
        out_channels: int,
        kernel_size: int,
        demodulate: bool = True,
        bias: bool = False,
    ):
        super().__init__()
        self.affine = StyleAffine(size, channels, 1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.demodulate = demodulate

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        n, c, height, width = x.shape
        o, _, k, _ = self.weight.shape
        style = self.affine(w)
        if not self.demodulate:
            style = style / math.sqrt(c * k * k)
        kernels = self.weight[None] * style[:, None, :, None, None]
        if self.demodulate:
            norms = kernels.square().sum(dim=[2, 3, 4]) + 1e-8
            kernels = kernels * norms.rsqrt()[:, :, None, None, None]
        y = functional.conv2d(
            x.reshape(1, n * c, height, width), kernels.reshape(n * o, c, k, k), padding=k // 2, groups=n
        )
        y = y.reshape(n, o, height, width)
        return y if self.bias is None else y + self.bias[:, None, None]


def equalized(module: nn.Module, gain: float = math.sqrt(2)) -> nn.Module:
    """A convolution or a linear layer with an equalised learning rate; its weight keeps its name."""
    weight = module.weight
    is_transposed = isinstance(module, nn.ConvTranspose2d)
    fan_in = weight.shape[0 if is_transposed else 1] * weight[0, 0].numel()
    scale = gain / math.sqrt(fan_in)
    plain = type(module)

    class Scaled(plain):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            stored = self.weight
            del self._parameters["weight"]
            self.weight = scale * stored
            try:
                return super().forward(x)
            finally:
                del self.weight
                self.register_parameter("weight", stored)

    module.__class__ = Scaled
    nn.init.normal_(module.weight)
    if module.bias is not None:
        nn.init.zeros_(module.bias)
    return module
