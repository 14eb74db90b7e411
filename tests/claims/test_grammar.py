"""The parser: what texts mean, what they may not say, and how it tells."""

import json

import pytest

from geomcheck import checker
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.files import shipped_claims
from geomcheck.claims.grammar import parse, parse_term
from geomcheck.claims.tree import to_json, unparse
from geomcheck.claims.vocabulary import POINT_SETS, WORDS, WORDS_BY_NAME
from geomcheck.errors import GeomcheckError, LimitError, SyntaxProblem
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from

H, G, D = (("matrix", name) for name in "HGD")
ONE, TWO = ("number", "1"), ("number", "2")
P, N, K, L = (("word", name) for name in "PNKL")

MEANINGS = [
    ("rank(H) == 2", ("==", ("rank", H), TWO)),
    ("P - N - K == 1", ("==", ("-", ("-", P, N), K), ONE)),
    ("P - (N - K) == 1", ("==", ("-", P, ("-", N, K)), ONE)),
    ("P + 2*N == 1", ("==", ("+", P, ("*", TWO, N)), ONE)),
    ("-P*N == 1", ("==", ("*", ("neg", P), N), ONE)),
    ("-(P*N) == 1", ("==", ("neg", ("*", P, N)), ONE)),
    ("L == 6/4", ("==", L, ("number", "3/2"))),
    ("L == 4/2", ("==", L, TWO)),
    ("2*1/2 == 007", ("==", ("*", TWO, ("number", "1/2")), ("number", "7"))),
    ("1 <= P < N", ("and", ("<=", ONE, P), ("<", P, N))),
    ("1 <= P < N == K", ("and", ("and", ("<=", ONE, P), ("<", P, N)), ("==", N, K))),
    ("not P == 1", ("not", ("==", P, ONE))),
    ("not perfect_fit and not not perfect_fit", ("and", ("not", ("perfect_fit",)), ("not", ("not", ("perfect_fit",))))),
    ("P==1 or P==2 and N==1", ("or", ("==", P, ONE), ("and", ("==", P, TWO), ("==", N, ONE)))),
    ("P==1 implies N==1 implies K==1", ("implies", ("==", P, ONE), ("implies", ("==", N, ONE), ("==", K, ONE)))),
    ("(P==1 implies N==1) implies K==1", ("implies", ("implies", ("==", P, ONE), ("==", N, ONE)), ("==", K, ONE))),
    ("H == 0", ("==", H, ("number", "0"))),
    ("H == G.T*D*G", ("==", H, ("*", ("*", ("transpose", G), D), G))),
    ("transpose(H) == -1/2*H", ("==", ("transpose", H), ("*", ("neg", ("number", "1/2")), H))),
    ("(G.T*G)[0, 1] == 2", ("==", ("entry", ("*", ("transpose", G), G), 0, 1), TWO)),
    ("A[2].T[3,4] == 1", ("==", ("entry", ("transpose", ("activations", 2)), 3, 4), ONE)),
    (
        "dim(im(G) & ker(D) + im(H)) == 1",
        ("==", ("dim", ("+", ("&", ("im", G), ("ker", D)), ("im", H))), ONE),
    ),
    ("positive_definite(D)", ("positive_definite", D)),
]


@pytest.mark.parametrize(("text", "tree"), MEANINGS)
def test_meaning(text: str, tree: object) -> None:
    assert parse(text) == ("claim", tree, None, None)


@pytest.mark.parametrize("text", [text for text, _ in MEANINGS])
def test_blanks_and_line_breaks_do_not_matter(text: str) -> None:
    spread = text.replace(" ", " \n\t ").replace("(", " ( ").replace(",", " , ")
    assert parse(spread) == parse(text)


def test_claim_parts() -> None:
    claim = parse_claim("rank(H) == rank(G) at perfect_fits given positive_definite(D)")
    assert claim.formula == ("==", ("rank", H), ("rank", G))
    assert claim.point_set == "perfect_fits"
    assert claim.given == ("positive_definite", D)
    assert parse_claim("L == 0 given perfect_fit").point_set is None


@pytest.mark.parametrize("point_set", POINT_SETS)
def test_point_sets(point_set: str) -> None:
    assert parse_claim(f"L == 0 at {point_set}").point_set == point_set


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_every_word_is_usable_as_its_usage_says(word: object) -> None:
    assert word is WORDS_BY_NAME[word.name]
    usage = word.usage.replace("matrix", "H").replace("subspace", "ker(H)")
    usage = usage.replace("[l]", "[1]").replace("(r, m)", "(1, 2)")
    tree, kind = parse_term(usage)
    assert kind == word.result
    assert unparse(tree) == usage
    assert word.meaning


ERRORS = [
    ("rnak(H) == 2", 1, 1, "did you mean 'rank'?"),
    ("rank(H) = 2", 1, 9, "did you mean '=='?"),
    ("rank(H)\n ==\n rnk(G)", 3, 2, "did you mean 'rank'?"),
    ("rank(H) ≤ 2", 1, 9, "did you mean '<='?"),
    ("rank(H) == 2 && L == 0", 1, 14, "did you mean 'and'?"),
    ("rank(H) == 2 ∧ L == 0", 1, 14, "did you mean 'and'?"),
    ("!perfect_fit", 1, 1, "did you mean 'not'?"),
    ("rank(Gᵀ) == 2", 1, 7, "did you mean '.T'?"),
    ("rank(H) == rank(g)", 1, 17, "did you mean 'G'?"),
    ("rank(h_o) == 1", 1, 6, "did you mean 'H_o'?"),
    ("rank(H) == 2 at perfekt_fits", 1, 17, "did you mean 'perfect_fits'?"),
    ("rank(H) == 2 at", 1, 16, "expected a point set"),
    ("rank(H) == 2 givn L == 0", 1, 14, "did you mean 'given'?"),
    ("rank(H) == 2 given L == 0 at perfect_fits", 1, 27, "before 'given'"),
    ("L == 0 at perfect_fits at global_minima", 1, 24, "'at' comes once"),
    ("perfect_fits", 1, 1, "write it after 'at'"),
    ("perfect_fit()", 1, 12, "takes no argument"),
    ("", 1, 1, "empty"),
    ("  \n ", 1, 1, "empty"),
    ("rank(H)", 1, 1, "expected a statement"),
    ("L == 0 given rank(H)", 1, 14, "expected a statement"),
    ("rank(2) == 2", 1, 6, "takes a matrix"),
    ("rank(ker(H)) == 2", 1, 6, "takes a matrix, not a subspace"),
    ("dim(H) == 2", 1, 5, "takes a subspace"),
    ("rank(H) and L == 0", 1, 1, "takes a statement, not a number"),
    ("not rank(H)", 1, 5, "takes a statement, not a number"),
    ("H < G", 1, 1, "does not order matrices"),
    ("0 == H", 1, 1, "a matrix on the left"),
    ("H == 1", 1, 6, "a matrix on the left"),
    ("ker(H) == im(G)", 1, 1, "compare their dimensions"),
    ("(L == 0) == (L == 1)", 1, 2, "not statements"),
    ("P*H == H", 1, 1, "only a number multiplies a matrix"),
    ("H*2 == H", 1, 3, "the number comes first"),
    ("H + 1 == H", 1, 5, "two of the same kind"),
    ("dim(ker(H) - im(G)) == 0", 1, 5, "does not apply to a subspace"),
    ("dim(ker(H)*im(G)) == 0", 1, 5, "does not apply to a subspace"),
    ("dim(-ker(H)) == 0", 1, 6, "does not apply to a subspace"),
    ("P & N == 0", 1, 1, "takes a subspace, not a number"),
    ("L == 0.5", 1, 6, "write 1/10 for 0.1"),
    ("L == 1/0", 1, 8, "the denominator is zero"),
    ("L/2 == 1", 1, 2, "between two whole numbers"),
    ("1/2/3 == L", 1, 4, "between two whole numbers"),
    ("L == 1/", 1, 7, "between two whole numbers"),
    ("A == 0", 1, 1, "does not compare points"),
    ("A[x] == 0", 1, 3, "number of a layer"),
    ("H[0] == 1", 1, 4, "between row and column"),
    ("H[0, -1] == 1", 1, 6, "expected a column number"),
    ("P[0, 0] == 1", 1, 1, "takes a matrix"),
    ("H[0, 99999999999] == 1", 1, 6, "the largest index"),
    ("H.S == H", 1, 3, "expected 'T'"),
    ("rank", 1, 5, "expected '('"),
    ("rank H == 2", 1, 6, "expected '('"),
    ("rank(H", 1, 7, "to close 'rank' of column 1"),
    ("rank(H, G) == 1", 1, 7, "expected ')'"),
    ("rank(H == rank(G) at perfect_fits", 1, 8, "expected ')' to close 'rank' of column 1, got '=='"),
    ("dim(ker(H) & ker(G) == 1", 1, 21, "expected ')' to close 'dim' of column 1, got '=='"),
    ("rank(H) == rank(G))", 1, 19, "there is no '(' that this ')' closes"),
    ("rank(H) == 1 at perfect_fits and rank(G) == 1", 1, 30, "'and' stands after the point set; write first the whole"),
    ("rank(H) == 1 at perfect_fits == 2", 1, 30, "'==' stands after the point set"),
    ("rank(H) == (2", 1, 14, "to close '(' of column 12"),
    ("rank(H) == 2)", 1, 13, "there is no"),
    ("rank() == 2", 1, 6, "expected a quantity"),
    ("rank(H) ==", 1, 11, "expected a quantity"),
    ("rank(H) == 2 2", 1, 14, "expected the end"),
    ("implies", 1, 1, "expected a quantity"),
    ("det(H)^2 == 0", 1, 7, "did you mean '*'?"),
    ("L == \x00", 1, 6, "unexpected character"),
    ("L == ٣", 1, 6, "unexpected character"),
    ("ℍ == 0", 1, 1, "unexpected character"),
    ("rаnk(H) == 2", 1, 2, "unexpected character"),
    ("x" * 200, 1, 1, "unknown word"),
    ("__import__('os')", 1, 12, "unexpected character"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), ERRORS)
def test_errors_point_at_their_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse_claim(text)
    problem = caught.value
    assert message in problem.message
    assert (problem.line, problem.column) == (line, column)
    assert str(problem).splitlines()[-1].strip() == "^"


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse_claim("rank(H) == rnak(G)")
    assert str(caught.value) == (
        "claim, line 1, column 12: unknown word 'rnak'; did you mean 'rank'?\n  rank(H) == rnak(G)\n             ^"
    )


HOSTILE = [
    "(" * 1_000_000,
    "(" * 9_999,
    "[" * 9_999,
    ")" * 9_999,
    "((((" * 40 + "P" + "))))" * 40 + " == 1",
    "-" * 9_000 + "1 == P",
    "not " * 2_000 + "perfect_fit",
    "P" + "+1" * 4_000 + " == 1",
    "P == 1" + " and P == 1" * 800,
    "P == 1" + " implies P == 1" * 500,
    "P" + " == P" * 1_000,
    "G" + ".T" * 4_000 + " == 0",
    "transpose(" * 900,
    "a or b and c == d + e & f * -(" * 300,
    "1" * 4_001 + " == P",
    "P == 1/" + "9" * 9_000,
    "A[" + "9" * 5_000 + "] == 0",
    "x" * 10_001,
    "\ud800 == 0",
    "P == 1\u2028",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_get_one_short_error(text: str) -> None:
    with pytest.raises(GeomcheckError) as caught:
        parse_claim(text)
    assert len(str(caught.value)) < 1_000
    assert caught.value.exit_code == 2


def test_too_long_is_a_limit() -> None:
    with pytest.raises(LimitError, match="10000"):
        parse_claim("P == " + " " * 10_000 + "1")


@pytest.mark.parametrize("thing", [None, 3, b"rank(H) == 2", ["rank(H) == 2"]])
def test_a_claim_is_a_text(thing: object) -> None:
    with pytest.raises(GeomcheckError, match="expected the text of a claim"):
        parse_claim(thing)


def test_the_longest_allowed_nesting_parses() -> None:
    text = "(" * 50 + "P" + ")" * 50 + " == 1"
    assert parse(text)[1] == ("==", P, ONE)
    deep = "transpose(" * 50 + "H" + ")" * 50
    assert unparse(parse(f"{deep} == 0")) == f"{deep} == 0"


# The checker has a claim parser of its own. On every text the two agree: the same tree, or both refuse.

LONGEST = ["(" * 50 + "P" + ")" * 50 + " == 1", "transpose(" * 50 + "H" + ")" * 50 + " == 0"]


@pytest.mark.parametrize("text", [text for text, _ in MEANINGS] + [entry.says for entry in shipped_claims()] + LONGEST)
def test_the_checker_reads_the_same_tree(text: str) -> None:
    assert json.loads(json.dumps(checker.parse_claim(text))) == to_json(parse(text))


def read_by_the_checker(text: str) -> None:
    """Parse a claim as the checker does, and require that its parts are statements about a problem."""
    problem = checker.Problem(problem_to_json(problem_from({"network": "2-2-2-2 tanh", "samples": 1})))
    _, formula, _, given = checker.parse_claim(text)
    for part in (formula, given):
        checker.need(part is None or checker.sort_of(part, problem) == ("formula",), "not a statement")


@pytest.mark.parametrize("text", [text for text, *_ in ERRORS] + HOSTILE, ids=range(len(ERRORS) + len(HOSTILE)))
def test_the_checker_refuses_as_well(text: str) -> None:
    with pytest.raises((checker.Reject, RecursionError, ValueError)):  # check_certificate rejects on any of them
        read_by_the_checker(text)


@pytest.mark.parametrize("text", ["rank(H) == rank(G)", "P == 13 given perfect_fit"])
def test_the_checker_does_not_refuse_everything(text: str) -> None:
    read_by_the_checker(text)
