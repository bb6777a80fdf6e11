"""Loads graphc's exports into PyTorch's modules with strict=True, and PyTorch's state dicts into graphc.

    python check_state_dicts.py GRAPHC

For each pair of a module and a model that say the same: graphc's weights go through `export --prefix` and
`load_state_dict(strict=True)`, and PyTorch's, trained a little so that no buffer is as it began, through `--weights`;
both ways both programs must give the same images within 1e-5. Needs torch, numpy and safetensors.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils import spectral_norm as hook_spectral_norm
from torch.nn.utils.parametrizations import spectral_norm

TOLERANCE = 1e-5


class Tutorial(nn.Module):
    """A class of PyTorch's DCGAN tutorial: its layers in `main`."""

    def __init__(self, *layers):
        super().__init__()
        self.main = nn.Sequential(*layers)

    def forward(self, x):
        return self.main(x)


def generator(nz=100, ngf=16, nc=3):
    return Tutorial(
        nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 8), nn.ReLU(True),
        nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * 4), nn.ReLU(True),
        nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
        nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf), nn.ReLU(True),
        nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False), nn.Tanh())


def discriminator(ndf=16, nc=3):
    return Tutorial(
        nn.Conv2d(nc, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 4), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf * 4, ndf * 8, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 8), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(ndf * 8, 1, 4, 1, 0, bias=False), nn.Sigmoid())


def spectral(norm):
    return Tutorial(
        norm(nn.Conv2d(3, 8, 3, 1, 1)), nn.LeakyReLU(0.1), norm(nn.Conv2d(8, 16, 4, 2, 1)), nn.LeakyReLU(0.1),
        nn.Flatten(), norm(nn.Linear(16 * 4 * 4, 1)))


def upsampler(norm):
    return Tutorial(
        norm(nn.ConvTranspose2d(20, 8, 4, 1, 0)), nn.ReLU(), norm(nn.ConvTranspose2d(8, 3, 4, 2, 1)), nn.Tanh())


def model(image, latent, networks):
    return f"image: {image}\nlatent: {latent}\n{networks}"


TUTORIAL = model("{channels: 3, height: 64, width: 64}", 100, """
generator:
  - conv_transpose2d: {out_channels: 128, kernel_size: 4, bias: false}
  - batch_norm2d
  - relu
  - conv_transpose2d: {out_channels: 64, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - batch_norm2d
  - relu
  - conv_transpose2d: {out_channels: 32, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - batch_norm2d
  - relu
  - conv_transpose2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - batch_norm2d
  - relu
  - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - tanh
discriminator:
  - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - leaky_relu: 0.2
  - conv2d: {out_channels: 32, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - batch_norm2d
  - leaky_relu: 0.2
  - conv2d: {out_channels: 64, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - batch_norm2d
  - leaky_relu: 0.2
  - conv2d: {out_channels: 128, kernel_size: 4, stride: 2, padding: 1, bias: false}
  - batch_norm2d
  - leaky_relu: 0.2
  - conv2d: {out_channels: 1, kernel_size: 4, bias: false}
  - sigmoid
""")

SPECTRAL = model("{channels: 3, height: 8, width: 8}", 20, """
generator:
  - conv_transpose2d: {out_channels: 8, kernel_size: 4, spectral_norm: true}
  - relu
  - conv_transpose2d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1, spectral_norm: true}
  - tanh
discriminator:
  - conv2d: {out_channels: 8, kernel_size: 3, padding: 1, spectral_norm: true}
  - leaky_relu: 0.1
  - conv2d: {out_channels: 16, kernel_size: 4, stride: 2, padding: 1, spectral_norm: true}
  - leaky_relu: 0.1
  - flatten
  - linear: {out_features: 1, spectral_norm: true}
train: {loss: bce_with_logits}
""")

CASES = [
    ("tutorial's generator", generator, TUTORIAL, "generator", "noise", (100, 1, 1), []),
    ("tutorial's discriminator", discriminator, TUTORIAL, "discriminator", "image", (3, 64, 64), []),
    ("spectral norm, parametrized", lambda: spectral(spectral_norm), SPECTRAL, "discriminator", "image", (3, 8, 8), []),
    ("spectral norm, hook", lambda: spectral(hook_spectral_norm), SPECTRAL, "discriminator", "image", (3, 8, 8),
     ["--spectral-norm", "hook"]),
    ("spectral norm of transposed convolutions, parametrized", lambda: upsampler(spectral_norm), SPECTRAL,
     "generator", "noise", (20, 1, 1), []),
    ("spectral norm of transposed convolutions, hook", lambda: upsampler(hook_spectral_norm), SPECTRAL, "generator",
     "noise", (20, 1, 1), ["--spectral-norm", "hook"]),
]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.stderr.strip()[:500]}")


def apply(graphc, path, weights, network, name, values, folder):
    """graphc's output for a batch."""
    rank_two = values.reshape(values.shape[0], -1) if name == "noise" else values
    save_file({name: rank_two.contiguous()}, folder / "in.safetensors")
    run(graphc, "apply", path, "--weights", weights, "--network", network, "--input", folder / "in.safetensors",
        "--out", folder / "out.safetensors", "--force")
    return next(iter(load_file(folder / "out.safetensors").values()))


def difference(a, b):
    return float((a.reshape(b.shape) - b).abs().max())


def train_a_little(module, shape):
    """Moves weights, statistics, counters, and spectral norm's vectors."""
    module.train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    for _ in range(3):
        optimizer.zero_grad()
        module(torch.randn(8, *shape)).square().mean().backward()
        optimizer.step()
    module.eval()


def check(graphc, module, text, network, name, shape, flags, folder):
    path = folder / "model.yaml"
    path.write_text(text)
    values = torch.randn(5, *shape)
    first = folder / "graphc.safetensors"
    run(graphc, "export", path, "--network", network, "--prefix", "main.", "--out", first, *flags)
    module.load_state_dict(load_file(first), strict=True)
    module.eval()
    with torch.no_grad():
        into = difference(apply(graphc, path, first, network, name, values, folder), module(values))
    train_a_little(module, shape)
    second = folder / "torch.safetensors"
    save_file({key: value.contiguous().clone() for key, value in module.state_dict().items()}, second)
    with torch.no_grad():
        back = difference(apply(graphc, path, second, network, name, values, folder), module(values))
    # And to PyTorch once more, with what PyTorch trained.
    third = folder / "again.safetensors"
    run(graphc, "export", path, "--weights", second, "--network", network, "--prefix", "main.", "--out", third, *flags)
    again = load_file(third)
    module.load_state_dict(again, strict=True)
    original = load_file(second)
    same = all(
        numpy.array_equal(again[key].numpy(), original[key].numpy()) for key in original if key in again)
    return into, back, same and set(again) == set(original)


def main():
    graphc = sys.argv[1]
    torch.manual_seed(0)
    failures = 0
    for title, make, text, network, name, shape, flags in CASES:
        with tempfile.TemporaryDirectory() as folder:
            try:
                into, back, same = check(
                    graphc, make(), text, network, name, shape, flags, pathlib.Path(folder))
                failures += not (into <= TOLERANCE and back <= TOLERANCE and same)
                print(f"{title}: to PyTorch {into:.1e}, back {back:.1e}, there and back {'the same' if same else 'CHANGED'}")
            except Exception as error:
                failures += 1
                print(f"{title}: FAILED {type(error).__name__}: {str(error)[:500]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
