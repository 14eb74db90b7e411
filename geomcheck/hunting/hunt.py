"""A hunt: replay what was found before, then search in several processes until time is up or something is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from geomcheck.claims.claim import Claim, parse_claim
from geomcheck.claims.named_points import is_instance
from geomcheck.engine import check, refutation, with_smallest
from geomcheck.errors import InputError, described
from geomcheck.hunting.duration import seconds_in
from geomcheck.hunting.processes import Pack
from geomcheck.hunting.report import Hunt
from geomcheck.hunting.store import DEFAULT, MOST_FINDINGS, Store
from geomcheck.hunting.worker import Order
from geomcheck.problem.canonical import problem_to_json
from geomcheck.values import problem_of
from geomcheck.verdict import Verdict

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

Progress: TypeAlias = Callable[[int, int, str], None]

MOST_WORKERS: Final = 64
_OPENING_SECONDS: Final = 10
_NOTHING_TO_HUNT: Final = ("empty-scope", "generic-rank-open", "certificate-rejected")
_NANOSECONDS: Final = 10**9


def hunt(
    claim: str | Claim,
    *,
    problem: Problem | Mapping[str, Any] | None = None,
    time: str | int = "10m",
    workers: int = 2,
    more: bool = False,
    smallest: bool = False,
    state: str | Path = DEFAULT,
    on_finding: Callable[[Verdict, bool], None] | None = None,
    progress: Progress | None = None,
    **parts: Any,
) -> Hunt:
    """Search for a counterexample for a long time, resuming where earlier hunts for the same claim ended.

    Counterexamples found before come first: they are judged and certified again. Then the claim is tried to be proved.
    Then `workers` processes search, each with seeds of its own, until `time` ("90s", "10m", "2h", or seconds) is up or
    one counterexample is found; with `more` they go on for simpler ones, up to MOST_FINDINGS. `smallest` looks for the
    smallest shape that is still refuted (`verdict.smaller`) afterwards, in at most 40 s more. Every finding is
    committed to the SQLite database `state` before anything is said about it. `on_finding(verdict, replayed)` is called
    for each, `progress(seconds, total, what)` several times a second.

    Raises:
        GeomcheckError: for input that cannot be read, no worker, and a database that cannot be used.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     found = hunt("rank(H) <= P", network="1-1 linear", samples=1, time="1s", state=Path(folder, "hunts.db"))
    >>> found.verdict.outcome, found.findings
    ('PROVED', ())
    """
    total = seconds_in(time)
    if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise InputError(f"expected 1 to {MOST_WORKERS} workers, got {described('workers', workers)}; 2 is the default")
    parsed = parse_claim(claim) if isinstance(claim, str) else claim
    about = problem_of(problem, parts, parsed.tree)
    with Store(state) as store:
        store.check()
        quarry = _Quarry(parsed, about, store, store.hunt(parsed, about), on_finding, smallest)
        quarry.replay()
        if quarry.findings and not more:
            return quarry.report(quarry.findings[0], state)
        opening = quarry.open(min(total, _OPENING_SECONDS))
        certain = opening.proved or (opening.refuted and not (more and quarry.findings))
        if certain or is_instance(parsed.tree, about) or opening.reason in _NOTHING_TO_HUNT:
            return quarry.report(opening, state)
        left = total - quarry.spent // _NANOSECONDS
        if left >= 1 and len(quarry.findings) < MOST_FINDINGS:
            order = Order(str(state), quarry.number, parsed.canonical, problem_to_json(about), left, more)
            quarry.search(order, workers, total, progress)
        return quarry.report(opening, state)


@final
@dataclass
class _Quarry:
    """One claim being hunted: its row in the database, and what is known of it so far."""

    claim: Claim
    problem: Problem
    store: Store
    number: int
    on_finding: Callable[[Verdict, bool], None] | None
    smallest: bool
    started: int = field(default_factory=time.monotonic_ns)
    findings: list[Verdict] = field(default_factory=list)
    known: dict[Problem, bool] = field(default_factory=dict)
    replayed: int = 0
    exhausted: bool = False

    @property
    def spent(self) -> int:
        """Nanoseconds since the hunt began."""
        return time.monotonic_ns() - self.started

    def replay(self) -> None:
        """Judge and certify again what earlier hunts found."""
        self._collect(True)
        self.replayed = len(self.findings)

    def open(self, seconds: int) -> Verdict:
        """The engine's own answer after one trial: a proof, a first counterexample, or nothing yet."""
        verdict = check(self.claim, problem=self.problem, trials=1, seconds=seconds)
        if verdict.proved and self.findings:
            raise RuntimeError("a proof and a counterexample of one claim were both accepted")
        certificate = verdict.certificate or {}
        if verdict.refuted and verdict.witness is not None and certificate.get("kind") == "instance":
            self.store.add(self.number, 0, verdict.witness, certificate)
            if verdict.witness not in self.known:
                self._found(verdict.witness, verdict, False)
        return verdict

    def search(self, order: Order, workers: int, total: int, progress: Progress | None) -> None:
        """Let the workers loose, and listen until they are done or time is up."""
        with Pack(order, workers) as pack:
            for event in pack.events(self.started + total * _NANOSECONDS):
                if event.get("event") == "finding":
                    self._collect(False, event["id"])
                    if len(self.findings) >= (MOST_FINDINGS if order.more else 1):
                        break
                if progress is not None:
                    progress(min(self.spent // _NANOSECONDS, total), total, pack.words)
        self.exhausted = pack.exhausted
        self._collect(False)  # what was committed while the pack was called back

    def report(self, opening: Verdict, state: str | Path) -> Hunt:
        """What is known now, over all hunts for the claim."""
        records = self.store.records(self.number)
        findings = sorted(self.findings, key=_complexity)
        verdict = findings[0] if findings and not opening.proved else opening
        longest = max(records.values(), key=lambda record: record.trials, default=None)
        searched = opening.survived or opening.reason == "no-instance-found"
        if verdict.refuted and self.smallest:
            verdict = with_smallest(self.claim, verdict)
        elif searched and not findings and longest is not None and longest.trials:
            verdict = Verdict("SURVIVED", self.claim.text, self.problem, record=longest)
        hundredths = self.spent * 100 // _NANOSECONDS
        return Hunt(
            claim=self.claim,
            problem=self.problem,
            verdict=verdict,
            findings=tuple(findings),
            replayed=self.replayed,
            stale=sum(not good for good in self.known.values()),
            seeds=len(records),
            trials=sum(record.trials for record in records.values()),
            discards=self.store.discards(self.number),
            exhausted=self.exhausted,
            seconds=f"{hundredths // 100}.{hundredths % 100:02d}",
            state=str(state),
        )

    def _collect(self, replayed: bool, number: int | None = None) -> None:
        """Take a stored counterexample, or every one that is not known yet, through the engine."""
        for found in self.store.findings(self.number):
            if found.instance in self.known or number not in (None, found.id):
                continue
            instance = found.instance
            named = dict(instance.points) or None, dict(instance.permutations) or None
            given = self.problem.with_(instance.parameters, instance.inputs, instance.targets, *named)
            verdict = refutation(self.claim, self.problem, given) if given == found.instance else None
            if verdict is None:
                self.known[found.instance] = False
            else:
                self._found(found.instance, verdict, replayed)

    def _found(self, instance: Problem, verdict: Verdict, replayed: bool) -> None:
        self.known[instance] = True
        self.findings.append(verdict)
        if self.on_finding is not None:
            self.on_finding(verdict, replayed)


def _complexity(verdict: Verdict) -> tuple[int, int]:
    """How many numbers of an instance are not 0, then how many characters they take."""
    instance = verdict.witness or verdict.problem
    rows = [instance.parameters or (), *(instance.inputs or ()), *(theta for _, theta in instance.points)]
    rows += instance.targets if isinstance(instance.targets, tuple) else []
    numbers = [value for row in rows for value in row]
    return sum(value != 0 for value in numbers), sum(len(str(value)) for value in numbers)
