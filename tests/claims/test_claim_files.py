"""Claims files: what they may hold, and the one clear error each mistake gets, with file and line."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from geomcheck.claims.files import EXPECTATIONS, claim_with_id, claims_in, read_claims
from geomcheck.errors import GeomcheckError, InputError, SyntaxProblem

GOOD = """\
# two claims
[[claim]]
id = "one"
says = "rank(H) == rank(G) at perfect_fits"
network = "2-3-1 tanh"
samples = 4
expect = "proved"
source = "someone 2020"
note = "A note."

[[claim]]
id = "two"
says = "L == 0.5"
model = { parameters = ["a"], outputs = ["a"] }
samples = 1
""".replace("0.5", "1/2")


def test_reading() -> None:
    one, two = claims_in(GOOD, "my.claims.toml")
    assert (one.id, one.says, one.expect, one.source, one.note) == (
        "one",
        "rank(H) == rank(G) at perfect_fits",
        "proved",
        "someone 2020",
        "A note.",
    )
    assert one.claim.point_set == "perfect_fits"
    assert (one.problem.P, one.problem.N) == (13, 4)
    assert one.origin == "my.claims.toml, line 2"
    assert (two.expect, two.source, two.note) == (None, "", "")
    assert two.origin == "my.claims.toml, line 11"


def test_json_says_the_same(tmp_path: Path) -> None:
    toml, written = tmp_path / "my.claims.toml", tmp_path / "my.claims.json"
    toml.write_text(GOOD, encoding="utf-8")
    entries = [
        {"id": "one", "says": "rank(H) == rank(G) at perfect_fits", "network": "2-3-1 tanh", "samples": 4}
        | {"expect": "proved", "source": "someone 2020", "note": "A note."},
        {"id": "two", "says": "L == 1/2", "model": {"parameters": ["a"], "outputs": ["a"]}, "samples": 1},
    ]
    written.write_text(json.dumps({"claim": entries}, indent=2), encoding="utf-8")
    for ours, theirs in zip(read_claims(toml), read_claims(written), strict=True):
        assert (ours.id, ours.claim, ours.problem, ours.expect) == (
            theirs.id,
            theirs.claim,
            theirs.problem,
            theirs.expect,
        )
    assert [entry.origin.rpartition(", ")[2] for entry in read_claims(written)] == ["line 3", "line 12"]


def test_numbers_are_exact() -> None:
    text = GOOD + 'targets = [[0.1]]\nparameters = ["1/3"]\n'
    problem = claims_in(text, "f")[1].problem
    assert problem.targets == ((Fraction(1, 10),),)
    assert problem.parameters == (Fraction(1, 3),)


@pytest.mark.parametrize("expect", EXPECTATIONS)
def test_expectations(expect: str) -> None:
    assert claims_in(GOOD.replace('"proved"', f'"{expect}"'), "f")[0].expect == expect


def _with(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


MISTAKES = [
    (_with('id = "two"', 'id = "one"'), "f, line 12: the id 'one' was used before, at f, line 2"),
    (_with('id = "two"\n', ""), "f, line 11: expected the key 'id'"),
    (_with('says = "L == 1/2"\n', ""), "f, line 11: expected the key 'says'"),
    (_with('id = "two"', 'id = ""'), "f, line 12: id: expected up to 100 letters"),
    (_with('id = "two"', 'id = "t w o"'), "f, line 12: id: expected up to 100 letters"),
    (_with('id = "two"', 'id = 2'), "f, line 12: id: expected text in quotes, got id=2 (int)"),
    (_with('id = "two"', f'id = "{"x" * 101}"'), "f, line 12: id: expected up to 100 letters"),
    (_with('"proved"', '"prove"'), "f, line 7: expect: unknown verdict 'prove'; did you mean 'proved'?"),
    (_with('"proved"', '"yes"'), "known: proved, refuted, survived, undecided"),
    (_with('"proved"', "true"), "f, line 7: expect: expected text"),
    (_with('note = "A note."', "note = 3"), "f, line 9: note: expected text"),
    (_with("source =", "sorce ="), "f, line 8: unknown key 'sorce'; did you mean 'source'?"),
    (_with("samples = 4", "sample = 4"), "f, line 6: unknown key 'sample'; did you mean 'samples'?"),
    (_with('"2-3-1 tanh"', '"2-3-1 tahn"'), "f, line 5, column 18: unknown activation"),
    (_with('["a"], outputs', '["a"], outptus'), "f, line 14: claim 'two': model: unknown key 'outptus'"),
    (_with("samples = 1", "samples = 0"), "f, line 15: claim 'two': samples: "),
    (_with("samples = 4", "samples = 4\nloss = 'msee'"), "f, line 7: claim 'one': loss: unknown loss 'msee'"),
    (_with("samples = 4", "samples = 4\ninputs = [[1, 2, 3]]"), "f, line 7: claim 'one': inputs[0]: expected a row"),
    (_with("samples = 4", ""), "f, line 2: claim 'one': expected samples"),
    (GOOD + "[extra]\nkey = 1\n", "f: unknown key 'extra'"),
    ("", "f: expected at least one claim, got none"),
    ("claim = []", "f: expected at least one claim, got none"),
    ("[claim]\nid = 'x'", "f: expected a list of claims, got a table [claim]"),
    ("claim = [1, 2]", "f: expected [[claim]] tables"),
    ("network = '2-3-1 tanh'\nsamples = 3", "f: unknown key 'network'"),
    ("claim = [{id = 'x', says = 'L == 0', network = '1-1 linear', samples = 1, y = 2}]", "f: unknown key 'y'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_mistakes(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        claims_in(text, "f")
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_claim_that_does_not_parse_points_into_the_file() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        claims_in(_with("rank(G)", "rnak(G)"), "f")
    assert str(caught.value) == (
        "f, line 4, column 20: unknown word 'rnak'; did you mean 'rank'?\n"
        '  says = "rank(H) == rnak(G) at perfect_fits"\n'
        "                     ^"
    )


def test_a_claim_over_several_lines_points_into_itself() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        claims_in(_with('"L == 1/2"', '"""\nL == 1/2\n  and rnak(H) == 1"""'), "f")
    assert caught.value.source_name == "f, line 13: says"
    assert (caught.value.line, caught.value.column) == (2, 7)


def test_mistakes_in_json_have_lines_too() -> None:
    text = '{\n "claim": [\n  {"id": "x", "says": "L == 0", "network": "1-1 linear", "samples": 1},\n  {"id": "x!"}\n]}'
    with pytest.raises(InputError, match=r"^f\.json, line 4: expected the key 'says'"):
        claims_in(text, "f.json")
    with pytest.raises(InputError, match=r"^f\.json, line 5: unknown key 'sys'; did you mean 'says'\?"):
        claims_in(text.replace('"x!"', '"y",\n  "sys": "L"'), "f.json")


BROKEN = [
    ("[[claim]]\nid = 'a'\nid = 'b'", "f.toml"),
    ('[[claim]]\nid = "a', "f.toml"),
    ("[[[[" * 100_000, "f.toml"),
    ("x = " + "[" * 1_000_000, "f.toml"),
    ("[[claim]]\nid = \x00", "f.toml"),
    ("[" * 1_000_000, "f.json"),
    ('{"claim": ' * 50_000, "f.json"),
    ('{"claim": [{"id": "a", "id": "b"}]}', "f.json"),
    ("[]", "f.json"),
    ("", "f.json"),
    ('{"claim": {"id": "a"}}', "f.json"),
    ('{"claim": [{"id": "a", "says": "L == 0", "network": "1-1 linear", "samples": 1e400}]}', "f.json"),
    ('{"claim": [{"id": "a", "says": "L == 0", "network": "1-1 linear", "samples": NaN}]}', "f.json"),
    ('{"claim": [{"id": "a", "says": ["L == 0"], "network": "1-1 linear", "samples": 1}]}', "f.json"),
]


@pytest.mark.parametrize(("text", "name"), BROKEN, ids=range(len(BROKEN)))
def test_broken_files_get_one_short_error(text: str, name: str) -> None:
    with pytest.raises(GeomcheckError) as caught:
        claims_in(text, name)
    assert str(caught.value).startswith("f.")
    assert len(str(caught.value)) < 1_000


def test_too_many_claims() -> None:
    with pytest.raises(InputError, match="at most 10000 claims"):
        claims_in("[[claim]]\n" * 10_001, "f")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_claims(tmp_path / "absent.claims.toml")
    bad = tmp_path / "bad.claims.toml"
    bad.write_bytes(b"[[claim]]\nid = '\xff'")
    with pytest.raises(InputError, match="line 2, column 7"):
        read_claims(bad)


def test_finding_by_id() -> None:
    entries = claims_in(GOOD, "f")
    assert claim_with_id(entries, "two") is entries[1]
    with pytest.raises(InputError, match="did you mean 'two'"):
        claim_with_id(entries, "tow")
    with pytest.raises(InputError, match="geomcheck claims"):
        claim_with_id(entries, "zzzz")
