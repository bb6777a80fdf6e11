"""Images to train on. A fixture carries them, so they need not be graphc's `synthetic: shapes`."""

import torch


def draw_shapes(
    count: int, shape: tuple[int, int, int], random: torch.Generator
) -> torch.Tensor:
    """`count` images `[count, C, H, W]` in [-1, 1], fp32.

    Each holds one disc or rectangle on a plain background. A little noise keeps neighbouring pixels
    apart: equal ones would tie in a max pooling, where rounding then picks the winner.
    """
    channels, height, width = shape
    rows = torch.linspace(-1, 1, height).view(1, 1, height, 1)
    columns = torch.linspace(-1, 1, width).view(1, 1, 1, width)

    def uniform(low: float, high: float, depth: int = 1) -> torch.Tensor:
        return low + (high - low) * torch.rand(count, depth, 1, 1, generator=random)

    vertical = (rows - uniform(-0.4, 0.4)).abs() / uniform(0.3, 0.7)
    horizontal = (columns - uniform(-0.4, 0.4)).abs() / uniform(0.3, 0.7)
    disc = vertical.square() + horizontal.square() < 1
    rectangle = torch.maximum(vertical, horizontal) < 1
    inside = torch.where(uniform(0, 1) < 0.5, disc, rectangle)
    foreground, background = uniform(0.1, 0.9, channels), uniform(-0.9, -0.1, channels)
    noise = 0.05 * torch.randn(count, channels, height, width, generator=random)
    return (torch.where(inside, foreground, background) + noise).clamp(-1, 1)
