"""Compares `graphc evaluate`'s scores with independent implementations on the same images.

    python check_scores.py GRAPHC RUN [--count 1000]

Precision, recall, density and coverage are prdc's; the Fréchet distance is computed with scipy's matrix root as
pytorch-fid does, the kernel distance with scikit-learn's polynomial kernel, the sliced Wasserstein distance with POT
on patches that are cut out here; MS-SSIM is computed with scipy's filters. Needs numpy, scipy, scikit-learn, prdc,
pot and safetensors. Exits with 1 where a score is off by more than 1e-4, relative to the score where that is above one.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import ot
import scipy.linalg
import scipy.ndimage
from prdc import compute_prdc
from safetensors.numpy import load_file
from sklearn.metrics.pairwise import polynomial_kernel

TOLERANCE = 1e-4


# The random numbers that graphc draws: Philox4x32-10, by (seed, stream, step, index).

def philox(counter, key):
    c = [numpy.asarray(word, dtype=numpy.uint64) for word in counter]
    k = [int(word) for word in key]
    low = numpy.uint64(0xFFFFFFFF)
    for _ in range(10):
        first = numpy.uint64(0xD2511F53) * c[0]
        second = numpy.uint64(0xCD9E8D57) * c[2]
        c = [
            (second >> numpy.uint64(32)) ^ c[1] ^ numpy.uint64(k[0]), second & low,
            (first >> numpy.uint64(32)) ^ c[3] ^ numpy.uint64(k[1]), first & low,
        ]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def named_seed(seed, name):
    mask = (1 << 64) - 1

    def mixed(value):
        z = (value + 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    hashed = 0xCBF29CE484222325
    for byte in name.encode():
        hashed = ((hashed ^ byte) * 0x100000001B3) & mask
    return mixed(mixed(seed & mask) ^ hashed)


class Source:
    """One stream of one seed, at step 0."""

    NOISE = 2

    def __init__(self, seed, name, substream=0):
        named = named_seed(seed, name)
        self.key = (named & 0xFFFFFFFF, named >> 32)
        self.stream = (self.NOISE + substream * 0x10001) & 0xFFFFFFFF

    def blocks(self, indices):
        indices = numpy.asarray(indices, dtype=numpy.uint64)
        zeros = numpy.zeros_like(indices)
        return philox((indices, zeros, zeros, zeros + numpy.uint64(self.stream)), self.key)

    def integers(self, indices, below):
        block = self.blocks(indices)
        return numpy.array([
            (((int(a) << 32) | int(b)) * below) >> 64 for a, b in zip(block[0], block[1])
        ])

    def normals(self, count):
        indices = numpy.arange(count)
        block = self.blocks(indices // 4)
        first = numpy.where(indices % 4 < 2, block[0], block[2]).astype(numpy.float64)
        second = numpy.where(indices % 4 < 2, block[1], block[3]).astype(numpy.float64)
        radius = numpy.sqrt(-2 * numpy.log((first + 1) * 2.0**-32))
        angle = 2 * numpy.pi * (second * 2.0**-32)
        return radius * numpy.where(indices % 2 == 0, numpy.cos(angle), numpy.sin(angle))


# The scores.

def frechet(a, b):
    a, b = a.astype(numpy.float64), b.astype(numpy.float64)
    first, second = numpy.cov(a, rowvar=False), numpy.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(first @ second)
    difference = a.mean(0) - b.mean(0)
    return difference @ difference + numpy.trace(first + second) - 2 * numpy.trace(root).real


def kernel(a, b):
    a, b = a.astype(numpy.float64), b.astype(numpy.float64)
    m, n = len(a), len(b)
    within_a, within_b = polynomial_kernel(a, degree=3, coef0=1), polynomial_kernel(b, degree=3, coef0=1)
    return (
        (within_a.sum() - numpy.trace(within_a)) / (m * (m - 1))
        + (within_b.sum() - numpy.trace(within_b)) / (n * (n - 1))
        - 2 * polynomial_kernel(a, b, degree=3, coef0=1).mean())


BINOMIAL = numpy.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256


def pyramid(images):
    """The levels of [N, C, H, W], the finest first."""
    levels, current = [], images.astype(numpy.float64)
    while True:
        height, width = current.shape[2:]
        if height % 2 or width % 2 or min(height, width) // 2 < 16:
            return [*levels, current]
        half = scipy.ndimage.convolve(current, BINOMIAL[None, None], mode="mirror")[:, :, ::2, ::2]
        spread = numpy.zeros_like(current)
        spread[:, :, ::2, ::2] = half
        levels.append(current - scipy.ndimage.convolve(spread, 4 * BINOMIAL[None, None], mode="mirror"))
        current = half


def patches(images, seed, level, which):
    count, channels, height, width = images.shape
    source = Source(seed, "patches", 2 * level + which)
    draws = 2 * numpy.arange(count * 128)
    tops, lefts = source.integers(draws, height - 6), source.integers(draws + 1, width - 6)
    cut = numpy.stack([
        images[index // 128, :, top:top + 7, left:left + 7]
        for index, (top, left) in enumerate(zip(tops, lefts))
    ])
    cut -= cut.mean((0, 2, 3), keepdims=True)
    deviation = cut.std((0, 2, 3), keepdims=True)
    return (cut / numpy.where(deviation > 0, deviation, 1)).reshape(len(cut), -1)


def sliced(real, made, seed):
    distances = []
    for level, (a, b) in enumerate(zip(pyramid(real), pyramid(made))):
        first, second = patches(a, seed, level, 0), patches(b, seed, level, 1)
        dimensions = first.shape[1]
        directions = Source(seed, "directions", level).normals(512 * dimensions).reshape(512, dimensions)
        directions /= numpy.linalg.norm(directions, axis=1, keepdims=True)
        # With p = 1, the mean over the directions of the distance of the sorted numbers.
        distances.append(1e3 * ot.sliced_wasserstein_distance(first, second, projections=directions.T, p=1))
    return numpy.mean(distances)


WEIGHTS = numpy.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])


def similarity(a, b):
    """The multi-scale structural similarity of two planes."""
    levels, size = 1, min(a.shape)
    height, width = a.shape
    while levels < 5 and height % 2 == 0 and width % 2 == 0 and min(height, width) // 2 >= 8:
        height, width, levels = height // 2, width // 2, levels + 1
    weights = WEIGHTS[:levels] / WEIGHTS[:levels].sum()
    product = 1.0
    for level in range(levels):
        size = min(11, *a.shape)
        places = numpy.arange(size) - (size - 1) / 2
        window = numpy.exp(-places**2 / (2 * (1.5 * size / 11) ** 2))
        window /= window.sum()

        def blurred(plane):
            rows = scipy.ndimage.correlate1d(plane, window, 0, mode="constant")
            return valid(scipy.ndimage.correlate1d(rows, window, 1, mode="constant"))

        def valid(plane):
            start = size // 2
            return plane[start:start + plane.shape[0] - size + 1, start:start + plane.shape[1] - size + 1]

        mean_a, mean_b = blurred(a), blurred(b)
        variance_a, variance_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
        covariance = blurred(a * b) - mean_a * mean_b
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        contrast = (2 * covariance + c2) / (variance_a + variance_b + c2)
        full = contrast * (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
        last = level == levels - 1
        product *= max((full if last else contrast).mean(), 0) ** weights[level]
        a, b = (plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2).mean((1, 3)) if not last else plane for plane in (a, b))
    return product


def diversity(images, seed):
    source, count = Source(seed, "pairs"), len(images)
    firsts = source.integers(2 * numpy.arange(1000), count)
    others = source.integers(2 * numpy.arange(1000) + 1, count - 1)
    return numpy.mean([
        similarity(images[first, channel], images[other + (other >= first), channel])
        for first, other in zip(firsts, others) for channel in range(images.shape[1])
    ])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("graphc")
    parser.add_argument("run")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = pathlib.Path(folder) / "kept.safetensors"
        result = subprocess.run(
            [options.graphc, "evaluate", options.run, "--count", str(options.count), "--seed", str(options.seed),
             "--format", "json", "--keep", kept], capture_output=True, text=True, check=True)
        report, tensors = json.loads(result.stdout), load_file(kept)
    values = {row["name"]: row["value"] for row in report["scores"]}
    real, made = tensors["real"].astype(numpy.float64), tensors["made"].astype(numpy.float64)
    a, b = tensors["real.features"], tensors["made.features"]
    loose, dense = compute_prdc(a, b, nearest_k=3), compute_prdc(a, b, nearest_k=5)
    expected = {
        "precision": loose["precision"], "recall": loose["recall"],
        "density": dense["density"], "coverage": dense["coverage"],
        "Fréchet distance": frechet(a, b), "MS-SSIM within the images": diversity(made, options.seed),
        "sliced Wasserstein distance ×1e3": sliced(real, made, options.seed),
    }
    if len(a) <= 1000:
        # All subsets are the whole set.
        expected["kernel distance"] = kernel(a, b)
    failures = 0
    for name, value in expected.items():
        if name not in values:
            print(f"{name}: not among graphc's scores")
            continue
        off = abs(values[name] - value) / max(1, abs(value))
        failures += not off <= TOLERANCE
        print(f"{name}: {values[name]:.6f}, and {value:.6f} by the other: off by {off:.1e}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
