"""What holds of barriers between any two points, whatever the network, the loss and the data.

Statement. With e(λ) the excess of the loss over its baseline (either one) on the segment from A to B, where the loss is
defined: max e ≥ 0; e ≡ 0 for A = B; the barrier from B to A is the same; permuting both points alike changes nothing,
since L(πθ) = L(θ) and π is linear; the excess half-way, and over the mean that at either end, is at most its maximum.
Where F is affine in θ and the loss convex in F, the barrier over the linear
baseline is 0, L half-way is at most (L(A) + L(B))/2, and L is constant between global minima A and B; where L ≥ 0 too,
the one over the mean is at most (L(A) + L(B))/2. min_barrier(A, B), the least over all
permuted copies of B, is at most each of these barriers, at least 0, symmetric, the same for permuted copies of either
point, and 0 for copies of one point. Proof: proofs/lemmas/barriers.md.
"""

from collections.abc import Iterable, Iterator
from typing import Final, final

from geomcheck.claims.tree import Tree, unparse
from geomcheck.geometry.loss_facts import loss_facts
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.problem import Problem
from geomcheck.prove.knowledge import ZERO, AbstractRule, Fact, Knowledge, Scope
from geomcheck.prove.tactics.affine import hypothesis

HALF: Final[Tree] = ("number", "1/2")


@final
class Segments(AbstractRule):
    """Bounds of barriers and equations between them."""

    name = "segment"

    def facts(self, scope: Scope, known: Knowledge) -> Iterator[Fact]:
        """The facts about every barrier that is spoken of."""
        for term in known.terms:
            if term[:2] == ("@", ("word", "L")) and (pair := _half_way(term[2])):
                yield from _below_chord(scope.problem, term, pair)
            if term[0] in ("barrier", "min_barrier"):
                yield from self._of(term)
            if term[0] == "barrier":
                yield from _convex(scope.problem, term, known)
                yield from _at_places(scope.problem, term)

    def _of(self, term: Tree) -> Iterator[Fact]:
        head, first, second = term
        text = unparse(term)
        yield Fact(self.name, ("<=", ZERO, term), f"At an end the excess is not negative: {text} ≥ 0.")
        if first == second:
            yield Fact(self.name, ("==", term, ZERO), f"The loss does not change on the segment: {text} = 0.")
        back = (head, second, first)
        yield Fact(self.name, ("==", term, back), f"Backwards the segment is the same: {text} = {unparse(back)}.")
        inner = [place[1] if place[0] == "permuted" else place for place in (first, second)]
        if head == "min_barrier":
            if inner[0] == inner[1]:
                yield Fact(self.name, ("==", term, ZERO), f"A permutation makes both points equal: {text} = 0.")
            for i, place in enumerate((first, second)):
                if place[0] == "permuted":
                    same = (head, place[1], second) if i == 0 else (head, first, place[1])
                    yield Fact(self.name, ("==", term, same), "The least is over all permutations already.")
            straight = ("barrier", first, second)
            yield Fact(self.name, ("<=", term, straight), "The identity is one of the permutations.")
        elif first[0] == second[0] == "permuted" and first[2] == second[2]:
            same = (head, *inner)
            yield Fact(self.name, ("==", term, same), "Permuting both points alike does not change the loss between.")
        elif second[0] == "permuted":
            least = ("min_barrier", first, second[1])
            yield Fact(self.name, ("<=", least, term), "That permutation is one of those the least is over.")


def _at_places(problem: Problem, term: Tree) -> Iterator[Fact]:
    """The excess half-way, and over the mean that at the ends, is at most the barrier: only a maximum is greater."""
    first, last = term[1:]
    middle = ("@", ("word", "L"), ("+", ("*", HALF, first), ("*", HALF, last)))
    ends = [("*", HALF, ("@", ("word", "L"), place)) for place in (first, last)]
    found = [(("-", ("-", middle, ends[0]), ends[1]), "half-way")]
    if problem.baseline == "mean":
        found += [(("-", ends[0], ends[1]), f"at {unparse(first)}"), (("-", ends[1], ends[0]), f"at {unparse(last)}")]
    for excess, where in found[:1] if len({first, last}) == 1 else found:
        told = term if excess[1] != ends[1] else (term[0], last, first)
        yield Fact("segment", ("<=", excess, told), f"The excess {where} is at most the greatest, {unparse(told)}.")


def _half_way(place: Tree) -> tuple[Tree, Tree] | None:
    if place[0] != "+" or {part[:2] for part in place[1:]} != {("*", HALF)}:
        return None
    return place[1][2], place[2][2]


def _below_chord(problem: Problem, term: Tree, ends: tuple[Tree, Tree]) -> Iterator[Fact]:
    why = hypothesis(problem)
    if why is not None and loss_facts(problem).convex:
        reason = f"{why}, and L is convex: {unparse(term)} ≤ {unparse(_mean(ends))}."
        yield Fact("segment", ("<=", term, _mean(ends)), reason)


def _mean(ends: Iterable[Tree]) -> Tree:
    return ("+", *(("*", HALF, ("@", ("word", "L"), place)) for place in ends))


def _convex(problem: Problem, term: Tree, known: Knowledge) -> Iterator[Fact]:
    """Of a loss that is convex in θ."""
    text, why = unparse(term), hypothesis(problem)
    if why is None or not loss_facts(problem).convex:
        return
    least = [known.find(("@", ("global_minimum",), place)) for place in term[1:]]
    premises = tuple(dict.fromkeys(fact for fact in least if fact is not None))
    if problem.baseline == "linear":
        yield Fact("segment", ("==", term, ZERO), f"{why}, and L is convex: {text} = 0 over the linear baseline.")
    elif all(least):
        reason = f"{why}, and L is convex and least at both ends, so it is constant between them: {text} = 0."
        yield Fact("segment", ("==", term, ZERO), reason, premises)
    if isinstance(problem.loss, NamedLoss) and problem.loss.name != "cross_entropy":
        mean = _mean(term[1:])
        yield Fact("segment", ("<=", term, mean), f"{why}, and L is convex and not negative: {text} ≤ {unparse(mean)}.")
