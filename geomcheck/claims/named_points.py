"""Claims about several named points: what a point term stands for, which parts of a problem a claim leaves open.

A point term is a name, a permuted copy, or a combination with rational coefficients; it stands for one θ ∈ ℝ^P. A
quantity at a point is the tree ``("@", quantity, point)``; a term whose quantities are all taken at one point is that
point's own business, and `at_place` and `stripped` go back and forth between the two ways to write it.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from geomcheck.claims.tree import (
    ARITHMETIC,
    COMPARISONS,
    CONNECTIVES,
    Tree,
    bare_quantities,
    constant_value,
    depends_on_point,
    permutations_in,
    points_in,
    subtrees,
    unparse,
)
from geomcheck.errors import InputError
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.permutations import permuted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geomcheck.problem.problem import Point, Problem

T = TypeVar("T")

#: What can be said without inputs and targets; any other head of a claim's tree may depend on them.
_WITHOUT_DATA = frozenset(
    {"claim", *CONNECTIVES, *COMPARISONS, *ARITHMETIC, "number", "point", "permuted", "permutation"}
    | {"orbit_size", "signed_orbit_size", "overlap", "max_overlap", "expansions", "surjections"}
)

#: What can be said without a point of parameter space where no point is named.
_WITHOUT_PARAMETERS = _WITHOUT_DATA | {"components", "set"}


def theta_at(place: Tree, problem: Problem) -> Point:
    """The θ (P,) that a point term stands for; raises ``InputError`` for a name that the problem does not give.

    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-1 linear, no bias", "samples": 1, "points": {"A": [1], "B": [4]}})
    >>> theta_at(("+", ("*", ("number", "1/2"), ("point", "A")), ("point", "B")), about)
    (Fraction(9, 2),)
    """
    head = place[0]
    if head == "point":
        return _given("point", place[1], dict(problem.points))
    if head == "permuted":
        assert isinstance(problem.model, DenseNetwork)
        chosen = _given("permutation", place[2][1], dict(problem.permutations))
        return permuted(problem.model, theta_at(place[1], problem), chosen)
    if head == "neg":
        return tuple(-x for x in theta_at(place[1], problem))
    if head == "*":
        factor = constant_value(place[1])
        return tuple(factor * x for x in theta_at(place[2], problem))
    left, right = theta_at(place[1], problem), theta_at(place[2], problem)
    sign = 1 if head == "+" else -1
    return tuple(x + sign * y for x, y in zip(left, right, strict=True))


def place_of(tree: Tree) -> Tree | None:
    """The one point at which every quantity of a term is taken; None where there are several, or none.

    >>> place_of(("-", ("@", ("matrix", "H"), ("point", "A")), ("@", ("matrix", "H_o"), ("point", "A"))))
    ('point', 'A')
    """
    places = {part[2] for part in subtrees(tree) if part[0] == "@"}
    return places.pop() if len(places) == 1 and not bare_quantities(tree) else None


def stripped(tree: Tree) -> Tree:
    """The term without the points that its quantities are taken at.

    >>> stripped(("rank", ("@", ("matrix", "H"), ("point", "A"))))
    ('rank', ('matrix', 'H'))
    """
    if tree[0] == "@":
        quantity: Tree = tree[1]
        return quantity
    return tuple(stripped(part) if isinstance(part, tuple) else part for part in tree)


def at_place(tree: Tree, place: Tree) -> Tree:
    """The term with every quantity taken at a point.

    >>> at_place(("rank", ("matrix", "H")), ("point", "A"))
    ('rank', ('@', ('matrix', 'H'), ('point', 'A')))
    """
    if depends_on_point(tree):
        return ("@", tree, place)
    return tuple(at_place(part, place) if isinstance(part, tuple) else part for part in tree)


def needs_data(claim: Tree) -> bool:
    """Whether a claim, or a term, speaks of inputs or targets at all.

    >>> needs_data(("claim", ("==", ("orbit_size", ("point", "A")), ("number", "2")), None, None))
    False
    """
    if claim[0] == "claim" and claim[2] not in (None, "all_points", "generic_points"):
        return True
    sizes = [("word", name) for name in ("P", "N", "K")]
    return any(part[0] not in _WITHOUT_DATA and part not in sizes for part in subtrees(claim))


def needs_parameters(claim: Tree) -> bool:
    """Whether a claim that names no points speaks of a point of parameter space at all.

    >>> needs_parameters(("claim", ("==", ("components", ("set", "minima")), ("number", "2")), None, None))
    False
    """
    sizes = [("word", name) for name in ("P", "N", "K")]
    speaking = any(part[0] not in _WITHOUT_PARAMETERS and part not in sizes for part in subtrees(claim))
    return speaking or (claim[0] == "claim" and claim[2] not in (None, "all_points"))


def open_names(claim: Tree, problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the points and of the permutations that a claim speaks of and its problem does not give."""
    points, permutations = dict(problem.points), dict(problem.permutations)
    return (
        tuple(name for name in points_in(claim) if name not in points),
        tuple(name for name in permutations_in(claim) if name not in permutations),
    )


def is_instance(claim: Tree, problem: Problem) -> bool:
    """Whether nothing that the claim speaks of is open.

    >>> from geomcheck.problem.read import problem_from
    >>> components = ("components", ("set", "minima"))
    >>> about = problem_from({"network": "1-1 linear", "inputs": [1], "targets": [1]})
    >>> is_instance(("claim", ("==", components, ("number", "1")), None, None), about)
    True
    """
    if not points_in(claim):
        matters = {"parameters"} if needs_parameters(claim) else set()
        if needs_data(claim) and (problem.teacher is None or needs_parameters(claim)):
            matters |= {"inputs", "targets"}
        return not matters & set(problem.open_parts)
    given = problem.inputs is not None and problem.targets is not None
    return not any(open_names(claim, problem)) and (given or not needs_data(claim))


def relevant(claim: Tree, instance: Problem) -> Problem:
    """The instance without the parts that the claim does not speak of, which any other values could replace.

    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-1 linear", "inputs": [1], "targets": [1], "parameters": [0, 0]})
    >>> relevant(("claim", ("==", ("components", ("set", "minima")), ("number", "1")), None, None), about).open_parts
    ('parameters',)
    """
    if points_in(claim) and not needs_data(claim):
        return replace(instance, inputs=None, targets=None)
    if points_in(claim) or needs_parameters(claim):
        return instance
    if needs_data(claim) and instance.teacher is None:
        return replace(instance, parameters=None)
    return replace(instance, parameters=None, inputs=None, targets=None)


def with_some_data(problem: Problem) -> Problem:
    """The problem with data that do not matter where they are open: zeros, and targets that the loss allows."""
    loss = problem.loss
    domain = loss.domain if isinstance(loss, NamedLoss) else "any"
    label = {"signs": Fraction(1), "simplex": Fraction(1, problem.K)}.get(domain, Fraction(0))
    return problem.with_(
        parameters=None if problem.points or problem.parameters is not None else (Fraction(0),) * problem.P,
        inputs=((Fraction(0),) * problem.model.n_inputs,) * problem.N if problem.inputs is None else None,
        targets=((label,) * problem.K,) * problem.N if problem.targets is None else None,
    )


def check_names(claim: Tree, problem: Problem) -> None:
    """Raise ``InputError`` unless a claim's points and permutations and a problem's fit together."""
    names = points_in(claim)
    if problem.teacher is not None and (names or needs_parameters(claim)):
        raise InputError(
            "expected a claim about components(minima) alone beside teacher, whose loss is an expectation "
            "that has no value in a finite sample; leave the teacher out, or ask for components(minima)"
        )
    if not names:
        if problem.points:
            given = problem.points[0][0]
            raise InputError(
                f"expected a claim about the given point {given}, got one that names no point; "
                f"write for example L@{given}, or give parameters instead of points"
            )
        return
    if problem.parameters is not None:
        raise InputError(
            f"expected points for a claim about the named point {names[0]}, got parameters; "
            f"write points = {{ {names[0]} = [...] }}, or leave the parameters open"
        )
    if problem.targets == "perfect_fit":
        raise InputError(
            'targets: expected numbers beside named points, got "perfect_fit", which is of one point; '
            f"leave them open, and write: given perfect_fit@{names[0]}"
        )
    if not isinstance(problem.model, DenseNetwork):
        for part in subtrees(claim):
            if part[0] == "permuted" or part[0] in ("activation_overlap", "signed_orbit_size"):
                raise InputError(
                    f"expected a network for {unparse(part)}, got an explicit model, which has no hidden units; "
                    "describe it as a network"
                )


def _given(what: str, name: str, known: dict[str, T]) -> T:
    if name not in known:
        raise not_given(what, name, known)
    return known[name]


def not_given(what: str, name: str, known: Iterable[str]) -> InputError:
    """The error for a point or permutation that a term names and the problem lacks.

    >>> str(not_given("point", "Q", ["A", "B"]))
    'expected the point Q, got only A, B; give it under points, or state a claim for all of them'
    """
    names = ", ".join(known)
    got = f"only {names}" if names else "none"
    return InputError(f"expected the {what} {name}, got {got}; give it under {what}s, or state a claim for all of them")
