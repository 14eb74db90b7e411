"""Units of an experiment done by several processes, each with one thread, one unit at a time."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from geomcheck.errors import GeomcheckError, InputError
from geomcheck.experiments.data_sets import Samples
from geomcheck.experiments.trial import Outcome, Recipe, outcome_of, run_unit
from geomcheck.fresh_interpreter import started

__all__ = ["main", "outcomes_of"]

Unit = tuple[str, int]
_WATCH_SECONDS: Final = 1
_PROGRAM: Final = "from geomcheck.experiments.workers import main; raise SystemExit(main())"
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def outcomes_of(samples: Samples, recipe: Recipe, units: Sequence[Unit], workers: int) -> Iterator[Outcome]:
    """The outcomes as they come in; with one worker in this very process.

    Raises:
        InputError: what a unit raised; RuntimeError where a process died.
    """
    if min(workers, len(units)) <= 1:
        for network, seed in units:
            yield run_unit(samples, recipe, network, seed)
        return
    with tempfile.TemporaryDirectory(prefix="geomcheck-") as folder:
        data = Path(folder) / "samples.npz"
        np.savez(data, images=samples.images, classes=samples.classes)
        order = {
            "parent": os.getpid(),
            "data": str(data),
            "names": samples.names,
            "test": samples.test,
            "recipe": asdict(recipe),
        }
        yield from _distributed(json.dumps(order), recipe, units, min(workers, len(units)))


def _distributed(order: str, recipe: Recipe, units: Sequence[Unit], workers: int) -> Iterator[Outcome]:
    waiting: queue.SimpleQueue[Unit] = queue.SimpleQueue()
    for unit in units:
        waiting.put(unit)
    results: queue.SimpleQueue[Outcome | Exception] = queue.SimpleQueue()
    processes: list[subprocess.Popen[str]] = []
    try:
        for _ in range(workers):
            process = started(_PROGRAM, ("-W", "ignore"), dict.fromkeys(_THREADS, "1"))
            processes.append(process)
            threading.Thread(target=_serve, args=(process, order, recipe, waiting, results), daemon=True).start()
        for _ in units:
            result = results.get()
            if isinstance(result, Exception):
                raise result
            yield result
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _serve(
    process: subprocess.Popen[str],
    order: str,
    recipe: Recipe,
    waiting: queue.SimpleQueue[Unit],
    results: queue.SimpleQueue[Outcome | Exception],
) -> None:
    """Hand unit after unit to one process and pass on what comes back."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(order + "\n")
        while True:
            try:
                network, seed = waiting.get_nowait()
            except queue.Empty:
                return
            process.stdin.write(json.dumps([network, seed]) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline() or '{"crash": "a process of the experiment died"}')
            if "error" in answer:
                raise InputError(answer["error"])
            outcome = outcome_of(answer, network, seed, recipe.points)
            if outcome is None:
                raise RuntimeError(answer.get("crash", "a process of the experiment gave no finite numbers"))
            results.put(outcome)
    except (OSError, ValueError) as error:
        results.put(RuntimeError(f"a process of the experiment died: {error}"))
    except (InputError, RuntimeError) as error:
        results.put(error)


def _end_with(parent: int) -> None:
    """Leave at once when the process that wants the outcomes is gone: a unit may take minutes more, for nobody."""
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(0)


def main() -> int:
    """A worker: the order on the first line of stdin, a unit on each further one; an outcome a line to stdout."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with, args=(order["parent"],), daemon=True).start()
    with np.load(order["data"], allow_pickle=False) as stored:
        images, classes = stored["images"], stored["classes"]
    samples = Samples("", images, classes, tuple(order["names"]), order["test"])
    recipe = Recipe(**order["recipe"])
    for line in sys.stdin:
        network, seed = json.loads(line)
        answer: dict[str, Any]
        try:
            answer = run_unit(samples, recipe, network, seed).to_json()
        except GeomcheckError as error:
            answer = {"error": str(error)}
        except Exception as error:
            answer = {"crash": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), flush=True)
    return 0
