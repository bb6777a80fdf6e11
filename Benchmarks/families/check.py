"""Whether PyTorch's networks are graphc's, and train."""

import re
import subprocess
from pathlib import Path

import torch

from .catalog import FAMILIES
from .family import Mode

# Small enough to be quick, and a multiple of StyleGAN2's groups.
BATCH_SIZE = 4


def graphc_parameters(graphc: Path, spec: Path) -> list[int]:
    """The networks' numbers of parameters, the generator's first, as `graphc check` prints them.

    Raises:
        subprocess.CalledProcessError: where graphc refuses the model.
    """
    result = subprocess.run([graphc, "check", spec], capture_output=True, text=True, check=True)
    return [int(it.replace(",", "")) for it in re.findall(r"^ *total +([\d,]+)", result.stdout, re.MULTILINE)]


def check_model(model: str, graphc: Path, spec: Path) -> bool:
    """Prints both sides' parameters and the losses of the first step; whether all is well."""
    torch.manual_seed(0)
    family = FAMILIES[model](Mode(), BATCH_SIZE)
    networks = (family.generator, family.discriminator)
    ours = [sum(it.numel() for it in network.parameters()) for network in networks]
    theirs = graphc_parameters(graphc, spec)
    losses = family.step(0)
    numbers = ", ".join(f"{name} {loss.item():.4f}" for name, loss in losses.items())
    is_right = ours == theirs and all(torch.isfinite(loss) for loss in losses.values())
    print(f"{model}: parameters {ours} in PyTorch, {theirs} in graphc; {numbers}: {'ok' if is_right else 'WRONG'}")
    return is_right
