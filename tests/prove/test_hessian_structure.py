"""Inertia, zero blocks, weight decay, rescaling and the last layer: what is proved, what must not be, and the bounds.

Every claim of PROVED goes through the checker; NEAR holds false neighbours of true ones, each off by a little.
"""

from functools import partial
from itertools import product
from typing import Any

import pytest

import geomcheck as gc
from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.matrices import build
from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.geometry.affine_block import inertia_bounds, is_flat, is_multiaffine
from geomcheck.geometry.generic import generic_points, ranks_at
from geomcheck.prove.knowledge import NAMED
from geomcheck.prove.tactics.scaling import movable_units

from .problems import loss, model, problem, proof

SMALL = {"network": "1-2-1 tanh", "samples": 2}
DECAY = {"network": "2-2-1 tanh", "samples": 2, "weight_decay": "1/10"}
QUARTIC = {"network": "2-2-1 gelu", "samples": 2, "loss": "quartic"}
SIXTH = {"network": "2-2-1 tanh", "samples": 2, "loss": loss("(f0-y0)^6", 1)}
SQUARE = {"network": "2-2-1 tanh", "samples": 2, "loss": loss("2*(f0-y0)^2 + (f0-y0)^4", 1)}
HINGE = {"network": "2-2-1 tanh", "samples": 2, "loss": "squared_hinge"}
SOFTMAX = {"network": "2-2-3 tanh", "samples": 2, "loss": "softmax_cross_entropy"}
GIVEN = {"network": "2-2 linear", "inputs": [[1, 0], [0, 1], [1, 1]]}
POOLED = {"network": "1-2-2 tanh", "inputs": [[1], [1], [2]]}

PROVED: list[tuple[str, dict[str, Any], str]] = [
    ("index(H) + index(-H) == rank(H)", SMALL, "inertia"),
    ("nullity(H) + index(-H) + index(H) == P", DECAY, "inertia"),
    ("index(-H_o) == rank(G)", SMALL, "inertia"),
    ("index(-H) >= rank(G) - index(H_f)", SMALL, "equal-matrices"),
    ("index(H_f) <= index(H) + index(-H_o)", SMALL, "equal-matrices"),
    ("index(-3*H) == index(-H) and index(2*H) == index(H)", SMALL, "inertia"),
    ("positive_semidefinite(G*G.T) and positive_semidefinite(H*H)", SMALL, "inertia"),
    ("positive_semidefinite(G*H_o*G.T)", {**SMALL, "loss": "bce_logits"}, "inertia"),
    ("trace(H*H) >= 0", SMALL, "inertia"),
    ("positive_definite(H) implies det(H) > 0 and H[1, 1] > 0", {**SMALL, "samples": 9}, "inertia"),
    ("trace(H) == 0 implies H == 0 at local_minima", SMALL, "inertia"),
    ("trace(H_o) == 0 implies G == 0", SMALL, "inertia"),
    ("trace(H) > 0 at perfect_fits given rank(G) >= 1", SMALL, "inertia"),
    ("H[0, 0] >= 0 at local_minima", SMALL, "inertia"),
    ("H[0, 1] == H[1, 0] and D[0, 0] > 0", {**SMALL, "loss": "bce_logits"}, "symmetric"),
    ("positive_definite(H) at perfect_fits", DECAY, "weight-decay"),
    ("rank(H) == P", {"network": "2-2 linear", "weight_decay": "1/9", "loss": "softmax_cross_entropy"}, "weight-decay"),
    ("index(H) <= index(H_f) and nullity(H) <= rank(H_f)", DECAY, "weight-decay"),
    ("trace(H) == trace(H_o) + trace(H_f) + 9/10", DECAY, "weight-decay"),
    ("rank(H_f) <= P - 2 and index(H) <= 9", {"network": "2-3-2 gelu"}, "affine-block"),
    ("rank(H_f) <= 4 and generic_rank(H_f) <= 4", {"network": "1-2-3 tanh, no bias"}, "affine-block"),
    ("trace(H_f) == 0 and trace(H) >= 0", {"network": "2-2-2-1 relu"}, "affine-block"),
    ("H_f[0, 1] == 0 and H_f[12, 0] == 0", {"network": "2-3-1 relu"}, "affine-block"),
    ("index(H_f) <= 1 and index(-H_f) <= 1", {"model": model("a*b*x"), "samples": 2}, "affine-block"),
    ("rank(H) <= P - 4 at critical_points", {"network": "2-2-2-1 relu", "samples": 2}, "scaling"),
    ("det(H) == 0 at local_minima", {"network": "1-2-1 leaky_relu", "samples": 2}, "scaling"),
    ("rank(G) <= P - 2", {"network": "2-2-1 exp", "samples": 9}, "scaling"),
    ("rank(G) >= 2*rank(A[1]) and rank(G) >= K", {"network": "2-3-2 relu"}, "features"),
    ("perfect_fit at critical_points given rank(A[1]) == N", {"network": "2-3-2 softplus", "samples": 2}, "features"),
    ("rank(A[1]) <= 3", {"network": "2-4-1 linear", "samples": 5}, "features"),
    ("rank(G) <= 4", POOLED, "features"),
    ("G != 0 and not (G == 0)", SMALL, "features"),
    ("rank(G) == 6 and positive_definite(H)", GIVEN, "affine-model"),
    ("H == 0 and dim(im(G) & ker(D)) == rank(G) at perfect_fits", QUARTIC, "output-definite"),
    ("H == 0 at perfect_fits", SIXTH, "output-definite"),
    ("rank(H) <= N at perfect_fits", {"network": "2-2-2 tanh", "loss": loss("(f0+f1-y0-y1)^2")}, "output-definite"),
    ("H == 0 given L == 0", HINGE, "output-definite"),
    ("trace(D) == K and det(D) == 1/16 and D[0, 0] == 1/2", {**SMALL, "network": "1-2-2 tanh", "reduction": "mean"},
     "output-definite"),
    ("D[0, 3] == 0", SOFTMAX, "output-definite"),
    ("positive_definite(D) and L >= 0", SQUARE, "output-definite"),
    ("L == 0 implies perfect_fit and local_minimum", SQUARE, "fit-by-loss"),
    ("L > 0", SOFTMAX, "least-loss"),
    ("L > 0", {**SMALL, "loss": "bce_logits"}, "least-loss"),
    ("2*L == trace(r*r.T)", SMALL, "least-loss"),
    ("L == trace(r.T*r)", {**SMALL, "reduction": "mean"}, "least-loss"),
    ("transpose(G)*r == 0 implies critical_point", SMALL, "point"),
    ("G == 0 implies critical_point and H == H_f", SMALL, "decomposition"),
    ("dim(im(r) & im(G)) == 0 at critical_points", SMALL, "inclusion"),
    ("dim(ker(G) & ker(H_f)) <= nullity(H)", SMALL, "inclusion"),
    ("critical_point implies local_minimum", {"network": "2-2 linear", "samples": 2}, "convex"),
]  # fmt: skip

NEAR: list[tuple[str, dict[str, Any]]] = [
    ("index(H) + index(-H) == P", SMALL),
    ("index(-2*H) == index(H)", SMALL),
    ("index(-H) <= index(H_o) + index(H_f)", SMALL),
    ("positive_semidefinite(G.T*D*G)", {**SMALL, "loss": loss("(f0-y0)^3", 1)}),
    ("trace(H) > 0 at perfect_fits", {"network": "1-2-1 tanh, no bias", "samples": 2}),
    ("trace(H) == 0 implies H == 0", SMALL),
    ("H[0, 1] >= 0 at local_minima", SMALL),
    ("positive_semidefinite(H) implies det(H) > 0", SMALL),
    ("index(H) + nullity(H) <= index(H_o + H_f)", SMALL),
    ("positive_definite(H)", DECAY),
    ("trace(H) == trace(H_o) + trace(H_f)", DECAY),
    ("rank(H_f) <= P - 2", SMALL),
    ("index(H) <= 8", {"network": "2-3-1 tanh"}),
    ("rank(H_f) <= P - 2", {"network": "2-3-2 gelu, no bias"}),
    ("H_f[0, 0] == 0", {"network": "2-2-1 tanh", "samples": 2}),
    ("H_f[0, 0] == 0", {"network": "2-2-2-1 relu tanh", "samples": 2}),
    ("H_f[0, 9] == 0", {"network": "2-3-1 relu"}),
    ("trace(H_f) == 0", {"model": model("a^2*x + b"), "samples": 2}),
    ("rank(H) <= P - 2", {"network": "2-2-1 relu", "samples": 9}),
    ("rank(H) <= P - 2 at critical_points", {"network": "2-2-1 relu", "samples": 3, "weight_decay": "1"}),
    ("rank(H) <= P - 3 at critical_points", {"network": "2-2-1 relu", "samples": 9}),
    ("rank(H) <= P - 1 at critical_points", {"network": "2-2-1 leaky_relu(1)", "samples": 9}),
    ("rank(H) <= P - 1 at critical_points", {"network": "2-2-1 square", "samples": 9}),
    ("rank(G) <= P - 2", {"network": "2-2-1 exp, no bias", "samples": 9}),
    ("rank(G) >= K", {"network": "2-3-2 relu, no bias"}),
    ("rank(G) >= K", {"network": "2-3-2 relu", "behaviour": "probabilities"}),
    ("rank(A[1]) <= rank(A[0])", {"network": "2-3-1 linear"}),
    ("rank(A[1]) <= rank(A[0]) + 1", {"network": "2-3-1 tanh"}),
    ("rank(G) <= 2", POOLED),
    ("rank(G) == 4", GIVEN),
    ("H == 0 at perfect_fits", {**QUARTIC, "weight_decay": "1"}),
    ("H == 0 given L <= 1/2", HINGE),
    ("D[0, 1] == 0", SOFTMAX),
    ("trace(D) == N*K", {**SMALL, "loss": "logcosh"}),
    ("L > 0", {**SMALL, "network": "1-2-2 tanh", "behaviour": "probabilities"}),
    ("L > 0", {"network": "1-2-1 tanh", "loss": "softmax_cross_entropy"}),
    ("L > 0", HINGE),
    ("L == 0 implies perfect_fit", {"network": "2-2-2 tanh", "loss": loss("(f0+f1-y0-y1)^2")}),
    ("L >= 0", {"network": "2-2-1 tanh", "loss": loss("(f0-y0)^2 - 1", 1)}),
    ("2*L == trace(r*r.T)", DECAY),
    ("transpose(G)*r == 0 implies critical_point", DECAY),
    ("dim(im(r) & im(G)) == 0", SMALL),
    ("critical_point implies local_minimum", {"network": "2-2-2 linear", "samples": 2}),
    ("H_f != 0", SMALL),
]  # fmt: skip


@pytest.mark.parametrize(("says", "parts", "rule"), PROVED)
def test_proved_and_accepted(says: str, parts: dict[str, Any], rule: str) -> None:
    verdict = gc.check(says, trials=20, **({"samples": 4} if "inputs" not in parts else {}) | parts)
    assert verdict.proved, verdict.known
    assert verdict.certificate is not None
    assert rule in {step["rule"] for step in verdict.certificate["steps"]}


@pytest.mark.parametrize(("says", "parts"), NEAR)
def test_false_neighbours_have_no_proof(says: str, parts: dict[str, Any]) -> None:
    parts = {"samples": len(parts["inputs"])} | parts if "inputs" in parts else parts
    assert proof(says, problem(**parts)) is None


NETWORKS = (
    *(f"2-2-{k} {name}{bias}" for name, k, bias in product(("square", "relu"), (1, 2), ("", ", no bias"))),
    *("1-2-2 tanh", "2-2-2-1 relu", "1-1-2-1 square leaky_relu", "1-2-1 exp", "1-2-1 abs, no bias", "2-3 linear"),
)
MODELS = (model("a*b*x"), model("a*b*c + a*x", parameters="abc"), model("a^2*b + x*c", parameters="abc"))


@pytest.mark.parametrize("about", [*NETWORKS, *MODELS], ids=str)
def test_the_bounds_hold_at_random_points(about: Any) -> None:
    whole = problem(**({"network": about} if isinstance(about, str) else {"model": about}), samples=3, loss="quartic")
    rank, index = inertia_bounds(whole)
    flat = [(i, j) for i in range(whole.P) for j in range(whole.P) if is_flat(whole, i, j)]
    tried = 0
    for point in generic_points(whole, draws=2, small=True):
        try:
            here = Evaluation(point)
            H_f = here.exact(NAMED["H_f"])
            ranks = ranks_at(point, [partial(build, NAMED[name]) for name in ("H_f", "G")], in_balls=False)
            low = here.whole_range(("index", NAMED["H_f"]))[0]
        except (Kink, OutsideField, Undecided):
            continue
        assert ranks is not None
        assert ranks[0] <= rank
        assert low <= index
        assert ranks[1] <= whole.P - movable_units(whole)
        assert all(H_f[i, j] == 0 for i, j in flat)
        assert not is_multiaffine(whole) or all(H_f[i, i] == 0 for i in range(whole.P))
        tried += 1
    assert tried
    assert index <= rank <= whole.P
