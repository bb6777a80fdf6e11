"""What a fixture holds, and how it comes about.

A fixture is one safetensors file:

    init.<network>.<parameter>      F32   the state dicts before the first step
    step.<i>.real                   F32   [N, C, H, W], the images of step i
    step.<i>.noise                  F32   [N, latent]
    step.<i>.mask.<layer>.<k>       F32   what the layer's dropout keeps in its k-th application
    step.<i>.<loss>, as loss_d        F64   [], as the Float64 run computes them
    final.<network>.<parameter>     F64   the state dicts after the last step
    fp32.step.<i>.<loss>, as loss_d   F32   PyTorch's own fp32 run of the same steps
    fp32.final.<network>.<parameter>  F32

`num_batches_tracked` is I64 everywhere. Inputs are fp32 so that both runs begin from equal values.
"""

from collections.abc import Iterator
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from .adversarial import AdversarialTrainer
from .draws import Draws, Tensors, connect_dropouts
from .families import Family
from .images import draw_shapes
from .networks import ConditionalBatchNorm2d, build_networks
from .spec import ModelSpec

# The one statistic that is a count; every other tensor is a number to compare.
COUNT_SUFFIX = "num_batches_tracked"


def draw_inputs(
    spec: ModelSpec, batch_sizes: list[int], seed: int, discriminator_gain: float = 1
) -> Tensors:
    """`init.*`, `step.<i>.real` and `step.<i>.noise`, one step for each of `batch_sizes`.

    Convolutions and linear layers begin as PyTorch initialises them. Batch norms begin with
    weights, biases and statistics drawn at random, since ones and zeros would hide a misuse.

    Args:
        discriminator_gain: scales the weights and bias of the discriminator's last layer that
            has any.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed + 1)
    tensors: Tensors = {}
    networks = build_networks(spec)
    scoring = [m for m in networks["discriminator"].modules() if hasattr(m, "weight")][-1]
    with torch.no_grad():
        for parameter in scoring.parameters():
            parameter *= discriminator_gain
    tensors |= initial_state(networks, random)
    for step, count in enumerate(batch_sizes):
        tensors[f"step.{step}.real"] = draw_shapes(count, spec.image_shape, random)
        tensors[f"step.{step}.noise"] = torch.randn(count, spec.latent, generator=random)
    return tensors


def initial_state(networks: dict[str, nn.Module], random: torch.Generator) -> Tensors:
    """The networks' states as `init.*`, in which batch norms' weights and statistics are random."""
    tensors: Tensors = {}
    for network_name, network in networks.items():
        for module in network.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                weight, bias = module.weight, module.bias
            elif isinstance(module, ConditionalBatchNorm2d):
                weight, bias = module.weight.weight, module.bias.weight
            else:
                continue
            with torch.no_grad():
                weight.uniform_(0.5, 1.5, generator=random)
                bias.uniform_(-0.3, 0.3, generator=random)
            module.running_mean.uniform_(-0.5, 0.5, generator=random)
            module.running_var.uniform_(0.5, 1.5, generator=random)
            module.num_batches_tracked.fill_(3)
        for name, value in network.state_dict().items():
            tensors[f"init.{network_name}.{name}"] = value.clone()
    return tensors


def load_networks(spec: ModelSpec, tensors: Tensors, dtype: torch.dtype) -> dict[str, nn.Module]:
    """The model's networks with the fixture's `init.*`."""
    networks = build_networks(spec)
    for network_name, network in networks.items():
        prefix = f"init.{network_name}."
        network.to(dtype).load_state_dict(
            {key.removeprefix(prefix): tensors[key] for key in tensors if key.startswith(prefix)}
        )
    return networks


def final_state(networks: dict[str, nn.Module]) -> Tensors:
    """The networks' states as `final.*`."""
    return {
        f"final.{network_name}.{name}": value.clone()
        for network_name, network in networks.items()
        for name, value in network.state_dict().items()
    }


def count_steps(tensors: Tensors) -> int:
    """How many training steps the fixture holds."""
    steps = 0
    while f"step.{steps}.real" in tensors:
        steps += 1
    return steps


def replay(
    spec: ModelSpec, tensors: Tensors, dtype: torch.dtype, random: torch.Generator | None = None
) -> Tensors:
    """Trains through the fixture's steps in `dtype`.

    Args:
        tensors: at least `init.*`, `step.<i>.real` and `step.<i>.noise`.
        random: draws the other random numbers of the steps where `tensors` lacks them, which are
            then put into it.

    Returns:
        `step.<i>.loss_d`, `step.<i>.loss_g` and `final.*`, in `dtype`.
    """
    networks = load_networks(spec, tensors, dtype)
    trainer = AdversarialTrainer(spec, networks)
    draws = Draws(tensors, random)
    connect_dropouts(networks, draws)
    expected: Tensors = {}
    for step in range(count_steps(tensors)):
        draws.step = step
        real, noise = tensors[f"step.{step}.real"], tensors[f"step.{step}.noise"]
        losses = trainer.step(real.to(dtype), noise.to(dtype))
        expected[f"step.{step}.loss_d"], expected[f"step.{step}.loss_g"] = losses
    return expected | final_state(networks)


def replay_family(
    family: Family,
    spec: ModelSpec,
    tensors: Tensors,
    dtype: torch.dtype,
    random: torch.Generator | None = None,
) -> Tensors:
    """Trains a family's model in `dtype`.

    Args:
        tensors: at least `init.*`.
        random: draws what `tensors` lacks of the steps, which is then put into it.

    Returns:
        `step.<i>.<loss>` and `final.*`, in `dtype`.
    """
    networks = load_networks(spec, tensors, dtype)
    draws = Draws(tensors, random)
    trainer = family.trainer(spec, networks, draws, spec.batch_size, dtype)
    for step in range(family.steps):
        draws.step = step
        trainer.step()
    rest = {f"final.{name}": value.clone() for name, value in trainer.state().items()}
    return trainer.losses | final_state(networks) | rest


def relative_distances(actual: Tensors, expected: Tensors) -> Iterator[tuple[str, float]]:
    """Per tensor of `expected`: the largest difference over the largest expected magnitude."""
    for name, value in expected.items():
        difference = (actual[name].double() - value.double()).abs().max()
        scale = value.double().abs().max().clamp(min=torch.finfo(torch.float64).tiny)
        yield name, (difference / scale).item()


def save(path: Path, tensors: Tensors, origin: str) -> None:
    """Writes the fixture; equal content is equal bytes.

    The header names its `origin` alone, since safetensors writes metadata in no fixed order.
    """
    ordered = {name: tensors[name].contiguous() for name in sorted(tensors)}
    safetensors.torch.save_file(ordered, path, metadata={"origin": origin})


def load(path: Path) -> Tensors:
    """Every tensor of the fixture."""
    return safetensors.torch.load_file(path)
