"""Networks as people write them in PyTorch, for the check of what their exports become."""

import torch
from torch import nn


def dcgan_generator():
    return nn.Sequential(
        nn.ConvTranspose2d(16, 24, 4, 1, 0, bias=False), nn.BatchNorm2d(24), nn.ReLU(True),
        nn.ConvTranspose2d(24, 12, 4, 2, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU(True),
        nn.ConvTranspose2d(12, 3, 4, 2, 1, bias=False), nn.Tanh(),
    ), torch.randn(2, 16, 1, 1)


class DCGANDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, 8, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(8, 16, 4, 2, 1, bias=False), nn.BatchNorm2d(16), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(16, 1, 4, 1, 0, bias=False), nn.Sigmoid(),
        )

    def forward(self, image):
        return self.main(image).view(-1, 1).squeeze(1)


class LinearGenerator(nn.Module):
    """Vectors to images by way of a matrix and nearest-neighbour enlargement, as in PyTorch-GAN's dcgan.py."""

    def __init__(self):
        super().__init__()
        self.l1 = nn.Sequential(nn.Linear(10, 16 * 4 * 4))
        self.conv_blocks = nn.Sequential(
            nn.BatchNorm2d(16), nn.Upsample(scale_factor=2), nn.Conv2d(16, 16, 3, stride=1, padding=1),
            nn.BatchNorm2d(16, 0.8), nn.LeakyReLU(0.2, inplace=True), nn.Upsample(scale_factor=2),
            nn.Conv2d(16, 1, 3, stride=1, padding=1), nn.Tanh(),
        )

    def forward(self, z):
        out = self.l1(z)
        return self.conv_blocks(out.view(out.shape[0], 16, 4, 4))


class ViewDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.LeakyReLU(0.2), nn.Dropout2d(0.25), nn.Conv2d(8, 8, 3, 2, 1),
            nn.LeakyReLU(0.2), nn.BatchNorm2d(8, 0.8))
        self.adv_layer = nn.Sequential(nn.Linear(8 * 4 * 4, 1), nn.Sigmoid())

    def forward(self, image):
        out = self.model(image)
        return self.adv_layer(out.view(out.shape[0], -1))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1, self.conv2 = nn.Conv2d(inputs, outputs, 3, padding=1), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, x):
        h = self.conv1(self.up(torch.relu(self.bn1(x))))
        return self.conv2(torch.relu(self.bn2(h))) + self.skip(self.up(x))


class ResNetGenerator(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(12, 16 * 4 * 4)
        self.block1, self.block2 = ResidualBlock(16, 16), ResidualBlock(16, 8)
        self.bn, self.final = nn.BatchNorm2d(8), nn.Conv2d(8, 3, 3, padding=1)

    def forward(self, z):
        x = self.block2(self.block1(self.dense(z).view(-1, 16, 4, 4)))
        return torch.tanh(self.final(torch.relu(self.bn(x))))


class SelfAttention(nn.Module):
    """As in BigGAN's code, between two convolutions."""

    def __init__(self, channels=16):
        super().__init__()
        self.before = nn.Conv2d(3, channels, 3, padding=1)
        self.theta = nn.Conv2d(channels, channels // 8, 1, bias=False)
        self.phi = nn.Conv2d(channels, channels // 8, 1, bias=False)
        self.g = nn.Conv2d(channels, channels // 2, 1, bias=False)
        self.o = nn.Conv2d(channels // 2, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.tensor(0.7))
        self.channels = channels

    def forward(self, x):
        x = self.before(x)
        c, h, w = self.channels, x.shape[2], x.shape[3]
        theta = self.theta(x).view(-1, c // 8, h * w)
        phi = nn.functional.max_pool2d(self.phi(x), 2).view(-1, c // 8, h * w // 4)
        g = nn.functional.max_pool2d(self.g(x), 2).view(-1, c // 2, h * w // 4)
        beta = torch.softmax(torch.bmm(theta.transpose(1, 2), phi), -1)
        o = self.o(torch.bmm(g, beta.transpose(1, 2)).view(-1, c // 2, h, w))
        return self.gamma * o + x


class ConditionalBatchNorm(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.bn = nn.BatchNorm2d(channels, affine=False)
        self.embed = nn.Embedding(classes, channels * 2)
        self.channels = channels

    def forward(self, x, y):
        gamma, beta = self.embed(y).chunk(2, 1)
        return gamma.view(-1, self.channels, 1, 1) * self.bn(x) + beta.view(-1, self.channels, 1, 1)


class ConditionalGenerator(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense, self.norm = nn.Linear(6, 8 * 4 * 4), ConditionalBatchNorm(8, 5)
        self.conv = nn.ConvTranspose2d(8, 1, 4, 2, 1)

    def forward(self, z, y):
        return torch.tanh(self.conv(torch.relu(self.norm(self.dense(z).view(-1, 8, 4, 4), y))))


class LabelConcat(nn.Module):
    def __init__(self):
        super().__init__()
        self.label = nn.Embedding(5, 5)
        self.model = nn.Sequential(nn.Linear(11, 32), nn.LeakyReLU(0.2), nn.Linear(32, 64), nn.Tanh())

    def forward(self, z, y):
        return self.model(torch.cat((self.label(y), z), -1)).view(-1, 1, 8, 8)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1 = nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1), nn.LeakyReLU(0.2))
        self.down2 = nn.Sequential(nn.Conv2d(8, 16, 4, 2, 1, bias=False), nn.InstanceNorm2d(16), nn.LeakyReLU(0.2))
        self.up1 = nn.Sequential(nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False), nn.InstanceNorm2d(8), nn.ReLU(), nn.Dropout(0.5))
        self.final = nn.Sequential(nn.Upsample(scale_factor=2), nn.ZeroPad2d((1, 0, 1, 0)), nn.Conv2d(16, 3, 4, padding=1), nn.Tanh())

    def forward(self, x):
        first = self.down1(x)
        return self.final(torch.cat((self.up1(self.down2(first)), first), 1))


def spectral(norm):
    return nn.Sequential(
        norm(nn.Conv2d(3, 8, 4, 2, 1)), nn.LeakyReLU(0.1), norm(nn.Conv2d(8, 16, 4, 2, 1)), nn.LeakyReLU(0.1),
        nn.Flatten(), norm(nn.Linear(16 * 4 * 4, 1)))


class Activations(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)
        self.norms = nn.Sequential(
            nn.GroupNorm(2, 8), nn.SiLU(), nn.InstanceNorm2d(8, affine=True), nn.GELU(), nn.PReLU(8), nn.ELU(),
            nn.Softplus(), nn.Mish(), nn.Hardswish(), nn.AvgPool2d(2), nn.PixelShuffle(2), nn.ReflectionPad2d(1),
            nn.Conv2d(2, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(4), nn.Linear(4, 3))

    def forward(self, x):
        return self.norms(self.conv(x))


class PixelNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.scale = (2 / (3 * 9)) ** 0.5

    def forward(self, x):
        x = nn.functional.conv2d(x, self.conv.weight * self.scale, self.conv.bias, padding=1)
        x = nn.functional.leaky_relu(x, 0.2)
        return x * torch.rsqrt(torch.mean(x**2, dim=1, keepdim=True) + 1e-6)


def all_networks():
    """Name → (module, inputs)."""
    new, old = torch.nn.utils.parametrizations.spectral_norm, torch.nn.utils.spectral_norm
    y = torch.tensor([1, 3])
    return {
        "dcgan_generator": dcgan_generator(),
        "dcgan_discriminator": (DCGANDiscriminator(), torch.randn(2, 3, 16, 16)),
        "linear_generator": (LinearGenerator(), torch.randn(2, 10)),
        "view_discriminator": (ViewDiscriminator(), torch.randn(2, 1, 16, 16)),
        "resnet_generator": (ResNetGenerator(), torch.randn(2, 12)),
        "self_attention": (SelfAttention(), torch.randn(2, 3, 8, 8)),
        "conditional_batch_norm": (ConditionalGenerator(), (torch.randn(2, 6), y)),
        "label_concat": (LabelConcat(), (torch.randn(2, 6), y)),
        "u_net": (UNet(), torch.randn(2, 3, 16, 16)),
        "spectral_norm_new": (spectral(new), torch.randn(2, 3, 16, 16)),
        "spectral_norm_old": (spectral(old), torch.randn(2, 3, 16, 16)),
        "activations": (Activations(), torch.randn(2, 1, 8, 8)),
        "pixel_norm": (PixelNorm(), torch.randn(2, 3, 8, 8)),
    }
