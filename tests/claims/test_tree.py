"""Trees: unparse and parse are inverse, JSON comes back unchanged or is refused, normal forms mean the same."""

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomcheck import checker
from geomcheck.claims.grammar import parse, parse_term
from geomcheck.claims.kinds import kind_of, tree_from_json
from geomcheck.claims.tree import (
    COMPARISONS,
    atoms,
    children,
    is_constant,
    negation_normal_form,
    subtrees,
    to_json,
    unparse,
)
from geomcheck.claims.vocabulary import POINT_SETS, WORDS
from geomcheck.errors import InputError

NUMBERS = st.fractions(min_value=0).map(lambda value: ("number", str(value)))
INDEX = st.integers(0, 99)


def _words(result: str, parts: dict[str, st.SearchStrategy]) -> list[st.SearchStrategy]:
    return [
        st.tuples(*(parts[kind] for kind in word.arguments)).map(lambda arguments, word=word: word.tree(*arguments))
        for word in WORDS
        if word.result == result and all(kind in parts for kind in word.arguments)
    ]


def _opaque(strategy: st.SearchStrategy) -> st.SearchStrategy:
    """The same strategy with a short repr: nested ones otherwise print out exponentially long."""

    @st.composite
    def term(draw: st.DrawFn) -> object:
        return draw(strategy)

    return term()


def _terms(size: int) -> dict[str, st.SearchStrategy]:
    """Strategies for trees of each kind, nested at most `size` operations deep."""
    layer = {
        "index": st.integers(1, 9),
        "count": st.integers(0, 50).map(lambda n: ("number", str(n))),
        "set": st.just(("set", "minima")),
    }
    if size == 0:
        matrix = st.one_of(_words("matrix", layer))
        ends = st.one_of(st.tuples(st.just("ker"), matrix), st.tuples(st.just("im"), matrix))
        return {**layer, "scalar": st.one_of(NUMBERS, *_words("scalar", {})), "matrix": matrix, "subspace": ends}
    inner = {kind: _opaque(strategy) for kind, strategy in _terms(size - 1).items()}
    scalar, matrix, subspace = inner["scalar"], inner["matrix"], inner["subspace"]
    constant = st.one_of(NUMBERS, NUMBERS.map(lambda number: ("neg", number)))
    plus_minus = st.sampled_from(["+", "-"])
    return {
        **layer,
        "scalar": st.one_of(
            scalar,
            st.tuples(st.sampled_from(["+", "-", "*"]), scalar, scalar),
            st.tuples(st.just("neg"), scalar),
            st.tuples(st.just("entry"), matrix, INDEX, INDEX),
            *_words("scalar", inner),
        ),
        "matrix": st.one_of(
            matrix,
            st.tuples(plus_minus, matrix, matrix),
            st.tuples(st.just("*"), st.one_of(matrix, constant), matrix),
            st.tuples(st.just("neg"), matrix),
            *_words("matrix", inner),
        ),
        "subspace": st.one_of(
            subspace, st.tuples(st.sampled_from(["+", "&"]), subspace, subspace), *_words("subspace", inner)
        ),
    }


TERMS = _terms(2)
LEAVES = st.one_of(
    st.tuples(st.sampled_from(COMPARISONS), TERMS["scalar"], TERMS["scalar"]),
    st.tuples(st.sampled_from(["==", "!="]), TERMS["matrix"], st.one_of(TERMS["matrix"], st.just(("number", "0")))),
    *_words("formula", TERMS),
)
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or", "implies"]), inner, inner), st.tuples(st.just("not"), inner)
    ),
    max_leaves=6,
)
CLAIMS = st.tuples(
    st.just("claim"), FORMULAS, st.one_of(st.none(), st.sampled_from(list(POINT_SETS))), st.one_of(st.none(), FORMULAS)
)


@given(CLAIMS)
def test_parsing_the_canonical_text_gives_the_tree_back(tree: tuple) -> None:
    text = unparse(tree)
    assert parse(text) == tree
    assert unparse(parse(text)) == text
    assert json.loads(json.dumps(checker.parse_claim(text))) == to_json(tree)


@given(st.sampled_from(["scalar", "matrix", "subspace"]).flatmap(lambda kind: st.tuples(st.just(kind), TERMS[kind])))
def test_terms_come_back_with_their_kind(pair: tuple) -> None:
    kind, tree = pair
    assert parse_term(unparse(tree)) == (tree, kind)
    assert kind_of(tree) == kind


@given(CLAIMS)
def test_json_comes_back_unchanged(tree: tuple) -> None:
    assert tree_from_json(json.loads(json.dumps(to_json(tree)))) == tree


@given(FORMULAS)
def test_negation_normal_form_keeps_negation_at_predicates(formula: tuple) -> None:
    normal = negation_normal_form(formula)
    negated = [part[1][0] for part in subtrees(normal) if part[0] == "not"]
    assert not {"and", "or", "not", "implies", *COMPARISONS} & set(negated)
    assert negation_normal_form(normal) == normal


def test_negation_normal_form_means_the_same() -> None:
    leaves = [("perfect_fit",), ("critical_point",), ("local_minimum",)]
    a, b, c = leaves
    formulas = [
        ("not", ("and", a, ("or", b, ("not", c)))),
        ("not", ("implies", a, ("and", b, c))),
        ("implies", ("not", ("not", a)), ("not", ("or", b, c))),
        ("not", ("not", ("implies", a, b))),
    ]
    for formula, values in product(formulas, product([False, True], repeat=3)):
        truth = dict(zip(leaves, values, strict=True))
        assert _truth(formula, truth) == _truth(negation_normal_form(formula), truth)


def _truth(formula: tuple, truth: dict[tuple, bool]) -> bool:
    parts = [_truth(part, truth) for part in children(formula)]
    match formula[0]:
        case "and":
            return all(parts)
        case "or":
            return any(parts)
        case "not":
            return not parts[0]
        case "implies":
            return not parts[0] or parts[1]
    return truth[formula]


@pytest.mark.parametrize(("comparison", "opposite"), [("==", "!="), ("<", ">="), ("<=", ">")])
def test_negated_comparisons_turn_round(comparison: str, opposite: str) -> None:
    def formula(head: str) -> tuple:
        return (head, ("word", "P"), ("word", "N"))

    assert negation_normal_form(("not", formula(comparison))) == formula(opposite)
    assert negation_normal_form(("not", formula(opposite))) == formula(comparison)


def test_atoms() -> None:
    tree = parse("rank(H) + 2*rank(G) <= P*N - dim(ker(H)) implies H == 2*H_o + G.T*G and not perfect_fit")
    written = [unparse(atom) for atom in atoms(tree)]
    expected = ["rank(H)", "rank(G)", "P*N", "dim(ker(H))", "H", "H_o", "transpose(G)*G", "perfect_fit"]
    assert written == expected


def test_subtrees_and_constants() -> None:
    tree = parse("rank(H) == rank(H) + 1")
    assert len(subtrees(tree)) == 6
    assert is_constant(parse_term("-(1/2)*3 + 4")[0])
    assert not is_constant(parse_term("P - P")[0])


MALFORMED = [
    None,
    3,
    "rank",
    [],
    [[]],
    ["rank"],
    ["rank", "H"],
    ["rank", ["matrix", "H"], ["matrix", "H"]],
    ["rank", ["matrix", "Q"]],
    ["rank", ["word", "P"]],
    ["matrix", "A"],
    ["matrix", ["H"]],
    ["word", "H"],
    ["word", "rank"],
    ["P"],
    ["H"],
    ["A", 1],
    ["activations", True],
    ["activations", -1],
    ["activations", 1.0],
    ["entry", ["matrix", "H"], 0],
    ["entry", ["matrix", "H"], "0", "0"],
    ["number", 3],
    ["number", "-3"],
    ["number", "6/4"],
    ["number", "3/1"],
    ["number", "1/0"],
    ["number", "007"],
    ["number", "1.5"],
    ["number", "٣"],
    ["number", ""],
    ["number", "/"],
    ["number", "9" * 5_000],
    ["number", "1", "2"],
    ["+", ["word", "P"]],
    ["+", ["word", "P"], ["matrix", "H"]],
    ["==", ["matrix", "H"], ["number", "1"]],
    ["not", ["word", "P"]],
    ["claim", ["perfect_fit"], "nowhere", None],
    ["claim", ["perfect_fit"], ["perfect_fits"], None],
    ["claim", ["word", "P"], None, None],
    ["claim", ["perfect_fit"], None],
    ["not", ["claim", ["perfect_fit"], None, None]],
    ["perfect_fit", None],
    ["eval", "1"],
    {"rank": ["matrix", "H"]},
]


@pytest.mark.parametrize("data", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_json_is_refused(data: object) -> None:
    with pytest.raises(InputError, match="malformed claim tree"):
        tree_from_json(data)


def test_deep_json_is_refused() -> None:
    data: list[object] = ["matrix", "H"]
    for _ in range(100_000):
        data = ["transpose", data]
    with pytest.raises(InputError, match="nested deeper"):
        tree_from_json(data)
