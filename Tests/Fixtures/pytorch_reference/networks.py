"""Builds PyTorch's modules for the layers of a spec."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from . import family_layers as family
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


class ConditionalBatchNorm2d(nn.Module):
    """Batch norm scaled and shifted by the rows of two tables for each image's class."""

    def __init__(self, channels: int, num_classes: int, eps: float = 1e-5, momentum: float = 0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))
        self.weight = nn.Embedding(num_classes, channels)
        self.bias = nn.Embedding(num_classes, channels)
        nn.init.ones_(self.weight.weight)
        nn.init.zeros_(self.bias.weight)

    def forward(self, value: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.num_batches_tracked.add_(1)
        normalized = nn.functional.batch_norm(
            value,
            self.running_mean,
            self.running_var,
            training=self.training,
            momentum=self.momentum,
            eps=self.eps,
        )
        weight, bias = self.weight(labels), self.bias(labels)
        return weight[:, :, None, None] * normalized + bias[:, :, None, None]


class Projection(nn.Module):
    """A score of features summed over the image, and their product with the row of the class.

    Source: Miyato and Koyama, "cGANs with Projection Discriminator" (2018).
    """

    def __init__(self, features: int, num_classes: int):
        super().__init__()
        self.linear = nn.Linear(features, 1)
        self.embedding = nn.Embedding(num_classes, features)

    def forward(self, value: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        summed = value.sum(dim=(2, 3)) if value.dim() == 4 else value
        agreement = (self.embedding(labels) * summed).sum(dim=1, keepdim=True)
        return self.linear(summed) + agreement


Shapes = list[torch.Size]


def weighted(build: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """A layer whose weight may be normalised by its spectral norm or have an equalised learning rate."""

    def built(
        shapes: Shapes,
        spectral_norm_: bool = False,
        equalized_lr: bool = False,
        gain: float = 2**0.5,
        **attributes,
    ) -> nn.Module:
        module = build(shapes[0], **attributes)
        if equalized_lr:
            module = family.equalized(module, gain)
        if spectral_norm_:
            parts = [module] if hasattr(module, "weight") else list(module.children())
            for part in parts:
                spectral_norm(part)
        return module

    return lambda shapes, **attributes: built(
        shapes, attributes.pop("spectral_norm", False), **attributes
    )


# A layer's name to its module. The shapes are the inputs', batch included: PyTorch asks for the
# input channels, which a spec leaves to inference.
LAYERS: dict[str, Callable[..., nn.Module]] = {
    "conv2d": weighted(lambda shape, **attributes: nn.Conv2d(shape[1], **attributes)),
    "conv_transpose2d": weighted(
        lambda shape, **attributes: nn.ConvTranspose2d(shape[1], **attributes)
    ),
    "linear": weighted(lambda shape, **attributes: nn.Linear(shape[1], **attributes)),
    "batch_norm1d": lambda shapes, **attributes: nn.BatchNorm1d(shapes[0][1], **attributes),
    "batch_norm2d": lambda shapes, **attributes: nn.BatchNorm2d(shapes[0][1], **attributes),
    "instance_norm2d": lambda shapes, **attributes: nn.InstanceNorm2d(shapes[0][1], **attributes),
    "layer_norm": lambda shapes, affine=True, **attributes: nn.LayerNorm(
        shapes[0][1:], elementwise_affine=affine, **attributes
    ),
    "group_norm": lambda shapes, **attributes: nn.GroupNorm(
        num_channels=shapes[0][1], **attributes
    ),
    "pixel_norm": lambda _, **attributes: family.PixelNorm(**attributes),
    "minibatch_stddev": lambda _, **attributes: family.MinibatchStddev(**attributes),
    "relu": lambda _: nn.ReLU(),
    "leaky_relu": lambda _, **attributes: nn.LeakyReLU(**attributes),
    "elu": lambda _, **attributes: nn.ELU(**attributes),
    "gelu": lambda _, **attributes: nn.GELU(**attributes),
    "silu": lambda _: nn.SiLU(),
    "softplus": lambda _, **attributes: nn.Softplus(**attributes),
    "tanh": lambda _: nn.Tanh(),
    "sigmoid": lambda _: nn.Sigmoid(),
    "prelu": lambda _, **attributes: nn.PReLU(**attributes),
    "relu6": lambda _: nn.ReLU6(),
    "hardtanh": lambda _, **attributes: nn.Hardtanh(**attributes),
    "softsign": lambda _: nn.Softsign(),
    "log_sigmoid": lambda _: nn.LogSigmoid(),
    "mish": lambda _: nn.Mish(),
    "selu": lambda _: nn.SELU(),
    "hardsigmoid": lambda _: nn.Hardsigmoid(),
    "hardswish": lambda _: nn.Hardswish(),
    "softmax": lambda _, dim=1: nn.Softmax(dim),
    "log_softmax": lambda _, dim=1: nn.LogSoftmax(dim),
    "self_attention": weighted(lambda shape: family.SelfAttention(shape[1])),
    "dropout": lambda _, **attributes: RecordedDropout(**attributes),
    "upsample": lambda _, scale_factor, **attributes: nn.Upsample(
        scale_factor=tuple(scale_factor) if isinstance(scale_factor, list) else scale_factor,
        **attributes,
    ),
    "avg_pool2d": lambda _, **attributes: nn.AvgPool2d(**attributes),
    "max_pool2d": lambda _, **attributes: nn.MaxPool2d(**attributes),
    "global_avg_pool": lambda _: nn.AdaptiveAvgPool2d(1),
    "global_sum_pool": lambda _: family.GlobalSumPool(),
    "pixel_shuffle": lambda _, **attributes: nn.PixelShuffle(**attributes),
    "pixel_unshuffle": lambda _, **attributes: nn.PixelUnshuffle(**attributes),
    "blur": lambda _, **attributes: family.Blur(**attributes),
    "pad": lambda _, **attributes: family.Pad(**attributes),
    "flatten": lambda _: nn.Flatten(),
    "reshape": lambda _, shape: nn.Unflatten(1, shape),
    "add": lambda _: Add(),
    "concat": lambda _, **attributes: Concat(**attributes),
    "embedding": lambda _, **attributes: nn.Embedding(**attributes),
    "conditional_batch_norm2d": lambda shapes, **attributes: ConditionalBatchNorm2d(
        shapes[0][1], **attributes
    ),
    "projection": lambda shapes, **attributes: Projection(shapes[0][1], **attributes),
    "multiply": lambda _: family.Multiply(),
    "fade": lambda _, **attributes: family.Fade(**attributes),
    "mean": lambda _, **attributes: family.Mean(**attributes),
    "scale": lambda _, factor: family.Scale(factor),
    "constant": lambda _, shape: family.Constant(shape),
    "slice": lambda _, **attributes: family.Slice(**attributes),
    "chunk": lambda _, **attributes: family.Chunk(**attributes),
    "adain": lambda shapes, **attributes: family.AdaIN(shapes[0][1], shapes[1][1], **attributes),
    "modulated_conv2d": lambda shapes, **attributes: family.ModulatedConv2d(
        shapes[0][1], shapes[1][1], **attributes
    ),
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
                module = LAYERS[spec.kind.name](
                    [value.shape for value in inputs], **spec.kind.attributes
                )
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

    def run(self, value: torch.Tensor, named: Values) -> tuple[torch.Tensor, Values]:
        """The last layer's output, and all layers' by their names."""
        named = dict(named)
        for spec in self.specs:
            inputs = self.inputs_of(spec, value, named)
            value = self.apply_layer(self.get_submodule(spec.name), inputs, named)
            named[spec.name] = value
        return value, named

    def forward(self, value: torch.Tensor, named: Values) -> torch.Tensor:
        return self.run(value, named)[0]


class Residual(LayerList):
    """What its layers make, and its input or what the shortcut makes of it, added."""

    def __init__(self, spec: LayerSpec, probe: torch.Tensor, named: Values):
        super().__init__(spec.body, probe, named)
        self.shortcut = LayerList(spec.shortcut, probe, named) if spec.shortcut else None

    def forward(self, value: torch.Tensor, named: Values) -> torch.Tensor:
        around = value if self.shortcut is None else self.shortcut(value, named)
        return super().forward(value, named) + around


Result = torch.Tensor | Values


class Network(LayerList):
    """A whole network: a function of its inputs, in the order in which the spec names them.

    Its result is the last layer's, or by name what the spec's `outputs` list.
    """

    def __init__(self, spec: NetworkSpec, input_shapes: list[tuple[int, ...]]):
        """`input_shapes` are without the batch; a class has none, `()`."""
        probes = [
            torch.zeros(1, *shape) if shape else torch.zeros(1, dtype=torch.int64)
            for shape in input_shapes
        ]
        self.input_shapes = input_shapes
        names = list(spec.inputs)
        super().__init__(spec.layers, probes[0], dict(zip(names, probes)))
        self.input_names = names
        self.outputs = spec.outputs

    def forward(self, *inputs: torch.Tensor) -> Result:
        result, layers = self.with_layers(*inputs)
        return {name: layers[self.outputs[name]] for name in self.outputs} or result

    def with_layers(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, Values]:
        """The last layer's output, and all layers' by their names."""
        adapted = [
            value.view(-1, *shape) if shape else value
            for value, shape in zip(inputs, self.input_shapes, strict=True)
        ]
        return self.run(adapted[0], dict(zip(self.input_names, adapted)))


def build_networks(spec: ModelSpec) -> dict[str, Network]:
    """The model's networks by their names, in training mode.

    Raises:
        ValueError: where the generator's images or the discriminator's scores have the wrong shape.
    """
    networks = {
        name: Network(network, [spec.shape_of(network, shape) for shape in network.inputs.values()])
        for name, network in spec.networks.items()
    }
    if list(spec.generator.inputs.values()) == ["latent"]:
        check_images(spec, networks)
    return networks


def check_images(spec: ModelSpec, networks: dict[str, Network]) -> None:
    """Raises ValueError where images or scores have the wrong shape."""
    generator = networks["generator"].eval()
    with torch.no_grad():
        images = generator(torch.zeros(1, spec.latent))
    generator.train()
    if isinstance(images, dict):
        return
    if tuple(images.shape[1:]) != spec.image_shape:
        raise ValueError(f"{spec.name}: the generator makes {tuple(images.shape[1:])}")
    judge = spec.networks.get("discriminator")
    if judge is None or judge.is_patch or list(judge.inputs.values()) != ["image"]:
        return
    discriminator = networks["discriminator"].eval()
    with torch.no_grad():
        scores = discriminator(images)
    discriminator.train()
    if not isinstance(scores, dict) and scores.numel() != 1:
        raise ValueError(f"{spec.name}: the discriminator makes {scores.numel()} scores an image")
