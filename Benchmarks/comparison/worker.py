"""The process that PyTorch or onnxruntime runs in, one for each candidate.

A process of its own gives each candidate a peak memory of its own. The parent starts it as

    python -m comparison.worker '{"engine": "torch", "spec": …, "task": …, "threads": …, …}'

and it answers `{"ready": true}` once it is warm. For each line `{"steps": K}` it then times K steps
and answers `{"median_ms": …, "peak_rss_bytes": …}`. Its standard output carries nothing else.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

# Enough for `torch.compile` to have met every combination of gradient modes.
WARM_UP_STEPS = 3
SEED = 0


def make_torch_step(setup: dict) -> Callable[[], object]:
    """One training step, or one batch through the generator, in PyTorch."""
    import torch
    from pytorch_reference.adversarial import AdversarialTrainer
    from pytorch_reference.images import draw_shapes
    from pytorch_reference.networks import build_networks
    from pytorch_reference.spec import read_spec

    from .variants import TorchVariant
    from .workloads import INFERENCE

    torch.set_num_threads(setup["threads"])
    torch.manual_seed(SEED)
    variant = TorchVariant(**setup["variant"])
    spec, batch_size = read_spec(Path(setup["spec"])), setup["batch_size"]
    networks = build_networks(spec)
    random = torch.Generator().manual_seed(SEED)
    real = draw_shapes(batch_size, spec.image_shape, random)
    noise = torch.randn(batch_size, spec.latent, generator=random)
    if variant.is_channels_last:
        real = real.to(memory_format=torch.channels_last)
        for network in networks.values():
            network.to(memory_format=torch.channels_last)
    if setup["task"] == INFERENCE:
        networks["generator"].eval()
    if variant.is_compiled:
        networks = {name: torch.compile(network) for name, network in networks.items()}

    def forward_context():
        if variant.is_bfloat16:
            return torch.autocast("cpu", dtype=torch.bfloat16)
        return nullcontext()

    if setup["task"] == INFERENCE:
        latent = noise.view(-1, *spec.generator_input_shape)

        def generate():
            with torch.inference_mode(), forward_context():
                return networks["generator"](latent)

        return generate

    trainer = AdversarialTrainer(
        spec,
        networks,
        freeze_discriminator=variant.freezes_discriminator,
        forward_context=forward_context,
    )
    return lambda: trainer.step(real, noise)


def make_onnxruntime_step(setup: dict) -> Callable[[], object]:
    """One batch through the generator that `setup["onnx"]` holds, in onnxruntime."""
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = setup["threads"]
    session = onnxruntime.InferenceSession(
        setup["onnx"], options, providers=["CPUExecutionProvider"]
    )
    (operand,) = session.get_inputs()
    noise = numpy.random.default_rng(SEED).standard_normal(
        (setup["batch_size"], *operand.shape[1:]), dtype=numpy.float32
    )
    return lambda: session.run(None, {operand.name: noise})


ENGINES = {"torch": make_torch_step, "onnxruntime": make_onnxruntime_step}


def peak_rss_bytes() -> int:
    """The largest resident set of this process so far; unlike `getrusage`'s, not its parent's."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def median_milliseconds(step: Callable[[], object], count: int) -> float:
    """Of `count` calls, after one that is not counted: the other candidates emptied the caches."""
    step()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def prepare(setup: dict) -> Callable[[int], float]:
    """What times so many steps of a setup, warm."""
    step = ENGINES[setup["engine"]](setup)
    for _ in range(WARM_UP_STEPS):
        step()
    return lambda count: median_milliseconds(step, count)


def serve(prepare: Callable[[dict], Callable[[int], float]]) -> None:
    """Answers the parent's lines until there are no more.

    Args:
        prepare: makes of the parent's setup what gives the milliseconds of a step, measured on so many.
    """
    # What libraries print to standard output goes to standard error instead.
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    measure = prepare(json.loads(sys.argv[1]))
    print(json.dumps({"ready": True}), file=replies)
    for line in sys.stdin:
        milliseconds = measure(json.loads(line)["steps"])
        reply = {"median_ms": milliseconds, "peak_rss_bytes": peak_rss_bytes()}
        print(json.dumps(reply), file=replies)


if __name__ == "__main__":
    serve(prepare)
