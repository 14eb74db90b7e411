"""Prose for LaTeX: ASCII alone, formulas in one piece, nothing that a compiler stops at."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import geomcheck as gc
from geomcheck.render.latex import verdict_latex
from geomcheck.render.latex_prose import prose

ROOT = Path(gc.__file__).parent
WORDS = ("claims", "prove", "connectivity", "geometry", "problem")  # the rooms whose words an answer repeats


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("H_f = Σ r_j ∇²F_j", r"$H_{f}$ = $\sum r_{j} \nabla^{2}F_{j}$"),
        ("all θ ∈ ℝ¹³", r"all $\theta \in \mathbb{R}^{13}$"),
        ("abstract σ, σ′, σ″", r"abstract $\sigma$, $\sigma'$, $\sigma''$"),
        ("GᵀDG", r"G${}^{\top}$DG"),
        ("weight_decay & 100%", r"weight\_decay \& 100\%"),
        ("θ̂ near x̃", r"$\hat{\theta}$ near $\tilde{x}$"),
        ("Şimşek", r"\c{S}im\c{s}ek"),
        ("y = σ⁻¹(f)", r"y = $\sigma^{-1}$(f)"),
        ("Σ_k p_k", r"$\sum_{k} p_{k}$"),
        ("δV", r"$\delta$V"),
        ("", ""),
    ],
)
def test_known_texts(text, latex):
    assert prose(text) == latex


@given(st.text(st.sampled_from("aH_f θσ″²¹ᵀΣ∇∈,.%$\\{}^~'"), max_size=30))
def test_dollars_and_braces_pair(text):
    written = prose(text)
    assert written.isascii()
    plain = re.sub(r"\\[%$_{}&#]", ".", written).replace(r"\textbackslash{}", ".")
    assert plain.count("$") % 2 == 0 and "$$" not in plain
    assert plain.count("{") == plain.count("}")
    for formula in plain.split("$")[1::2]:  # no double superscript, and no command that runs into the next letter
        assert not re.search(r"\^\{[^}]*\} *[\^']", formula)
        assert re.fullmatch(r"(\\[A-Za-z]+(?![A-Za-z])|[A-Za-z]|[\^_]\{[^}]*\}|[{}' ()+-]|\d)*", formula)


def test_every_character_that_answers_use_has_its_latex():
    unknown = {
        character
        for room in WORDS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for character in node.value
        if character != "?" and (prose(character) == "?" or not prose(character).isascii())
    }
    drawn = set("⎡⎢⎣⎤⎥⎦⁄")  # brackets of plain text, and a character that the grammar explains is wrong
    accents = set("\u0302\u0303\u0304")  # with the letter before them they are written
    assert unknown <= drawn | accents


def test_a_proof_compiles_everywhere():
    text = verdict_latex(gc.check("rank(H) == rank(G) at perfect_fits", network="2-3-1 tanh", samples=4))
    assert text.isascii()
    assert r"$\sigma''$" in text and r"\mathbb{R}^{13}" in text and "H\\_o" not in text


def test_names_of_matrices_at_points():
    text = verdict_latex(gc.check("barrier(A, permuted(A, s)) == 0", network="1-2-1 relu", samples=2))
    assert r"\[ W_{1}^{A} = " in text and "A.W1" not in text
