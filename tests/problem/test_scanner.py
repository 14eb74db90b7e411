from __future__ import annotations

import pickle

import pytest

from geomcheck.errors import (
    CertificateError,
    GeomcheckError,
    Kink,
    LimitError,
    SyntaxProblem,
    Undecided,
    caret,
    described,
)
from geomcheck.problem.scanner import Scanner, suggest, suggestion


def tokens(text):
    scanner = Scanner(text, "test")
    found = []
    while scanner.peek().kind != "end":
        token = scanner.take()
        found.append((token.kind, token.text, token.line, token.column))
    return found


def test_tokens_carry_their_place():
    assert tokens("rank(H)\n  <= 3*1.5e-2 A[1].T") == [
        ("name", "rank", 1, 1),
        ("symbol", "(", 1, 5),
        ("name", "H", 1, 6),
        ("symbol", ")", 1, 7),
        ("symbol", "<=", 2, 3),
        ("integer", "3", 2, 6),
        ("symbol", "*", 2, 7),
        ("decimal", "1.5e-2", 2, 8),
        ("name", "A", 2, 15),
        ("symbol", "[", 2, 16),
        ("integer", "1", 2, 17),
        ("symbol", "]", 2, 18),
        ("symbol", ".", 2, 19),
        ("name", "T", 2, 20),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"), [("a $", 1, 3), ("a\n\n é", 3, 2), ("\x00", 1, 1), ("1 … 2", 1, 3)]
)
def test_an_unexpected_character_has_a_caret(text, line, column):
    with pytest.raises(SyntaxProblem) as caught:
        Scanner(text, "claim")
    error = caught.value
    assert (error.line, error.column, error.source_name) == (line, column, "claim")
    last = str(error).splitlines()[-1]
    assert last.strip() == "^"
    assert last.index("^") == 2 + column - 1


def test_moving_over_tokens():
    scanner = Scanner("f ( x", "test")
    assert scanner.at("f")
    assert scanner.peek(1).text == "("
    assert scanner.peek(99).kind == "end"
    assert not scanner.accept("g")
    assert scanner.accept("f")
    scanner.expect("(")
    with pytest.raises(SyntaxProblem, match="expected the end of the text, got 'x'"):
        scanner.expect_end()
    scanner.take()
    assert scanner.take().kind == scanner.take().kind == "end"
    with pytest.raises(SyntaxProblem, match="expected '\\)' to close f, got the end of the text"):
        scanner.expect(")", "to close f")


def test_length_is_limited():
    with pytest.raises(LimitError, match="limit is 10"):
        Scanner("x" * 11, "claim", max_length=10)


def test_suggestions():
    assert suggest("rnak", ["rank", "trace"]) == "rank"
    assert suggest("zzz", ["rank", "trace"]) is None
    assert suggest("z" * 10**6, ["rank"]) is None
    assert suggestion("zzz", ["b", "a"]) == "; known: a, b"
    assert suggest("TANH", ["tanh"]) == "tanh"


def test_a_long_line_is_cut_around_the_caret():
    shown, mark = caret("x" * 1000 + "!" + "y" * 1000, 1001).splitlines()
    assert len(shown) < 120
    assert shown[mark.index("^")] == "!"


def test_errors_survive_pickling():
    for error in (
        GeomcheckError("a"),
        SyntaxProblem("b", "file", 1, 2, "text"),
        Kink(1, 2, 3),
        Undecided("sign-unknown", "known", "next"),
        CertificateError("c"),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert str(again) == str(error)
        assert vars(again) == vars(error)
        assert again.exit_code == (4 if isinstance(error, CertificateError) else 2)


def test_described_never_fails():
    class Hostile:
        def __repr__(self):
            raise RuntimeError

    assert described("x", Hostile()) == "x=... (Hostile)"
    assert described("x", 10**5000) == "x=... (int)"
    assert len(described("x", "y" * 10**6)) < 100
