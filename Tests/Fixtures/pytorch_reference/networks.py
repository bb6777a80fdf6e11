"""Builds PyTorch's modules for the layers of a spec."""

from collections.abc import Callable

import torch
from torch import nn

from .spec import Configured, ModelSpec

# A layer's name to its module. `shape` is the input's, batch included: PyTorch asks for the input
# channels, which a spec leaves to inference.
LAYERS: dict[str, Callable[..., nn.Module]] = {
    "conv2d": lambda shape, **attributes: nn.Conv2d(shape[1], **attributes),
    "conv_transpose2d": lambda shape, **attributes: nn.ConvTranspose2d(shape[1], **attributes),
    "linear": lambda shape, **attributes: nn.Linear(shape[1], **attributes),
    "batch_norm1d": lambda shape, **attributes: nn.BatchNorm1d(shape[1], **attributes),
    "batch_norm2d": lambda shape, **attributes: nn.BatchNorm2d(shape[1], **attributes),
    "relu": lambda _: nn.ReLU(),
    "leaky_relu": lambda _, **attributes: nn.LeakyReLU(**attributes),
    "elu": lambda _, **attributes: nn.ELU(**attributes),
    "gelu": lambda _, **attributes: nn.GELU(**attributes),
    "silu": lambda _: nn.SiLU(),
    "softplus": lambda _, **attributes: nn.Softplus(**attributes),
    "tanh": lambda _: nn.Tanh(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "upsample": lambda _, **attributes: nn.Upsample(**attributes),
    "avg_pool2d": lambda _, **attributes: nn.AvgPool2d(**attributes),
    "max_pool2d": lambda _, **attributes: nn.MaxPool2d(**attributes),
    "global_avg_pool": lambda _: nn.AdaptiveAvgPool2d(1),
    "flatten": lambda _: nn.Flatten(),
    "reshape": lambda _, shape: nn.Unflatten(1, shape),
}


def build_network(layers: list[Configured], input_shape: tuple[int, ...]) -> nn.Sequential:
    """The layers in order, with PyTorch's default initialisation out of torch's global generator.

    A layer's place in the list is its place in the `nn.Sequential`, so parameters are named as in
    graphc's checkpoints.

    Args:
        input_shape: of one image or latent vector, without the batch.

    Raises:
        KeyError: for a layer that has no module. TypeError: for an attribute that it does not take.
    """
    network = nn.Sequential()
    probe = torch.zeros(1, *input_shape)
    for layer in layers:
        module = LAYERS[layer.name](probe.shape, **layer.attributes)
        with torch.no_grad():
            probe = module.eval()(probe)
        network.append(module.train())
    return network


def build_networks(spec: ModelSpec) -> dict[str, nn.Sequential]:
    """The generator and the discriminator, in training mode.

    Raises:
        ValueError: where the generator's images or the discriminator's scores have the wrong shape.
    """
    generator = build_network(spec.generator, spec.generator_input_shape)
    discriminator = build_network(spec.discriminator, spec.image_shape)
    with torch.no_grad():
        images = generator.eval()(torch.zeros(1, *spec.generator_input_shape))
        scores = discriminator.eval()(images)
    if tuple(images.shape[1:]) != spec.image_shape:
        raise ValueError(f"{spec.name}: the generator makes {tuple(images.shape[1:])}")
    if scores.numel() != 1:
        raise ValueError(f"{spec.name}: the discriminator makes {scores.numel()} scores an image")
    return {"generator": generator.train(), "discriminator": discriminator.train()}
