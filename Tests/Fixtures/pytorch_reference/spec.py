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
class LayerSpec:
    """A layer, and where its input comes from."""

    name: str
    """Its segment in the `state_dict`: its `name:`, or its place in the list."""
    kind: Configured
    inputs: tuple[str, ...] = ()
    """The layers that `from` names; none is the layer before it."""
    body: tuple["LayerSpec", ...] = ()
    """The layers inside a `residual`."""
    shortcut: tuple["LayerSpec", ...] = ()
    """What the input goes through on the way around a `residual`; none is the input itself."""


@dataclass(frozen=True)
class NetworkSpec:
    """The layers of a network, its inputs and its results."""

    inputs: dict[str, str | list[int]]
    """What `from` calls each input, and what it is: `latent`, `image`, `class`, the name of a draw, or
    extents without the batch."""
    layers: tuple[LayerSpec, ...]
    outputs: dict[str, str]
    """The layers whose outputs are the network's, by the results' names; none is the last one."""
    is_patch: bool = False
    """Whether a discriminator gives a score per place, not per image."""


@dataclass(frozen=True)
class ModelSpec:
    """A model as its file describes it. `image_shape` is (channels, height, width)."""

    name: str
    image_shape: tuple[int, int, int]
    latent: int
    classes: int | None
    networks: dict[str, NetworkSpec]
    draws: dict[str, dict]
    """What `train.draw` says of each."""
    loss: str | None
    real_label: float
    batch_size: int
    optimizers: dict[str, Configured]
    """By the network's name."""

    @property
    def generator(self) -> NetworkSpec:
        return self.networks["generator"]

    @property
    def discriminator(self) -> NetworkSpec:
        return self.networks["discriminator"]

    @property
    def generator_input_shape(self) -> tuple[int, ...]:
        """The latent vector's shape without the batch."""
        return self.shape_of(self.generator, "latent")

    def shape_of(self, network: NetworkSpec, what: str | list[int]) -> tuple[int, ...]:
        """An input's shape without the batch; `()` for a class.

        A network that begins with a convolution sees a latent vector as an image of one pixel.
        """
        if what == "latent":
            is_image = network.layers[0].kind.name.startswith("conv")
            return (self.latent, 1, 1) if is_image else (self.latent,)
        if what == "image":
            return self.image_shape
        if what == "class":
            return ()
        if isinstance(what, list):
            return tuple(what)
        draw = self.draws[what]
        return () if "class" in draw else (draw.get("normal") or draw["size"],)


# The attribute that a bare value sets, as in `leaky_relu: 0.2`.
PRIMARY_ATTRIBUTES = {
    "avg_pool2d": "kernel_size",
    "concat": "dim",
    "dropout": "p",
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
    if value is None:
        return Configured(name, {})
    if isinstance(value, dict):
        return Configured(name, value)
    if name not in PRIMARY_ATTRIBUTES:
        raise ValueError(f"the attributes of {name} must be a mapping: {value!r}")
    return Configured(name, {PRIMARY_ATTRIBUTES[name]: value})


def parse_layers(nodes: list) -> tuple[LayerSpec, ...]:
    """A list of layers, each with its `name` and its `from` beside it if it has any."""
    return tuple(parse_layer(node, index) for index, node in enumerate(nodes))


def parse_layer(node: str | dict, index: int) -> LayerSpec:
    """The layer that stands at `index` of its list."""
    beside = {}
    if isinstance(node, dict):
        beside = {key: node[key] for key in ("name", "from") if key in node}
        node = {key: node[key] for key in node if key not in beside}
    inputs = beside.get("from", ())
    if isinstance(inputs, str):
        inputs = (inputs,)
    name = beside.get("name", str(index))
    if isinstance(node, dict) and set(node) == {"residual"}:
        parts = node["residual"]
        if isinstance(parts, list):
            parts = {"layers": parts}
        return LayerSpec(
            name,
            Configured("residual", {}),
            tuple(inputs),
            parse_layers(parts["layers"]),
            parse_layers(parts.get("shortcut", [])),
        )
    return LayerSpec(name, parse_configured(node), tuple(inputs))


# What the inputs of the two networks of a plain model are, and how `from` calls them.
PLAIN_INPUTS = {"generator": {"noise": "latent"}, "discriminator": {"image": "image"}}


def parse_network(name: str, node: list | dict) -> NetworkSpec:
    """A list of layers, or a mapping with `inputs`, `layers`, `outputs` and `output`."""
    if isinstance(node, list):
        return NetworkSpec(PLAIN_INPUTS[name], parse_layers(node), {})
    inputs = node.get("inputs", PLAIN_INPUTS.get(name))
    if isinstance(inputs, str):
        (what,) = PLAIN_INPUTS[name].values()
        inputs = {inputs: what}
    is_patch = node.get("output", "score") == "patch"
    return NetworkSpec(inputs, parse_layers(node["layers"]), node.get("outputs", {}), is_patch)


def parse_optimizers(node: dict, networks: list[str]) -> dict[str, Configured]:
    """One optimiser for all networks, or one for each."""
    if set(node) <= set(networks):
        return {network: parse_configured(node[network]) for network in node}
    configured = parse_configured(node)
    return {network: configured for network in networks}


def read_spec(path: Path) -> ModelSpec:
    """The model that `path` holds.

    Raises:
        KeyError, ValueError: where a key is missing or a layer is not in its expanded form.
    """
    root = yaml.safe_load(path.read_text())
    image, train = root["image"], root["train"]
    written = root.get("networks", {}) | {name: root[name] for name in PLAIN_INPUTS if name in root}
    networks = {name: parse_network(name, node) for name, node in written.items()}
    return ModelSpec(
        name=root["name"],
        image_shape=(image["channels"], image["height"], image["width"]),
        latent=root["latent"],
        classes=root.get("classes"),
        networks=networks,
        draws=train.get("draw", {}),
        loss=train.get("loss"),
        real_label=train.get("real_label", 1.0),
        batch_size=train["batch_size"],
        optimizers=parse_optimizers(train["optimizer"], list(networks)),
    )
