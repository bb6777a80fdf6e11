"""Times candidates in turns."""

import sys

from .candidates import GRAPHC, Candidate, Measurement, Unavailable


def run_rounds(
    candidates: list[Candidate], rounds: int, steps: int, slack: float | None = None
) -> tuple[dict[str, list[Measurement]], dict[str, str]]:
    """Starts the candidates, times them in turns and stops them.

    Args:
        slack: graphc's rivals that take so many times as long as the fastest in the first round are not timed
            again; None: all are.

    Returns:
        Each candidate's measurements, and why the others have none; both by name.
    """
    measurements: dict[str, list[Measurement]] = {}
    unavailable: dict[str, str] = {}
    running: list[Candidate] = []

    def drop(candidate: Candidate, reason: Unavailable) -> None:
        unavailable[candidate.name] = str(reason)
        measurements.pop(candidate.name, None)
        running.remove(candidate)
        print(f"  {candidate.name}: {reason}", file=sys.stderr)

    try:
        for candidate in candidates:
            running.append(candidate)
            try:
                candidate.start()
            except Unavailable as reason:
                drop(candidate, reason)
        for round_index in range(rounds):
            print(f"  round {round_index + 1} of {rounds}", file=sys.stderr)
            first = round_index % max(len(running), 1)
            for candidate in running[first:] + running[:first]:
                try:
                    measurement = candidate.measure(steps)
                except Unavailable as reason:
                    drop(candidate, reason)
                else:
                    measurements.setdefault(candidate.name, []).append(measurement)
            if slack is not None and round_index == 0:
                running = [it for it in running if not is_beaten(it.name, measurements, slack)]
    finally:
        for candidate in candidates:
            candidate.stop()
    return measurements, unavailable


def is_beaten(name: str, measurements: dict[str, list[Measurement]], slack: float) -> bool:
    """Whether a rival of graphc's took so many times as long as the fastest one."""
    times = {it: rounds[0].median_ms for it, rounds in measurements.items() if it != GRAPHC}
    return name in times and times[name] > slack * min(times.values())
