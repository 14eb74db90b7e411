"""The rules of the house, read off the syntax trees: exactness, direction of imports, sizes, top level."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "geomcheck"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [path.relative_to(PACKAGE).as_posix() for path in MODULES]

# Floats may occur here and nowhere else: the float field, where torch numbers come in, what only looks for candidates,
# and what only talks to a person.
INEXACT = (
    "align/",
    "experiments/",
    "fields/floats.py",
    "problem/torch_module.py",
    "cli/",
    "render/",
    "testing/",
)

# One word is let through: matrix products in float64 whose every partial sum is an integer below 2^53, hence exact.
EXACT_PRODUCTS = (
    "fields/residues.py",
    "fields/integers.py",
    "linear_algebra/integer_matrix.py",
    "linear_algebra/padic_lifting.py",
)

# And in what only proposes a minor, pivots, an approximate inverse or a point, then verified in balls or integers.
PROPOSALS = (
    "linear_algebra/ball_rank.py",
    "linear_algebra/dyadic.py",
    "geometry/minima/lower_point.py",
    "linear_algebra/semidefinite.py",
    "geometry/integer_symmetry.py",
)

# Imports run one way: a module may import its own room and what stands on an earlier line. That goes for every import:
# those that run at once, those inside functions, and those for type annotations alone.
LEVELS = (
    ("errors", "atomic_write", "callable_package", "fresh_interpreter", "truth"),
    ("problem",),
    ("fields",),
    ("linear_algebra",),
    ("geometry",),
    ("connectivity",),
    ("claims",),
    ("answer",),
    ("prove", "search"),
    ("checker",),
    ("certificate", "recheck"),
    ("values",),
    ("render",),
    ("verdict",),
    ("engine",),
    ("necessity", "hunting", "align"),
    ("experiments", "selftest"),
    ("testing", "cli"),
)
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}

# (file, room) -> why it may import against the direction. There is no exception now.
AGAINST_THE_DIRECTION: dict[tuple[str, str], str] = {}

# Imports of our own modules inside functions load late what is heavy. Here they may stand, and why:
LATE_IMPORTS = {
    "cli/": "`--help` and a wrong option are answered at once",
    "testing/plugin.py": "pytest loads the plugin in every session, most of which hold no claim",
    "prove/chain_rule.py": "SymPy",
}

MAX_LINES = 500
MAX_LINES_CHECKER = 2809
TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "geomcheck", "tests", "proofs", "examples"}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@dataclass(frozen=True)
class Import:
    """One imported name: `module` is what it is imported from, and the name where that may be a module too."""

    line: int
    module: str
    late: bool  # inside a function


def imports_of(tree: ast.AST, *, late: bool = False) -> Iterator[Import]:
    """Every import, also those inside functions and under TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name, late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            yield from (Import(node.lineno, f"{node.module}.{alias.name}", late) for alias in node.names)
        else:
            yield from imports_of(node, late=late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def part_of(module: str) -> str | None:
    """The part of the house a dotted name belongs to: its package, or its file directly under geomcheck."""
    pieces = module.split(".")
    return pieces[1] if pieces[0] == "geomcheck" and len(pieces) > 1 and pieces[1] in LEVEL else None


def test_every_exception_is_there() -> None:
    for name in (*INEXACT, *EXACT_PRODUCTS, *PROPOSALS, *LATE_IMPORTS, *(file for file, _ in AGAINST_THE_DIRECTION)):
        assert (PACKAGE / name).exists(), name


@pytest.mark.parametrize("name", NAMES)
def test_exact_code_holds_no_float(name: str) -> None:
    if name.startswith(INEXACT):
        pytest.skip("floats are allowed here")
    for node in ast.walk(tree_of(PACKAGE / name)):
        line = getattr(node, "lineno", 0)
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex)), (
            f"{line}: float literal"
        )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("float", "complex"), f"{line}: {node.func.id}("
        if name in EXACT_PRODUCTS + PROPOSALS and isinstance(node, ast.Attribute) and node.attr == "float64":
            continue
        word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        assert word not in ("isclose", "allclose"), f"{line}: {word}"
        assert not word.startswith(("float16", "float32", "float64", "longdouble", "complex64", "complex128")), (
            f"{line}: {word}"
        )


ROOMS = [name for name in NAMES if name not in ("__init__.py", "__main__.py")]


@pytest.mark.parametrize("name", ROOMS)
def test_imports_run_one_way(name: str) -> None:
    own = name.removesuffix(".py").split("/")[0]
    assert own in LEVEL, f"{name} has no place in LEVELS"
    for found in imports_of(tree_of(PACKAGE / name)):
        part = part_of(found.module)
        if part is None or part == own or (name, part) in AGAINST_THE_DIRECTION:
            continue
        below = LEVEL[part] < LEVEL[own] or LEVEL[part] == LEVEL[own] == 0
        assert below, f"{name}:{found.line}: {own} imports {part}"


@pytest.mark.parametrize("name", ROOMS)
def test_imports_inside_functions_have_a_reason(name: str) -> None:
    late = [found for found in imports_of(tree_of(PACKAGE / name)) if found.late and part_of(found.module)]
    assert not late or name.startswith(tuple(LATE_IMPORTS)), f"{name}:{late[0].line}: {late[0].module}"


def test_no_imports_go_in_circles() -> None:
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES}
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        names = {found.module for found in imports_of(tree_of(path))}
        imported = {name if name in modules else name.rpartition(".")[0] for name in names}
        graph[own] = (imported & modules) - {own, "geomcheck"}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_the_checker_stands_alone() -> None:
    for found in imports_of(tree_of(PACKAGE / "checker.py")):
        assert found.module.split(".")[0] in {*sys.stdlib_module_names, "__future__"}, f"checker.py:{found.line}"


@pytest.mark.parametrize("path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda path: path.name)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (MAX_LINES_CHECKER if path == PACKAGE / "checker.py" else MAX_LINES)


def test_only_abstract_classes_are_inherited_from() -> None:
    concrete = {
        node.name
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("Abstract")
    }
    errors = {node.name for node in ast.walk(tree_of(PACKAGE / "errors.py")) if isinstance(node, ast.ClassDef)}
    allowed = errors | {"Reject", "Arithmetic"}  # the error trees, and a protocol
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).split("[")[0] for base in node.bases}
                assert not bases & (concrete - allowed), f"{path.name}:{node.lineno}: {node.name}"


def test_no_dispatch_on_attributes() -> None:
    for path in MODULES:
        calls = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
        assert not [call.lineno for call in calls if ast.unparse(call.func) == "hasattr"], path


def test_no_work_left_for_later() -> None:
    for path in MODULES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not {"TODO", "FIXME", "XXX"} & set(line.replace(":", " ").split()), f"{path}:{number}"


def test_top_level() -> None:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    entries = {line.split("/")[0] for line in listing.stdout.splitlines()}
    assert {entry for entry in entries if not entry.startswith(".")} <= TOP_LEVEL
