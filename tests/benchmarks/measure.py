"""Times in processor seconds, which a busy machine does not change, and rows of a table of ratios."""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Row:
    """One line: what was measured, ours, and either what a rival needs or a limit; or why it was skipped."""

    work: str
    ours: float
    unit: str = "s"
    rival: str | None = None
    theirs: float | None = None
    target: float = 0.0
    skipped: str = ""

    @property
    def ratio(self) -> float:
        """How many times faster than the rival, or how many times below the limit."""
        return (self.target if self.theirs is None else self.theirs) / self.ours

    @property
    def met(self) -> bool:
        return self.within(1.0)

    def within(self, slack: float) -> bool:
        """Whether the target is met up to a factor ``slack``."""
        return bool(self.skipped) or self.ratio * slack >= (1.0 if self.theirs is None else self.target)

    def cells(self) -> tuple[str, ...]:
        if self.skipped:
            return self.work, "", self.skipped, "", "", "skipped"
        ours = f"{self.ours:.3g} {self.unit}".rstrip()
        verdict = "yes" if self.met else "NO"
        if self.theirs is None:
            return self.work, ours, "", "", f"under {self.target:g} {self.unit}", verdict
        return (
            self.work,
            ours,
            f"{self.rival}: {self.theirs:.3g} {self.unit}".rstrip(),
            f"{self.ratio:.3g}×",
            f"{self.target:.3g}×",
            verdict,
        )


def skipped(work: str, package: str) -> list[Row]:
    """The row that stands for those against a package that is not there; it is nothing the project depends on."""
    return [Row(work, math.nan, skipped=f"{package} is not installed")]


def timed(work: Callable[..., Any], repeat: int = 3, fresh: Callable[[], tuple[Any, ...]] = tuple) -> tuple[float, Any]:
    """The fewest processor seconds of several runs, each on its own ``fresh()``, and what the last returned."""
    best = float("inf")
    result = None
    gc.collect()
    for _ in range(repeat):
        arguments = fresh()
        start = time.process_time()
        result = work(*arguments)
        best = min(best, time.process_time() - start)
    return best, result


def process(*arguments: str, repeat: int = 5) -> float:
    """The fewest processor seconds of a whole Python process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **dict.fromkeys(THREADS, "1")}
    best = float("inf")
    for _ in range(repeat):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], env=environment, cwd=ROOT, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def alone(module: str) -> dict[str, float]:
    """The JSON that ``python -m module`` prints last, and the most memory it held, in MB."""
    code = (
        f"import runpy, resource; runpy.run_module({module!r}, run_name='__main__'); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **dict.fromkeys(THREADS, "1")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    *_, last, memory = done.stdout.split("\n")[:-1]
    found: dict[str, float] = json.loads(last)
    return found | {"memory": float(memory)}


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    header = ("work", "geomcheck", "against", "ratio", "target", "met")
    cells = [header, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in cells]
    return "\n".join([lines[0], "| " + " | ".join("-" * w for w in widths) + " |", *lines[1:]])
