"""The map of proofs/: every rule has a lemma, everything named exists, and the sources contain no gap."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from geomcheck import checker
from geomcheck.prove import engine

PROOFS = Path(__file__).resolve().parent.parent.parent / "proofs"
README = (PROOFS / "README.md").read_text(encoding="utf-8")
PAGES = sorted(PROOFS.rglob("*.md"))
SOURCES = sorted((PROOFS / "rocq").glob("*.v"))
GAPS = ("Admitted", "admit", "Axiom", "Axioms", "Parameter", "Parameters", "Conjecture", "bypass_check", "Abort")
MINIMUM_RULES = set(checker.MINIMA) - {""}


def rule_names() -> set[str]:
    """The rules of the checker's table, of the prover's table, and those that the checker treats by name."""
    special = re.findall(r'rule == "([a-z-]+)"', Path(str(checker.__file__)).read_text(encoding="utf-8"))
    return {rule for rule, *_ in checker.RULES} | {rule.name for rule in engine.RULES} | {"assume", *special}


def rows() -> dict[str, list[str]]:
    """The cells of the tables of the map by the name in the first cell."""
    cells = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines() if line.startswith("| `")
    )
    return {row[0].split("`")[1]: row[1:] for row in cells}


def theorems() -> dict[str, Path]:
    """Each theorem and the source that proves it."""
    return {
        name: path
        for path in SOURCES
        for name in re.findall(r"^Theorem (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }


@pytest.mark.parametrize("rule", sorted(rule_names() | MINIMUM_RULES))
def test_every_rule_is_mapped_to_a_lemma(rule: str) -> None:
    assert rule in rows(), f"proofs/README.md has no row for the rule {rule}"
    _, lemma, source = rows()[rule]
    assert re.search(r"\]\(lemmas/[a-z-]+\.md\)", lemma)
    assert source


def test_every_theorem_that_a_row_names_exists() -> None:
    named = {name for _, _, source in rows().values() for name in re.findall(r"`(\w+)`", source)}
    assert named
    assert named <= set(theorems())


def test_every_theorem_is_named_in_the_map_and_on_a_page() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES if path.parent.name == "lemmas")
    for name in theorems():
        assert f"`{name}`" in README, name
        assert f"`{name}`" in pages, name


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).is_file(), target


@pytest.mark.parametrize("page", sorted((PROOFS / "lemmas").glob("*.md")), ids=lambda path: path.name)
def test_a_theorem_stands_in_the_source_that_the_page_names(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    where = {name: path.name for name, path in theorems().items()}
    sources = set(re.findall(r"\]\(\.\./rocq/(\w+\.v)\)", text))
    for listing in re.findall(r"\[(\w+\.v)\]\(\.\./rocq/\1\):\s([^.]*)\.(?=\s|$)", text):
        for name in re.findall(r"`(\w+)`", listing[1]):
            assert where.get(name) == listing[0], name
        sources.discard(listing[0])
    assert not sources


def test_every_source_has_a_page() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert SOURCES
    for path in SOURCES:
        assert path.name in pages, path.name


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_sources_contain_no_gap(source: Path) -> None:
    words = set(re.findall(r"\w+", source.read_text(encoding="utf-8")))
    assert not words & set(GAPS)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_variables_and_hypotheses_stand_in_sections(source: Path) -> None:
    depth = 0
    for line in source.read_text(encoding="utf-8").splitlines():
        depth += bool(re.match(r"Section \w+\.", line)) - bool(re.match(r"End \w+\.", line))
        assert depth > 0 or not re.match(r"\s*(Variables?|Hypothes[ie]s|Context|Let) ", line), line
    assert depth == 0


def test_without_rocq_the_check_says_so(tmp_path: Path) -> None:
    for tool in ("bash", "dirname", "mktemp", "rm"):
        found = next(Path(folder) / tool for folder in os.get_exec_path() if (Path(folder) / tool).exists())
        (tmp_path / tool).symlink_to(found)
    environment = {"PATH": str(tmp_path)}
    command = [str(tmp_path / "bash"), str(PROOFS / "check")]
    skipped = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (skipped.returncode, skipped.stderr) == (0, "")
    assert "skipped, as coqc is not installed" in skipped.stdout
    environment["GEOMCHECK_PROOFS"] = "required"
    required = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert required.returncode == 1


def test_certificates_are_checked_by_the_checker_alone(tmp_path: Path) -> None:
    def run(checker_source: Path) -> subprocess.CompletedProcess[str]:
        root = tmp_path / checker_source.stem
        for folder in ("proofs", "geomcheck"):
            (root / folder).mkdir(parents=True)
        (root / "proofs" / "certificates").write_bytes((PROOFS / "certificates").read_bytes())
        (root / "geomcheck" / "checker.py").write_bytes(checker_source.read_bytes())
        command = ["bash", str(root / "proofs" / "certificates"), "--only", "exact-spurious-quadratic"]
        environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(PROOFS.parent)}
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    alone = run(Path(str(checker.__file__)))
    assert (alone.returncode, alone.stderr) == (0, "")
    assert alone.stdout.endswith("1 certificates, each accepted by the checker alone\n")
    severe = tmp_path / "severe.py"
    severe.write_text("import sys\nfor path in sys.argv[1:]:\n    print(f'{path}: REJECTED: all')\nsys.exit(4)\n")
    rejected = run(severe)
    assert rejected.returncode == 1
    assert "0 of 1 certificates" in rejected.stderr
