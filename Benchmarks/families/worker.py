"""The process in which PyTorch trains a family, one for each mode; see `comparison.worker` for how it is spoken to."""

from collections.abc import Callable

import torch
from comparison.worker import SEED, median_milliseconds, serve

from .catalog import FAMILIES
from .family import Mode


def prepare(setup: dict) -> Callable[[int], float]:
    """What times so many steps of each kind that a model has."""
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(SEED)
    family = FAMILIES[setup["model"]](Mode(**setup["mode"]), setup["batch_size"])
    schedule = family.schedule
    for index in schedule.steps:
        family.step(index)

    def milliseconds(steps: int) -> float:
        """The mean of a period's steps, each as long as the median of its kind."""
        total = sum(count * median_milliseconds(lambda: family.step(index), steps) for index, count in schedule.steps.items())
        return total / schedule.period

    return milliseconds


if __name__ == "__main__":
    serve(prepare)
