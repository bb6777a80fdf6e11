"""Writes networks as PyTorch exports them to ONNX, with what they compute.

    python Tests/Fixtures/ONNX/generate.py

NAME-EXPORTER.onnx is the file as the exporter leaves it (the newer one puts weights into NAME-EXPORTER.onnx.data),
NAME.safetensors the inputs and the output. Needs torch, onnx, onnxscript, numpy and safetensors; written with torch
2.13, onnx 1.23 and onnxscript 0.7.
"""

import pathlib
import sys
import warnings

import numpy
import onnx
import torch
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "Benchmarks" / "interchange"))

import check_pytorch_import as checks  # noqa: E402
import pytorch_networks  # noqa: E402


def anonymize(path):
    """Drops the stack traces that the exporters write beside every node."""
    model = onnx.load(path, load_external_data=False)
    for owner in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output,
                  *model.graph.initializer]:
        del owner.metadata_props[:]
        owner.doc_string = ""
    path.write_bytes(model.SerializeToString(deterministic=True))


def main():
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    for name, (module, inputs) in pytorch_networks.all_networks().items():
        checks.randomize(module)
        module.eval()
        inputs = inputs if isinstance(inputs, tuple) else (inputs,)
        with torch.no_grad():
            output = module(*inputs).numpy()
        values = {f"input{i}": t.numpy().astype(numpy.float32) for i, t in enumerate(inputs)}
        save_file({**values, "output": output}, HERE / f"{name}.safetensors")
        # The newer exporter as most people call it, with the batch fixed; the older with any batch.
        for exporter, dynamic in (("dynamo", False), ("legacy", True)):
            path = HERE / f"{name}-{exporter}.onnx"
            try:
                checks.export(module, inputs, str(path), exporter, dynamic)
                anonymize(path)
            except Exception as error:
                print(f"{path.name}: {type(error).__name__}: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main()
