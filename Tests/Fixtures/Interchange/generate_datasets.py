"""Writes the fixtures of compressed files and data sets with Python's standard library.

    python3 generate_datasets.py

`Tests/InterchangeTests/GunzipTests.swift` and `DatasetTests.swift` know their contents.
"""

import gzip
import struct
from pathlib import Path

folder = Path(__file__).parent


def compress(data):
    return gzip.compress(data, mtime=0)


images = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 3, 4) + bytes(range(24))
labels = struct.pack(">BBBBI", 0, 0, 8, 1, 5) + bytes([3, 1, 4, 1, 5])
(folder / "images-idx3-ubyte.gz").write_bytes(compress(images))
(folder / "labels-idx1-ubyte.gz").write_bytes(compress(labels))

(folder / "members.gz").write_bytes(compress(b"two ") + compress(b"") + compress(b"members") + bytes(7))
(folder / "zeros.gz").write_bytes(compress(bytes(1_000_000)))
