"""The comparison as Markdown."""

from collections import Counter
from itertools import combinations

import numpy as np

from .images import real_images
from .measures import (
    SEPARATION,
    WINDOW,
    RealImages,
    curve_distance,
    frechet_distance,
    probability_of_difference,
    separation_step,
)
from .runs import METRICS, SAMPLE_SEED, Model, Run

REFERENCE, QUESTIONS = "direct", ("winograd4", "default")
LEVEL = 0.01
"""The probability of chance below which two means count as different."""


def render_introduction(processor: str) -> str:
    return (
        "# Winograd's rounding in training\n\n"
        f"Trained on: {processor}. `direct` is `--convolution patches`, which leaves no Winograd "
        "anywhere; `direct, narrower` is the same with half as wide vectors, which add up in another order. "
        "Runs of one seed begin with the same weights and see the same images and noise.\n"
    )


def render_model(model: Model, runs: list[Run], taken: dict[str, Counter[str]], images: int) -> str:
    """A model's section: who computes what, the curves, the images."""
    return "\n".join(
        [
            f"## {model.title}, {runs[0].steps} steps",
            "",
            *_render_algorithms(taken),
            "",
            *_render_curves(runs),
            "",
            *_render_images(model, runs, images),
            "",
        ]
    )


def _render_algorithms(taken: dict[str, Counter[str]]) -> list[str]:
    lines = ["Who computes the step's convolutions, all three directions counted:", ""]
    for label, counts in taken.items():
        parts = ", ".join(f"{count} {algorithm}" for algorithm, count in counts.most_common())
        lines.append(f"- {label}: {parts}")
    return lines


def _named(runs: list[Run], label: str) -> list[Run]:
    return [run for run in runs if run.variant.label == label]


def _render_curves(runs: list[Run]) -> list[str]:
    """Differences of pairs of runs: between seeds, and between algorithms at one seed."""
    direct = _named(runs, REFERENCE)
    by_seed = {run.seed: run for run in direct}
    pairs = {"direct, one seed against another": list(combinations(direct, 2))}
    for run in runs:
        if run.variant.label != REFERENCE:
            name = f"{run.variant.label} against direct"
            pairs.setdefault(name, []).append((run, by_seed[run.seed]))
    lines = [
        f"Difference of the curves, smoothed over {WINDOW} steps: its absolute value's mean over the run. "
        f"The last column is the step at which a loss first differs by more than {SEPARATION:.0%}.",
        "",
        "| pair | pairs | loss_d | loss_g | D(x) | D(G(z)) | apart at step |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, members in pairs.items():
        distances = np.array([curve_distance(a.curves, b.curves) for a, b in members])
        steps = [separation_step(a.curves, b.curves) for a, b in members]
        cells = [_spread(column) for column in distances.T]
        apart = ", ".join("never" if step is None else str(step) for step in steps)
        lines.append(f"| {name} | {len(members)} | {' | '.join(cells)} | {apart} |")
    return lines


def _spread(values: np.ndarray) -> str:
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{values.mean():.3f} ({values.min():.3f}–{values.max():.3f})"


def _render_images(model: Model, runs: list[Run], count: int) -> list[str]:
    """What a run comes to: the second half's means, and the images that it draws."""
    real = RealImages(real_images(model.real, 2 * count))
    drawn = {run: run.samples(count) for run in runs}
    values = {
        run: np.concatenate(
            [run.curves[run.steps // 2 :].mean(axis=0), real.statistics(images).values]
        )
        for run, images in drawn.items()
    }
    header = [*METRICS, "Fréchet", "mean", "deviation", "pairwise", "spectrum"]
    lines = [
        f"Means over the second half of the steps, and {count} images of each generator, of latent "
        f"vectors that are the same for all (seed {SAMPLE_SEED}), beside real ones, in grey levels: the "
        "Fréchet distance in 32 principal components of the real images, the errors of the pixels' means "
        "and standard deviations, the mean distance of two images, and the error of log10 of the "
        "covariance's 32 leading eigenvalues.",
        "",
        f"| run | {' | '.join(header)} |",
        "|---|" + "--:|" * len(header),
    ]

    def row(name: str, numbers: np.ndarray) -> str:
        return f"| {name} | {' | '.join(_number(number) for number in numbers)} |"

    lines += [row(run.label, numbers) for run, numbers in values.items()]
    by_label = {
        label: np.array([values[run] for run in _named(runs, label)]) for label in (REFERENCE, *QUESTIONS)
    }
    for label, numbers in by_label.items():
        lines.append(row(f"{label}, mean of the seeds", numbers.mean(axis=0)))
        lines.append(row(f"{label}, standard deviation of the seeds", numbers.std(axis=0, ddof=1)))
    chances = {
        label: probability_of_difference(by_label[REFERENCE], by_label[label]) for label in QUESTIONS
    }
    for label, chance in chances.items():
        lines.append(row(f"probability that chance sets {label} so far from direct", chance))
    floor = real.statistics(real_images(model.real, count, seed=1)).values
    lines += [
        "",
        f"{count} other real images: Fréchet {floor[0]:.2f}, mean {floor[1]:.2f}, deviation "
        f"{floor[2]:.2f}, pairwise {floor[3]:.1f}, spectrum {floor[4]:.3f}.",
        "",
        *_render_generators(real, runs, drawn, count),
        "",
        *(_verdict(label, header, chance) for label, chance in chances.items()),
    ]
    return lines


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _render_generators(
    real: RealImages, runs: list[Run], drawn: dict[Run, np.ndarray], count: int
) -> list[str]:
    """Distances of generators from each other, and of one set of weights drawn in two ways."""
    direct = _named(runs, REFERENCE)
    features = {run: real.project(images) for run, images in drawn.items()}
    seeds = [frechet_distance(features[a], features[b]) for a, b in combinations(direct, 2)]
    lines = ["Fréchet distance of one generator's images from another's:", ""]
    lines.append(f"- direct, one seed from another: {_spread(np.array(seeds))}")
    for label in dict.fromkeys(run.variant.label for run in runs):
        if label == REFERENCE:
            continue
        pairs = [(run, a) for run in _named(runs, label) for a in direct if a.seed == run.seed]
        distances = np.array([frechet_distance(features[a], features[b]) for a, b in pairs])
        lines.append(f"- {label} from direct, same seed: {_spread(distances)}")
    first = direct[0]
    again = real.project(first.samples(count, seed=SAMPLE_SEED + 1))
    lines.append(f"- one generator, other latent vectors: {frechet_distance(again, features[first]):.3f}")
    way = _named(runs, QUESTIONS[0])[0].variant
    difference = abs(first.samples(count, variant=way) - drawn[first])
    lines += [
        "",
        f"The weights of {first.label}, drawn with `--convolution {way.algorithm}`: "
        f"{(difference > 0).mean():.4%} of the values differ, by {difference.max():.0f} of 255 at most.",
    ]
    return lines


def _verdict(label: str, header: list[str], chance: np.ndarray) -> str:
    different = [name for name, value in zip(header, chance) if value < LEVEL]
    if different:
        return f"{label} differs from direct beyond the seeds' spread in: {', '.join(different)}.\n"
    return f"No mean of {label} differs from direct beyond the seeds' spread (p < {LEVEL}).\n"
