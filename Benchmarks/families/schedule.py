"""What a training step means to both sides."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """The steps after which everything repeats: all updates of the model's file, as often as it says.

    Attributes:
        steps: how many steps of a period do the same, by the index of the first one.
        graphs: how often graphc runs each of its graphs in them, by the name that `graphc bench --function` takes.
    """

    steps: dict[int, int]
    graphs: dict[str, int]

    @property
    def period(self) -> int:
        """How many training steps the graphs' runs make."""
        return sum(self.steps.values())


# All updates of a step in one graph.
WHOLE = Schedule(steps={0: 1}, graphs={"step": 1})


def with_critic_steps(count: int) -> Schedule:
    """So many of the discriminator's updates, each on a batch of its own, and one of the generator's."""
    return Schedule(steps={0: 1}, graphs={"step_loss_d": count, "step_loss_g": 1})
