"""What is timed: a model, a task, a batch size."""

from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent / "models"

TRAINING = "training"
INFERENCE = "inference"


@dataclass(frozen=True)
class Workload:
    """One table of the report.

    Attributes:
        task: `TRAINING` is a whole adversarial step, `INFERENCE` the generator in evaluation mode.
        steps: timed ones a round, sized for a second or so with PyTorch on two cores.
    """

    model: str
    task: str
    batch_size: int
    steps: int

    @property
    def spec_path(self) -> Path:
        return MODELS / f"{self.model}.yaml"

    @property
    def key(self) -> str:
        """Names the table in the stored results."""
        return f"{self.model}/{self.task}/{self.batch_size}"


WORKLOADS = [
    Workload("tutorial", TRAINING, batch_size=64, steps=100),
    Workload("dcgan32", TRAINING, batch_size=64, steps=8),
    Workload("dcgan64", TRAINING, batch_size=64, steps=3),
    Workload("dcgan128", TRAINING, batch_size=16, steps=2),
    Workload("tutorial", INFERENCE, batch_size=64, steps=300),
    Workload("dcgan32", INFERENCE, batch_size=64, steps=50),
    Workload("dcgan64", INFERENCE, batch_size=1, steps=200),
    Workload("dcgan64", INFERENCE, batch_size=64, steps=20),
    Workload("dcgan128", INFERENCE, batch_size=16, steps=10),
]
