"""Exports every network of models as ONNX and runs it in onnxruntime.

Each file must pass onnx.checker with full shape inference, and give graphc's own outputs at batch 1 and 7. Imported
again, it must be a model that `check` passes and that gives these outputs. Running statistics and biases are made
random first: those that training begins with would hide a wrong fold.

    python check_onnx_export.py GRAPHC MODEL.yaml...

Needs numpy, onnx, onnxruntime and safetensors. Exits with 1 where anything is farther off than the tolerance.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file, save_file

TOLERANCE = 1e-5


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.stderr.strip()[:500]}")
    return result.stdout


def randomized(weights, generator):
    """The same tensors with statistics and small parameters that are not what training begins with."""
    for name, tensor in weights.items():
        if tensor.dtype != numpy.float32 or name.endswith(("._u", "._v", "resample_filter")):
            continue
        if name.endswith("running_var"):
            weights[name] = generator.uniform(0.5, 2, tensor.shape).astype(numpy.float32)
        elif tensor.ndim <= 1:
            weights[name] = numpy.asarray(tensor + generator.normal(0, 0.3, tensor.shape), numpy.float32)
    return weights


def inputs_of(model, batch, generator, classes):
    values = {}
    for value in model.graph.input:
        shape = [d.dim_value or batch for d in value.type.tensor_type.shape.dim]
        if value.type.tensor_type.elem_type == onnx.TensorProto.INT64:
            values[value.name] = generator.integers(0, classes, shape)
        else:
            values[value.name] = generator.normal(0, 1, shape).astype(numpy.float32)
    return values


def check(graphc, path, folder):
    """Rows of (network, what was compared, largest difference), or the reason why a network cannot be exported."""
    generator = numpy.random.default_rng(1)
    weights = folder / "weights.safetensors"
    run(graphc, "export", path, "--out", weights)
    save_file(randomized(load_file(weights), generator), weights)
    report = json.loads(run(graphc, "check", path, "--format", "json"))
    for network in report["networks"]:
        file = folder / "network.onnx"
        for flags in ([], ["--keep-batch-norm"]):
            try:
                run(graphc, "export", path, "--weights", weights, "--network", network, "--out", file, "--force", *flags)
            except RuntimeError as error:
                yield network, None, str(error)
                break
            model = onnx.load(file)
            onnx.checker.check_model(model, full_check=True)
            session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
            for batch in (1, 7):
                inputs = inputs_of(model, batch, generator, classes=2)
                outputs = session.run(None, inputs)
                floats = {name: value.astype(numpy.float32) for name, value in inputs.items()}
                save_file(floats, folder / "inputs.safetensors")
                run(
                    graphc, "apply", path, "--weights", weights, "--network", network,
                    "--input", folder / "inputs.safetensors", "--out", folder / "outputs.safetensors",
                    "--force",
                )
                expected = load_file(folder / "outputs.safetensors")
                actual = {value.name: output for value, output in zip(session.get_outputs(), outputs)}
                yield network, f"batch {batch}{' '.join(['', *flags])}", difference(actual, expected)
            yield network, f"imported again{' '.join(['', *flags])}", reimported(graphc, file, folder, expected)


def difference(actual, expected):
    """The largest difference, relative to the largest number of an output or to one."""
    worst = 0.0
    for name, output in expected.items():
        scale = max(1.0, float(numpy.abs(output).max()))
        worst = max(worst, float(numpy.abs(actual[name].reshape(output.shape) - output).max()) / scale)
    return worst


def reimported(graphc, file, folder, expected):
    """Imports a file, checks the model, and runs it on the inputs that lie in the folder."""
    target = folder / f"imported-{len(list(folder.iterdir()))}"
    run(graphc, "import", file, "--out", target, "--name", "imported")
    run(graphc, "check", target / "imported.yaml")
    run(
        graphc, "apply", target / "imported.yaml", "--weights", target / "imported.safetensors",
        "--input", folder / "inputs.safetensors", "--out", target / "outputs.safetensors",
    )
    actual = load_file(target / "outputs.safetensors")
    if set(actual) != set(expected):
        if len(actual) != len(expected):
            raise RuntimeError(f"{sorted(actual)} in place of {sorted(expected)}")
        actual = dict(zip(expected, actual.values()))
    return difference(actual, expected)


def main():
    graphc, *models = sys.argv[1:]
    failures = 0
    for path in models:
        with tempfile.TemporaryDirectory() as folder:
            try:
                for network, what, result in check(graphc, path, pathlib.Path(folder)):
                    if what is None:
                        print(f"{path} {network}: REFUSED {result}")
                        continue
                    failures += not result <= TOLERANCE
                    print(f"{path} {network} {what}: {result:.1e}", flush=True)
            except Exception as error:
                failures += 1
                print(f"{path}: FAILED {type(error).__name__}: {str(error)[:400]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
