"""Pictures as numbers: PNG files as graphc writes them, and the real images of its data sources."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

RESOURCES = Path(__file__).resolve().parent.parent.parent / "Sources" / "Datasets" / "Resources"


def read_pngs(paths: list[Path]) -> np.ndarray:
    """Images of one size with eight bits a channel, as [image, value]."""
    rows = [_filtered_rows(path) for path in paths]
    channels, filters, values = rows[0][0], np.stack([r[1] for r in rows]), np.stack([r[2] for r in rows])
    return _unfilter(filters, values, channels).reshape(len(paths), -1)


def _filtered_rows(path: Path) -> tuple[int, np.ndarray, np.ndarray]:
    """A file's channels, the filter of each row, and the rows' bytes as they are stored."""
    data = path.read_bytes()
    position, compressed, header = 8, b"", None
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            compressed += body
        position += length + 12
    width, height, depth, color, _, _, interlaced = header
    assert depth == 8 and color in (0, 2) and not interlaced, f"{path} is not one of graphc's"
    channels = 3 if color == 2 else 1
    rows = np.frombuffer(zlib.decompress(compressed), np.uint8).reshape(height, 1 + channels * width)
    return channels, rows[:, 0], rows[:, 1:].reshape(height, width, channels)


def _unfilter(filters: np.ndarray, rows: np.ndarray, channels: int) -> np.ndarray:
    """Undoes PNG's filters (PNG specification, section 9), for all images at once.

    A pixel needs those to its left and above, so that only images are independent.
    """
    count, height, width = rows.shape[:3]
    # A row and a column of zeros stand for what lies outside.
    pixels = np.zeros((count, height + 1, width + 1, channels), np.int32)
    for y in range(height):
        kind = filters[:, y, None]
        for x in range(width):
            left, above, corner = pixels[:, y + 1, x], pixels[:, y, x + 1], pixels[:, y, x]
            estimate = left + above - corner
            to_left, to_above, to_corner = (abs(estimate - other) for other in (left, above, corner))
            paeth = np.where(
                (to_left <= to_above) & (to_left <= to_corner),
                left,
                np.where(to_above <= to_corner, above, corner),
            )
            predictor = np.select(
                [kind == 1, kind == 2, kind == 3, kind == 4], [left, above, (left + above) // 2, paeth], 0
            )
            pixels[:, y + 1, x + 1] = (rows[:, y, x] + predictor) % 256
    return pixels[:, 1:, 1:].astype(np.float64)


def real_images(name: str, count: int, seed: int = 0) -> np.ndarray:
    """Real images, [image, value], from 0 to 255: at most `count` of `digits`, or `shapes` of 32×32
    pixels. Another seed chooses others.
    """
    random = np.random.default_rng(seed)
    if name == "shapes":
        return draw_shapes(count, 32, random)
    with gzip.open(RESOURCES / "digits-8x8-images-idx3-ubyte.gz") as file:
        data = file.read()
    images = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 64)
    return random.permutation(images)[:count].astype(np.float64)


def draw_shapes(count: int, size: int, random: np.random.Generator) -> np.ndarray:
    """The distribution of `synthetic: shapes` with NumPy's random numbers.

    Source: Sources/Datasets/Sources/SyntheticScene.swift.
    """
    luma = np.array([0.299, 0.587, 0.114])
    grid_y, grid_x = np.mgrid[:size, :size] + 0.5
    images = np.empty((count, size, size, 3))
    for image in images:
        radius = (0.125 + 0.275 * random.random()) * size
        x, y = (grid - radius - random.random() * (size - 2 * radius) for grid in (grid_x, grid_y))
        distance = [
            np.hypot(x, y) - radius,
            np.maximum(abs(x), abs(y)) - radius,
            np.maximum(y, abs(x) * 0.75**0.5 - y / 2) - radius / 2,
        ][random.integers(3)]
        ground, color = np.rint(255 * random.random((2, 3)))
        while abs(luma @ (color - ground)) < 48:
            color = np.rint(255 * random.random(3))
        coverage = np.clip(0.5 - distance, 0, 1)[..., None]
        image[:] = np.rint(ground + coverage * (color - ground))
    return images.reshape(count, -1)
