"""Exports a model's generator to ONNX with PyTorch.

    python -m comparison.onnx_export SPEC FILE

In a process of its own, so that neither the parent nor onnxruntime's worker ever loads PyTorch.
"""

import sys
import warnings
from pathlib import Path

import torch
from pytorch_reference.networks import build_networks
from pytorch_reference.spec import read_spec


def export_generator(spec_path: Path, output: Path) -> None:
    """Writes the generator in inference form: noise in, images out, any batch size."""
    spec = read_spec(spec_path)
    torch.manual_seed(0)
    generator = build_networks(spec)["generator"].eval()
    noise = torch.zeros(1, *spec.generator_input_shape)
    with warnings.catch_warnings():
        # The exporter that succeeds this one needs one package more.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            generator,
            (noise,),
            str(output),
            dynamo=False,
            input_names=["noise"],
            output_names=["image"],
            dynamic_axes={"noise": {0: "batch"}, "image": {0: "batch"}},
        )


if __name__ == "__main__":
    export_generator(Path(sys.argv[1]), Path(sys.argv[2]))
