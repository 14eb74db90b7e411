"""An outside solver for tiny problems, if one is installed: it suggests violations, and the judge decides.

z3 (an optional dependency, the extra "solver") runs in a process of its own, with limits of time and memory, and is
killed where it exceeds them. It reads polynomial conditions and prints rational solutions; where it finds an irrational
one, its coordinates are pinned to simple rationals nearby as long as a solution is left. Its "unsat" is not used.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from geomcheck.search.smt_conditions import Conditions, violation

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim
    from geomcheck.problem.problem import Problem

SECONDS: Final = 5
MEGABYTES: Final = 1024
PAUSE: Final = 40  # draws of the other generators before the solver is asked, as starting it takes half a second
_MODELS: Final = 6

_SCRIPT: Final = """
import json, resource, sys
limit = int(sys.argv[2]) << 20
resource.setrlimit(resource.RLIMIT_AS, (2 * limit, 2 * limit))
import z3
z3.set_param("memory_max_size", int(sys.argv[2]))
given = json.load(sys.stdin)
unknowns = [z3.Real(name) for name in given["names"]]
solver = z3.Solver()
solver.set("timeout", int(sys.argv[1]))
solver.from_string(given["text"])

def rational(value):
    return z3.is_rational_value(value)

def near(value):
    decimal = value if rational(value) else value.approx(20)
    return round(2 * decimal.as_fraction())

for turn in range(given["models"]):
    for unknown in unknowns:
        if solver.check() != z3.sat:
            break
        value = solver.model().eval(unknown, model_completion=True)
        if not rational(value):
            solver.push()
            solver.add(unknown == z3.Q(near(value), 2))
            if solver.check() != z3.sat:
                solver.pop()
    if solver.check() != z3.sat:
        break
    values = [solver.model().eval(unknown, model_completion=True) for unknown in unknowns]
    if all(map(rational, values)):
        print(json.dumps([str(value.as_fraction()) for value in values]), flush=True)
    while solver.num_scopes():
        solver.pop()
    place = turn % len(unknowns)
    solver.add(unknowns[place] != values[place])
"""


def available() -> bool:
    """Whether z3 is installed; it is not imported."""
    return importlib.util.find_spec("z3") is not None


def suggestions(claim: Claim, problem: Problem) -> Iterator[Problem | None]:
    """Instances that may violate the claim; None while the other generators are given time, then where none is left."""
    conditions = violation(claim, problem) if available() else None
    if conditions is None:
        return
    for _ in range(PAUSE):
        yield None
    for values in solutions(conditions):
        yield _instance(problem, dict(zip(conditions.names, values, strict=True)))


def solutions(conditions: Conditions, seconds: int = SECONDS) -> list[list[Fraction]]:
    """Rational solutions that the solver prints within the limits; empty where it fails, whatever the reason."""
    declared = [f"(declare-const {name} Real)" for name in conditions.names]
    asserted = [f"(assert {assertion})" for assertion in conditions.assertions]
    given = {"names": conditions.names, "text": "\n".join([*declared, *asserted]), "models": _MODELS}
    command = [sys.executable, "-I", "-c", _SCRIPT, str(1000 * seconds // 4), str(MEGABYTES)]
    try:
        done = subprocess.run(
            command, input=json.dumps(given), capture_output=True, text=True, timeout=seconds, check=False
        )
        printed = done.stdout
    except subprocess.TimeoutExpired as late:  # killed; what it printed before counts
        printed = late.stdout.decode() if isinstance(late.stdout, bytes) else late.stdout or ""
    except OSError:
        return []
    return [found for line in printed.splitlines() if (found := _row(line, len(conditions.names))) is not None]


def _row(line: str, size: int) -> list[Fraction] | None:
    try:
        row = [Fraction(text) for text in json.loads(line)]
    except (ValueError, TypeError, ZeroDivisionError):
        return None  # a line cut off, or a complaint
    return row if len(row) == size else None


def _instance(problem: Problem, values: dict[str, Fraction]) -> Problem:
    def rows(letter: str, height: int, width: int) -> Any:
        numbers = [values[f"{letter}{i}"] for i in range(height * width)]
        return [numbers[i * width : (i + 1) * width] for i in range(height)]

    return problem.with_(
        parameters=rows("p", 1, problem.P)[0] if problem.parameters is None else None,
        inputs=rows("x", problem.N, problem.model.n_inputs) if problem.inputs is None else None,
        targets=rows("y", problem.N, problem.K) if problem.targets is None else None,
    )
