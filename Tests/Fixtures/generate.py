#!/usr/bin/env python3
"""Makes and checks the fixtures: training steps that PyTorch ran, for graphc to replay.

    generate.py [NAME …]                     make the stored fixtures anew
    generate.py --check [NAME …]             replay the stored ones, write nothing
    generate.py --spec FILE --output FILE    make one for any model in expanded form

Needs PyTorch, safetensors and PyYAML.
"""

import argparse
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from pytorch_reference import fixtures
from pytorch_reference.conditioning import measure_amplification
from pytorch_reference.families import FAMILIES, Family
from pytorch_reference.networks import build_networks
from pytorch_reference.spec import ModelSpec, read_spec

FOLDER = Path(__file__).resolve().parent
DEFAULT_STEPS = 20

# Of a stored fixture. Beyond this, a correct program's rounding might pass for a mistake.
MAXIMUM_AMPLIFICATION = 100
# How far Float64 runs on two machines may lie apart, over the largest value of a tensor.
CHECK_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Recording:
    """How a stored fixture is recorded; what it trains stands in the spec of the same name."""

    seed: int
    batch_sizes: tuple[int, ...] | None = None
    """Of each step; None is the spec's, `DEFAULT_STEPS` times."""
    discriminator_gain: float = 1
    """Scales the weights and bias of the discriminator's last layer that has any."""


RECORDINGS = {
    "tutorial": Recording(seed=1),
    "odd_batch": Recording(seed=2, batch_sizes=(7, 7, 7, 7, 3) * 4),
    "rectangular": Recording(seed=3),
    "output_padding": Recording(seed=4),
    "groups": Recording(seed=5),
    "dilation": Recording(seed=6),
    "linear": Recording(seed=7),
    "activations": Recording(seed=8),
    "pooling": Recording(seed=9),
    "bce_with_logits": Recording(seed=10),
    # This seed scores no fake between 10 and 45, where log(1 - sigmoid) has lost its digits but is
    # not clamped yet: there the last bit of an `exp` would decide the loss.
    "bce_saturated": Recording(seed=14, batch_sizes=(6, 6, 6), discriminator_gain=500),
    "sgd": Recording(seed=12),
    "sgd_nesterov": Recording(seed=13),
    "sgd_dampening": Recording(seed=14),
    "rmsprop": Recording(seed=15),
    "rmsprop_centered": Recording(seed=16),
    "adamw": Recording(seed=17),
    "output_padding_dilation": Recording(seed=18),
    "residual": Recording(seed=25),
    "wiring": Recording(seed=20),
    "dropout": Recording(seed=21, batch_sizes=(6, 6, 6, 4, 6, 6)),
    "patch": Recording(seed=22),
    "real_label": Recording(seed=23),
    "two_optimizers": Recording(seed=24),
    "normalizations": Recording(seed=26),
    "spectral_norm": Recording(seed=27),
    "bent_activations": Recording(seed=28),
    "attention": Recording(seed=29),
    "resampling": Recording(seed=30),
    "styles": Recording(seed=31),
}


def record(
    spec: ModelSpec, recording: Recording, path: Path, maximum_amplification: float = math.inf
) -> None:
    """Trains in Float64 and in fp32 and writes the fixture.

    Raises:
        ValueError: where training amplifies rounding too much; then nothing is written.
    """
    batch_sizes = list(recording.batch_sizes or (spec.batch_size,) * DEFAULT_STEPS)
    inputs = fixtures.draw_inputs(spec, batch_sizes, recording.seed, recording.discriminator_gain)
    random = torch.Generator().manual_seed(recording.seed + 2)
    store(
        spec.name,
        inputs,
        lambda inputs, dtype, random=None: fixtures.replay(spec, inputs, dtype, random),
        random,
        path,
        recording.seed,
        maximum_amplification,
    )


def record_family(name: str, spec: ModelSpec, family: Family, path: Path) -> None:
    """The same for a family's own loop, whose draws are made as the loop asks for them."""
    torch.manual_seed(family.seed)
    random = torch.Generator().manual_seed(family.seed + 1)
    store(
        name,
        fixtures.initial_state(build_networks(spec), random),
        lambda inputs, dtype, random=None: fixtures.replay_family(
            family, spec, inputs, dtype, random
        ),
        random,
        path,
        family.seed,
        MAXIMUM_AMPLIFICATION,
    )


def store(
    name: str,
    inputs: fixtures.Tensors,
    replay: Callable[..., fixtures.Tensors],
    random: torch.Generator,
    path: Path,
    seed: int,
    maximum_amplification: float,
) -> None:
    """Trains with `replay(inputs, dtype, random)` and writes what came of it.

    Raises:
        ValueError: where training amplifies rounding too much; then nothing is written.
    """
    expected = replay(inputs, torch.float64, random)
    amplification = measure_amplification(
        lambda perturbed: replay(perturbed, torch.float64), inputs, expected
    )
    if not amplification <= maximum_amplification:
        raise ValueError(f"{name}: rounding grows {amplification:.1e} times")
    single = replay(inputs, torch.float32)
    fixtures.save(
        path,
        inputs | expected | {f"fp32.{name}": single[name] for name in single},
        origin=f"PyTorch {torch.__version__}, seed {seed}",
    )
    distance = max(distance for _, distance in fixtures.relative_distances(single, expected))
    print(
        f"{name:24} {path.stat().st_size / 1e3:6.0f} kB  "
        f"amplification {amplification:8.1e}  fp32 from Float64 {distance:8.1e}"
    )


def check(spec: ModelSpec, path: Path, family: Family | None = None) -> bool:
    """Whether this PyTorch computes what the fixture says; prints the tensor that differs most."""
    stored = fixtures.load(path)
    if family is None:
        expected = fixtures.replay(spec, stored, torch.float64)
    else:
        expected = fixtures.replay_family(family, spec, stored, torch.float64)
    name, distance = max(
        fixtures.relative_distances(stored, expected), key=lambda pair: pair[1]
    )
    print(f"{path.stem:24} {distance:8.1e}  {name}")
    return distance <= CHECK_TOLERANCE


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="stored fixtures; default: all")
    parser.add_argument("--check", action="store_true", help="replay and compare, write nothing")
    parser.add_argument("--spec", type=Path, help="a model in expanded form to record instead")
    parser.add_argument("--output", type=Path, help="where --spec's fixture goes")
    parser.add_argument("--steps", type=int, default=DEFAULT_STEPS, help="for --spec")
    parser.add_argument("--batch-size", type=int, help="for --spec; default: the model's")
    parser.add_argument("--seed", type=int, default=0, help="for --spec")
    arguments = parser.parse_args()
    if (arguments.spec is None) != (arguments.output is None):
        parser.error("--spec and --output go together")
    if arguments.spec is not None and (arguments.names or arguments.check):
        parser.error("--spec records one model: give no names and no --check")
    unknown = [name for name in arguments.names if name not in (RECORDINGS | FAMILIES)]
    if unknown:
        parser.error(f"no such fixture: {', '.join(unknown)}")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    # More threads would sum in another order; the fp32 run would then depend on the machine.
    torch.set_num_threads(1)
    if arguments.spec is not None:
        spec = read_spec(arguments.spec)
        batch_sizes = (arguments.batch_size or spec.batch_size,) * arguments.steps
        record(spec, Recording(arguments.seed, batch_sizes), arguments.output)
        return 0
    agrees = True
    for name in arguments.names or (RECORDINGS | FAMILIES):
        family = FAMILIES.get(name)
        folder = FOLDER / "families" if family else FOLDER
        spec, path = read_spec(folder / f"{name}.yaml"), folder / f"{name}.safetensors"
        if arguments.check:
            agrees = check(spec, path, family) and agrees
        elif family:
            record_family(name, spec, family, path)
        else:
            record(spec, RECORDINGS[name], path, MAXIMUM_AMPLIFICATION)
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
