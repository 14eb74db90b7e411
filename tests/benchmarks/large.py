"""The rows at P = 1,000, run in a process of their own so that its memory can be read. Prints one JSON object."""

from __future__ import annotations

import json

import flint
import numpy as np

from geomcheck.claims.evaluation import Evaluation
from geomcheck.geometry.instance import Instance
from geomcheck.linear_algebra.elimination import eliminate
from geomcheck.linear_algebra.rank import rank_bounds
from tests.benchmarks.measure import timed
from tests.benchmarks.problems import corank_five, wide


def main() -> None:
    found: dict[str, float] = {}
    for activation in ("tanh", "square"):
        problem = wide(activation)
        seconds, H = timed(lambda p=problem: next(Instance(p).residues(lambda d: d.H)), 2)
        found[f"build {activation}"] = seconds
        found["eliminate"], elimination = timed(lambda H=H: eliminate(H.values, H.prime), 6)
        rival = flint.nmod_mat(1000, 1000, [int(v) for v in H.values.reshape(-1)], H.prime)
        found["nmod_mat"], rank = timed(rival.rank, 6)
        assert rank == elimination.rank
    problem = corank_five()
    found["corank network"], bounds = timed(lambda: Evaluation(problem).rank(("matrix", "H")), 1)
    assert bounds.decided == 995
    found["corank matrix"], bounds = timed(lambda: rank_bounds((1000, 1000), exact=matrix_of_corank_five), 2)
    assert bounds.decided == 995
    print(json.dumps(found))


def matrix_of_corank_five() -> np.ndarray:
    """Integers with five columns that are combinations of the others: a kernel nobody has written down."""
    choice = np.random.default_rng(0)
    left, mixing = choice.integers(-9, 10, (1000, 995)), choice.integers(-3, 4, (995, 5))
    return np.concatenate([left, left @ mixing], axis=1)


if __name__ == "__main__":
    main()
