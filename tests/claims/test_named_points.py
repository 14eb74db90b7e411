"""The language of named points: what parses to what, what does not, and where the caret stands."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geomcheck import checker
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.grammar import parse, parse_term
from geomcheck.claims.kinds import tree_from_json
from geomcheck.claims.named_points import at_place, needs_data, place_of, stripped
from geomcheck.claims.tree import points_in, to_json, unparse
from geomcheck.errors import GeomcheckError, InputError, SyntaxProblem
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from

A, B, S = ("point", "A"), ("point", "B"), ("permutation", "s")
LOSS, HESSIAN = ("word", "L"), ("matrix", "H")

TREES = [
    ("L@A == 0", ("==", ("@", LOSS, A), ("number", "0"))),
    ("L@permuted(A, s) == L@B", ("==", ("@", LOSS, ("permuted", A, S)), ("@", LOSS, B))),
    ("H@A[0, 1] == 0", ("==", ("entry", ("@", HESSIAN, A), 0, 1), ("number", "0"))),
    ("H@A.T == H@A", ("==", ("transpose", ("@", HESSIAN, A)), ("@", HESSIAN, A))),
    ("A[1]@A == 0", ("==", ("@", ("activations", 1), A), ("number", "0"))),
    ("A[1] == 0", ("==", ("activations", 1), ("number", "0"))),
    ("perfect_fit@(A)", ("@", ("perfect_fit",), A)),
    ("overlap(A, -B) == 1/2", ("==", ("overlap", A, ("neg", B)), ("number", "1/2"))),
    ("rank(H@(A - 2*B)) == 1",
     ("==", ("rank", ("@", HESSIAN, ("-", A, ("*", ("number", "2"), B)))), ("number", "1"))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_trees(text: str, tree: Any) -> None:
    assert parse(text)[1] == tree
    assert parse(unparse(parse(text))) == parse(text)
    assert tree_from_json(to_json(parse(text))) == parse(text)


ERRORS = [
    ("L@A == L", 8, "write L@A"),
    ("rank(H) == rank(H@Q)", 6, "write H@Q"),
    ("L@A == 0 given perfect_fit", 16, "write perfect_fit@A"),
    ("A[1] == G@A", 1, "write A[1]@A"),
    ("L@P == 0", 3, "expected a point after '@'"),
    ("L@s == 0", 3, "expected a point after '@'"),
    ("L@ == 0", 4, "expected a point after '@'"),
    ("L@(1/2) == 0", 1, ""),
    ("P@A == 1", 1, "P is the same at every point"),
    ("rank(H)@A == 1", 1, "as in rank(H@A)"),
    ("(H@A)@B == 0", 2, "as in rank(H@A)"),
    ("A == B", 1, "does not compare points"),
    ("orbit_size(A*2) == 1", 12, "the number first"),
    ("orbit_size(A*B) == 1", 12, "the number first"),
    ("orbit_size(K*A) == 1", 12, "by numbers alone"),
    ("orbit_size(s) == 1", 12, "orbit_size takes a point, not a permutation"),
    ("L@permuted(s, A) == 0", 12, "permuted takes a point, not a permutation"),
    ("L@permuted(A, B) == 0", 15, "permuted takes a permutation, not a point"),
    ("L@permuted(A) == 0", 13, "permuted(A, s)"),
    ("overlap(A) == 0", 10, "overlap(A, B)"),
    ("rank(h) == 1", 6, "did you mean 'H'"),
    ("rank(B) == 1", 6, "rank takes a matrix, not a point"),
    ("generic_rank(H@A) == 1", 14, "not taken at a point"),
    ("s == 1", 1, "does not compare permutations"),
    ("overlpa(A, B) == 0", 1, "did you mean 'overlap'"),
    ("A@B == 0", 1, "is not such a quantity"),
]


@pytest.mark.parametrize(("text", "column", "message"), ERRORS)
def test_errors_point_at_their_place(text: str, column: int, message: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse_claim(text)
    assert message in caught.value.message
    if message:
        assert caught.value.column == column


def test_terms_are_read_alike() -> None:
    assert parse_term("permuted(A, s)")[1] == "point"
    with pytest.raises(SyntaxProblem, match="write G@A"):
        parse_term("rank(G) + rank(G@A)")


MALFORMED = [
    ["point", "H"], ["point", "a"], ["point", "AB"], ["point", 1], ["permutation", "r"], ["permutation", "S"],
    ["permuted", ["point", "A"]], ["permuted", ["point", "A"], ["point", "B"]], ["@", ["word", "P"], ["point", "A"]],
    ["@", ["word", "L"], ["word", "L"]], ["overlap", ["point", "A"], ["number", "1"]], ["@", ["word", "L"]],
    ["claim", ["==", ["@", ["word", "L"], ["point", "A"]], ["word", "L"]], None, None],
]  # fmt: skip


@pytest.mark.parametrize("data", MALFORMED, ids=str)
def test_malformed_trees_are_refused(data: Any) -> None:
    with pytest.raises(InputError):
        tree_from_json(data)


def test_a_term_goes_to_its_point_and_back() -> None:
    term = parse_term("rank(G@A*H@A) + nullity(H@A)")[0]
    assert place_of(term) == A
    assert at_place(stripped(term), A) == term
    assert place_of(parse_term("rank(H@A - H@B)")[0]) is None


@pytest.mark.parametrize(
    ("text", "needed"),
    [("orbit_size(A) <= max_overlap(A, B) + P", False), ("activation_overlap(A, B) == 0", True), ("L@A == 0", True),
     ("orbit_size(A) == 1 at perfect_fits", True), ("orbit_size(A) == 1 given L@A == 0", True), ("P == 3", False)],
)  # fmt: skip
def test_what_needs_data(text: str, needed: bool) -> None:
    assert needs_data(parse(text)) is needed
    assert checker.speaks_of_data(checker.parse_claim(text)) is needed


# -- the checker's parser reads the same texts -------------------------------------------------------------------------

TOKENS = ["A", "B", "s", "@", "(", ")", "permuted(", ",", "L", "H", "rank(", "==", "+", "-", "*", "1/2", "[0, 0]", ".T",
          "overlap(", "perfect_fit", "and", "not", "P", "A[1]", "orbit_size("]  # fmt: skip
ABOUT = checker.Problem(problem_to_json(problem_from({"network": "2-3-1 tanh", "samples": 2})))


def accepted_by_the_checker(text: str) -> Any:
    """The tree, if the checker reads the text as a claim: parsed, of the right kinds, on one subject."""
    claim = checker.parse_claim(text)
    said = claim[1:2] + claim[3:]
    if checker.named(said) and None in dict(checker.taken(said)):
        raise ValueError("bare quantities beside points")
    for part in (claim[1], claim[3]):
        if part is not None and checker.sort_of(part, ABOUT) != ("formula",):
            raise ValueError("no statement")
    return claim


@pytest.mark.parametrize("text", [text for text, _ in TREES])
def test_trees_are_read_alike(text: str) -> None:
    assert json.dumps(accepted_by_the_checker(text)) == json.dumps(to_json(parse(text)))


@pytest.mark.parametrize("text", [text for text, *_ in ERRORS])
def test_errors_are_errors_alike(text: str) -> None:
    with pytest.raises((checker.Reject, ValueError, KeyError, TypeError)):
        accepted_by_the_checker(text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(TOKENS), min_size=3, max_size=12).map(" ".join))
def test_random_texts_are_claims_for_both_or_for_neither(text: str) -> None:
    try:
        ours = json.dumps(to_json(parse(text)))
    except GeomcheckError:
        ours = None
    try:
        theirs = json.dumps(accepted_by_the_checker(text))
    except Exception:  # the checker rejects by raising whatever comes
        theirs = None
    if ours is not None and theirs is not None:
        assert ours == theirs
    if theirs is not None:  # shapes are another matter: ours parses what does not fit together in this network
        assert ours is not None, text


POINTS = st.recursive(
    st.sampled_from(["A", "B", "Q"]),
    lambda inner: (
        st.builds("permuted({}, s)".format, inner)
        | st.builds("({} + 1/2*{})".format, inner, inner)
        | st.builds("(-{})".format, inner)
    ),
    max_leaves=4,
)
NUMBERS = (
    st.builds("L@{}".format, POINTS)
    | st.builds("rank(H@{})".format, POINTS)
    | st.builds("overlap({}, {})".format, POINTS, POINTS)
    | st.builds("(G@{})[0, 1]".format, POINTS)
)


@settings(max_examples=60)
@given(st.builds("{} <= 2*{} - {} and F@{} == 0".format, NUMBERS, NUMBERS, NUMBERS, POINTS))
def test_random_claims_are_read_alike(text: str) -> None:
    tree = parse(text)
    assert json.dumps(accepted_by_the_checker(text)) == json.dumps(to_json(tree))
    assert parse(unparse(tree)) == tree
    assert points_in(tree)
