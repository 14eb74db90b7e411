"""Instances inside a point set: perfect fits, critical points, global minima, and the scope of a claim.

A start (θ, X) is drawn, then targets are chosen, or parameters solved for, so that the point is in the set; linear
networks have closed forms besides, and wide networks critical points split from narrower ones. Whatever is returned has
been judged to be in the set, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Final, TypeAlias, Unpack

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import DrawFn, SearchStrategy

from geomcheck.claims.claim import Claim, parse_claim
from geomcheck.claims.judge import judge
from geomcheck.claims.matrices import check_shapes
from geomcheck.errors import GeomcheckError, InputError
from geomcheck.geometry.affine import is_affine
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.problem import Problem
from geomcheck.search import linear_networks, unit_splitting
from geomcheck.search.generators import goals
from geomcheck.search.input_data import polynomial
from geomcheck.search.points import COMPLETIONS, PER_START, Draw
from geomcheck.search.rational_derivatives import may_be_critical
from geomcheck.testing.problems import Elements, Parts, elements_of, exists, instances, open_problems, placed
from geomcheck.testing.shapes import domain_of, labels, networks
from geomcheck.testing.validation import check_type
from geomcheck.truth import Truth

Way: TypeAlias = Callable[[DrawFn, Problem], Problem | None]
Scope: TypeAlias = Callable[[Problem], bool]

_CLOSED_FORMS: Final = {
    "critical_points": linear_networks.saddles,
    "local_minima": linear_networks.minima,
    "global_minima": linear_networks.minima,
}
_LONGEST: Final = 23  # draws of a closed form that are passed over, three turns through its spectra


def perfect_fits(
    *,
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
    kinks: bool = False,
    **parts: Unpack[Parts],
) -> SearchStrategy[Problem]:
    """Instances with F = y, or y = link(F) for losses on logits: the targets are chosen for a drawn point.

    With given targets an affine block of the parameters is solved for them. The arguments are those of
    :func:`instances`. Shrinks to one sample, one linear layer without bias, and zeros.

    Raises InvalidArgument for a loss that no finite point fits, and for hard labels.

    >>> from hypothesis import find
    >>> find(perfect_fits(network="1-1-1 tanh"), lambda problem: True).targets
    'perfect_fit'
    """
    return points_in("perfect_fits", elements, kinks, parts)


def critical_points(
    *,
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
    kinks: bool = False,
    **parts: Unpack[Parts],
) -> SearchStrategy[Problem]:
    """Instances with ∇L = 0 exactly: perfect fits, targets with Gᵀr = −cθ, saddles of linear networks, split units.

    The arguments are those of :func:`instances`. Shrinks to a perfect fit with one parameter, at 0.
    Sources: Fukumizu and Amari (2000), Theorem 1; Baldi and Hornik (1989), Facts 1–4.

    >>> from hypothesis import find
    >>> find(critical_points(network="1-1 linear, no bias", samples=1), lambda problem: True).parameters
    (Fraction(0, 1),)
    """
    return points_in("critical_points", elements, kinks, parts)


def global_minima(
    *,
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
    kinks: bool = False,
    **parts: Unpack[Parts],
) -> SearchStrategy[Problem]:
    """Instances at which L is least: perfect fits, critical points of convex L, minima of linear networks.

    The arguments are those of :func:`instances`. Linear networks of two layers without biases have minima off the fit
    (Eckart and Young 1936), and ties among singular values with them. Shrinks as :func:`perfect_fits` does.

    Raises InvalidArgument for weight decay on a model that is not affine in its parameters: nothing is known there.
    """
    return points_in("global_minima", elements, kinks, parts)


def from_claim(
    text: str,
    *,
    elements: SearchStrategy[Fraction] | SearchStrategy[int] | None = None,
    kinks: bool = False,
    **parts: Unpack[Parts],
) -> SearchStrategy[Problem]:
    """Instances in the scope of a claim: in the point set after ``at``, and with what stands after ``given``.

    `text` is written as for geomcheck.check, and the other arguments are those of :func:`instances`. Whether the claim
    holds there is for the test to ask.

    Raises InvalidArgument for a claim that cannot be read, and for one at generic_points, which no point can be shown
    to be in.

    >>> from hypothesis import find
    >>> claim = "rank(H) == rank(G) at perfect_fits given rank(G) == 1"
    >>> find(from_claim(claim, network="1-1 linear, no bias", samples=1), lambda problem: True).inputs
    ((Fraction(1, 1),),)
    """
    try:
        claim = parse_claim(check_type(str, text, "text"), "text")
    except GeomcheckError as error:
        raise InvalidArgument(str(error)) from error
    if claim.point_set == "generic_points":
        raise InvalidArgument("Cannot construct generic points: no single point can be shown to be generic")
    wanted = goals(claim) if claim.point_set in (None, "all_points") else goals(claim)[:1]
    scope = _scope_of(claim)

    def check(problem: Problem) -> None:
        try:
            check_shapes(claim.tree, problem)
        except GeomcheckError as error:
            raise InvalidArgument(str(error)) from error

    made = [points_in(goal, elements, kinks, parts, check) for goal in wanted]
    return st.one_of(made).filter(lambda problem: in_scope(scope, problem))


def points_in(
    point_set: str,
    elements: object,
    kinks: bool,
    parts: Parts,
    check: Callable[[Problem], None] = lambda problem: None,
) -> SearchStrategy[Problem]:
    """Instances in any point set but generic_points; for all_points those of :func:`instances`."""

    def checked(problem: Problem) -> None:
        check(problem)
        check_possible(problem, point_set)

    deepest = 1 if point_set == "global_minima" and parts.get("weight_decay") else 2
    problems = open_problems(parts, checked, lambda outputs: networks(outputs=outputs, max_layers=deepest))
    if point_set == "all_points":
        return instances(elements=elements, kinks=kinks, problem=problems)  # type: ignore[arg-type]
    return _points(problems, point_set, elements_of(elements), check_type(bool, kinks, "kinks"))


def check_possible(problem: Problem, point_set: str) -> None:
    """Raise InvalidArgument where a point set is known to be empty, or nothing in it can be shown to be."""
    facts, loss = loss_facts(problem), problem.loss
    if point_set == "perfect_fits" and not facts.minimised_at_fit:
        raise InvalidArgument(f"Cannot construct perfect fits: {facts.why_not}")
    if point_set == "perfect_fits" and isinstance(loss, NamedLoss) and isinstance(problem.targets, tuple):
        hard = loss.no_finite_minimiser(problem.targets)
        if hard is not None:
            raise InvalidArgument(f"Cannot construct perfect fits: {hard}")
    if point_set == "global_minima" and problem.weight_decay and not is_affine(problem):
        raise InvalidArgument(
            f"Cannot construct global minima with weight_decay={problem.weight_decay} of a model that is not affine in "
            "its parameters; use critical_points"
        )
    if problem.is_instance and not member(problem, point_set):
        raise InvalidArgument(f"The given instance is not known to be in {point_set}")


def member(problem: Problem, point_set: str) -> bool:
    """Whether an instance has been shown to be in a point set, the loss's domain included."""
    return in_scope(parse_everywhere(point_set), problem)


def in_scope(claim: Claim, problem: Problem) -> bool:
    """Whether an instance has been shown to be in a claim's scope."""
    try:
        return judge(claim, problem).scope is Truth.TRUE
    except InputError:  # a formula divides by zero there
        return False


@lru_cache
def parse_everywhere(point_set: str) -> Claim:
    """A claim that holds anywhere, at a point set."""
    return parse_claim(f"P == P at {point_set}")


def _scope_of(claim: Claim) -> Claim:
    """A claim with the same scope that holds anywhere in it."""
    trivial = ("==", ("word", "P"), ("word", "P"))
    return Claim(claim.text, ("claim", trivial, claim.point_set, claim.given))


@st.composite
def _points(
    draw: DrawFn, problems: SearchStrategy[Problem], point_set: str, elements: Elements, kinks: bool
) -> Problem:
    problem = draw(problems)

    def direct(draw: DrawFn, problem: Problem) -> Problem | None:
        to_reach = isinstance(problem.targets, tuple)
        start = draw(placed(problem, elements, kinks, general=to_reach))
        if problem.parameters is None and (to_reach or point_set != "perfect_fits"):
            start = draw(_thinned(start))
        return completed(draw, problem, start, point_set)

    def solved(draw: DrawFn, problem: Problem) -> Problem | None:
        targets = draw(labels(problem.N, problem.K, domain_of(problem.loss), elements.targets))
        return direct(draw, problem.with_(targets=targets))

    def split(draw: DrawFn, problem: Problem) -> Problem | None:
        def narrower(small: Problem) -> Iterator[Problem | None]:
            yield direct(draw, small)

        return _nth(draw, unit_splitting.embedded(problem, draw(chance()), narrower), 2)

    ways: list[Way] = [direct]
    if point_set in ("critical_points", "local_minima") and unit_splitting.applies(problem):
        ways.append(split)
    if point_set in _CLOSED_FORMS and is_affine(problem) and problem.parameters is None and problem.targets is None:
        ways = [solved] if problem.weight_decay else [direct, solved]
    if point_set in _CLOSED_FORMS and linear_networks.applies(problem):
        ways.append(lambda draw, problem: _nth(draw, _CLOSED_FORMS[point_set](problem, draw(chance())), _LONGEST))
    found = draw(st.sampled_from(ways))(draw, problem)
    if found is None or not exists(found, kinks) or not member(found, point_set):
        reject()
    return found


def completed(draw: DrawFn, problem: Problem, start: Problem, point_set: str) -> Problem | None:
    """An instance of the problem in a point set, made from a start (the problem with inputs and parameters)."""
    assert start.parameters is not None and start.inputs is not None
    point = (list(start.parameters), [list(row) for row in start.inputs])
    proposals = COMPLETIONS[point_set](Draw(problem, point, draw(chance()), 1))
    if problem.weight_decay and point_set in _CLOSED_FORMS:  # fits are proposed too, but mostly are not critical
        proposals = filter(may_be_critical, proposals)
    candidates = sorted(islice(proposals, PER_START), key=lambda found: found.targets != "perfect_fit")
    return draw(st.sampled_from(candidates)) if candidates else None


@st.composite
def _thinned(draw: DrawFn, start: Problem) -> Problem:
    """The start, or one with a layer of zeros, where F or its derivatives are rational and θ is critical sooner."""
    network, theta = start.model, start.parameters
    assert theta is not None
    if is_affine(start) or not (start.weight_decay or irrational(start)):
        return start
    if not isinstance(network, DenseNetwork):
        return start.with_(parameters=[x * draw(st.integers(0, 1)) for x in theta])
    emptied = draw(st.sampled_from([0, *range(len(network.layers), 0, -1), len(network.layers) + 1]))
    values = list(theta)
    for block in network.blocks():
        weights_of_layer = block.layer == emptied and len(block.shape) == 2
        if weights_of_layer or emptied > len(network.layers):
            values[block.start : block.stop] = [Fraction(0)] * block.size
    return start.with_(parameters=values)


def irrational(problem: Problem) -> bool:
    """Whether values at rational points are irrational as a rule."""
    return not polynomial(problem) or problem.squash is not None


def chance() -> SearchStrategy[Random]:
    """Chance that Hypothesis controls and shrinks."""
    return st.randoms(use_true_random=False)


def _nth(draw: DrawFn, proposals: Iterator[Problem | None], last: int) -> Problem | None:
    """One of the first proposals; None where it came to nothing or there are not so many."""
    return next(islice(proposals, draw(st.integers(0, last)), None), None)
