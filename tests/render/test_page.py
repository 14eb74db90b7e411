"""What is printed fits the page: as wide as the terminal, 100 columns at most, with numbers in one piece."""

import pytest

import geomcheck as gc
from geomcheck.cli import main, output
from geomcheck.render.latex import verdict_latex
from geomcheck.render.matrix import beside
from geomcheck.render.page import WIDTH, wrapped
from geomcheck.render.text import verdict_text

LONG = (
    "rank(G) == 2 or rank(H) == 3 or rank(H) == 2 or rank(H) == 1 or rank(H) == 0 or "
    "rank(G) + rank(H) >= 7 and not perfect_fit at critical_points"
)
ABOUT = ("--network", "1-2-1 relu", "--samples", "2")
POINT = ("--network=1-2-1 tanh", "--inputs=[1, 2]", "--targets=[1, 1]", "--parameters=[1, 0, 1, 2, 1, 1, 1]")
COMMANDS = {
    "survived": ("check", LONG, *ABOUT, "--trials", "20"),
    "proved": ("check", "rank(H) == rank(G) at perfect_fits", *ABOUT),
    "refuted": ("check", "rank(H) == rank(G) at perfect_fits", *ABOUT, "--loss", "quartic", "--smallest"),
    "error": ("check", "rank(H == rank(G) at perfect_fits", *ABOUT),
    "claims": ("claims",),
    "one claim": ("claims", "local-min-left-null-space-3"),
    "necessity": ("necessity", "rank(H) == rank(G) at perfect_fits", *ABOUT, "--trials", "5", "--seconds", "1"),
    "hunt": ("hunt", "rank(H) <= P", *ABOUT, "--time", "1s", "--workers", "1"),
    "components": ("components", "--network", "1-2-1 relu, no bias", "--inputs", "[1, -1]", "--targets", "[1, 1]"),
    "open components": ("components", *ABOUT),
    "eval": ("eval", "rank(G)", "L", "G", *POINT),
}


@pytest.mark.parametrize("width", [WIDTH, 72])
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_line_is_wider_than_the_page(words, width, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(output, "page_width", lambda: width)
    main(list(words))
    lines = capsys.readouterr().out.splitlines()
    assert lines
    # What is copied as it stands: a line of the source with its caret, a matrix, an id of one word.
    free = [line for line in lines if len(line) > width and " " in line.strip() and not set(line) & set("⎡⎢⎣^")]
    assert not [line for line in free if "rank(H ==" not in line]


def test_the_claim_of_a_list_of_answers_goes_below_where_it_does_not_fit(monkeypatch, capsys, tmp_path):
    path = tmp_path / "two.claims.toml"
    about = 'network = "1-2-1 relu"\nsamples = 2'
    short, long = "rank(H) <= P", f"rank(H) <= P or {LONG}"
    path.write_text(
        f'[[claim]]\nid = "short"\nsays = "{short}"\n{about}\n[[claim]]\nid = "long"\nsays = "{long}"\n{about}\n',
        encoding="utf-8",
    )
    main(["check", str(path), "--trials", "5", "--workers", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("· PROVED     short  ") and lines[0].endswith(short)
    assert lines[1].startswith("· ") and "long" in lines[1] and "rank" not in lines[1]
    assert lines[2].startswith("             rank(H) <= P or ") and lines[3].startswith("               ")
    assert max(map(len, lines)) <= WIDTH


def test_the_terminal_sets_the_width(monkeypatch):
    from geomcheck.render import page

    monkeypatch.setattr(page.sys, "stdout", type("Terminal", (), {"isatty": lambda self: True})())
    for columns, width in (("72", 72), ("250", 100), ("3", 40)):
        monkeypatch.setenv("COLUMNS", columns)
        assert page.page_width() == width


def test_rows_of_a_counterexample_stay_whole(capsys):
    main(list(COMMANDS["necessity"]))
    text = capsys.readouterr().out
    start = text.index("Counterexamples")
    assert all(line.count("[") - line.count("]") in (-1, 0, 1) for line in text[start:].splitlines())
    assert "0,\n    0" not in text


def test_numbers_are_not_broken():
    value = "1234567890" * 12
    assert value in "\n".join(wrapped(f"the value is {value} here", 40))
    for text in ("rank(H) = 13", "kink × 197", "-1/2 ≤ 3", "0.5 ± 2.1e-6"):
        for width in range(12, 60):
            lines = wrapped(f"one two three {text} four five, {text}", width)
            assert sum(line.count(text) for line in lines) == 2


def test_a_constant_matrix_is_named_once_with_its_shape():
    rows = [["1"]] * 30
    assert beside([("b1", rows), ("W1", [["0"]] * 30)], WIDTH) == ["b1 = 1 (30 × 1, in every entry)   W1 = 0 (30 × 1)"]


def test_latex_matrices_compile_without_settings():
    verdict = gc.check("rank(H) == rank(G)", network="2-3-1 tanh", samples=4)
    text = verdict_latex(verdict)
    matrices = [part.partition(r"\end{bmatrix}")[0] for part in text.split(r"\begin{bmatrix}")[1:]]
    assert matrices and all(row.count("&") < 10 for matrix in matrices for row in matrix.split(r"\\"))
    assert r"\left[\begin{array}{ccccccccccccc}" in text and "dots" not in text  # 13 columns, whole


def test_notebooks_show_matrices_of_13_columns_whole():
    page = gc.check("rank(H) == rank(G)", network="2-3-1 tanh", samples=4)._repr_html_()
    assert "…" not in page and "⋱" not in page
    assert page.count('title="13 × 13"') == 1


def test_a_long_claim_hangs_below_its_verdict():
    verdict = gc.check(LONG, network="1-2-1 relu", samples=2, trials=5)
    head = verdict_text(verdict).splitlines()[:2]
    assert head[0].startswith("SURVIVED 5  rank(G) == 2 or ") and head[1].startswith("    ")
    assert verdict_text(verdict, colour=True).startswith("\033[1;36mSURVIVED 5\033[0m  rank(G)")
