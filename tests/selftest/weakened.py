"""The checker without one hypothesis: for every rule, and for what rules ask of problems and points, each part of a
conjunction taken for true.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from geomcheck import checker

TREE = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
# What the rules call: predicates of a problem, of a proof, of a point, and the rules that do.
HELPERS = {
    **dict.fromkeys(("bent", "flat", "multiaffine", "block"), ("affine-block",)),
    **dict.fromkeys(("affine", "affine_in"), ("affine-model", "affine-block", "convex")),
    **dict.fromkeys(("fit_form", "vanishing", "fit"), ("output-definite", "least-loss", "fit-by-loss", "point")),
    **dict.fromkeys(("fitted", "unforced"), ("residual-vanishes", "stationary")),
    **dict.fromkeys(("analytic", "generic"), ("semicontinuity",)),
    "strict": ("fit-by-residual",),
    "normalised": ("normalised", "least-loss", "residual-vanishes"),
    "scalings": ("scaling",),
    "features": ("features",),
    "wide_linear": ("linear-minima",),
    "two_linear": ("strict-saddles",),
    "least": ("least-value",),
    "global_minimum": ("minimum",),
    "orbit": ("kernel-fields", "minimum"),
    "least_bound": ("linear-network", "apolarity"),
}


@dataclass(frozen=True)
class Hypothesis:
    """A part of a conjunction, or of a rule's condition the whole; and the rules that rest on it."""

    label: str
    part: ast.expr
    inside: Any  # a lambda, a function, or a method with its class
    rules: tuple[str, ...]

    def drop(self, patch: pytest.MonkeyPatch) -> None:
        """Take the part for true."""
        part = self.part

        class Dropped(ast.NodeTransformer):
            def visit(self, node: ast.AST) -> ast.AST:
                return ast.copy_location(ast.Constant(True), node) if node is part else super().visit(node)

        module = checker.__dict__
        copied = Dropped().visit(_copied(self.inside, part))
        if isinstance(copied, ast.Lambda):
            copied.args.defaults = []
            code = compile(ast.fix_missing_locations(ast.Expression(copied)), "weakened", "eval")
            changed = []
            for rule, *pattern, where in checker.PATTERNS:
                if where.__code__.co_firstlineno == self.inside.lineno:
                    weak = eval(code, module)
                    weak.__defaults__ = where.__defaults__
                    changed.append((rule, *pattern, weak))
            patch.setattr(checker, "PATTERNS", changed)
            return
        scope: dict[str, Any] = {}
        exec(compile(ast.fix_missing_locations(ast.Module([copied], [])), "weakened", "exec"), module, scope)
        made, owner = scope[copied.name], next((c for c in OWNERS if copied.name in vars(c)), checker)
        if hasattr(made, "__set_name__"):
            made.__set_name__(owner, copied.name)
        patch.setattr(owner, copied.name, made)


OWNERS = (checker.Problem, checker.Proof, checker.Site)


def _copied(tree: Any, part: ast.expr) -> Any:
    """A copy of a tree that shares one part with it."""
    if tree is part or not isinstance(tree, ast.AST | list):
        return tree
    if isinstance(tree, list):
        return [_copied(item, part) for item in tree]
    made = type(tree)(**{name: _copied(value, part) for name, value in ast.iter_fields(tree)})
    return ast.copy_location(made, tree) if hasattr(tree, "lineno") else made


def _parts(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            yield from node.values


def hypotheses() -> Iterator[Hypothesis]:
    """Every hypothesis of the rules, then of the helpers."""
    for node in ast.walk(TREE):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "RULES":
            runtime = {where.__code__.co_firstlineno: rule for rule, *_, where in checker.PATTERNS}
            for place in ast.walk(node):
                if isinstance(place, ast.Lambda) and not isinstance(place.body, ast.Constant):
                    rule = runtime.get(place.lineno)
                    for part in (list(_parts(place)) or [place.body]) if rule and place.args.args[-1:] else ():
                        if place.args.args[0].arg in ("proof", "_"):
                            yield Hypothesis(f"{rule}: {ast.unparse(part)}", part, place, (rule,))
        if isinstance(node, ast.FunctionDef) and node.name in HELPERS:
            for part in _parts(node):
                yield Hypothesis(f"{node.name}: {ast.unparse(part)}", part, node, HELPERS[node.name])
