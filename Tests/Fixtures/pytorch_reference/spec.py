"""Reads the expanded form of graphc's spec language: no `let`, no blocks, no expressions."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Configured:
    """A name out of a catalog with its attributes: a layer, a loss or an optimiser."""

    name: str
    attributes: dict


@dataclass(frozen=True)
class ModelSpec:
    """A model as its file describes it. `image_shape` is (channels, height, width)."""

    name: str
    image_shape: tuple[int, int, int]
    latent: int
    generator: list[Configured]
    discriminator: list[Configured]
    loss: str
    batch_size: int
    optimizer: Configured

    @property
    def generator_input_shape(self) -> tuple[int, ...]:
        """The latent vector's shape without the batch: a convolution wants it as a 1×1 image."""
        if self.generator[0].name.startswith("conv"):
            return (self.latent, 1, 1)
        return (self.latent,)


# The attribute that a bare value sets, as in `leaky_relu: 0.2`.
PRIMARY_ATTRIBUTES = {
    "avg_pool2d": "kernel_size",
    "elu": "alpha",
    "gelu": "approximate",
    "leaky_relu": "negative_slope",
    "linear": "out_features",
    "max_pool2d": "kernel_size",
    "reshape": "shape",
    "upsample": "scale_factor",
}


def parse_configured(node: str | dict) -> Configured:
    """`relu`, `leaky_relu: 0.2` or `conv2d: {out_channels: 8, …}`.

    Raises:
        ValueError: for any other form.
    """
    if isinstance(node, str):
        return Configured(node, {})
    if not isinstance(node, dict) or len(node) != 1:
        raise ValueError(f"expected one name, alone or with its attributes: {node!r}")
    ((name, value),) = node.items()
    if isinstance(value, dict):
        return Configured(name, value)
    if name not in PRIMARY_ATTRIBUTES:
        raise ValueError(f"the attributes of {name} must be a mapping: {value!r}")
    return Configured(name, {PRIMARY_ATTRIBUTES[name]: value})


def read_spec(path: Path) -> ModelSpec:
    """The model that `path` holds.

    Raises:
        KeyError, ValueError: where a key is missing or a layer is not in its expanded form.
    """
    root = yaml.safe_load(path.read_text())
    image, train = root["image"], root["train"]
    return ModelSpec(
        name=root["name"],
        image_shape=(image["channels"], image["height"], image["width"]),
        latent=root["latent"],
        generator=[parse_configured(layer) for layer in root["generator"]],
        discriminator=[parse_configured(layer) for layer in root["discriminator"]],
        loss=train["loss"],
        batch_size=train["batch_size"],
        optimizer=parse_configured(train["optimizer"]),
    )
