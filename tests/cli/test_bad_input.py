"""Whatever is wrong with a file: one clear error on stderr that names it, exit code 2, nothing on stdout."""

import pytest

PROBLEM = 'network = "2-1 linear"\nsamples = 1\n'
CLAIM = f'[[claim]]\nid = "a"\nsays = "H == 0"\n{PROBLEM}'

BAD_PROBLEMS = {
    "unknown key": (PROBLEM + "smaples = 2", ["smaples", "samples"]),
    "duplicate key": (PROBLEM + "samples = 2", ["samples"]),
    "wrong shape": (PROBLEM + "inputs = [[1, 2, 3]]", ["2", "3"]),
    "ragged": (PROBLEM + "inputs = [[1]]", ["inputs"]),
    "nan": (PROBLEM + "inputs = [[nan, 0]]", ["inputs"]),
    "infinity": (PROBLEM + "inputs = [[inf, 0]]", ["inputs"]),
    "zero denominator": (PROBLEM + 'inputs = [["1/0", 0]]', ["1/0"]),
    "too many digits": (PROBLEM + f'inputs = [["{"9" * 5000}", 0]]', ["4000"]),
    "too large an exponent": (PROBLEM + 'inputs = [["1e999999999", 0]]', ["inputs"]),
    "zero samples": ('network = "2-1 linear"\nsamples = 0', ["samples"]),
    "no samples": ('network = "2-1 linear"', ["samples"]),
    "width 0": ('network = "2-0-1 tanh"\nsamples = 1', ["width"]),
    "unknown activation": ('network = "2-2-1 tahn"\nsamples = 1', ["tahn", "tanh"]),
    "unknown loss": (PROBLEM + 'loss = "msee"', ["msee", "mse"]),
    "labels outside the simplex": (
        'network = "2-2 linear"\nloss = "cross_entropy"\nbehaviour = "probabilities"\nsamples = 1\n'
        'targets = [["1/2", "1/3"]]',
        ["targets"],
    ),
    "parameter count": (PROBLEM + "parameters = [1, 2]", ["3", "2"]),
    "a wrong type": (PROBLEM + "inputs = 7", ["inputs"]),
    "not a table": ('network = "2-1 linear', ["line 1"]),
    "nested too deeply": ("inputs = " + "[" * 1_000_000, ["nested"]),
    "a number too long": ("samples = " + "9" * 100_000, ["digits"]),
    "nothing": ("", ["network"]),
}


@pytest.mark.parametrize(("text", "words"), BAD_PROBLEMS.values(), ids=BAD_PROBLEMS)
def test_a_bad_problem_file(run, tmp_path, text, words):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    result = run("eval", "L", "--problem", str(path))
    assert (result.code, result.out) == (2, "")
    assert "bad.toml" in result.err
    assert all(word in result.err for word in words)
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) <= 3
    assert len(result.err) < 1000


PLACES = {
    "an unknown key": (PROBLEM + "smaples = 2", "line 3: unknown key 'smaples'"),
    "a wrong shape": (PROBLEM + "\ninputs = [[1, 2, 3]]", "line 4: inputs[0]: expected a row of 2 numbers, got 3"),
    "not a number": (
        PROBLEM + "inputs = [[nan, 0]]",
        "line 3: inputs[0][0]: expected a finite number, got inputs[0][0]=nan",
    ),
    "zero samples": ('network = "2-1 linear"\nsamples = 0', "line 2: samples: expected"),
    "a table": ("[problem]\n" + PROBLEM + 'weight_decay = "1/0"', "line 4: weight_decay: zero denominator"),
    "a number too long": (PROBLEM + f"inputs = [[0, {'9' * 5000}]]", "line 3, column 15: expected numbers of at most"),
    "text that does not parse": ('samples = 1\nnetwork = "2-0-1 tanh"', "line 2, column 14: expected a width"),
    "a formula": (
        "samples = 1\nmodel = { parameters = ['a'], inputs = [], outputs = ['a +* 2'] }",
        "line 2, column 59: expected a num",
    ),
}


@pytest.mark.parametrize(("text", "said"), PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("command", [("eval", "L"), ("derive", "H"), ("check", "L == 0")])
def test_the_line_of_what_is_wrong(run, tmp_path, command, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    result = run(*command, "--problem", str(path), "--output", str(tmp_path / "out"))
    assert (result.code, result.out) == (2, "")
    assert f"bad.toml, {said}" in result.err
    assert not (tmp_path / "out").exists()


def test_the_line_in_json(run, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"network": "2-1 linear",\n "samples": 0}')
    assert "bad.json, line 2: samples: expected" in run("eval", "L", "--problem", str(path)).err


BAD_CLAIMS = {
    "unknown key": (CLAIM + "expected = 1", ["expected", "expect"]),
    "no claim": ("", ["claim"]),
    "does not parse": (CLAIM.replace("H == 0", "rank(H == 0"), ["line 3", "^"]),
    "unknown word": (CLAIM.replace("H == 0", "rnak(H) == 0"), ["rnak", "rank", "^"]),
    "twice the same id": (CLAIM + CLAIM, ["a"]),
    "a wrong expectation": (CLAIM + 'expect = "true"', ["expect"]),
}


@pytest.mark.parametrize(("text", "words"), BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_a_bad_claims_file(engine, run, monkeypatch, tmp_path, text, words):
    from geomcheck.claims.files import read_claims

    monkeypatch.setattr("geomcheck.read_claims", read_claims)
    path = tmp_path / "bad.claims.toml"
    path.write_text(text)
    result = run("check", str(path), "--output", str(tmp_path / "out"), "--save", str(tmp_path / "save"))
    assert (result.code, result.out) == (2, "")
    assert "bad.claims.toml" in result.err
    assert all(word in result.err for word in words)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["bad.claims.toml"]


@pytest.mark.parametrize("name", ["bad.toml", "bad.json"])
def test_a_file_that_is_not_text(run, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b'network = "\xff\xfe"')
    result = run("eval", "L", "--problem", str(path))
    assert result.code == 2
    assert "UTF-8" in result.err


def test_a_huge_file_is_not_read(run, tmp_path):
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    result = run("eval", "L", "--problem", str(path))
    assert result.code == 2
    assert "huge.toml" in result.err


@pytest.mark.parametrize("name", ["nowhere.toml", ".", "nowhere/at/all.json"])
def test_a_file_that_is_not_there(run, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    result = run("eval", "L", "--problem", name)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("geomcheck: ")


def test_deep_nesting_in_json(run, tmp_path):
    path = tmp_path / "deep.json"
    path.write_text('{"inputs": ' + "[" * 1_000_000)
    result = run("eval", "L", "--problem", str(path))
    assert result.code == 2
    assert "nested" in result.err


@pytest.mark.parametrize(
    ("text", "said"), [("[" * 100_000, "nested too deeply"), ("{", "not a JSON text: Expecting property name")]
)
def test_a_certificate_that_is_no_json(run, monkeypatch, tmp_path, text, said):
    from geomcheck.recheck import verify

    monkeypatch.setattr("geomcheck.verify", verify)
    path = tmp_path / "bad.json"
    path.write_text(text)
    result = run("verify", str(path))
    assert result.code == 4
    assert said in result.out and "Error" not in result.out


LONG = "x" * 300


@pytest.mark.parametrize(
    "words",
    [
        ["verify", LONG],
        ["lift", f"{LONG}:y", "--network", "2-2-1", "--data", "d.npz"],
        ["lift", LONG, "--network", "2-2-1", "--data", "d.npz"],
        ["experiment", "merging", "--data", LONG],
        ["align", LONG, LONG, "--model", "torch.nn:Identity"],
        ["align", LONG, LONG, "--model", f"{LONG}.py:f"],
        ["components", ""],
    ],
    ids=lambda words: f"{words[0]} {words[-1][:4]}",
)
def test_names_that_no_file_can_have(run, words):
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err and "internal error" not in result.err


@pytest.mark.parametrize("text", ["raise SystemExit(3)", "def make():\n    raise SystemExit(3)"])
@pytest.mark.parametrize("command", [("align", "a.pt", "b.pt", "--model"), ("lift",)], ids=lambda words: words[0])
def test_a_module_that_leaves_is_refused(run, tmp_path, monkeypatch, text, command):
    """It must not choose the exit code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leaving.py").write_text(text)
    (tmp_path / "d.toml").write_text("inputs = [[1]]\ntargets = [[1]]")
    more = ["--data", "d.toml"] if command[0] == "lift" else []
    result = run(*command, "leaving.py:make", *more)
    assert (result.code, result.out) == (2, "")
    assert "SystemExit" in result.err
