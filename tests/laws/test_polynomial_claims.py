"""Random claims about random polynomial models: what is PROVED holds at every instance of a grid, by evaluation alone.

The models are small enough that a grid holds minima, saddles, perfect fits and degenerate points. The false neighbours
are drawn with the true ones: the same terms with other signs, constants, point sets.
"""

import itertools
import random
from fractions import Fraction

import pytest

from geomcheck.claims.claim import parse_claim
from geomcheck.claims.judge import judge
from geomcheck.engine import check
from geomcheck.errors import InputError
from geomcheck.problem.read import problem_from
from geomcheck.truth import Truth

MODELS = [
    (("w",), ("w^2",)),
    (("w",), ("w^3 - 3*w",)),
    (("w",), ("w", "w^2")),
    (("a", "b"), ("a*b",)),
    (("a", "b"), ("a + b",)),
    (("a", "b"), ("a^2 + b^2",)),
    (("a", "b"), ("a*b", "a - b")),
    (("a", "b"), ("(a + b)^2",)),
    (("a", "b"), ("a", "b")),
]
SCALARS = [
    "L", "P", "N*K", "0", "1", "1/2", "rank(H)", "rank(G)", "rank(H_o)", "rank(H_f)", "nullity(H)", "nullity(G)",
    "nullity(D)", "index(H)", "trace(H)", "trace(H_o)", "trace(H_f)", "trace(H_o) + trace(H_f)", "det(H)", "H[0, 0]",
    "dim(ker(G) & ker(H))", "dim(im(H) & im(G.T))", "dim(im(H) & ker(H))", "dim(im(G) & ker(D))",
]  # fmt: skip
PREDICATES = ["perfect_fit", "critical_point", "local_minimum", "global_minimum", "positive_semidefinite(H)",
              "positive_definite(H)", "H == H_o", "r == 0", "H_f == 0", "G.T*r == 0"]  # fmt: skip
SETS = ["perfect_fits", "global_minima", "local_minima", "critical_points", "all_points"]
COMPARISONS = ["==", "==", "!=", "<=", ">=", "<", ">"]
GRID = [Fraction(n, 2) for n in (-4, -3, -2, -1, 0, 1, 2, 3, 4)]


def atom(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return rng.choice(["", "not "]) + rng.choice(PREDICATES)
    left, right = rng.choice(SCALARS), rng.choice(SCALARS)
    return f"{left} {rng.choice(COMPARISONS)} {right}" + rng.choice(["", "", " + 1", " - 1"])


def claim_text(rng: random.Random) -> str:
    formula = atom(rng)
    if rng.random() < 0.4:
        formula = f"{formula} {rng.choice(['or', 'and', 'implies'])} {atom(rng)}"
    given = f" given {atom(rng)}" if rng.random() < 0.4 else ""
    return f"{formula} at {rng.choice(SETS)}{given}"


@pytest.mark.parametrize("seed", range(50))
def test_nothing_proved_fails_on_a_grid(seed: int) -> None:
    rng = random.Random(seed)
    names, outputs = rng.choice(MODELS)
    parts = {"model": {"parameters": list(names), "inputs": [], "outputs": list(outputs)}, "samples": 1}
    parts["loss"] = rng.choice(["mse", "mse", "quartic"])
    parts["weight_decay"] = rng.choice([0, 0, 0, 1])
    if rng.random() < 0.5:
        parts["targets"] = [[rng.choice([-1, 0, 1]) for _ in outputs]]
    says, problem = claim_text(rng), problem_from(parts)
    try:
        verdict = check(says, problem=problem, trials=4, seconds=1)
    except InputError:
        return  # matrices that do not fit, or what may not be symmetric
    claim = parse_claim(says)
    open_targets = [(tuple(map(Fraction, [y] * len(outputs))),) for y in (-1, 0, 1)]
    targets = [problem.targets] if problem.targets else open_targets
    for values in itertools.product(GRID if len(names) == 1 else GRID[::2], repeat=len(names)):
        for y in targets if verdict.proved else ():
            judgement = judge(claim, problem.with_(parameters=values, inputs=[[]], targets=y))
            assert (judgement.scope, judgement.holds) != (Truth.TRUE, Truth.FALSE), (says, outputs, values, y)
    if verdict.refuted and verdict.witness is not None and verdict.certificate["kind"] == "instance":
        judgement = judge(claim, verdict.witness)
        assert (judgement.scope, judgement.holds) == (Truth.TRUE, Truth.FALSE)
    assert verdict.reason != "certificate-rejected", (says, verdict.known)
