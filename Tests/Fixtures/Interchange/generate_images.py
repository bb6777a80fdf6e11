"""Writes the image fixtures with Pillow.

    python3 generate_images.py        # needs numpy and pillow

The PNG files hold patterns that `Tests/InterchangeTests/ImageFilesTests.swift` computes itself. Beside
each JPEG file `x.jpg` stands `x-decoded.png`, the pixels that Pillow decodes from it. `color-enlarged.png` is `color.png` in another size, linear.
"""

from pathlib import Path

import numpy
from PIL import Image

folder = Path(__file__).parent
y, x = numpy.mgrid[0:12, 0:16]
grey = (x * 16 + y).astype(numpy.uint8)
color = numpy.stack([x * 16, y * 20, (x * y) % 256], axis=2).astype(numpy.uint8)
alpha = numpy.where(x < 8, 255, 0).astype(numpy.uint8)

Image.fromarray(grey, "L").save(folder / "grey.png")
Image.fromarray(color, "RGB").save(folder / "color.png")
Image.fromarray(numpy.dstack([color, alpha]), "RGBA").save(folder / "transparent.png")
Image.fromarray(grey.astype(numpy.uint16) * 257).save(folder / "grey-16-bits.png")
palette = Image.fromarray((x % 4).astype(numpy.uint8), "P")
palette.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 10, 20, 30])
palette.save(folder / "palette.png")

Image.open(folder / "color.png").resize((37, 29), Image.BILINEAR).save(folder / "color-enlarged.png")

y, x = numpy.mgrid[0:48, 0:72]
waves = [
    127 + 120 * numpy.sin(x / 9) * numpy.cos(y / 7),
    127 + 100 * numpy.cos(x / 5 + y / 11),
    255 * y / 47,
]
photo = Image.fromarray(numpy.stack(waves, axis=2).astype(numpy.uint8), "RGB")


def save(name, image, **options):
    image.save(folder / f"{name}.jpg", quality=80, **options)
    with Image.open(folder / f"{name}.jpg") as decoded:
        decoded.convert("L" if decoded.mode == "L" else "RGB").save(folder / f"{name}-decoded.png")


save("color", photo)
save("progressive", photo, progressive=True)
save("grey", photo.convert("L"))
save("cmyk", photo.convert("CMYK"))
