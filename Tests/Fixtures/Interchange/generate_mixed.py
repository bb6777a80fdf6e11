"""Writes pictures as the world has them into mixed/, and what Pillow sees in them into mixed-expected/.

    python generate_mixed.py

Needs Pillow and NumPy.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
MIXED, EXPECTED = HERE / "mixed", HERE / "mixed-expected"
WIDTH, HEIGHT = 22, 14


def picture(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Smooth, and unlike itself however it is turned or mirrored."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = 255 * x / (width - 1), 255 * y / (height - 1)
    blue = 255 * ((x - width / 3) ** 2 + (y - height / 4) ** 2) / (width**2 + height**2)
    return np.stack([red, green, blue], axis=-1).round().astype(np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(header: tuple, rows: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *header))
    return start + before + chunk(b"IDAT", zlib.compress(rows, 9)) + after + chunk(b"IEND", b"")


def orientation(value: int, big_endian: bool = True) -> bytes:
    order = ">" if big_endian else "<"
    mark = b"MM" if big_endian else b"II"
    # Another entry before it: its maker, in the block behind the directory.
    maker = b"graphc test\0"
    return (
        mark + struct.pack(order + "HIH", 42, 8, 2)
        + struct.pack(order + "HHII", 0x010F, 2, len(maker), 38)
        + struct.pack(order + "HHIHH", 0x0112, 3, 1, value, 0)
        + struct.pack(order + "I", 0) + maker
    )


def interlaced(pixels: np.ndarray) -> bytes:
    """A PNG file whose rows come in the seven passes of Adam7."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b""
    for left, top, step_x, step_y in passes:
        part = pixels[top::step_y, left::step_x]
        rows += b"".join(b"\0" + row.tobytes() for row in part)
    height, width, _ = pixels.shape
    return png((width, height, 8, 2, 0, 0, 1), rows)


def see(path: Path, name: str, background: tuple = (255, 255, 255)) -> None:
    """Stores what Pillow sees: upright, transparent pixels over a colour."""
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("P", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, background + (255,))
        image = Image.alpha_composite(ground, image).convert("RGB")
    if image.mode == "1":
        image = image.convert("L")
    if image.mode == "CMYK":
        image = image.convert("RGB")
    image.save(EXPECTED / f"{name}.png")


def main() -> None:
    for folder in (MIXED, EXPECTED):
        folder.mkdir(exist_ok=True)
    colors = picture()
    plain = Image.fromarray(colors)
    for value in range(1, 9):
        path = MIXED / f"orientation-{value}.jpg"
        exif = b"Exif\0\0" + orientation(value, big_endian=value % 2 == 0)
        plain.save(path, quality=95, subsampling=0, exif=exif)
        see(path, f"orientation-{value}-jpg")
        rows = b"".join(b"\0" + row.tobytes() for row in colors)
        block = chunk(b"eXIf", orientation(value, big_endian=value % 2 == 1))
        header = (WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        path = MIXED / f"orientation-{value}.png"
        path.write_bytes(png(header, rows, before=block))
        see(path, f"orientation-{value}-png")
        if value == 6:
            path = MIXED / "orientation-behind.png"
            path.write_bytes(png(header, rows, after=block))
            see(path, "orientation-behind")

    plain.quantize(16).save(MIXED / "palette.png")
    plain.quantize(4).save(MIXED / "palette-2-bits.png", bits=2)
    plain.quantize(8).save(MIXED / "palette-transparent.png", transparency=bytes([0, 128, 255, 60, 255, 255, 255, 255]))
    plain.convert("L").save(MIXED / "grey.png")
    plain.convert("1").save(MIXED / "one-bit.png")
    plain.convert("L").save(MIXED / "grey-key.png", transparency=20)
    alpha = Image.fromarray((255 * np.linspace(0, 1, WIDTH * HEIGHT)).round().astype(np.uint8).reshape(HEIGHT, WIDTH))
    rgba = plain.copy()
    rgba.putalpha(alpha)
    rgba.save(MIXED / "alpha.png")
    grey_alpha = plain.convert("L").convert("LA")
    grey_alpha.putalpha(alpha)
    grey_alpha.save(MIXED / "grey-alpha.png")
    (MIXED / "interlaced.png").write_bytes(interlaced(colors))
    for name in ["palette", "palette-2-bits", "palette-transparent", "grey", "one-bit", "grey-key", "alpha",
                 "grey-alpha", "interlaced"]:
        see(MIXED / f"{name}.png", name)
    see(MIXED / "alpha.png", "alpha-on-colour", background=(10, 200, 90))
    rgba.save(EXPECTED / "alpha-kept.png")

    # Of 16 bits, Pillow reads grey alone, and cuts it off at 255: NumPy says what is meant.
    deep = (colors[:, :, 0].astype(np.uint32) * 4 + 3).astype(np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    (MIXED / "ten-bits.png").write_bytes(png((WIDTH, HEIGHT, 16, 0, 0, 0, 0), rows))
    for name, white in [("ten-bits", 65535), ("ten-bits-white", 1023)]:
        values = np.floor(deep.astype(np.float64) * 255 / white + 0.5).clip(0, 255).astype(np.uint8)
        Image.fromarray(values).save(EXPECTED / f"{name}.png")
    wide = colors.astype(np.uint32) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in wide)
    (MIXED / "wide-colour.png").write_bytes(png((WIDTH, HEIGHT, 16, 2, 0, 0, 0), rows))
    plain.save(EXPECTED / "wide-colour.png")

    plain.save(MIXED / "progressive.jpg", quality=90, progressive=True)
    plain.convert("L").save(MIXED / "grey.jpg", quality=90)
    plain.convert("CMYK").save(MIXED / "inks.jpg", quality=95)
    for name in ["progressive", "grey", "inks"]:
        see(MIXED / f"{name}.jpg", f"{name}-jpg")

    # What is no PNG or JPEG file.
    plain.save(MIXED / "other.webp", lossless=True)
    plain.save(MIXED / "other.gif")
    plain.save(MIXED / "other.bmp")
    plain.save(MIXED / "other.tif")


if __name__ == "__main__":
    main()
