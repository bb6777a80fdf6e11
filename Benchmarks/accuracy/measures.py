"""What is compared: loss curves, and the statistics of sampled images."""

from dataclasses import astuple, dataclass

import numpy as np

WINDOW = 50
SEPARATION = 1e-2
COMPONENTS = 32


def smoothed(curves: np.ndarray) -> np.ndarray:
    """Means over windows of `WINDOW` steps, [window, metric]."""
    return curves.reshape(-1, WINDOW, curves.shape[1]).mean(axis=1)


def curve_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How far two runs' smoothed curves are apart, on average over the windows, for each metric."""
    return abs(smoothed(a) - smoothed(b)).mean(axis=0)


def relative_loss_difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The larger of both losses' relative differences, step by step; the losses come first."""
    return (abs(a - b) / abs(b))[:, :2].max(axis=1)


def separation_step(a: np.ndarray, b: np.ndarray) -> int | None:
    """The first step, from 1, at which a loss differs by more than `SEPARATION`; None if none does."""
    apart = relative_loss_difference(a, b) > SEPARATION
    return int(apart.argmax()) + 1 if apart.any() else None


@dataclass(frozen=True)
class ImageStatistics:
    """A set of images beside real ones. Lengths are in grey levels of 255.

    Attributes:
        frechet: the Fréchet distance of Gaussians in the real images' first principal components
            (Dowson and Landau 1982), divided by the number of components, before the square.
        mean_error: root mean square over the pixels of their mean's difference from the real one's.
        deviation_error: the same of the pixels' standard deviations.
        pairwise: mean distance of two images, root mean square over their pixels.
        spectrum_error: root mean square of the differences of the logarithms to base 10 of the
            leading eigenvalues of the covariance.
    """

    frechet: float
    mean_error: float
    deviation_error: float
    pairwise: float
    spectrum_error: float

    @property
    def values(self) -> np.ndarray:
        return np.array(astuple(self))


class RealImages:
    """The real images' statistics, which others are held against."""

    def __init__(self, images: np.ndarray):
        self.mean = images.mean(axis=0)
        self.deviation = images.std(axis=0)
        self.spectrum, self.axes = principal_components(images)
        self.features = self.project(images)

    def project(self, images: np.ndarray) -> np.ndarray:
        return (images - self.mean) @ self.axes

    def statistics(self, images: np.ndarray) -> ImageStatistics:
        spectrum, _ = principal_components(images)
        logs = np.log10(np.maximum(spectrum, 1e-3)) - np.log10(np.maximum(self.spectrum, 1e-3))
        return ImageStatistics(
            frechet=frechet_distance(self.project(images), self.features),
            mean_error=root_mean_square(images.mean(axis=0) - self.mean),
            deviation_error=root_mean_square(images.std(axis=0) - self.deviation),
            pairwise=pairwise_distance(images),
            spectrum_error=root_mean_square(logs),
        )


def principal_components(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The covariance's leading eigenvalues, the largest first, and their axes, [value, component]."""
    centred = images - images.mean(axis=0)
    is_wide = centred.shape[1] > len(centred)
    # The smaller of both products has the same eigenvalues, but for zeros.
    product = centred @ centred.T if is_wide else centred.T @ centred
    variances, vectors = np.linalg.eigh(product / (len(images) - 1))
    leading = vectors[:, ::-1][:, :COMPONENTS]
    axes = centred.T @ leading if is_wide else leading
    return variances[::-1][:COMPONENTS], axes / np.linalg.norm(axes, axis=0)


def root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))


def pairwise_distance(images: np.ndarray) -> float:
    """The mean over all pairs of different images of the distance a pixel."""
    norms = (images**2).sum(axis=1)
    squares = np.maximum(norms[:, None] + norms[None] - 2 * images @ images.T, 0)
    np.fill_diagonal(squares, 0)
    count = len(images)
    return float(np.sqrt(squares / images.shape[1]).sum() / (count * (count - 1)))


def probability_of_difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Two-sided p of Student's test that two groups of equal size, [run, quantity], have one mean.

    The degrees of freedom are even, so that the distribution has a closed form (Abramowitz and Stegun,
    26.7.4).
    """
    count = len(a)
    pooled = (a.var(axis=0, ddof=1) + b.var(axis=0, ddof=1)) / 2
    t = abs(a.mean(axis=0) - b.mean(axis=0)) / np.sqrt(np.maximum(pooled, 1e-30) * 2 / count)
    freedom = 2 * (count - 1)
    angle = np.arctan(t / np.sqrt(freedom))
    term, total = np.ones_like(t), np.zeros_like(t)
    for k in range(freedom // 2):
        total += term
        term = term * np.cos(angle) ** 2 * (2 * k + 1) / (2 * k + 2)
    return 1 - np.sin(angle) * total


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Between the Gaussians of two sets of features: the root of the mean square a component."""
    mean, (cov_a, cov_b) = a.mean(axis=0) - b.mean(axis=0), (np.cov(x, rowvar=False) for x in (a, b))
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    overlap = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    square = mean @ mean + np.trace(cov_a) + np.trace(cov_b) - 2 * overlap
    return float(np.sqrt(max(square, 0) / len(mean)))
