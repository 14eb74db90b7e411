"""One verdict of each kind in every format: what must be said is said, nothing is empty, everything is escaped."""

import json
import shutil
import subprocess
from dataclasses import replace

import pytest

import geomcheck as gc
from geomcheck.render.concise import verdict_concise
from geomcheck.render.html import verdict_html
from geomcheck.render.json import verdict_json
from geomcheck.render.latex import claim_latex, verdict_latex
from geomcheck.render.report import Matrices, Steps, Values, Words, _values_seen, report
from geomcheck.render.text import WIDTH, verdict_text
from geomcheck.verdict import Verdict
from tests.cli.fakes import INSTANCE, PROBLEM, VERDICTS

CLAIM = "rank(H) == rank(G) at perfect_fits"
ANSWERS = {
    outcome: Verdict(
        outcome,
        CLAIM,
        PROBLEM,
        claim_id="rank-equality",
        scope_reason="y = f at this point" if outcome in ("PROVED", "REFUTED") else "",
        matrices={"G": (("1", "0"),), "H": (("0", "0"), ("0", "0"))} if outcome == "REFUTED" else {},
        does_not_claim="anything off the perfect fits" if outcome == "PROVED" else "",
        **fields,
    )
    for outcome, fields in VERDICTS.items()
}

REFUTED = """\
REFUTED  [rank-equality]  rank(H) == rank(G) at perfect_fits
One exact instance in the claim's scope violates it.

Network         2-1 linear, no bias; P = 2 parameters, N = 1 sample, K = 1 output
Loss            mse, ½ ‖f − y‖², summed over samples
Behaviour       targets are those the point fits perfectly
Instance        X = [1  0]   W1 = [1  2]
In scope        y = f at this point
There           G = [1  0]   H = ⎡0  0⎤
                                 ⎣0  0⎦
Both sides      rank(H) = 0
                rank(G) = 1
Certificate     accepted by the stand-alone checker"""

SURVIVED = """\
SURVIVED 200  [rank-equality]  rank(H) == rank(G) at perfect_fits
Not a proof: a search of exact instances in scope found none that violates the claim.

Network         2-1 linear, no bias; P = 2 parameters, N = 1 sample, K = 1 output
Loss            mse, ½ ‖f − y‖², summed over samples
For all         parameters θ ∈ ℝ² in scope, inputs (1 × 2), targets (1 × 1)
Record          trials       = 200 in scope, none violates
                seed         = 0
                generators   = random × 150, equal units × 50
                rank(H) seen = 2 × 200
                set aside    = kink × 3
                time         = 1.5 s"""


@pytest.mark.parametrize(("outcome", "text"), [("REFUTED", REFUTED), ("SURVIVED", SURVIVED)])
def test_text(outcome, text):
    assert verdict_text(ANSWERS[outcome]) == text == str(ANSWERS[outcome])


def test_proved_says_what_it_holds_for_and_what_it_does_not_claim():
    text = verdict_text(ANSWERS["PROVED"])
    for words in ("1. H = H_o + H_f", "2. so rank(H)", "Holds for", "Does not claim", "Scope is not empty", "checker"):
        assert words in text


def test_undecided_says_why_what_is_known_and_what_next():
    lines = verdict_text(ANSWERS["UNDECIDED"]).splitlines()
    assert lines[0].startswith("UNDECIDED (kink)")
    assert "Known           rank(G) = 1" in lines
    assert "Next step       move the point" in lines


@pytest.mark.parametrize("verdict", ANSWERS.values(), ids=ANSWERS)
def test_no_block_is_empty_and_no_line_is_wide(verdict):
    for block in report(verdict).blocks:
        match block:
            case Words(label, body) | Steps(label, body) | Values(label, body) | Matrices(label, body):
                assert label and body
    assert all(len(line) <= WIDTH for line in verdict_text(verdict).splitlines())


@pytest.mark.parametrize("verdict", ANSWERS.values(), ids=ANSWERS)
def test_json_holds_no_float_and_comes_back(verdict):
    def refuse(text):
        raise AssertionError(f"float {text}")

    text = json.dumps(verdict_json(verdict), allow_nan=False)
    assert json.loads(text, parse_float=refuse)["verdict"] == verdict.outcome


@pytest.mark.parametrize("verdict", ANSWERS.values(), ids=ANSWERS)
def test_concise_is_one_line(verdict):
    assert verdict_concise(verdict).count("\n") == 0
    assert verdict_concise(verdict).count("\t") == 3


def test_colour_wraps_the_verdict_only():
    assert verdict_text(ANSWERS["REFUTED"], colour=True).startswith("\033[1;31mREFUTED\033[0m  [")
    assert "\033" not in verdict_text(ANSWERS["REFUTED"])


def test_html_escapes_everything():
    hostile = replace(ANSWERS["UNDECIDED"], known="<script>alert(1)</script> & 'x'", claim_id="<b>")
    page = verdict_html(hostile)
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("verdict", ANSWERS.values(), ids=ANSWERS)
def test_html_is_balanced(verdict):
    from html.parser import HTMLParser

    class Balance(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag != "br":
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    balance = Balance()
    balance.feed(verdict._repr_html_())
    assert balance.open == []


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("rank(H) >= 1/2 * P", r"\operatorname{rank}(H) \geq \tfrac{1}{2} \, P"),
        ("dim(im(G) & ker(D)) == 0", r"\dim(\operatorname{im}(G) \cap \ker(D)) = 0"),
        ("H == G.T*D*G + H_f", r"H = G^{\top} \, D \, G + H_f"),
        ("P - (N - K) == 0", r"P - \left(N - K\right) = 0"),
        ("A[1] == 0 and not perfect_fit", r"A_{1} = 0 \;\text{and}\; \neg\, \text{perfect fit}"),
        ("H[0, 1] == -1", r"H_{0,1} = -1"),
    ],
)
def test_claims_in_latex(text, latex):
    assert claim_latex(text) == latex


@pytest.mark.parametrize("verdict", ANSWERS.values(), ids=ANSWERS)
def test_latex_is_balanced(verdict):
    text = verdict_latex(verdict)
    assert text.isascii()
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    for name in ("description", "enumerate", "bmatrix"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_latex_compiles(tmp_path):
    body = "\n\n".join(verdict_latex(verdict) for verdict in ANSWERS.values())
    source = rf"\documentclass{{article}}\usepackage{{amsmath,amssymb}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "a.tex").write_text(source)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_a_proof_at_one_instance_shows_the_instance():
    verdict = replace(ANSWERS["PROVED"], problem=INSTANCE, steps=())
    assert "at the given instance" in verdict_text(verdict)
    assert "Instance        X = [1  0]" in verdict_text(verdict)


def test_a_refutation_in_exponentials_says_what_t_is():
    parts = {"inputs": [["1/2"]], "targets": [[0]], "parameters": [1, 0]}
    verdict = gc.check("rank(H) == 0", network="1-1-1 sigmoid, no bias", **parts)
    assert verdict.refuted
    assert "where           t = e^(1/2)\n" in str(verdict) + "\n"
    latex = verdict_latex(verdict)
    assert r"\frac{t^{2}}{t^{2} + 2\,t + 1}" in latex
    assert r"$\tfrac12 \Vert f - y \Vert^2$, summed" in latex


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ({"2": 3, "4": 40}, "2 × 3, 4 × 40"),
        ({"1/2": 3, "0": 40}, "0 × 40, 1/2 × 3"),
        ({"x" * 30: 2, "0": 1}, "0 × 1, and 1 value more"),
        ({str(i): 1 for i in range(13)} | {"99": 5}, "99 × 5, 0 × 1, 1 × 1, 2 × 1, 3 × 1, and 9 values more"),
    ],
)
def test_values_seen_stay_on_a_line(seen, shown):
    assert _values_seen(seen) == shown


def test_a_refutation_by_proof_shows_the_proof_and_no_instance():
    text = verdict_text(gc.check("rank(G) == P at generic_points", network="2-2-1 relu, no bias", samples=6))
    assert text.startswith("REFUTED")
    assert "Its contrary is proved." in text and "Therefore rank(G) != P." in text
    assert "Instance" not in text


def test_a_verdict_is_one_short_line_at_the_prompt():
    verdict = gc.check("expansions(2, 3) == 12", network="1-1 linear")
    assert repr(verdict) == (
        "Verdict(PROVED: expansions(2, 3) == 12; Problem(1-1 linear; mse; P = 2, N = 1, K = 1; given: nothing))"
    )
    at_kink = {"network": "1-1-1 relu, no bias", "inputs": [[1]], "targets": [[0]], "parameters": [0, 1]}
    assert repr(gc.check("rank(H) == 1", **at_kink)).startswith("Verdict(UNDECIDED (kink): rank(H) == 1; Problem(")
