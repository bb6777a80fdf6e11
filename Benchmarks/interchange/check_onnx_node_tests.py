"""Runs ONNX's own node tests through `graphc apply`, and writes which pass.

    python check_onnx_node_tests.py GRAPHC [--filter PREFIX] [--table FILE]

The tests have their weights, axes and shapes as inputs; all inputs but the first are made initialisers. Each output
must agree within the test's own tolerances. Needs numpy, onnx (1.17 or newer) and safetensors.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import re
import subprocess
import tempfile

import numpy
import onnx
import onnx.backend.test.loader
import onnx.numpy_helper
from safetensors.numpy import load_file, save_file


def constant_model(case, inputs):
    """The model with all inputs but the first float ones made initialisers; and the inputs that are left."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    elementwise = model.graph.node[0].op_type in (
        "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Concat", "MatMul")
    kept = {}
    for index, (value, array) in enumerate(zip(list(model.graph.input), inputs)):
        if isinstance(array, numpy.generic):
            array = numpy.asarray(array)
        if isinstance(array, numpy.ndarray) and (index == 0 or elementwise and array.dtype == numpy.float32):
            kept[value.name] = array
            continue
        if not isinstance(array, numpy.ndarray):
            raise ValueError("is of sequences or of optional values")
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, value.name))
        model.graph.input.remove(value)
    return model, kept


def run(graphc, case):
    """Nil where the test passes, else why not."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for inputs, outputs in case.data_sets:
            try:
                model, kept = constant_model(case, inputs)
            except ValueError as error:
                return str(error)
            if any(array.dtype not in (numpy.float32, numpy.float64) for array in kept.values()):
                return "is given whole numbers, Booleans or strings"
            onnx.save(model, folder / "model.onnx")
            save_file({n: numpy.ascontiguousarray(a.astype(numpy.float32)) for n, a in kept.items()}, folder / "in.safetensors")
            result = subprocess.run(
                [graphc, "apply", folder / "model.onnx", "--fixed-sizes", "--executor", "reference",
                 "--input", folder / "in.safetensors", "--out", folder / "out.safetensors", "--force"],
                capture_output=True, text=True)
            if result.returncode != 0:
                return " ".join(result.stderr.split(":", 2)[-1].split())[:160] or f"exit {result.returncode}"
            actual = load_file(folder / "out.safetensors")
            for value, expected in zip(model.graph.output, outputs):
                if actual[value.name].shape != expected.shape:
                    return f"WRONG: {actual[value.name].shape} in place of {expected.shape}"
                if not numpy.allclose(actual[value.name], expected, rtol=case.rtol, atol=max(case.atol, 1e-6), equal_nan=True):
                    return f"WRONG: off by {numpy.abs(actual[value.name] - expected).max()}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("graphc")
    parser.add_argument("--filter", default="test_")
    parser.add_argument("--table")
    parser.add_argument("--expanded", action="store_true", help="also those whose operator is written out as others")
    options = parser.parse_args()
    cases = [
        case for case in onnx.backend.test.loader.load_model_tests(kind="node")
        if case.name.startswith(options.filter) and (options.expanded or not case.name.endswith(("_expanded", "_expanded_ver18")))
    ]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda case: run(options.graphc, case), cases))
    passed = collections.defaultdict(list)
    refused = collections.defaultdict(list)
    for case, reason in zip(cases, results):
        operator = case.model.graph.node[-1].op_type if case.model.graph.node else "?"
        (refused if reason else passed)[operator].append((case.name.removeprefix("test_"), reason))
    wrong = [(n, r) for rows in refused.values() for n, r in rows if r.startswith("WRONG") or "exit" in r]
    total = sum(map(len, passed.values()))
    print(f"{total} of {len(cases)} pass; {len(wrong)} are wrong")
    for name, reason in wrong:
        print(f"  {name}: {reason}")
    if options.table:
        lines = ["| operator | pass | refused | why |", "|---|---|---|---|"]
        for operator in sorted({*passed, *refused}):
            if not passed[operator]:
                continue
            reasons = sorted({re.sub(r'the \w+ node "[^"]*" ', "", r) for _, r in refused[operator]})
            lines.append(f"| {operator} | {len(passed[operator])} | {len(refused[operator])} | {'; '.join(reasons)} |")
        lines.append("")
        lines.append("Refused altogether: " + ", ".join(sorted(op for op in refused if not passed[op])) + ".")
        pathlib.Path(options.table).write_text("\n".join(lines) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
