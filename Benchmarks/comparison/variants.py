"""The ways in which PyTorch runs a workload."""

from dataclasses import dataclass

from .workloads import INFERENCE, TRAINING


@dataclass(frozen=True)
class TorchVariant:
    """Switches that change PyTorch's speed and not, but for bf16, its results.

    Attributes:
        is_channels_last: images and weights lie in memory as NHWC.
        is_compiled: both networks go through `torch.compile`.
        is_bfloat16: forward passes run under bf16 autocast.
        freezes_discriminator: the generator's step computes no weight gradients for the
            discriminator. PyTorch's example does not do this, but a user can by hand.
    """

    is_channels_last: bool = False
    is_compiled: bool = False
    is_bfloat16: bool = False
    freezes_discriminator: bool = False


EAGER = TorchVariant()
CHANNELS_LAST = TorchVariant(is_channels_last=True)
COMPILED = TorchVariant(is_channels_last=True, is_compiled=True)
BFLOAT16 = TorchVariant(is_channels_last=True, is_bfloat16=True)
COMPILED_BFLOAT16 = TorchVariant(is_channels_last=True, is_compiled=True, is_bfloat16=True)

MODES = {
    "eager": EAGER,
    "channels-last": CHANNELS_LAST,
    "compile": COMPILED,
    "bf16": BFLOAT16,
    "compile, bf16": COMPILED_BFLOAT16,
}


def torch_variants(task: str) -> dict[str, TorchVariant]:
    """Every variant of a task, by the name that the report gives it."""
    if task == INFERENCE:
        return {f"PyTorch {mode}": variant for mode, variant in MODES.items()}
    assert task == TRAINING
    variants = {}
    for mode, variant in MODES.items():
        frozen = TorchVariant(**{**vars(variant), "freezes_discriminator": True})
        variants[f"PyTorch {mode}"] = variant
        variants[f"PyTorch {mode}, D frozen"] = frozen
    return variants
