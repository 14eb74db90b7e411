"""The search: draw instances from all generators in turn, judge each exactly, stop at the first violation."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, final

from geomcheck.answer import Record
from geomcheck.claims.judge import judge as exact_judge
from geomcheck.claims.tree import points_in
from geomcheck.errors import InputError
from geomcheck.problem.problem import Problem
from geomcheck.search import smt_solver
from geomcheck.search.generators import Generator, generators, goals
from geomcheck.search.named_points import tuple_generators
from geomcheck.search.shrink import shrunk
from geomcheck.truth import Truth

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim

__all__ = ["Generator", "Judge", "Judgement", "SearchResult", "search"]

Progress = Callable[[int, int], None]

DRAWS_PER_TRIAL: Final = 20
MOST_COVERED: Final = 1_000_000  # fingerprints: some 100 MB
_PATIENCE: Final = 50
_FEWEST: Final = 20  # trials' worth of draws at least: one trial alone is wanted where a proof lacks a witness
_SECOND: Final = 10**9


class Judgement(Protocol):
    """What the search reads off a judgement; see `geomcheck.claims.judge.Judgement`."""

    @property
    def scope(self) -> Truth:
        """Whether the instance is in the claim's scope."""

    @property
    def holds(self) -> Truth:
        """Whether the formula holds there."""

    @property
    def reason(self) -> str | None:
        """A stable code where either is unknown."""

    @property
    def explanation(self) -> str:
        """Why, in words."""

    @property
    def quantities(self) -> Mapping[str, str]:
        """Term -> value, as text."""


Judge = Callable[["Claim", Problem], Judgement]


@final
@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes:
        counterexample: an instance in scope that violates the claim, shrunk; None when there was none.
        counterexample_judgement: its judgement.
        witness: an instance in scope at which the claim holds; None when there was none.
        record: what was tried; `trials` counts the instances in scope that were decided.
        obstacle: the reason code for which every instance drawn was left undecided, and its words for the first; None
            where one was decided, all were out of scope, or the reasons differ.
    """

    counterexample: Problem | None
    counterexample_judgement: Judgement | None
    witness: Problem | None
    record: Record
    obstacle: tuple[str, str] | None = None


def search(
    claim: Claim,
    problem: Problem,
    *,
    trials: int = 200,
    seconds: int = 20,
    seed: int = 0,
    progress: Progress | None = None,
    judge: Judge | None = None,
    covered: set[int] | None = None,
) -> SearchResult:
    """Look for an instance of the problem, in the claim's scope, that violates the claim.

    Everything the problem leaves open is generated, everything it gives is kept. The search ends at the first
    violation, after `trials` decided instances in scope, after `seconds`, after DRAWS_PER_TRIAL draws for each of
    them (of 20 at least), or when
    nothing new can be drawn. Apart from where time cuts it off it is a function of the seed. A violation is made
    smaller while a quarter of the time, or what is left of it, lasts. `progress(done, trials)` is called at each trial.
    Instances whose fingerprint is in `covered` are set aside unjudged, and those judged are added to it: searches that
    share the set, with one seed after another, do not repeat one another.

    Raises:
        InputError: for fewer than 1 trial or negative seconds; and what `judge` raises where it raises every time.
    """
    if trials < 1 or seconds < 0:
        raise InputError(
            f"expected at least 1 trial and no negative time, got trials={trials}, seconds={seconds}; raise them"
        )
    decide: Judge = exact_judge if judge is None else judge
    started = time.monotonic_ns()
    tally = _Tally()
    witness: Problem | None = None
    violation: tuple[Problem, Judgement] | None = None
    senseless: InputError | None = None
    judged = False
    for name, instance in _draws(claim, problem, seed, max(trials, _FEWEST) * DRAWS_PER_TRIAL):
        if instance is None:
            tally.discards["nothing-constructed"] += 1
        elif covered is not None and _is_covered(instance, covered):
            tally.discards["covered-before"] += 1
        else:
            try:
                judgement = decide(claim, instance)
            except InputError as error:  # a formula divides by zero here; or the claim makes no sense anywhere
                tally.discards["undefined"] += 1
                senseless = error
            else:
                judged = True
                if tally.count(name, judgement):
                    if progress is not None:
                        progress(tally.trials, trials)
                    if judgement.holds is Truth.FALSE:
                        violation = instance, judgement
                        break
                    witness = witness or instance
        if tally.trials >= trials or time.monotonic_ns() - started >= seconds * _SECOND:
            break
    if senseless is not None and not judged:
        raise senseless
    if violation is not None:
        spent = time.monotonic_ns() - started
        allowance = max(seconds * _SECOND - spent, seconds * _SECOND // 4)
        violation = shrunk(claim, problem, violation, decide, time.monotonic_ns() + allowance)
    return SearchResult(
        counterexample=None if violation is None else violation[0],
        counterexample_judgement=None if violation is None else violation[1],
        witness=witness,
        record=tally.record(seed, time.monotonic_ns() - started),
        obstacle=tally.obstacle(),
    )


@final
@dataclass
class _Tally:
    trials: int = 0
    generators: Counter[str] = field(default_factory=Counter)
    discards: Counter[str] = field(default_factory=Counter)
    ranks_seen: dict[str, Counter[str]] = field(default_factory=dict)

    why: dict[str, str] = field(default_factory=dict)

    def obstacle(self) -> tuple[str, str] | None:
        """The one reason for which nothing was decided, if there is one."""
        told = self.discards.keys() - {"nothing-constructed", "covered-before", "out-of-scope"}
        return (
            next(iter(self.why.items())) if len(self.why) == 1 and told == self.why.keys() and not self.trials else None
        )

    def count(self, name: str, judgement: Judgement) -> bool:
        """Book one judgement; whether it was in scope and decided."""
        if judgement.scope is Truth.FALSE:
            self.discards["out-of-scope"] += 1
            return False
        if Truth.UNKNOWN in (judgement.scope, judgement.holds):
            reason = judgement.reason or "undecided"
            self.discards[reason] += 1
            self.why.setdefault(reason, judgement.explanation)
            return False
        self.trials += 1
        self.generators[name] += 1
        for quantity, value in judgement.quantities.items():
            self.ranks_seen.setdefault(quantity, Counter())[value] += 1
        return True

    def record(self, seed: int, nanoseconds: int) -> Record:
        hundredths = nanoseconds * 100 // _SECOND
        return Record(
            trials=self.trials,
            seed=seed,
            generators=dict(self.generators),
            ranks_seen={quantity: dict(sorted(seen.items())) for quantity, seen in self.ranks_seen.items()},
            discards=dict(sorted(self.discards.items())),
            seconds=f"{hundredths // 100}.{hundredths % 100:02d}",
        )


def _draws(claim: Claim, problem: Problem, seed: int, limit: int) -> Iterator[tuple[str, Problem | None]]:
    """Instances from all generators in turn, each instance once; a generator that repeats itself is dropped."""
    several = bool(points_in(claim.tree))
    made = tuple_generators(claim, problem) if several else generators(problem, goals(claim))
    sources = [(g, g.propose(problem, random.Random(f"{seed} {g.name}"))) for g in made]
    if not several and smt_solver.available():
        outside = Generator("solver", lambda about, _: smt_solver.suggestions(claim, about))
        sources.append((outside, outside.propose(problem, random.Random(seed))))
    seen: set[tuple[object, ...]] = set()
    repeats: Counter[str] = Counter()
    drawn = 0
    while sources and drawn < limit:
        for source in list(sources):
            generator, proposals = source
            try:
                instance = next(proposals)
            except StopIteration:
                sources.remove(source)
                continue
            drawn += 1
            if instance is not None:
                key = _key(instance)
                if key in seen:
                    repeats[generator.name] += 1
                    if repeats[generator.name] >= _PATIENCE:
                        sources.remove(source)
                    continue
                seen.add(key)
                repeats[generator.name] = 0
            yield generator.name, instance


def _key(instance: Problem) -> tuple[object, ...]:
    """All that a generator chooses."""
    return instance.parameters, instance.inputs, instance.targets, instance.points, instance.permutations


def _is_covered(instance: Problem, covered: set[int]) -> bool:
    """Whether the instance was judged before; if not, it counts as judged from now on, while there is room."""
    fingerprint = hash(_key(instance))
    if fingerprint in covered:
        return True
    if len(covered) < MOST_COVERED:
        covered.add(fingerprint)
    return False
