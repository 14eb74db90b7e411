"""The prover proves nothing false: claims of known falsehood, facts at random instances, random claims."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geomcheck import checker
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.tree import Tree
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import problem_from
from geomcheck.prove import prove
from geomcheck.prove.engine import saturate
from geomcheck.prove.knowledge import Scope

from .numeric import Numeric

W2 = {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}
AB = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x"]}
AFFINE = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*x + b", "a - 2*b*x^2"]}
MIXED = {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f - y)^2 + (g - z)^4"}
SINGULAR = {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f - y)^2 + 2*(f - y)*(g - z) + (g - z)^2"}
SADDLE = {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^2 - (f - y)^4"}
SHIFTED = {"outputs": ["f"], "targets": ["y"], "value": "(f - y - 1)^2"}
WEIGHTED = {"outputs": ["f"], "targets": ["y"], "value": "y^2*(f - y)^2"}
CUBIC = {"outputs": ["f"], "targets": ["y"], "value": "(f - y)^2 + (f - y)^3"}
EQUAL = "rank(H) == rank(G) at perfect_fits"
UNSOUND: list[tuple[str, dict[str, Any]]] = [
    (EQUAL, {"loss": "quartic"}),
    (EQUAL, {"network": "2-3-3 tanh", "loss": "softmax_cross_entropy"}),
    (EQUAL, {"network": "2-3-3 relu", "loss": "cross_entropy"}),
    (EQUAL, {"weight_decay": "1/10"}),
    (EQUAL, {"network": "2-2-2 tanh", "loss": MIXED}),
    (EQUAL, {"network": "2-2-2 tanh", "loss": SINGULAR}),
    (EQUAL, {"loss": SADDLE}),
    (EQUAL, {"loss": SHIFTED}),
    (EQUAL, {"loss": WEIGHTED}),
    (EQUAL, {"loss": CUBIC}),
    (EQUAL, {"loss": "logistic"}),
    (EQUAL, {"loss": "exponential"}),
    (EQUAL, {"loss": "squared_hinge"}),
    ("trace(H) == trace(H_o) + trace(H_f)", {"weight_decay": "1"}),
    ("trace(H) == trace(H_o) - trace(H_f)", {}),
    ("trace(G.T*D*G) == trace(D)", {}),
    ("L == 0 at critical_points given rank(G) == N*K", {"weight_decay": "1"}),
    ("L == 0 at critical_points given rank(G) == N*K", {"loss": "softmax_cross_entropy", "network": "2-3-3 tanh"}),
    ("L == 0 at critical_points given rank(G) == N*K - 1", {}),
    ("L == 0 at all_points given rank(G) == N*K", {}),
    ("perfect_fit at critical_points given rank(G) == N*K", {"loss": "cross_entropy", "network": "2-3-3 tanh"}),
    ("perfect_fit given r == 0", {"loss": "squared_hinge"}),
    ("perfect_fit given r == 0", {"network": "2-2-2 tanh", "loss": SINGULAR}),
    ("perfect_fit given r == 0", {"loss": CUBIC}),
    ("rank(H) == rank(G) given L == 0", {"loss": "squared_hinge"}),
    ("rank(H) == rank(G) given L >= 0", {}),
    ("L >= 0", {"loss": "cross_entropy", "network": "2-3"}),
    ("L >= 0", {"loss": CUBIC}),
    ("global_minimum at local_minima", {}),
    ("index(H) >= 1 or global_minimum at critical_points", {"network": "3-1-1-2 linear, no bias"}),
    ("index(H) >= 1 or global_minimum at critical_points", {"network": "3-1-2 linear", "loss": "quartic"}),
    ("index(H) >= 1 or global_minimum at critical_points", {"network": "3-1-2 linear", "weight_decay": "1"}),
    ("index(H) >= 1 or global_minimum at critical_points", {"network": "3-1-2 square"}),
    ("index(H) >= 1 or global_minimum", {"network": "3-1-2 linear"}),
    ("index(H) >= 2 or global_minimum at critical_points", {"network": "3-1-2 linear"}),
    ("rank(H) >= 1 or rank(H) <= -1", {}),
    ("global_minimum at local_minima", {"network": "3-2-2 linear", "weight_decay": "1"}),
    ("global_minimum at local_minima", {"network": "3-1-2 linear, no bias", "loss": "logcosh"}),
    ("global_minimum at local_minima", {"network": "2-2-2 linear", "behaviour": "probabilities"}),
    ("global_minimum at local_minima", {"network": "2-2-2 linear", "loss": MIXED | {"value": "(f-y)^2 - (f-y)^4"}}),
    ("global_minimum at critical_points", {"network": "2-2-2 linear, no bias"}),
    ("global_minimum at critical_points", {"network": "2-2", "behaviour": "probabilities"}),
    ("global_minimum at critical_points", {"model": W2}),
    ("global_minimum", {"network": "2-2"}),
    (EQUAL, {"loss": "cross_entropy", "model": AB | {"outputs": ["sigmoid(a*x+b)", "1-sigmoid(a*x-b)"]}}),
    ("H_f == 0 at perfect_fits", {"loss": "cross_entropy", "model": AB | {"outputs": ["a*x", "1-a*b*x"]}}),
    (EQUAL, {"loss": "cross_entropy", "model": AB | {"outputs": ["exp(a*x)", "exp(b)/(exp(a*x)+exp(b))"]}}),
    ("L == 0 at perfect_fits", {"loss": "bce_logits"}),
    ("L == 0 at perfect_fits", {"weight_decay": "1"}),
    ("nullity(D) >= N", {}),
    ("nullity(D) == N", {"loss": "cross_entropy", "network": "2-3", "behaviour": "probabilities"}),
    ("nullity(D) >= N + 1", {"loss": "softmax_cross_entropy", "network": "2-3"}),
    ("dim(ker(G) & ker(H)) == nullity(G)", {}),
    ("dim(ker(G) & ker(H)) == nullity(H) at perfect_fits", {"loss": "quartic"}),
    ("dim(im(H) & im(G.T)) == rank(H) at critical_points", {}),
    ("dim(im(G*H) & ker(G*G.T)) == 0", {}),
    ("dim(ker(H_o) & ker(H_f)) == nullity(H)", {}),
    ("local_minimum at critical_points given positive_semidefinite(H)", {}),
    ("global_minimum at critical_points given positive_definite(H)", {}),
    ("local_minimum given positive_definite(H)", {}),
    ("not local_minimum at critical_points given index(H) >= 0", {}),
    ("not perfect_fit given L >= 0", {}),
    ("not perfect_fit", {}),
    ("det(H) != 0 at perfect_fits", {}),
    ("det(H) == 0 given rank(H) >= P - 1", {}),
    ("rank(H) == rank(G)", {}),
    ("rank(H) == rank(G) at critical_points", {}),
    ("rank(H) == rank(G) at global_minima", {}),
    ("rank(H) == rank(G) at local_minima", {}),
    ("rank(H) == rank(G) at generic_points", {}),
    ("rank(H) <= rank(G) at critical_points", {"model": W2}),
    ("rank(H) <= rank(G) at global_minima", {"model": W2}),
    ("rank(H) <= N*K at global_minima", {"model": AB | {"outputs": ["a^2 + b^2"]}, "samples": 1}),
    ("rank(H) >= rank(G) at global_minima", {"network": "2-1-2 linear, no bias", "samples": 2}),
    ("rank(H) < rank(G) at perfect_fits", {}),
    ("rank(H) == rank(G) + 1 at perfect_fits", {}),
    ("rank(H) == P at perfect_fits", {"samples": 20}),
    ("rank(G) == N*K", {}),
    ("rank(H) == rank(G)", {"network": "2-1", "behaviour": "probabilities"}),
    ("rank(H) == rank(G)", {"network": "2-1", "weight_decay": "1"}),
    ("rank(H) == rank(G)", {"network": "2-1", "loss": "quartic"}),
    ("rank(H) == rank(G)", {"network": "2-1 linear, output tanh"}),
    ("rank(H) == rank(G)", {"network": "2-2-1 linear"}),
    ("rank(H) == rank(G)", {"model": AB}),
    ("rank(H) == rank(G)", {"model": AB | {"outputs": ["exp(a)*x + b"]}}),
    ("rank(H) == rank(G)", {"model": AB | {"outputs": ["x/a + b"]}}),
    ("H == H_o + H_f", {"weight_decay": "1/100"}),
    ("H == H_o", {}),
    ("H == H_o at critical_points", {}),
    ("H == 2*H_o at perfect_fits", {}),
    ("H_f == 0 at critical_points", {}),
    ("H_f == 0 at perfect_fits", {"network": "2-3-3 tanh", "loss": "cross_entropy"}),
    ("H == G.T*G at perfect_fits", {"loss": "bce_logits"}),
    ("r == 0 at perfect_fits", {"network": "2-3-3 tanh", "loss": "cross_entropy", "behaviour": "probabilities"}),
    ("r == 0 at critical_points", {}),
    ("G.T*r == 0", {}),
    ("G.T*r == 0 at critical_points", {"weight_decay": "1/2"}),
    ("index(H) == 0", {}),
    ("index(H) == 0 at critical_points", {}),
    ("index(H) == 0 at perfect_fits", {"weight_decay": "1/5", "loss": SADDLE}),
    ("positive_definite(H) at local_minima", {}),
    ("positive_definite(H) at perfect_fits", {"samples": 20}),
    ("positive_definite(D) at perfect_fits", {"loss": "quartic"}),
    ("positive_definite(D)", {"network": "2-3-3 tanh", "loss": "cross_entropy", "behaviour": "probabilities"}),
    ("positive_semidefinite(H)", {"loss": "quartic"}),
    ("positive_semidefinite(D)", {"loss": SADDLE}),
    ("nullity(D) == 0", {"loss": "squared_hinge"}),
    ("dim(im(G) & ker(D)) == 0 at perfect_fits", {"loss": "quartic"}),
    ("dim(im(G) & ker(D)) == dim(ker(D)) at perfect_fits", {"loss": "quartic"}),
    ("rank(H) == rank(H_o) + rank(H_f)", {}),
    ("rank(H_o + H_f) == rank(H)", {"weight_decay": "1"}),
    ("rank(G*H) == rank(G)", {}),
    ("rank(0*G) == rank(G)", {}),
    ("global_minimum", {}),
    ("global_minimum at local_minima", {}),
    ("local_minimum at critical_points", {}),
    ("perfect_fit at global_minima", {}),
    ("critical_point at perfect_fits", {"weight_decay": "1/7"}),
    ("global_minimum at perfect_fits", {"loss": SADDLE}),
    ("perfect_fit implies rank(H) == rank(G)", {"loss": "quartic"}),
    ("critical_point implies rank(H) == rank(G)", {}),
    ("perfect_fit or rank(H) == rank(G)", {}),
    ("(perfect_fit implies rank(H) == rank(G)) and rank(H) == rank(G)", {}),
    ("(H_f == 0 implies rank(H) <= rank(G)) and rank(H) <= rank(G)", {}),
    ("rank(H) <= rank(G) given H_o == 0", {"network": "2-3-1 tanh, no bias"}),
    ("rank(H) == 3 given rank(H) < 4", {}),
    ("trace(H) >= 1 given trace(H) > 0", {}),
    ("L >= 1 given L > 0", {}),
    ("rank(H) == rank(G) given perfect_fit or rank(G) == 1", {}),
    ("rank(H) == rank(G) given not perfect_fit", {}),
    ("rank(H) == rank(G) given H_f != 0", {}),
    ("positive_definite(G*G.T)", {}),
    ("not positive_definite(H)", {"samples": 20}),
    ("H != 0", {}),
    ("L == 0 at perfect_fits", {"loss": "bce_logits"}),
    ("generic_rank(H) == generic_rank(G) at perfect_fits", {}),
    ("rank(H)*rank(H) == rank(G)*rank(H) at perfect_fits", {}),
]


def about(network: str = "2-3-1 tanh", samples: int = 4, **parts: Any) -> Problem:
    given = {"samples": samples, **parts}
    return problem_from(given if "model" in parts else {"network": network, **given})


@pytest.mark.parametrize(("says", "parts"), UNSOUND)
def test_no_proof_of_what_does_not_follow(says: str, parts: dict[str, Any]) -> None:
    assert prove(parse_claim(says), about(**parts)) is None


PROBLEMS: list[dict[str, Any]] = [
    {"network": "2-2-1 tanh", "samples": 3},
    {"network": "2-2-2 relu", "samples": 3, "reduction": "mean"},
    {"network": "2-2-2 tanh", "samples": 2, "weight_decay": "1/3"},
    {"network": "2-2-1 sin, no bias", "samples": 2, "loss": "quartic"},
    {"network": "2-2-3 tanh", "samples": 2, "loss": "softmax_cross_entropy"},
    {"network": "2-2-3 tanh", "samples": 2, "loss": "cross_entropy", "behaviour": "probabilities", "reduction": "mean"},
    {"network": "2-2-2 tanh", "samples": 2, "loss": "mse", "behaviour": "probabilities"},
    {"network": "2-2-2 tanh", "samples": 2, "loss": "bce", "behaviour": "probabilities"},
    {"network": "2-2-1 tanh", "samples": 3, "loss": "bce_logits"},
    {"network": "2-2-1 square", "samples": 3, "loss": "logcosh"},
    {"network": "2-2", "samples": 2, "loss": "exponential"},
    {"network": "2-2", "samples": 2, "loss": "squared_hinge"},
    {"network": "2-2", "samples": 3, "loss": "logistic"},
    {"network": "2-2-2 tanh", "samples": 2, "loss": MIXED},
    {"network": "2-2-2 tanh", "samples": 2, "loss": SINGULAR},
    {"model": AB, "samples": 2},
    {"model": AFFINE, "samples": 2},
    {"model": W2, "samples": 1, "loss": "quartic"},
]
VOCABULARY = (
    "rank(H) + rank(G) + rank(H_o) + rank(H_f) + rank(D) + rank(H - H_f) + rank(G.T*D*G) + rank(2*H) + rank(-G.T) "
    "+ nullity(H) + nullity(G) + index(H) + index(H_o) + index(H_f) + trace(H) + dim(im(G) & ker(D)) "
    "+ dim(im(G) + ker(D)) + dim(ker(H) & ker(H_o)) + rank(G.T*r) + rank(H.T) >= 0"
)
NO_FIT = ("exponential", "squared_hinge", "logistic")


@pytest.mark.parametrize("point_set", ["perfect_fits", "all_points"])
@pytest.mark.parametrize("parts", PROBLEMS)
def test_every_fact_holds_at_random_instances(parts: dict[str, Any], point_set: str) -> None:
    fitted = point_set == "perfect_fits"
    if fitted and parts.get("loss") in NO_FIT:
        pytest.skip("no perfect fit exists")
    problem = about(**parts)
    facts = [fact.statement for fact in saturate(Scope(problem, point_set), (parse_claim(VOCABULARY).formula,))]
    assert len(facts) > 40
    for seed in range(6):
        here = Numeric(problem, seed, fitted=fitted)
        for statement in facts:
            assert here.holds(statement), (seed, statement)


def terms() -> st.SearchStrategy[Tree]:
    names = st.sampled_from(["G", "D", "H", "H_o", "H_f"])
    matrices = st.one_of(
        names.map(lambda name: ("matrix", name)),
        st.sampled_from([("-", ("matrix", "H"), ("matrix", "H_o")), ("+", ("matrix", "H_o"), ("matrix", "H_f"))]),
    )
    squares = st.sampled_from(["D", "H", "H_o", "H_f"]).map(lambda name: ("matrix", name))
    return st.one_of(
        st.tuples(st.sampled_from(["rank", "nullity"]), matrices),
        st.tuples(st.just("index"), squares),
        st.sampled_from([("word", "P"), ("*", ("word", "N"), ("word", "K")), ("number", "1"), ("number", "0")]),
        st.just(("dim", ("&", ("im", ("matrix", "G")), ("ker", ("matrix", "D"))))),
    )


def comparisons() -> st.SearchStrategy[Tree]:
    sums = st.one_of(terms(), st.tuples(st.sampled_from(["+", "-"]), terms(), terms()))
    return st.tuples(st.sampled_from(["==", "<=", "<", ">=", ">"]), sums, sums)


def formulas() -> st.SearchStrategy[Tree]:
    return st.one_of(comparisons(), st.tuples(st.sampled_from(["and", "or", "implies"]), comparisons(), comparisons()))


INSTANCES = [
    [Numeric(about(**parts), seed, fitted=fitted) for seed in range(4)]
    for parts in (PROBLEMS[0], PROBLEMS[3], PROBLEMS[4], PROBLEMS[5], PROBLEMS[15])
    for fitted in (True, False)
]


@settings(max_examples=150)
@given(formulas(), st.sampled_from(range(len(INSTANCES))))
def test_what_is_proved_of_random_formulas_holds(formula: Tree, which: int) -> None:
    instances = INSTANCES[which]
    problem = instances[0].problem
    point_set = "all_points" if which % 2 else "perfect_fits"
    claim = parse_claim("P == P")
    claim = type(claim)(claim.text, ("claim", formula, point_set, None))
    proved = prove(claim, problem)
    assume(proved is not None)
    assert proved is not None
    steps, conclusion = json.loads(json.dumps([proved.steps, proved.conclusion]))
    checker.Proof(checker.Problem(problem_to_json(problem)), point_set, steps, conclusion).check(formula, None)
    for here in instances:
        assert here.holds(formula), (here.problem, formula)
