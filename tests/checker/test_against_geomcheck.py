"""The checker and geomcheck share no code: on languages and derivatives they must agree all the same."""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck import checker
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.files import shipped_claims
from geomcheck.claims.tree import to_json, unparse
from geomcheck.engine import check
from geomcheck.fields.rationals import to_fraction
from geomcheck.geometry.instance import Instance
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from

CLAIMS = [
    *dict.fromkeys(entry.says for entry in shipped_claims()),
    "not rank(H) == 1 and P == 2 or N == 1 implies K == 1 implies L >= 0 at local_minima",
    "rank(H) == 1 at local_minima given not perfect_fit or 1/2 < 2/3",
    "1 <= rank(G) <= 2 < 3 != 4",
    "-(-rank(H)) - 2*-P*1/2 == 4/6",
    "dim(ker(G) + im(H) & ker(H_o) & im(H_f)) == 0",
    "(G.T*D*G)[0, 1] == A[1].T[0, 0] and A[0] == A[0] and transpose(A[2])*A[2] != 0 and 2*H - -1/2*H == 0",
    "positive_definite(H + D*D) or not (not critical_point)",
    "L@permuted(A, s) == L@A and F@(1/2*A - -B) != 0 at perfect_fits given not perfect_fit@C",
    "H@A[0, 1] == A[1]@A[0, 0] + (H@permuted(permuted(Q, t), s))[0, 0] or (G@A).T == 0",
    "overlap(A, B - 2*A) <= max_overlap(-A, B) + orbit_size(A) - 1/2*signed_orbit_size(permuted(B, p))",
]


@pytest.mark.parametrize("text", CLAIMS)
def test_claims_are_read_alike(text: str) -> None:
    tree = parse_claim(text).tree
    assert json.dumps(checker.parse_claim(text)) == json.dumps(to_json(tree))
    assert json.dumps(checker.parse_claim(unparse(tree))) == json.dumps(to_json(tree))


SCALARS = st.sampled_from(["P", "N", "rank(G)", "index(H)", "dim(ker(G) & im(H))", "1/2", "3", "L", "H[0, 1]"])
TERMS = st.recursive(
    SCALARS,
    lambda inner: st.builds("{} {} {}".format, inner, st.sampled_from("+-*"), inner) | st.builds("-({})".format, inner),
)
COMPARISONS = st.builds("{} {} {}".format, TERMS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), TERMS)
FORMULAS = st.recursive(
    COMPARISONS | st.sampled_from(["perfect_fit", "H == 0", "G.T*D*G == H_o"]),
    lambda inner: (
        st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or", "implies"]), inner)
        | st.builds("not {}".format, inner)
        | st.builds("({})".format, inner)
    ),
)


@given(FORMULAS)
def test_random_claims_are_read_alike(text: str) -> None:
    assert json.dumps(checker.parse_claim(text)) == json.dumps(to_json(parse_claim(text).tree))


@pytest.mark.parametrize(
    "text",
    ["", "rank(H", "rank(H))", "rank H == 1", "H[0 1] == 1", "H[0] == 1", "rank(H) = 1", "rank(H) == 1 at",
     "rank(H) == 1 at home", "1.5 == 1", "1e1 == 10", "rank(H)^2 == 1", "x == 1", "rank(H) == 1 given",
     "P == 1 at all_points at all_points", "P == 1/0", "P // 2 == 1", "P == +1", "H.S == 0", "A == 0", "A(1) == 0",
     "P == 1;", "P == 1 # no", "not", "P == ١", "perfect_fit()"],
)  # fmt: skip
def test_what_is_no_claim_is_rejected(text: str) -> None:
    about = checker.Problem(problem_to_json(problem_from({"network": "2-3-1 tanh", "samples": 2})))
    with pytest.raises((checker.Reject, ValueError)):
        _, formula, _, condition = checker.parse_claim(text)
        for part in (formula, condition):
            assert part is None or checker.sort_of(part, about) == ("formula",)


NUMBERS = st.fractions(-2, 2, max_denominator=3)
NETWORKS = [
    "2-3-1 relu",
    "2-2-2 square",
    "1-2-2-1 leaky_relu(1/3)",
    "2-2-1 power(3), no bias",
    "2-2 linear",
    "1-2-1 abs",
    "2-1-2 linear, no output bias",
]
LOSSES: list[Any] = [
    "mse",
    "quartic",
    "squared_hinge",
    {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "(f-y)^2*(1+g^2)-f/3*z+g*z^3"},
]


@settings(max_examples=60)
@given(st.data())
def test_derivatives_agree_over_the_rationals(data: st.DataObject) -> None:
    network, loss = data.draw(st.sampled_from(NETWORKS)), data.draw(st.sampled_from(LOSSES))
    shape = problem_from({"network": network, "samples": 2, "loss": "mse"})
    if isinstance(loss, dict) and shape.K != 2:
        loss = "quartic"
    signs = st.sampled_from([Fraction(1), Fraction(-1)]) if loss == "squared_hinge" else NUMBERS

    def rows(width: int, entry: Any) -> Any:
        return data.draw(st.lists(st.lists(entry, min_size=width, max_size=width), min_size=2, max_size=2))

    about = problem_from({
        "network": network, "loss": loss, "samples": 2, "reduction": data.draw(st.sampled_from(["sum", "mean"])),
        "weight_decay": data.draw(st.sampled_from(["0", "1/10"])), "inputs": rows(shape.model.n_inputs, NUMBERS),
        "targets": rows(shape.K, signs), "parameters": data.draw(st.lists(NUMBERS, min_size=shape.P, max_size=shape.P)),
    })  # fmt: skip
    agree(about, ("F", "G", "r", "D", "H", "H_o", "H_f"))


def agree(about: Any, names: tuple[str, ...]) -> None:
    """Both derive the same matrices, or both refuse to at a kink."""
    ours = checker.Instance(checker.Problem(problem_to_json(about)), checker.Numbers(1, 1))
    theirs = Instance(about)
    for name in names:
        try:
            expected = theirs.exactly(lambda d, name=name: getattr(d, name))
        except Exception as error:
            assert type(error).__name__ == "Kink"
            with pytest.raises(checker.Reject):
                ours.matrix(("matrix", name))
            return
        try:
            found = ours.matrix(("matrix", name))
        except checker.Reject as reject:
            assert "kink" in str(reject)  # the checker also refuses the gradient at a kink
            return
        assert np.array_equal(
            [[Fraction(x) for x in row] for row in found],
            [[to_fraction(x) for x in row] for row in np.asarray(expected)],
        )
    value = to_fraction(np.asarray(theirs.exactly(lambda d: d.loss), dtype=object).reshape(-1)[0])
    assert ours.loss() == value


def test_residual_links_and_explicit_models_agree() -> None:
    layers = [
        {"width": 2, "activation": "relu", "residual": 0},
        {"width": 2, "activation": "square", "residual": 1},
        {"width": 1},
    ]
    parameters = [Fraction(n, 3) for n in range(-7, 8)]
    table = problem_from(
        {
            "network": {"inputs": 2, "layers": layers},
            "samples": 1,
            "inputs": [["1/7", 2]],
            "targets": [[1]],
            "parameters": parameters,
        }
    )
    agree(table, ("F", "G", "r", "D", "H", "H_o", "H_f"))
    model = {
        "parameters": ["a", "b"],
        "inputs": ["x"],
        "outputs": ["(a*x-b)^3/(1+b^2)-relu(a)*abs(b-3)", "a/b - 0.25*x"],
    }
    explicit = problem_from(
        {
            "model": model,
            "samples": 1,
            "inputs": [[3]],
            "targets": [[1, 2]],
            "parameters": ["2", "-1/2"],
            "loss": "quartic",
        }
    )
    agree(explicit, ("F", "G", "r", "D", "H", "H_o", "H_f"))


def test_shapes_of_subspaces_agree() -> None:
    about = problem_from(
        {
            "network": "1-2-1 square",
            "samples": 2,
            "inputs": [[1], [2]],
            "targets": "perfect_fit",
            "parameters": [1, 2, 3, 4, 5, 6, 7],
        }
    )
    ours = checker.Instance(checker.Problem(problem_to_json(about)), checker.Numbers(1, 1))
    from geomcheck.claims.matrices import build

    for text in ("dim(im(G) & ker(D)) == 0", "dim(ker(H) + ker(G) & im(H)) == 0"):
        space = parse_claim(text).formula[1][1]
        for part in ("stack", "constraint"):
            expected = Instance(about).exactly(lambda d, tree=(part, space): build(tree, d))
            assert [[Fraction(x) for x in row] for row in ours.matrix((part, space))] == [
                [to_fraction(x) for x in row] for row in expected
            ]


def test_a_saturated_network_is_checked_with_more_digits() -> None:
    """Where exponentials are large, 256 bits of intervals tell nothing of H; 2,048 do."""
    layers = [
        {"width": 2, "bias": False},
        {"width": 2, "bias": False, "activation": "power(3)"},
        {"width": 3, "activation": "silu"},
    ]
    theta = ["2", "-1", "3/2", "-1/2", "0", "3/2", "0", "-1", "1/2", "1/3", "1/2", "2", "1", "1/2", "2"]
    verdict = check(
        "positive_semidefinite(H)",
        network={"inputs": 1, "layers": layers},
        inputs=[["3/2"], ["1/3"]],
        targets=[[1, -1, 1], [-1, -1, -1]],
        loss="logistic",
        parameters=theta,
    )
    assert verdict.refuted
