"""`models/pix2pix.yaml`: Isola and others, "Image-to-Image Translation with Conditional Adversarial Networks" (2017).

The U-Net has four halvings, for 32×32 pictures.
"""

import torch
from torch import nn
from torch.nn import functional as F

from .family import Family, Losses, Mode, adam, descend, frozen
from .schedule import WHOLE

WIDTH = 64
L1_WEIGHT = 100


class UNet(nn.Module):
    """Makes pictures of 3×32×32 outlines."""

    def __init__(self):
        super().__init__()

        def down(inputs: int, outputs: int) -> nn.Module:
            conv = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
            return nn.Sequential(nn.LeakyReLU(0.2), conv, nn.BatchNorm2d(outputs))

        def up(inputs: int, outputs: int, *after: nn.Module) -> nn.Module:
            conv = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=False)
            return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(outputs), *after)

        self.down16 = nn.Conv2d(3, WIDTH, 4, stride=2, padding=1)
        self.down8 = down(WIDTH, 2 * WIDTH)
        self.down4 = down(2 * WIDTH, 4 * WIDTH)
        self.middle = nn.Sequential(
            nn.LeakyReLU(0.2), nn.Conv2d(4 * WIDTH, 8 * WIDTH, 4, stride=2, padding=1)
        )
        self.up4 = up(8 * WIDTH, 4 * WIDTH, nn.Dropout(0.5))
        self.up8 = up(8 * WIDTH, 2 * WIDTH, nn.Dropout(0.5))
        self.up16 = up(4 * WIDTH, WIDTH)
        self.image = nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(2 * WIDTH, 3, 4, stride=2, padding=1), nn.Tanh()
        )

    def forward(self, outline: torch.Tensor) -> torch.Tensor:
        at16 = self.down16(outline)
        at8 = self.down8(at16)
        at4 = self.down4(at8)
        x = self.up4(self.middle(at4))
        x = self.up8(torch.cat([at4, x], dim=1))
        x = self.up16(torch.cat([at8, x], dim=1))
        return self.image(torch.cat([at16, x], dim=1))


class PatchDiscriminator(nn.Module):
    """6×6 scores of a picture and its outline."""

    def __init__(self):
        super().__init__()

        def normalized(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
            conv = nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1, bias=False)
            return [conv, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]

        self.layers = nn.Sequential(
            nn.Conv2d(6, WIDTH, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            *normalized(WIDTH, 2 * WIDTH, stride=2),
            *normalized(2 * WIDTH, 4 * WIDTH, stride=1),
            nn.Conv2d(4 * WIDTH, 1, 4, padding=1),
        )

    def forward(self, image: torch.Tensor, outline: torch.Tensor) -> torch.Tensor:
        return self.layers(torch.cat([outline, image], dim=1))


def cross_entropy(scores: torch.Tensor, label: float) -> torch.Tensor:
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, label))


class Pix2Pix(Family):
    """One update of each, on the same pictures."""

    schedule = WHOLE
    image_shape = (3, 32, 32)

    def __init__(self, mode: Mode, batch_size: int):
        super().__init__(UNet(), PatchDiscriminator(), mode, batch_size)
        self.outline = self.images()
        self.adam_g = adam(self.generator, 2e-4, (0.5, 0.999))
        self.adam_d = adam(self.discriminator, 2e-4, (0.5, 0.999))

    def step(self, index: int) -> Losses:
        fake = self.generate(self.outline)
        of_real = cross_entropy(self.score(self.real, self.outline), 1)
        of_fake = cross_entropy(self.score(fake.detach(), self.outline), 0)
        loss_d = descend((of_real + of_fake) / 2, self.adam_d)
        with frozen(self.discriminator):
            loss = cross_entropy(self.score(fake, self.outline), 1)
            loss_g = descend(loss + L1_WEIGHT * F.l1_loss(fake, self.real), self.adam_g)
        return {"loss_d": loss_d, "loss_g": loss_g}
