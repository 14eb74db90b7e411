"""The checker has a claim parser of its own. On every text the two agree: the same tree, or both refuse."""

import pytest
from hypothesis import given
from test_grammar import ERRORS, HOSTILE, MEANINGS
from test_tree import CLAIMS

from geomcheck import checker
from geomcheck.claims.files import shipped_claims
from geomcheck.claims.grammar import parse
from geomcheck.claims.tree import to_json, unparse
from geomcheck.errors import GeomcheckError


@given(CLAIMS)
def test_the_same_tree(tree: tuple) -> None:
    assert checker.parse_claim(unparse(tree)) == to_json(tree)


@pytest.mark.parametrize("text", [text for text, _ in MEANINGS] + [entry.says for entry in shipped_claims()])
def test_the_same_tree_for_written_claims(text: str) -> None:
    assert checker.parse_claim(text) == to_json(parse(text))


@pytest.mark.parametrize("text", [text for text, *_ in ERRORS] + HOSTILE, ids=range(len(ERRORS) + len(HOSTILE)))
def test_both_refuse(text: str) -> None:
    with pytest.raises(GeomcheckError):
        parse(text)
    with pytest.raises(checker.Reject):
        checker.parse_claim(text)


@pytest.mark.parametrize("text", ["(" * 50 + "P" + ")" * 50 + " == 1", "transpose(" * 50 + "H" + ")" * 50 + " == 0"])
def test_both_accept_the_longest_allowed_nesting(text: str) -> None:
    assert checker.parse_claim(text) == to_json(parse(text))
