"""Builds PyTorch's modules for the layers of a spec."""

from collections.abc import Callable

import torch
from torch import nn

from .draws import RecordedDropout
from .spec import LayerSpec, ModelSpec, NetworkSpec

Values = dict[str, torch.Tensor]


class Add(nn.Module):
    """The sum of its inputs."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        total = inputs[0]
        for value in inputs[1:]:
            total = total + value
        return total


class Concat(nn.Module):
    """Its inputs, joined along an axis."""

    def __init__(self, dim: int = 1):
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return torch.cat(inputs, self.dim)


# A layer's name to its module. `shape` is the first input's, batch included: PyTorch asks for the
# input channels, which a spec leaves to inference.
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
    "dropout": lambda _, **attributes: RecordedDropout(**attributes),
    "upsample": lambda _, **attributes: nn.Upsample(**attributes),
    "avg_pool2d": lambda _, **attributes: nn.AvgPool2d(**attributes),
    "max_pool2d": lambda _, **attributes: nn.MaxPool2d(**attributes),
    "global_avg_pool": lambda _: nn.AdaptiveAvgPool2d(1),
    "flatten": lambda _: nn.Flatten(),
    "reshape": lambda _, shape: nn.Unflatten(1, shape),
    "add": lambda _: Add(),
    "concat": lambda _, **attributes: Concat(**attributes),
}


class LayerList(nn.Module):
    """Layers in order, each on the layer before it or on those that its `from` names.

    A layer's name is its name here, so parameters are called as in graphc's checkpoints.
    """

    def __init__(self, layers: tuple[LayerSpec, ...], probe: torch.Tensor, named: Values):
        """With PyTorch's default initialisation out of torch's global generator.

        Args:
            probe: an input of a batch of one.
            named: what `from` may name, for the same batch.

        Raises:
            KeyError: for a layer that has no module. TypeError: for an attribute that it does not
                take.
        """
        super().__init__()
        self.specs = layers
        named = dict(named)
        for spec in layers:
            inputs = self.inputs_of(spec, probe, named)
            if spec.kind.name == "residual":
                module: nn.Module = Residual(spec, inputs[0], named)
            else:
                module = LAYERS[spec.kind.name](inputs[0].shape, **spec.kind.attributes)
            self.add_module(spec.name, module)
            with torch.no_grad():
                probe = self.apply_layer(module.eval(), inputs, named)
            module.train()
            named[spec.name] = probe

    @staticmethod
    def inputs_of(spec: LayerSpec, before: torch.Tensor, named: Values) -> list[torch.Tensor]:
        return [named[name] for name in spec.inputs] if spec.inputs else [before]

    @staticmethod
    def apply_layer(
        module: nn.Module, inputs: list[torch.Tensor], named: Values
    ) -> torch.Tensor:
        if isinstance(module, Residual):
            return module(inputs[0], named)
        return module(*inputs)

    def forward(self, value: torch.Tensor, named: Values) -> torch.Tensor:
        named = dict(named)
        for spec in self.specs:
            inputs = self.inputs_of(spec, value, named)
            value = self.apply_layer(self.get_submodule(spec.name), inputs, named)
            named[spec.name] = value
        return value


class Residual(LayerList):
    """What its layers make, and its input or what the shortcut makes of it, added."""

    def __init__(self, spec: LayerSpec, probe: torch.Tensor, named: Values):
        super().__init__(spec.body, probe, named)
        self.shortcut = LayerList(spec.shortcut, probe, named) if spec.shortcut else None

    def forward(self, value: torch.Tensor, named: Values) -> torch.Tensor:
        around = value if self.shortcut is None else self.shortcut(value, named)
        return super().forward(value, named) + around


class Network(LayerList):
    """A whole network on its one input."""

    def __init__(self, spec: NetworkSpec, input_shape: tuple[int, ...]):
        """`input_shape` is of one image or latent vector, without the batch."""
        probe = torch.zeros(1, *input_shape)
        super().__init__(spec.layers, probe, {spec.input_name: probe})
        self.input_name = spec.input_name

    def forward(self, value: torch.Tensor) -> torch.Tensor:
        return super().forward(value, {self.input_name: value})


def build_networks(spec: ModelSpec) -> dict[str, Network]:
    """The generator and the discriminator, in training mode.

    Raises:
        ValueError: where the generator's images or the discriminator's scores have the wrong shape.
    """
    generator = Network(spec.generator, spec.generator_input_shape)
    discriminator = Network(spec.discriminator, spec.image_shape)
    with torch.no_grad():
        images = generator.eval()(torch.zeros(1, *spec.generator_input_shape))
        scores = discriminator.eval()(images)
    if tuple(images.shape[1:]) != spec.image_shape:
        raise ValueError(f"{spec.name}: the generator makes {tuple(images.shape[1:])}")
    if not spec.discriminator.is_patch and scores.numel() != 1:
        raise ValueError(f"{spec.name}: the discriminator makes {scores.numel()} scores an image")
    return {"generator": generator.train(), "discriminator": discriminator.train()}
