"""Facts that the rules about inertia, zero blocks, decay, rescaling, features and D give, and must not give."""

import json
from typing import Any

import pytest

from geomcheck import checker
from geomcheck.checker import Proof, Reject, parse_claim

from .certificates import dense, explicit

ONE = dense(1, (2, "tanh"), (1, "linear"), samples=2)
BARE = dense(1, (2, "tanh"), (2, "linear"), bias=False, samples=2)
RELU = dense(2, (2, "relu"), (2, "leaky_relu(1/10)"), (1, "linear"), samples=2)
MIXED = dense(2, (2, "relu"), (2, "tanh"), (1, "linear"), samples=2)
STRAIGHT = dense(1, (2, "leaky_relu(1)"), (1, "linear"), samples=2)
EXP = dense(1, (2, "exp"), (1, "linear"), samples=2)
DECAY = {**ONE, "weight_decay": "1/10"}
MEAN = {**ONE, "reduction": "mean"}
LAYER = dense(2, (2, "linear"), samples=3, inputs=[["1", "0"], ["0", "1"], ["1", "0"]])
BENT = dense(1, (2, "linear"), (1, "relu"), samples=2)
FORM = {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f+g-y-z)^2"}
EVEN = {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2 + (f-y)^4"}
SHIFTED = {**EVEN, "value": "(f-y)^2 + 1"}
PAIR = {**BARE, "loss": FORM}
MODEL = explicit(["a*b*x + b*c"], ["a", "b", "c"], ["x"], samples=2)
SQUARED = explicit(["a^2*x + b*c"], ["a", "b", "c"], ["x"], samples=2)


def linked(*layers: tuple[int, str, int | None]) -> dict[str, Any]:
    about = dense(2, *((width, name) for width, name, _ in layers), samples=2)
    for layer, (_, _, residual) in zip(about["model"]["layers"], layers, strict=True):
        layer["residual"] = residual
    return about


INTO = linked((2, "relu", 0), (1, "linear", None))
OUT = linked((2, "relu", None), (2, "tanh", 1), (1, "linear", None))
LAST = linked((2, "tanh", None), (2, "linear", 0))


def gives(rule: str, fact: str, about: dict[str, Any], *premises: str, at: str | None = None) -> bool:
    """Whether the checker takes the fact by this rule, from assumptions."""

    def tree(text: str) -> Any:
        return json.loads(json.dumps(checker.normal(parse_claim(text)[1])))

    steps = [{"rule": "assume", "args": {"uses": []}, "fact": tree(premise)} for premise in premises]
    steps.append({"rule": rule, "args": {"uses": list(range(len(premises)))}, "fact": tree(fact)})
    checker.WORK[0] = 0
    try:
        Proof(checker.Problem(about), at, steps, [])
    except Reject:
        return False
    return True


SEMI = "index(H) == 0"
TRUE: list[tuple[Any, ...]] = [
    ("inertia", "index(H) + index(-H) == rank(H)", ONE),
    ("inertia", "index(2*H) == index(H)", ONE),
    ("inertia", "index(H - H_o) <= index(H) + index(-H_o)", ONE),
    ("inertia", "index(G*G.T) == 0", ONE),
    ("inertia", "index(H*H) == 0", ONE),
    ("inertia", "index(G.T*D*G) == 0", ONE, "index(D) == 0"),
    ("inertia", "0 < trace(H)", ONE, SEMI, "1 <= rank(H)"),
    ("inertia", "0 < det(H)", ONE, SEMI, "nullity(H) == 0"),
    ("inertia", "0 < H[1, 1]", ONE, SEMI, "nullity(H) == 0"),
    ("inertia", "0 <= H[1, 1]", ONE, SEMI),
    ("inertia", "H == 0", ONE, SEMI, "trace(H) <= 0"),
    ("inertia", "index(H) == 0", ONE, "index(H) <= 0"),
    ("symmetric", "H[0, 1] == H[1, 0]", ONE),
    ("weight-decay", "index(H) + nullity(H) <= index(H_o + H_f)", DECAY),
    ("weight-decay", "trace(H) == trace(H_o) + trace(H_f) + 7/10", DECAY),
    ("affine-block", "rank(H_f) <= 6", ONE),
    ("affine-block", "index(H_f) <= 4", ONE),
    ("affine-block", "index(-H_f) <= 2", BARE),
    ("affine-block", "rank(H_f) <= 4", BARE),
    ("affine-block", "index(H_f) <= 8", RELU),
    ("affine-block", "rank(H_f) <= 2", MODEL),
    ("affine-block", "H_f[4, 5] == 0", ONE),
    ("affine-block", "H_f[6, 0] == 0", ONE),
    ("affine-block", "H_f[0, 1] == 0", RELU),
    ("affine-block", "trace(H_f) == 0", RELU),
    ("affine-block", "trace(H_f) == 0", MODEL),
    ("affine-block", "H_f[0, 2] == 0", MODEL),
    ("affine-block", "H_f[6, 0] == 0", BENT),
    ("scaling", "rank(G) <= 11", RELU),
    ("scaling", "rank(H) <= 11", RELU, "critical_point"),
    ("scaling", "rank(G) <= 13", MIXED),
    ("scaling", "rank(G) <= 5", EXP),
    ("features", "2*rank(A[1]) <= rank(G)", BARE),
    ("features", "1 <= rank(G)", ONE),
    ("features", "2*rank(A[1]) <= rank(G)", LAST),
    ("features", "rank(A[1]) <= rank(A[0]) + 1", BENT),
    ("features", "rank(G) <= 4", LAYER),
    ("affine-model", "rank(G) == 4", LAYER),
    ("output-definite", "rank(D) <= 2", PAIR, "perfect_fit"),
    ("output-definite", "rank(D) <= 0", {**ONE, "loss": "quartic"}, "perfect_fit"),
    ("output-definite", "rank(D) <= 0", {**ONE, "loss": "squared_hinge"}, "L == 0"),
    ("output-definite", "trace(D) == 1", MEAN),
    ("output-definite", "det(D) == 1/4", MEAN),
    ("output-definite", "D[1, 1] == 1/2", MEAN),
    ("output-definite", "D[0, 2] == 0", {**BARE, "loss": "softmax_cross_entropy"}),
    ("output-definite", "D[0, 1] == 0", {**BARE, "loss": "quartic"}),
    ("output-definite", "nullity(D) == 0", {**ONE, "loss": EVEN}),
    ("least-loss", "0 < L", {**ONE, "loss": "logistic"}),
    ("least-loss", "0 < L", {**BARE, "loss": "softmax_cross_entropy"}),
    ("least-loss", "0 <= L", {**ONE, "loss": EVEN}),
    ("least-loss", "L == 0", {**ONE, "loss": EVEN}, "perfect_fit"),
    ("least-loss", "L == 1*trace(transpose(r)*r)", MEAN),
    ("fit-by-loss", "perfect_fit", {**ONE, "loss": EVEN}, "L <= 0"),
    ("point", "critical_point", ONE, "G == 0"),
    ("decomposition", "H_o == 0", ONE, "D == 0"),
    ("inclusion", "dim(im(r) & im(G)) == 0", ONE, "transpose(G)*r == 0"),
    ("inclusion", "dim(ker(H) & ker(H_f)) <= nullity(H - H_f)", ONE),
]
FALSE: list[tuple[Any, ...]] = [
    ("inertia", "index(H) + index(H) == rank(H)", ONE),
    ("inertia", "index(H) + index(-H_o) == rank(H)", ONE),
    ("inertia", "index(0*H) == index(H)", ONE),
    ("inertia", "index(H - H_o) <= index(H) + index(H_o)", ONE),
    ("inertia", "index(H*H_o*H) == 0", ONE),
    ("inertia", "index(G.T*D*G) == 0", ONE),
    ("inertia", "index(G.T*D*G) == 0", ONE, "index(H) == 0"),
    ("inertia", "0 < trace(H)", ONE, SEMI),
    ("inertia", "0 < trace(H)", ONE, SEMI, "1 <= rank(G)"),
    ("inertia", "0 < trace(H)", ONE, "1 <= rank(H)"),
    ("inertia", "0 < det(H)", ONE, SEMI),
    ("inertia", "0 < H[1, 1]", ONE, SEMI),
    ("inertia", "0 <= H[1, 0]", ONE, SEMI),
    ("inertia", "0 <= G[1, 1]", ONE, SEMI),
    ("inertia", "0 <= H_f[1, 1]", ONE, SEMI),
    ("inertia", "H == 0", ONE, "trace(H) <= 0"),
    ("inertia", "H == 0", ONE, SEMI, "trace(H_o) <= 0"),
    ("inertia", "index(H) == 0", ONE, "index(H) <= 1"),
    ("symmetric", "H[0, 1] == H[2, 0]", ONE),
    ("symmetric", "G[0, 1] == G[1, 0]", ONE),
    ("weight-decay", "index(H) + nullity(H) <= index(H_o + H_f)", ONE),
    ("weight-decay", "trace(H) == trace(H_o) + trace(H_f)", DECAY),
    ("weight-decay", "trace(H) == trace(H_o) + trace(H_f) + 7/10", ONE),
    ("affine-block", "rank(H_f) <= 5", ONE),
    ("affine-block", "index(H_f) <= 3", ONE),
    ("affine-block", "index(H_f) <= 1", BARE),
    ("affine-block", "rank(G) <= 6", ONE),
    ("affine-block", "rank(H_f) <= 6", {**ONE, "loss": "bce", "behaviour": "probabilities"}),
    ("affine-block", "H_f[0, 4] == 0", ONE),
    ("affine-block", "H_f[0, 0] == 0", ONE),
    ("affine-block", "H[4, 5] == 0", ONE),
    ("affine-block", "H_f[0, 0] == 0", MIXED),
    ("affine-block", "H_f[4, 6] == 0", RELU),
    ("affine-block", "trace(H_f) == 0", ONE),
    ("affine-block", "trace(H_f) == 0", MIXED),
    ("affine-block", "trace(H_f) == 0", SQUARED),
    ("affine-block", "H_f[0, 1] == 0", MODEL),
    ("affine-block", "rank(H_f) <= 1", MODEL),
    ("scaling", "rank(G) <= 10", RELU),
    ("scaling", "rank(H) <= 11", RELU),
    ("scaling", "rank(H) <= 11", {**RELU, "weight_decay": "1"}, "critical_point"),
    ("scaling", "rank(G) <= 5", STRAIGHT),
    ("scaling", "rank(G) <= 5", ONE),
    ("scaling", "rank(H_f) <= 11", RELU, "critical_point"),
    ("scaling", "rank(G) <= 7", INTO),
    ("scaling", "rank(G) <= 13", OUT),
    ("features", "2*rank(A[1]) <= rank(G)", ONE),
    ("features", "2*rank(A[0]) <= rank(G)", BARE),
    ("features", "2*rank(A[1]) <= rank(G)", {**BARE, "behaviour": "probabilities", "loss": "mse"}),
    ("features", "1*rank(A[1]) <= rank(G)", BENT),
    ("features", "2 <= rank(G)", BARE),
    ("features", "1 <= rank(G)", BENT),
    ("features", "rank(A[1]) <= rank(A[0])", ONE),
    ("features", "rank(A[1]) <= rank(A[0]) + 0", BENT),
    ("features", "rank(G) <= 2", LAYER),
    ("features", "rank(G) <= 4", {**LAYER, "inputs": None}),
    ("affine-model", "rank(G) == 3", LAYER),
    ("affine-model", "rank(G) == 0", ONE),
    ("affine-model", "rank(G) == 0", {**LAYER, "inputs": None}),
    ("output-definite", "rank(D) <= 1", PAIR, "perfect_fit"),
    ("output-definite", "rank(D) <= 2", PAIR),
    ("output-definite", "rank(D) <= 0", ONE, "perfect_fit"),
    ("output-definite", "rank(D) <= 0", {**ONE, "loss": "quartic"}, "L == 0"),
    ("output-definite", "rank(D) <= 0", {**ONE, "loss": "squared_hinge"}),
    ("output-definite", "trace(D) == 2", MEAN),
    ("output-definite", "trace(D) == 2", {**ONE, "loss": "logcosh"}),
    ("output-definite", "D[1, 1] == 1", MEAN),
    ("output-definite", "D[1, 1] == 0", ONE),
    ("output-definite", "H[0, 1] == 0", ONE),
    ("output-definite", "D[0, 1] == 0", {**BARE, "loss": "softmax_cross_entropy"}),
    ("output-definite", "D[0, 1] == 0", PAIR),
    ("output-definite", "nullity(D) == 0", PAIR),
    ("least-loss", "0 < L", ONE),
    ("least-loss", "0 < L", {**BARE, "behaviour": "probabilities"}),
    ("least-loss", "0 < L", {**ONE, "loss": "softmax_cross_entropy"}),
    ("least-loss", "0 <= L", {**ONE, "loss": SHIFTED | {"value": "(f-y)^2 - 1"}}),
    ("least-loss", "L == 0", {**ONE, "loss": SHIFTED}, "perfect_fit"),
    ("least-loss", "L == 0", {**ONE, "loss": EVEN, "weight_decay": "1"}, "perfect_fit"),
    ("least-loss", "L == 1/2*trace(transpose(r)*r)", MEAN),
    ("least-loss", "L == 1/2*trace(transpose(r)*r)", DECAY),
    ("fit-by-loss", "perfect_fit", {**ONE, "loss": SHIFTED}, "L <= 0"),
    ("fit-by-loss", "perfect_fit", PAIR, "L <= 0"),
    ("point", "critical_point", DECAY, "G == 0"),
    ("point", "critical_point", ONE, "H == 0"),
    ("decomposition", "H_o == 0", ONE, "H == 0"),
    ("inclusion", "dim(im(r) & im(G)) == 0", ONE),
    ("inclusion", "dim(im(r) & im(G)) == 0", ONE, "r == 0"),
]


@pytest.mark.parametrize(("rule", "fact", "about", "premises"), [(a, b, c, d) for a, b, c, *d in TRUE])
def test_facts_that_the_rules_give(rule: str, fact: str, about: dict[str, Any], premises: list[str]) -> None:
    assert gives(rule, fact, about, *premises)


@pytest.mark.parametrize(("rule", "fact", "about", "premises"), [(a, b, c, d) for a, b, c, *d in FALSE])
def test_facts_that_they_do_not_give(rule: str, fact: str, about: dict[str, Any], premises: list[str]) -> None:
    assert not gives(rule, fact, about, *premises)


@pytest.mark.parametrize(("rule", "fact", "about", "premises"), [(a, b, c, d) for a, b, c, *d in TRUE])
def test_no_fact_without_its_premises(rule: str, fact: str, about: dict[str, Any], premises: list[str]) -> None:
    if premises:
        assert not gives(rule, fact, about, *premises[:-1])


def test_a_strict_fact_proves_a_strict_goal_only_with_a_positive_multiplier() -> None:
    steps = [
        {"rule": "assume", "args": {"uses": []}, "fact": ["<", ["number", "0"], ["word", "L"]]},
        {"rule": "least-loss", "args": {"uses": []}, "fact": ["<=", ["number", "0"], ["word", "L"]]},
    ]
    proof = Proof(checker.Problem(ONE), None, steps, [])
    goal, force = ("<", ("number", "0"), ("word", "L")), proof.facts[0][1]
    assert proof.leaf(goal, [[0, "1"]], force)
    assert proof.leaf(goal, [[0, "1/2"], [1, "1/2"]], force)
    assert not proof.leaf(goal, [[1, "1"]], force)
    assert not proof.leaf(goal, [[0, "0"], [1, "1"]], force)
    assert not proof.leaf(goal, [[0, "-1"], [1, "2"]], force)
    assert not proof.leaf(goal, [[0, "1"]], frozenset())
