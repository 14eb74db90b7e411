"""Every row of the table of ratios, each against its rival in the same run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import sympy
from sympy.core.cache import clear_cache

from geomcheck.align.alignment import align
from geomcheck.align.barrier import barrier
from geomcheck.claims.evaluation import Evaluation
from geomcheck.geometry.instance import Instance
from geomcheck.geometry.symbolic.derive import derive
from geomcheck.problem.problem import Problem
from tests.benchmarks.barriers import barriers
from tests.benchmarks.bulk import bulk
from tests.benchmarks.certified import certified
from tests.benchmarks.curvature import curvature
from tests.benchmarks.digits import digits, matching_and_assignments, trained
from tests.benchmarks.measure import Row, alone, process, timed
from tests.benchmarks.problems import square_128_by_212, square_with_one_vector_more, square_with_symmetries
from tests.benchmarks.rebasins import rebasins

PAIRS = 8
CLAIM = ("rank(H) == rank(G) at perfect_fits", "--network", "2-3-1 tanh", "--loss", "mse", "--samples", "4")


def loss_of_2_3_1() -> tuple[Any, list[Any]]:
    """½ Σ (f − y)² of 2-3-1 tanh on three samples, and θ, in SymPy, which remembers nothing of earlier ones."""
    clear_cache()
    W1 = sympy.Matrix(3, 2, sympy.symbols("W1_:3_:2"))
    b1, W2, b2 = sympy.symbols("b1_:3"), sympy.symbols("W2_0_:3"), sympy.Symbol("b2_0")
    total = sympy.Integer(0)
    for n in range(3):
        x = sympy.Matrix(sympy.symbols(f"x{n}_:2"))
        hidden = [sympy.tanh(z + b) for z, b in zip(W1 * x, b1, strict=True)]
        f = sum(v * a for v, a in zip(W2, hidden, strict=True)) + b2
        total += (f - sympy.Symbol(f"y{n}_0")) ** 2 / 2
    return total, [*W1, *b1, *W2, b2]


def forgotten() -> tuple[()]:
    clear_cache()
    return ()


def symbols() -> list[Row]:
    keys: dict[str, Any] = {"network": "2-3-1 tanh", "samples": 3}
    exact, _ = timed(lambda: derive("H", expanded=True, **keys), 60)
    expressions, found = timed(lambda: derive("H", **keys).to_sympy(), 5, forgotten)
    theirs, expected = timed(sympy.hessian, 3, loss_of_2_3_1)
    assert found.free_symbols == expected.free_symbols
    name = "H of 2-3-1 tanh, N = 3"
    return [
        Row(f"{name}, exact polynomials", exact, rival="sympy.hessian", theirs=theirs, target=300),
        Row(f"{name}, SymPy expressions", expressions, rival="sympy.hessian", theirs=theirs, target=10),
    ]


def jacobian_rank() -> list[Row]:
    return [_against_flint(square_128_by_212(), "both bounds of rank(G), 128 × 212, square, full row rank")]


def deficient_jacobian_rank() -> list[Row]:
    """The same where the kernel must be shown: by symmetries, and with one vector that has to be lifted.

    The minor is shown to be invertible without a prime. Choosing the prime that a certificate names takes one
    elimination more, when the certificate is written.
    """
    work = "both bounds of rank(G), 128 ×"
    return [
        _against_flint(square_with_symmetries(), f"{work} 210, square, rank 105 by symmetry, one digit"),
        _against_flint(square_with_symmetries(99), f"{work} 210, square, rank 105 by symmetry, two digits"),
        _against_flint(square_with_symmetries(999), f"{work} 210, square, rank 105 by symmetry, three digits"),
        _against_flint(square_with_one_vector_more(), f"{work} 211, rank 105, one kernel vector lifted", 1),
    ]


def _against_flint(problem: Problem, work: str, target: int = 8) -> Row:
    """Both sides on one matrix, in one orientation, with as many runs."""
    ours, bounds = timed(lambda: Evaluation(problem).rank(("matrix", "G")), 5)
    G = Instance(problem).exactly(lambda d: d.G)
    matrix = flint.fmpz_mat([[int(x.p) for x in row] for row in G])
    theirs, rank = timed(matrix.rank, 5)
    assert bounds.decided == rank
    return Row(work, ours, rival="fmpz_mat.rank", theirs=theirs, target=target)


def large() -> list[Row]:
    found = alone("tests.benchmarks.large")
    return [
        Row("H modulo a prime, 7-111-1 tanh, P = N = 1,000", found["build tanh"], target=1.5),
        Row("H modulo a prime, 7-111-1 square, P = N = 1,000", found["build square"], target=1.5),
        Row(
            "its rank by elimination",
            found["eliminate"],
            rival="nmod_mat.rank",
            theirs=found["nmod_mat"],
            target=1 / 1.5,
        ),
        Row("both bounds of rank(H), network with P = 1,000, corank 5", found["corank network"], target=4),
        Row("both bounds, matrix 1,000 × 1,000 of corank 5, by lifting", found["corank matrix"], target=4),
        Row("memory of all rows at P = 1,000", found["memory"], "MB", target=1000),
    ]


def processes() -> list[Row]:
    return [
        Row("import geomcheck, whole process", process("-c", "import geomcheck"), target=0.05),
        Row("geomcheck --help, whole process", process("-m", "geomcheck", "--help"), target=0.3),
        Row(
            "geomcheck check of one small claim, whole process", process("-m", "geomcheck", "check", *CLAIM), target=1.5
        ),
    ]


def alignment() -> list[Row]:
    """The share of weight matching that is not spent in scipy's assignments, and the whole of an alignment."""
    import torch

    torch.set_num_threads(1)
    data = digits()
    pairs = [(trained(2 * seed, data), trained(2 * seed + 1, data)) for seed in range(PAIRS)]
    pair = pairs[0]
    whole, assignments, _ = matching_and_assignments(*pair, data)
    name = "64-512-512-512-10, three restarts"
    aligned, _ = timed(lambda: align(*pair, data=data))
    barriers = [barrier(a, align(a, b, data=data, seed=seed).model, data) for seed, (a, b) in enumerate(pairs)]
    worst = max(max(curve.barrier("mean"), curve.barrier("linear")) for curve in barriers)
    return [
        Row(f"weight matching of {name}", whole, rival="its assignments", theirs=assignments, target=1 / 1.3),
        Row(f"alignment of {name}", aligned, target=2),
        Row(f"greatest barrier of {PAIRS} aligned pairs, 1,797 digits", worst, "", target=0.02),
    ]


GROUPS: dict[str, Callable[[], list[Row]]] = {
    "symbols": symbols,
    "jacobian": lambda: [*jacobian_rank(), *deficient_jacobian_rank()],
    "large": large,
    "certified": certified,
    "bulk": bulk,
    "curvature": curvature,
    "alignment": alignment,
    "rebasin": rebasins,
    "barriers": barriers,
    "processes": processes,
}
"""The rows of the table in its order, by the word that chooses them on the command line."""
