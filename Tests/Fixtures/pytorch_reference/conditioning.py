"""How far rounding carries through a fixture's steps.

A correct Float64 implementation differs from PyTorch's by its order of summation. If training
amplified such differences without bound, the fixture could not tell a correct program from a wrong
one: an Adam update of a gradient that is zero but for rounding does that.
"""

from collections.abc import Callable

import torch

from .draws import Tensors
from .fixtures import relative_distances

PERTURBATION = 1e-13


def measure_amplification(
    replay: Callable[[Tensors], Tensors], inputs: Tensors, expected: Tensors
) -> float:
    """The largest relative change of any result for a relative change of one in the parameters.

    One random perturbation gives it to an order of magnitude.

    Args:
        replay: trains in Float64 from `init.*` and the steps.
        inputs: what it trains from.
        expected: what it makes of them.
    """
    random = torch.Generator().manual_seed(0)
    perturbed = dict(inputs)
    for name, value in inputs.items():
        if name.startswith("init.") and value.is_floating_point():
            sign = torch.randint(0, 2, value.shape, generator=random).double() * 2 - 1
            perturbed[name] = value.double() * (1 + PERTURBATION * sign)
    moved = replay(perturbed)
    return max(distance for _, distance in relative_distances(moved, expected)) / PERTURBATION
