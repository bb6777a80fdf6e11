"""What the timings depend on besides the programs."""

import platform
import subprocess
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def processor_name() -> str:
    """As Linux names it, with family and model, which a cloud's name may leave out; else what Python knows."""
    path = Path("/proc/cpuinfo")
    first = path.read_text().split("\n\n", 1)[0] if path.exists() else ""
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    if "model name" not in fields:
        return platform.processor() or platform.machine()
    if "cpu family" not in fields or "model" not in fields:
        return fields["model name"]
    return f"{fields['model name']} (family {fields['cpu family']}, model {fields['model']})"


def has_bfloat16() -> bool:
    """Whether the processor multiplies bf16 numbers; assumed where Linux does not say."""
    path = Path("/proc/cpuinfo")
    flags = set(path.read_text().split()) if path.exists() else {"bf16"}
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})


def package_version(name: str) -> str:
    """Without importing the package, which takes PyTorch over a second."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def source_revision(folder: Path) -> str:
    """The commit that `folder` is at, marked where what is compiled or compared differs from it."""

    def git(*arguments: str) -> str:
        result = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
        return result.stdout.strip()

    commit = git("describe", "--always")
    changes = git("status", "--porcelain", "--", "Package.swift", "Sources", "Benchmarks")
    return (commit or "unknown") + ("-dirty" if changes else "")


def describe_environment(threads: int, source: Path) -> dict[str, str]:
    """Processor, threads, versions and date, by the names that the report prints."""
    return {
        "processor": processor_name(),
        "threads": str(threads),
        "torch": package_version("torch"),
        "onnxruntime": package_version("onnxruntime"),
        "graphc at": source_revision(source),
        "on": date.today().isoformat(),
    }
