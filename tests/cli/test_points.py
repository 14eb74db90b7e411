"""Claims about named points on the command line: options, printing, tests to paste, errors."""

import json

import pytest

import geomcheck as gc
from geomcheck.render.html import verdict_html
from geomcheck.render.latex import claim_latex, verdict_latex

NETWORK = ("--network", "1-2-1 relu, no bias")
DATA = ("--inputs", "[[1]]", "--targets", "[[1]]")
POINTS = ("--points", "{ A = [1, 1/2, 1, 3], B = { W1 = [[1], [-1]], W2 = [[1, 0]] } }")
SWAP = ("--permutations", "{ s = [[1, 0]] }")


def test_eval_at_points(run):
    terms = ("L@A", "permuted(A, s)", "G@B", "max_overlap(A, B)", "perfect_fit@B", "1/2*A + B")
    assert run("eval", *terms, *NETWORK, *DATA, *POINTS, *SWAP).out.splitlines() == [
        "L@A                9/8",
        "permuted(A, s)     [1/2  1  3  1]",
        "G@B                [1  0  1  0]",
        "max_overlap(A, B)  5/2",
        "perfect_fit@B      true",
        "1/2*A + B          [3/2  -3/4  3/2  3/2]",
    ]


def test_a_counterexample_prints_its_points_and_permutations(run):
    claim = "L@(1/2*A + 1/2*permuted(A, s)) == L@A at perfect_fits"
    shown = run("check", claim, *NETWORK, "--samples", "1")
    assert shown.code == 1
    assert "A.W1 = ⎡" in shown.out
    assert "s = [1  0]" in shown.out
    assert "A: F = y exactly" in shown.out
    code = run("check", claim, *NETWORK, "--samples", "1", "--format", "python").out
    assert "points={" in code and "permutations={" in code
    namespace: dict[str, object] = {}
    exec(code, namespace)
    namespace["test_claim_is_refuted"]()  # type: ignore[operator]


def test_what_is_quantified_over_is_said(run):
    shown = run("check", "F@permuted(A, s) == F@A", *NETWORK, "--samples", "2")
    assert shown.code == 0
    assert "point A ∈ ℝ⁴ in scope, permutation s of hidden units, inputs (2 × 1)" in shown.out
    assert "parameters θ" not in shown.out
    assert "SymPy derived F(πθ) = F(θ)" in " ".join(shown.out.split())
    only_points = run("check", "orbit_size(A) <= 2", *NETWORK, "--samples", "2").out
    assert "inputs" not in only_points.split("For all")[1].split("Proof")[0]


def test_json_round_trip(run, tmp_path):
    about = gc.problem_from({"network": "1-2-1 relu, no bias", "samples": 1, "points": {"A": [1, 2, 3, 4]}})
    verdict = gc.check("orbit_size(A) == 2", problem=about)
    written = json.loads(json.dumps(verdict.certificate))
    assert written["problem"]["points"] == {"A": ["1", "2", "3", "4"]}
    path = tmp_path / "certificate.json"
    verdict.save(path)
    assert "PROVED" in str(gc.verify(path))
    shown = json.loads(run("check", "orbit_size(A) == 1", *NETWORK, "--samples", "1", "--format", "json").out)
    entry = shown[0] if isinstance(shown, list) else shown.get("claims", [shown])[0]
    assert entry["verdict"] == "REFUTED"
    assert set(entry["witness"]["points"]) == {"A"}


def test_latex_and_html():
    assert claim_latex("L@permuted(A, s) == 1/2*L@A") == (r"L(\operatorname{permuted}(A, s)) = \tfrac{1}{2} \, L(A)")
    verdict = gc.check(
        "L@(1/2*A + 1/2*B) == 0 at perfect_fits", model={"parameters": ["a"], "outputs": ["a^2"]}, samples=1
    )
    assert verdict.refuted
    assert "A.(a)" in verdict_html(verdict)
    assert verdict_latex(verdict)


ERRORS = [
    (("L@A == L", *NETWORK, "--samples", "1"), "write L@A"),
    (("L@A == 0", *NETWORK, *DATA, "--parameters", "[1, 1, 1, 1]"), "expected points for a claim about"),
    (("L == 0", *NETWORK, *DATA, *POINTS), "expected a claim about the given point A"),
    (("L@A == 0", *NETWORK, *DATA, "--points", "{ A = [1, 2] }"), "points.A: expected 4 numbers"),
    (("L@A == 0", *NETWORK, *DATA, "--points", "{ H = [1, 2] }"), "one capital letter"),
    (("L@permuted(A, s) == 0", *NETWORK, *DATA, *POINTS, "--permutations", "{ s = [[0, 1, 2]] }"), "once"),
    (("L@A == 0", *NETWORK, "--samples", "1", "--targets", "perfect_fit"), "given perfect_fit@A"),
    (("L@permuted(A, s) == 0", "--model", '{ parameters = ["a"], outputs = ["a"] }', "--samples", "1"), "hidden units"),
    (("L@A == 0 or D@A == G@A", *NETWORK, "--samples", "1"), "expected two matrices of one shape"),
    (("A[7]@A == 0", *NETWORK, "--samples", "1"), "expected a layer"),
    (("rank(H@A) == 0", *NETWORK, "--samples", "1", "--baseline", "half"), '"mean" or "linear"'),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), ERRORS, ids=[words for _, words in ERRORS])
def test_misuse_is_one_clear_error(run, arguments, words):
    result = run("check", *arguments)
    assert result.code == 2
    assert words in " ".join((result.out + result.err).split())
    assert len(result.out + result.err) < 700


def test_eval_needs_the_points_it_names(run):
    result = run("eval", "L@Q", *NETWORK, *DATA, *POINTS)
    assert result.code == 2
    assert "expected the point Q, got only A, B" in result.err
    assert run("eval", "s", *NETWORK, *DATA, *POINTS, *SWAP).code == 2


def test_shipped_claims_of_several_points_by_id(run):
    assert run("check", "--only", "weight-matching-is-LAP").code == 0
