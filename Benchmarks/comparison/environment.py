"""What the timings depend on besides the programs."""

import platform
import subprocess
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def processor_name() -> str:
    """As Linux names it; else what Python knows."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


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
    """The commit that `folder` is at, marked where files differ from it."""
    result = subprocess.run(
        ["git", "-C", str(folder), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or "unknown"


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
