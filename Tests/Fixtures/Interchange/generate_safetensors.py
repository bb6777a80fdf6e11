"""Writes `python.safetensors` with the reference implementation.

    python3 generate_safetensors.py        # needs numpy and safetensors

`Tests/InterchangeTests/SafetensorsTests.swift` reads it and knows its contents.
"""

from pathlib import Path

import numpy
from safetensors.numpy import save_file

folder = Path(__file__).parent
save_file(
    {
        "generator.0.weight": numpy.arange(12, dtype=numpy.float32).reshape(2, 3, 1, 2) / 8 - 0.5,
        "generator.1.num_batches_tracked": numpy.array(3, dtype=numpy.int64),
        "step.0.loss_d": numpy.array(1 / 3, dtype=numpy.float64),
        "step.0.labels": numpy.array([0, -1, 2**40], dtype=numpy.int64),
        "empty": numpy.zeros((0, 4), dtype=numpy.float32),
        'Größe "x"\n': numpy.array([numpy.inf, -0.0, 1e-45], dtype=numpy.float32),
    },
    folder / "python.safetensors",
    metadata={"step": "12", "note": 'a "quoted"\tline — 😀'},
)
