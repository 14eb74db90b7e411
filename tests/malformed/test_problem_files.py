"""Whatever a file or a mapping says wrong: one clear error, with its place, and never a traceback."""

from __future__ import annotations

import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geomcheck.errors import GeomcheckError, InputError, LimitError, SyntaxProblem
from geomcheck.problem.read import problem_from, read_problem
from geomcheck.problem.toml_json import MAX_BYTES, load_json, load_toml, read_text

GOOD = {"network": "2-3-1 tanh", "samples": 2}
LAYERS = {"inputs": 2, "layers": [{"width": 2}]}
FORMULA = {"outputs": ["f"], "targets": ["y"], "value": "(f-y)^2"}
MODEL = {"parameters": ["a", "b"], "inputs": ["x"], "outputs": ["a*b*x"]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"netwrok": "2-1"}, "unknown key 'netwrok'; did you mean 'network'"),
        ({1: 2}, "unknown key '1'"),
        ({"network": None}, "exactly one of network, model, torch, got none"),
        ({"model": MODEL}, "got network and model"),
        ({"network": 7}, r"network: expected text such as"),
        ({"network": {}}, "network: expected the key 'layers'"),
        ({"network": {"layers": []}}, "network: expected the key 'inputs'"),
        ({"network": {"inputs": 2, "layers": []}}, "at least one layer"),
        ({"network": {**LAYERS, "layer": 1}}, "unknown key 'layer'; did you mean 'layers'"),
        ({"network": {**LAYERS, "inputs": 0}}, r"network.inputs: expected an integer, at least 1"),
        ({"network": {"inputs": 2, "layers": {}}}, "network.layers: expected a list"),
        ({"network": {"inputs": 2, "layers": [3]}}, r"layers\[0\]: expected a table"),
        ({"network": {"inputs": 2, "layers": [{"width": 0}]}}, r"layers\[0\].width: .*width=0 \(int\)"),
        ({"network": {"inputs": 2, "layers": [{"width": "3"}]}}, "expected an integer"),
        ({"network": {"inputs": 2, "layers": [{"width": 3, "bias": "no"}]}}, "expected true or false"),
        ({"network": {"inputs": 2, "layers": [{"width": 3, "activation": "rleu"}]}}, "did you mean 'relu'"),
        ({"network": {"inputs": 2, "layers": [{"width": 3, "activation": 3}]}}, "expected text"),
        ({"network": {"inputs": 2, "layers": [{"width": 3, "residual": 0}]}}, "source of width 3, got width 2"),
        ({"network": {"inputs": 2, "layers": [{"width": 3, "residual": 5}]}}, "earlier layer"),
        ({"network": {"inputs": 2, "layers": [{"width": 3, "residual": -1}]}}, "at least 0"),
        ({"network": "2-0-1 tanh"}, "width from 1"),
        ({"loss": "mean"}, "unknown loss 'mean'"),
        ({"loss": 3}, r"loss: expected a name such as mse"),
        ({"loss": {"outputs": ["f"]}}, "loss: expected the key 'targets'"),
        ({"loss": {**FORMULA, "value": 3}}, "loss.value: expected text"),
        ({"loss": {**FORMULA, "value": "(f-y"}}, "loss.value, line 1, column 5"),
        ({"loss": {**FORMULA, "outputs": "f"}}, "loss.outputs: expected a list"),
        ({"loss": {**FORMULA, "outputs": ["f", "g"]}}, "as many targets"),
        ({"loss": {"outputs": ["f", "g"], "targets": ["y", "z"], "value": "f"}}, "expected 1 output names"),
        ({"behaviour": "logits"}, '"outputs" or "probabilities"'),
        ({"behaviour": ["outputs"]}, '"outputs" or "probabilities"'),
        ({"reduction": "average"}, '"sum" or "mean"'),
        ({"weight_decay": -1}, "weight_decay: expected at least 0"),
        ({"weight_decay": 0.1}, "binary float is ambiguous"),
        ({"weight_decay": "1/0"}, "weight_decay: zero denominator"),
        ({"weight_decay": "nan"}, "weight_decay: expected a finite number"),
        ({"samples": 0}, r"samples: expected an integer, at least 1, got samples=0 \(int\)"),
        ({"samples": -3}, "at least 1"),
        ({"samples": "4"}, "expected an integer"),
        ({"samples": True}, "expected an integer"),
        ({"samples": 10**9}, "at most 100000"),
        ({"samples": None}, "expected samples = N or inputs"),
        ({"inputs": []}, "inputs: expected at least one row"),
        ({"inputs": [[]]}, r"inputs\[0\]: expected a row of 2 numbers, got 0"),
        ({"inputs": [1, 2]}, r"inputs\[0\]: expected a list"),
        ({"inputs": [[1, 2], [3]]}, r"inputs\[1\]: expected a row of 2 numbers, got 1; shape \(2, 2\)"),
        ({"inputs": [[1, 2]]}, r"inputs: expected shape \(2, 2\), got 1 rows"),
        ({"inputs": [[1, 2], [3, "x"]]}, r"inputs\[1\]\[1\]: expected a number"),
        ({"inputs": [[1, 2], [3, [4]]]}, r"inputs\[1\]\[1\]: expected a number"),
        ({"inputs": [[1, 2], [3, float("nan")]]}, r"inputs\[1\]\[1\]: expected a finite number"),
        ({"inputs": {"a": 1}}, "inputs: expected a list"),
        ({"inputs": "perfect_fit"}, "inputs: expected a list"),
        ({"targets": "perfect"}, 'expected "perfect_fit"'),
        ({"targets": [1]}, r"targets: expected shape \(2, 1\), got 1 rows"),
        ({"targets": [[1, 2], [3, 4]]}, r"targets\[0\]: expected a row of 1 numbers, got 2"),
        ({"targets": [[1], 2]}, r"targets\[1\]: expected a list"),
        ({"targets": ["1/0", 1]}, r"targets\[0\]\[0\]: zero denominator"),
        ({"targets": [1, "inf"]}, r"targets\[1\]\[0\]: expected a finite number"),
        ({"targets": [2, 1], "loss": "bce"}, r"targets\[0\]: bce needs labels between 0 and 1, got 2"),
        ({"targets": [1, 0], "loss": "logistic"}, "labels 1 or -1, got 0"),
        ({"network": "1-2", "inputs": [1, 2], "targets": [[1, 0], ["1/2", "1/3"]], "loss": "cross_entropy"},
         r"targets\[1\]: cross_entropy needs labels in the simplex \(each >= 0, sum 1\), got sum 5/6"),
        ({"parameters": [1, 2]}, "parameters: expected 13 numbers in torch order, got 2; or name them: W1, b1, W2, b2"),
        ({"parameters": {"W1": [[1, 2]] * 3, "b1": [0] * 3, "W2": [[1, 2, 3]]}}, "expected the key 'b2'"),
        ({"parameters": {"w1": 1}}, "unknown key 'w1'; did you mean 'W1'"),
        ({"parameters": {"W1": [[1, 2]] * 2, "b1": [0] * 3, "W2": [[1, 2, 3]], "b2": [0]}},
         r"W1: expected shape \(3, 2\), one list a row, got 2 rows"),
        ({"parameters": {"W1": [1] * 6, "b1": [0] * 3, "W2": [[1, 2, 3]], "b2": [0]}}, "got a flat list"),
        ({"parameters": {"W1": [[1, 2]] * 3, "b1": [[0]] * 3, "W2": [[1, 2, 3]], "b2": [0]}},
         r"b1\[0\]: expected a number"),
        ({"parameters": {"W1": [[1, 2]] * 3, "b1": [0] * 2, "W2": [[1, 2, 3]], "b2": [0]}},
         r"b1: expected shape \(3,\)"),
        ({"parameters": "missing.pt"}, "missing.pt: cannot be read"),
        ({"parameters": 3}, "parameters: expected a list"),
        ({"parameters": ["9" * 5000] * 13}, r"parameters\[0\]: expected a number of at most 4000 digits"),
        ({"network": None, "model": {**MODEL, "outputs": ["a*b*z"]}}, r"model.outputs\[0\], line 1, column 5: unknown"),
        ({"network": None, "model": {**MODEL, "output": ["a"]}}, "did you mean 'outputs'"),
        ({"network": None, "model": {"parameters": ["a"]}}, "expected the key 'outputs'"),
        ({"network": None, "model": [1]}, "model: expected a table"),
        ({"network": None, "model": MODEL, "parameters": {"a": 1}}, "expected the key 'b'"),
        ({"network": None, "model": MODEL, "parameters": {"a": 1, "b": 2, "c": 3}}, "unknown key 'c'"),
        ({"network": None, "model": MODEL, "parameters": "weights.pt"}, "parameters: expected a list"),
        ({"network": None, "torch": "model.pt"}, "expected a torch.nn.Sequential"),
    ],
    ids=range(79),
)  # fmt: skip
def test_a_wrong_mapping(changes, said):
    with pytest.raises(InputError, match=said) as caught:
        problem_from({**GOOD, **changes}, "claims.toml: first")
    message = str(caught.value)
    assert message.count("claims.toml: first") <= 1
    assert len(message) < 500


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a = ", 1, 5, "expected a value"),
        ("a = 1\nb = [1,\n", 3, 1, "expected a value"),
        ("a = 1\nb = [1 2]", 2, 8, "unclosed array"),
        ("a = 1\na = 2\n", 2, 6, "given twice"),
        ("[t]\na=1\n[t]\nb=2", 3, 3, "twice"),
        ("a = 'x", 1, 7, "expected"),
        ("a b = 1", 1, 3, "expected"),
        ("a = 1 2", 1, 7, "expected"),
        ("\x00", 1, 1, "invalid"),
    ],
)
def test_toml_syntax(text, line, column, said):
    with pytest.raises(SyntaxProblem, match="(?i)" + said) as caught:
        load_toml(text, "a.toml")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"a.toml, line {line}, column {column}: ")
    assert str(caught.value).endswith("^")


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("", 1, 1, "expecting value"),
        ('{"a": 1,\n}', 2, 1, "property name"),
        ('{"a": 1}\n]', 2, 1, "extra data"),
        ('{"a": 1, "b": {"a": 2},\n "a": 3}', 2, 2, "the key 'a' is given twice"),
        (r'{"a": 1, "\u0061": 3}', 1, 10, "the key 'a' is given twice"),
        ('{"a": 01}', 1, 8, "expecting"),
        ("{'a': 1}", 1, 2, "property name"),
        ('{"a": "x', 1, 7, "unterminated string"),
    ],
)
def test_json_syntax(text, line, column, said):
    with pytest.raises(SyntaxProblem, match=said) as caught:
        load_json(text, "a.json")
    assert (caught.value.line, caught.value.column) == (line, column)


def test_what_is_no_duplicate_key():
    assert load_json('{"a": {"a": 1}, "b": [{"a": ":"}, {"a": "a"}], "c": "a"}', "x")["c"] == "a"
    assert load_json('{"a\\"b": 1, "b": "\\\\"}', "x") == {'a"b': 1, "b": "\\"}


@pytest.mark.parametrize("value", ["[1]", "3", "null", '"x"'])
def test_json_must_be_an_object(value):
    with pytest.raises(InputError, match="expected an object"):
        load_json(value, "a.json")


@pytest.mark.parametrize("opening", ["[", '{"a":', "{"])
def test_a_million_brackets(opening):
    with pytest.raises(LimitError, match=r"line 1, column .*nested deeper than 200"):
        load_json(opening * 10**6, "a.json")
    with pytest.raises(LimitError, match=r"line 2, column .*nested deeper than 200"):
        load_toml("\na = " + "[" * 10**6, "a.toml")
    with pytest.raises(LimitError, match="nested deeper than 200"):
        load_toml("a = " + "{a=" * 10**6, "a.toml")
    with pytest.raises(LimitError, match="nested deeper than 200"):
        load_toml("a" + ".a" * 10**6 + " = 1", "a.toml")


def test_brackets_in_text_are_no_nesting():
    text = 'a = "' + "[" * 500 + '"  # ' + "[" * 500 + "\nb = '" + "{" * 500 + "'\nc = '''\n" + "[" * 500 + "'''\n"
    assert load_toml(text, "x")["b"] == "{" * 500
    assert load_json('{"a": "' + "[" * 500 + '"}', "x")["a"] == "[" * 500
    assert load_toml("a = [" + "0.5, " * 1000 + "]", "x")["a"][999] == load_toml("a = 0.5", "x")["a"]


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "1" * 5000, "0." + "1" * 5000, "1e99999999999999999999"])
def test_too_many_digits_in_a_file(number):
    for load, text in ((load_toml, f"network = '1-1'\nsamples = 1\nweight_decay = {number}"),
                       (load_json, '{"network": "1-1", "samples": 1, "weight_decay": ' + number + "}")):  # fmt: skip
        with pytest.raises(LimitError, match="4000"):
            problem_from(load(text, "file"), "file")


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "+nan"])
def test_toml_numbers_that_are_not_finite(number):
    with pytest.raises(InputError, match=r"file: inputs\[0\]\[0\]: expected a finite number"):
        problem_from(load_toml(f"network = '1-1'\ninputs = [{number}]", "file"), "file")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_json_numbers_that_are_not_finite(number):
    with pytest.raises(InputError, match=r"file: inputs\[0\]\[0\]: expected a finite number"):
        problem_from(load_json('{"network": "1-1", "inputs": [' + number + "]}", "file"), "file")


@pytest.mark.parametrize("value", ["1979-05-27", "07:32:00", "true", "{}", "[[]]", "'x'", "1.5"])
def test_toml_values_of_other_types(value):
    for key in ("samples", "network", "loss", "inputs", "behaviour", "weight_decay", "targets", "parameters"):
        text = "\n".join(f"{k} = {v}" for k, v in {"network": "'2-1'", "samples": "1", key: value}.items())
        if (key, value) == ("weight_decay", "1.5"):
            continue
        with pytest.raises(InputError):
            problem_from(load_toml(text, "file"), "file")


def test_files_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "missing.toml", tmp_path, tmp_path / "nul\0.toml", tmp_path / ("x" * 1000)):
        with pytest.raises(InputError, match="cannot be read"):
            read_problem(path)


def test_text_that_is_not_utf8(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes(b"# ok\nsamples = 1 # caf\xe9\n")
    with pytest.raises(InputError, match=r"line 2, column 18 .*expected UTF-8 text, got the byte 0xe9"):
        read_problem(path)
    for encoding in ("utf-16", "utf-32"):
        path.write_text("samples = 1", encoding=encoding)
        with pytest.raises(InputError):
            read_problem(path)


def test_a_gigabyte_file_is_refused_unread(tmp_path):
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(LimitError, match=f"at most {MAX_BYTES} bytes, got {2**30}"):
        read_problem(path)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs an endless file")
def test_an_endless_file_is_refused():
    with pytest.raises(LimitError, match="at most 1000 bytes"):
        read_text("/dev/zero", limit=1000)


def test_the_recursion_limit_is_far(tmp_path):
    """Even the deepest allowed nesting must not come near the interpreter's limit."""
    nested = "[" * 199 + "]" * 199
    frames = sys.getrecursionlimit()
    assert frames >= 1000
    for load, text in ((load_toml, f"inputs = {nested}"), (load_json, '{"inputs": ' + nested + "}")):
        with pytest.raises(InputError):
            problem_from({**load(text, "x"), "network": "1-1"}, "x")


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1/2", "perfect_fit", "mse"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.just("W1"), inner, max_size=3),
    max_leaves=12,
)
_TABLES = st.fixed_dictionaries(
    {"network": st.sampled_from(["1-1", "2-2-1 relu", "x"]) | _VALUES},
    optional={
        key: _VALUES
        for key in ("samples", "inputs", "targets", "parameters", "loss", "behaviour", "weight_decay", "model", "torch")
    },
)


@given(_TABLES)
def test_any_mapping_gives_a_problem_or_one_error(table):
    try:
        problem_from(table)
    except GeomcheckError as error:
        assert str(error)


@given(st.text(alphabet="abnetwork=[]{}\"'.,#\n\\ 0123456789-eE_:+xu", max_size=60))
def test_any_text_gives_a_table_or_one_error(text):
    for load in (load_toml, load_json):
        try:
            load(text, "x")
        except InputError as error:
            assert str(error)


@given(st.dictionaries(st.text(max_size=3), _VALUES.filter(lambda v: "nan" not in repr(v) and "inf" not in repr(v))))
def test_json_reads_what_json_writes(table):
    again = load_json(json.dumps(table), "x")
    assert again.keys() == table.keys()
