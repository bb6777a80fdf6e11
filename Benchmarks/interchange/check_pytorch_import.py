"""Exports PyTorch's networks by both of its exporters, and imports the files.

    python check_pytorch_import.py GRAPHC [NAME...]

For each: graphc runs the ONNX file itself, imports it as a model, and runs the model with its weights; all outputs
must be PyTorch's within the tolerance. Needs torch, onnx, onnxscript, numpy and safetensors.
"""

import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import torch
from safetensors.numpy import load_file, save_file

import pytorch_networks

TOLERANCE = 1e-5


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip())
    return result.stdout + result.stderr


def randomize(module):
    """Statistics and scales that are not what a module begins with."""
    for name, value in [*module.named_parameters(), *module.named_buffers()]:
        if name.endswith("running_var"):
            value.data.uniform_(0.5, 2)
        elif value.dtype == torch.float32 and value.ndim == 1 and not name.endswith(("_u", "_v")):
            value.data += 0.3 * torch.randn_like(value)


def export(module, inputs, path, exporter, dynamic):
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    names = [f"input{index}" for index in range(len(inputs))]
    if exporter == "dynamo":
        options = {}
        if dynamic:
            batch = torch.export.Dim("batch", min=1, max=1024)
            options["dynamic_shapes"] = tuple({0: batch} for _ in inputs)
        torch.onnx.export(module, inputs, path, input_names=names, output_names=["output"], dynamo=True, verbose=False, **options)
    else:
        options = {"dynamic_axes": {name: {0: "N"} for name in [*names, "output"]}} if dynamic else {}
        torch.onnx.export(
            module, inputs, path, input_names=names, output_names=["output"], dynamo=False, opset_version=17, **options)
    return names, inputs


def difference(path, expected):
    """The largest difference, relative to the largest number."""
    output = next(iter(load_file(path).values()))
    if output.size != expected.size:
        raise RuntimeError(f"{output.shape} in place of {expected.shape}")
    return float(numpy.abs(output.reshape(expected.shape) - expected).max()) / max(1.0, float(numpy.abs(expected).max()))


def check(graphc, module, inputs, folder, exporter, dynamic):
    path = folder / "model.onnx"
    names, inputs = export(module, inputs, str(path), exporter, dynamic)
    with torch.no_grad():
        expected = module(*inputs).numpy()
    save_file({n: t.numpy().astype(numpy.float32) for n, t in zip(names, inputs)}, folder / "in.safetensors")
    run(graphc, "apply", path, "--input", folder / "in.safetensors", "--out", folder / "a.safetensors")
    direct = difference(folder / "a.safetensors", expected)
    run(graphc, "import", path, "--out", folder / "spec", "--name", "imported")
    spec = (folder / "spec" / "imported.yaml").read_text()
    run(graphc, "check", folder / "spec" / "imported.yaml")
    return direct, spec


def main():
    graphc, *wanted = sys.argv[1:]
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    failures = 0
    for name, (module, inputs) in pytorch_networks.all_networks().items():
        if wanted and name not in wanted:
            continue
        randomize(module)
        module.eval()
        for exporter in ("dynamo", "legacy"):
            for dynamic in (False, True):
                case = f"{name} {exporter} {'dynamic' if dynamic else 'fixed'}"
                with tempfile.TemporaryDirectory() as folder:
                    folder = pathlib.Path(folder)
                    try:
                        direct, spec = check(graphc, module, inputs, folder, exporter, dynamic)
                        failures += not direct <= TOLERANCE
                        print(f"{case}: {direct:.1e}, {len(spec.splitlines())} lines", flush=True)
                        if wanted:
                            print(spec)
                    except Exception as error:
                        exported = (folder / "model.onnx").exists()
                        failures += exported
                        print(f"{case}: {'FAILED' if exported else 'not exported'}: {str(error)[:600]}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
