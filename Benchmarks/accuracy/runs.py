"""Training runs that differ in the convolutions' algorithm, in the seed, or in the vectors' width."""

import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from .images import read_pngs

METRICS = ("loss_d", "loss_g", "d_real", "d_fake")
SAMPLE_SEED = 1234

DIRECT = "patches"
"""Computes every shape, so that forcing it leaves no Winograd anywhere."""


@dataclass(frozen=True)
class Model:
    """A model file, and what of it is changed.

    Attributes:
        real: names its real images in `images.real_images`.
    """

    name: str
    path: Path
    real: str
    settings: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.path.stem}" + "".join(f", `{setting}`" for setting in self.settings)


@dataclass(frozen=True)
class Variant:
    """A way to compute a run.

    Attributes:
        algorithm: what is forced; None is the cost model's choice.
        isa: the instruction set; None is the processor's best.
    """

    label: str
    algorithm: str | None
    isa: str | None = None

    @property
    def options(self) -> list[str]:
        return ["--convolution", self.algorithm] if self.algorithm else []

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | ({"GRAPHC_ISA": self.isa} if self.isa else {})


@dataclass(frozen=True)
class Run:
    """One training run, in a folder of its own below `results`."""

    model: Model
    variant: Variant
    seed: int
    steps: int
    results: Path
    graphc: Path

    @property
    def folder(self) -> Path:
        name = self.variant.label.replace(" ", "-").replace(",", "")
        return self.results / self.model.name / f"{name}-seed{self.seed}-{self.steps}"

    @property
    def label(self) -> str:
        return f"{self.variant.label}, seed {self.seed}"

    def train(self, threads: int) -> None:
        """Trains, unless the run is there from before.

        Raises:
            RuntimeError: where graphc fails, with its last line.
        """
        if (self.folder / f"checkpoints/step-{self.steps:06}.safetensors").exists():
            return
        settings = [
            *self.model.settings,
            f"train.checkpoint_every={self.steps}",
            f"train.sample_every={self.steps}",
        ]
        command = ["train", str(self.model.path), "--out", str(self.folder)]
        command += ["--max-steps", str(self.steps), "--seed", str(self.seed)]
        command += [word for setting in settings for word in ("--set", setting)]
        self._graphc([*command, "--threads", str(threads), *self.variant.options])

    @cached_property
    def curves(self) -> np.ndarray:
        """[step, metric], in the order of `METRICS`."""
        rows = [json.loads(line) for line in (self.folder / "metrics.jsonl").open()]
        assert len(rows) == self.steps, f"{self.folder} holds another run: delete it"
        return np.array([[row[metric] for metric in METRICS] for row in rows])

    def samples(self, count: int, seed: int = SAMPLE_SEED, variant: Variant | None = None) -> np.ndarray:
        """Images of the trained generator, [image, value], from 0 to 255.

        Args:
            variant: how they are computed; by default as the run was.
        """
        variant = variant or self.variant
        name = f"{count}-seed{seed}-{variant.algorithm or 'default'}-{variant.isa or 'best'}"
        folder = self.folder / "drawn" / name
        if not folder.exists():
            command = ["sample", str(self.folder), "--count", str(count), "--seed", str(seed)]
            command += ["--each", str(folder), "--threads", "1", *variant.options]
            self._graphc(command, variant)
        return read_pngs(sorted(folder.glob("*.png")))

    def _graphc(self, arguments: list[str], variant: Variant | None = None) -> None:
        result = subprocess.run(
            [str(self.graphc), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=(variant or self.variant).environment,
        )
        if result.returncode != 0:
            last = (result.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"{self.model.name}, {self.label}: exit code {result.returncode}: {last}")


def narrower_vectors() -> str:
    """The instruction set below the processor's best, by the name that graphc gives it."""
    path = Path("/proc/cpuinfo")
    has_avx512 = path.exists() and " avx512f " in path.read_text()
    return "avx2" if has_avx512 else "portable"


def algorithms_taken(model: Model, variant: Variant, graphc: Path) -> Counter[str]:
    """How many convolutions of the training step each algorithm computes."""
    command = [str(graphc), "bench", str(model.path), "--steps", "1", "--warmup", "0"]
    command += ["--format", "json", *variant.options]
    command += [word for setting in model.settings for word in ("--set", setting)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=True, env=variant.environment
    )
    rows = json.loads(result.stdout)["ops"]
    return Counter(row["algorithm"] for row in rows if row["algorithm"])
