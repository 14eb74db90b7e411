"""``geomcheck selftest``: five attacks on the whole tool, each counted; anything found is a defect of geomcheck."""

from __future__ import annotations

import json
import random
import time as clock
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NoReturn, final

from geomcheck import checker
from geomcheck.claims.files import shipped_claims
from geomcheck.engine import check, check_entry
from geomcheck.errors import GeomcheckError, InputError, described
from geomcheck.hunting.duration import seconds_in
from geomcheck.selftest.composing import composed
from geomcheck.selftest.forging import Certificate, Court, forgery
from geomcheck.selftest.grounds import drawn, special
from geomcheck.selftest.known_claims import posed_claims
from geomcheck.selftest.known_matrices import compared
from geomcheck.selftest.mutations import damaged, limited, sources

N, SEED, WHOLE_CATALOGUE = 100_000, 0, 10_000
MAX_N = 10**9
LARGEST, HARDEST = 20_000, 10**6  # certificates to forge: bytes, and work of the checker (0.1 s)


@final
@dataclass(frozen=True)
class Part:
    """One attack: how many cases, how they ended, and the cases that show a defect."""

    name: str
    cases: int
    endings: Mapping[str, int]
    wrong: tuple[str, ...] = field(repr=False)
    milliseconds: int = 0


@final
@dataclass(frozen=True)
class SelfTest:
    """What a self-test came to. ``sound`` is whether no part found a defect."""

    n: int
    seed: int
    parts: tuple[Part, ...]
    complete: bool

    @property
    def sound(self) -> bool:
        """Whether nothing wrong was found."""
        return not any(part.wrong for part in self.parts)

    def part(self, name: str) -> Part:
        """The part of that name."""
        return next(part for part in self.parts if part.name == name)

    def __str__(self) -> str:
        lines = [f"Self-test with n = {self.n}, seed = {self.seed}"]
        for part in self.parts:
            counts = ", ".join(f"{count} {ending}" for ending, count in sorted(part.endings.items()))
            lines.append(f"{part.name:24}{part.cases:>8}  {len(part.wrong)} wrong  ({counts})")
        lines += [f"WRONG  {part.name}: {case}" for part in self.parts for case in part.wrong]
        lines.append("stopped by the time limit" if not self.complete else "complete")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """One short line; ``print(result)`` shows the parts."""
        wrong = sum(len(part.wrong) for part in self.parts)
        return f"SelfTest(n = {self.n}, seed = {self.seed}; {len(self.parts)} parts, {wrong} wrong)"

    def __bool__(self) -> NoReturn:
        raise TypeError("a self-test is neither true nor false: use result.sound")


@final
@dataclass(frozen=True)
class _Batch:
    """Endings and wrong cases of some cases in a row."""

    endings: Counter[str]
    wrong: tuple[str, ...]
    milliseconds: int


def selftest(
    *,
    n: int = N,
    seed: int = SEED,
    time: str | int | None = None,
    workers: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
) -> SelfTest:
    """Attack the tool: ``n`` forged certificates, n/5 damaged inputs, n/20 claims of known truth, n/50 known matrices.

    And n/500 scenes for the rules of proofs.

    * claims of known truth: by plain arithmetic at an instance, by an instance that is then withheld, by a theorem.
      Wrong: PROVED what is false, REFUTED what is true.
    * matrices of known rank and inertia, P·diag·Q: the engine's bounds, the checker's own elimination, elimination in
      Fractions, fraction-free elimination or Descartes' rule. Wrong: a bound that excludes the truth, a route
      that differs.
    * rules of proofs: what each gives at instances in scope, from true assumptions, against plain arithmetic. Wrong: a
      fact that is false there.
    * forged certificates: those of the catalogue, altered. Wrong: one is accepted whose statement is false.
    * damaged claims and problem files. Wrong: a traceback, a hang, a refusal without a message.

    The cases depend on ``n`` and ``seed`` alone, not on ``workers``; ``time`` ("90s", "10m") stops early.

    Raises:
        InputError: for numbers that are no counts.

    >>> selftest(n=20).sound
    True
    """
    for name, value, least in (("n", n, 1), ("seed", seed, 0), ("workers", workers, 1)):
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MAX_N:
            raise InputError(f"expected {name} as a whole number from {least} to {MAX_N}, got {described(name, value)}")
    deadline = None if time is None else clock.monotonic_ns() + seconds_in(time) * 10**9
    originals = gathered(n, seed)
    plan = _plan(n)
    batches = [(name, seed, number, size) for name, sizes in plan.items() for number, size in enumerate(sizes)]
    total = sum(size for *_, size in batches)
    found: dict[str, list[_Batch]] = {name: [] for name in plan}
    done = 0
    for (name, _, _, size), batch in zip(batches, _run(batches, originals, workers, deadline), strict=False):
        found[name].append(batch)
        done += size
        if progress is not None:
            progress(done, total, name)
    return SelfTest(n, seed, tuple(_part(name, results) for name, results in found.items()), done == total)


def _plan(n: int) -> dict[str, list[int]]:
    """The batch sizes of every part."""
    counts = {"claims of known truth": (n // 20, 100), "known matrices": (n // 50, 200), "damaged input": (n // 5, 500),
              "rules of proofs": (n // 500, 10), "forged certificates": (n, 500)}  # fmt: skip
    return {
        name: [min(size, max(count, 1) - start) for start in range(0, max(count, 1), size)]
        for name, (count, size) in counts.items()
    }


def _part(name: str, results: Sequence[_Batch]) -> Part:
    endings = sum((batch.endings for batch in results), Counter[str]())
    wrong = tuple(case for batch in results for case in batch.wrong)
    return Part(name, endings.total(), dict(endings), wrong, sum(batch.milliseconds for batch in results))


# -- batches, in this process or in several ---------------------------------------------------------------------------

Job = tuple[str, int, int, int]
_ORIGINALS: list[Certificate] = []


def _run(jobs: Sequence[Job], originals: list[Certificate], workers: int, deadline: int | None) -> Iterator[_Batch]:
    if workers == 1:
        _prepare(originals, None)
        for job in jobs:
            if deadline is not None and clock.monotonic_ns() > deadline:
                return
            yield _batch(job)
        return
    with ProcessPoolExecutor(workers, initializer=_prepare, initargs=(originals, deadline)) as pool:
        for batch in pool.map(_batch_in_time, jobs):
            if batch is None:
                pool.shutdown(cancel_futures=True)
                return
            yield batch


_DEADLINE: list[int | None] = [None]


def _prepare(originals: list[Certificate], deadline: int | None) -> None:
    _ORIGINALS[:], _DEADLINE[0] = originals, deadline


def _batch_in_time(job: Job) -> _Batch | None:
    return None if _DEADLINE[0] is not None and clock.monotonic_ns() > _DEADLINE[0] else _batch(job)


def _batch(job: Job) -> _Batch:
    name, seed, number, size = job
    started = clock.process_time_ns()
    draw = random.Random(f"{name} {seed} {number}")
    endings, wrong = _ATTACKS[name](draw, size)
    return _Batch(endings, tuple(wrong), (clock.process_time_ns() - started) // 10**6)


# -- the five attacks -------------------------------------------------------------------------------------------------


def _known_claims(draw: random.Random, size: int) -> tuple[Counter[str], list[str]]:
    endings, wrong = Counter[str](), list[str]()
    for posed in islice(posed_claims(draw.randrange(10**9)), size):
        verdict = check(posed.says, problem=posed.problem, trials=10, seconds=2)
        judged = posed.judged(verdict.outcome)
        endings[judged] += 1
        if judged == "wrong":
            wrong.append(f"{verdict.outcome} {posed.says} about {json.dumps(posed.problem)} ({posed.route})")
    return endings, wrong


def _known_matrices(draw: random.Random, size: int) -> tuple[Counter[str], list[str]]:
    results = [compared(draw) for _ in range(size)]
    endings = Counter("wrong" if result.wrong else "decided" if result.decided else "open" for result in results)
    return endings, [case for result in results for case in result.wrong]


def _forgeries(draw: random.Random, size: int) -> tuple[Counter[str], list[str]]:
    endings, wrong, court = Counter[str](), list[str](), Court(_ORIGINALS)
    for _ in range(size):
        text = forgery(draw, _ORIGINALS)
        forged = court.standing(text)
        endings[forged.standing if forged.standing == "rejected" else f"accepted and {forged.standing}"] += 1
        if forged.standing == "false":
            wrong.append(forged.text)
    return endings, wrong


def _rules(draw: random.Random, size: int) -> tuple[Counter[str], list[str]]:
    endings, wrong, known = Counter[str](), list[str](), special()
    for _ in range(size):
        scene = draw.choice(known) if draw.random() < 1 / 4 else drawn(draw)
        found = [finding for composer in composed([scene], checker, draw) for finding in composer.findings()]
        endings["wrong" if found else "sound"] += 1
        wrong += map(str, found)
    return endings, wrong


def _damage(draw: random.Random, size: int) -> tuple[Counter[str], list[str]]:
    endings, wrong, (claims, problems) = Counter[str](), list[str](), sources()
    for _ in range(size):
        result = damaged(draw, claims, problems)
        endings[result.ending] += 1
        if result.detail:
            wrong.append(f"{result.ending}: {result.detail}")
    return endings, wrong


_ATTACKS: dict[str, Callable[[random.Random, int], tuple[Counter[str], list[str]]]] = {
    "claims of known truth": _known_claims,
    "known matrices": _known_matrices,
    "damaged input": _damage,
    "rules of proofs": _rules,
    "forged certificates": _forgeries,
}


def gathered(n: int, seed: int) -> list[Certificate]:
    """Accepted certificates to start from: of claims of known truth, and of the catalogue (all of it for a large n)."""
    certificates = list[dict[str, Any]]()
    for posed in islice(posed_claims(seed), 40 if n < WHOLE_CATALOGUE else 200):
        verdict = check(posed.says, problem=posed.problem, trials=10, seconds=2)
        if verdict.certificate is not None:
            certificates.append(dict(verdict.certificate))
    entries = shipped_claims()
    for entry in entries if n >= WHOLE_CATALOGUE else entries[seed % 30 :: 30]:
        try:
            with limited(20):
                verdict = check_entry(entry, trials=50, seconds=2)
        except (GeomcheckError, TimeoutError):
            continue
        if verdict.certificate is not None:
            certificates.append(dict(verdict.certificate))
    return [certificate for certificate in certificates if _is_light(certificate)]


def _is_light(certificate: Certificate) -> bool:
    text = json.dumps(certificate)
    return len(text) <= LARGEST and checker.check_certificate(text)[0] and checker.WORK[0] <= HARDEST
