"""One hunting process: take a seed, search, keep what is found, take the next.

It is started with one line of JSON on stdin (see `Order`) and says what happens in lines of JSON on stdout. It stops at
the next instance when stdin says so or ends, which it does when the process that started it is gone. A violation is
certified and committed as soon as it is seen, before it is made smaller and before anything is said.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

from geomcheck.answer import Record
from geomcheck.claims.claim import Claim, parse_claim
from geomcheck.claims.judge import Judgement, judge
from geomcheck.engine import refutation
from geomcheck.errors import GeomcheckError
from geomcheck.hunting.store import MOST_FINDINGS, Store
from geomcheck.problem.canonical import problem_from_json
from geomcheck.search import search
from geomcheck.truth import Truth

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

__all__ = ["Order", "main", "slice_seconds"]

_TRIALS: Final = 10**6  # time is what ends a slice
_LEASE_SECONDS: Final = 120
_EXHAUSTED_AFTER: Final = 6
_GRACE_SECONDS: Final = 10
_NANOSECONDS: Final = 10**9


@final
@dataclass(frozen=True)
class Order:
    """What a worker is told: the database, the hunt, claim and problem, how long, and whether to go on after a find."""

    state: str
    hunt: int
    claim: str
    problem: dict[str, Any]
    seconds: int
    more: bool

    def line(self) -> str:
        """The order as one line of JSON.

        >>> Order("x.sqlite", 1, "H == 0", {}, 60, False).line()[:20]
        '{"state": "x.sqlite"'
        """
        return json.dumps(asdict(self)) + "\n"


class _Stopped(Exception):
    """The search is to end at once."""


def slice_seconds(seed: int) -> int:
    """How long a seed is searched: longer and longer, since every seed begins with the smallest instances again.

    A worker does not judge again what it has judged for an earlier seed, but it has to draw it.

    >>> [slice_seconds(seed) for seed in (0, 3, 4, 12, 100)]
    [5, 5, 10, 40, 60]
    """
    return min(60, 5 << min(seed // 4, 5))


def main() -> int:
    """Work off the order on stdin; the exit code."""
    order = Order(**json.loads(sys.stdin.readline()))
    stop = threading.Event()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()
    try:
        _work(order, stop)
    except GeomcheckError as error:
        _tell("error", message=str(error))
        return int(error.exit_code)
    except Exception as error:
        _tell("crash", message=" ".join(f"{type(error).__name__}: {error}".split())[:300])
        return 70
    return 0


def _listen(stop: threading.Event) -> None:
    """Until stdin says stop or ends; a search that does not come to an instance is then cut off."""
    sys.stdin.readline()
    stop.set()
    time.sleep(_GRACE_SECONDS)
    os._exit(0)


def _tell(event: str, **facts: Any) -> None:
    try:
        sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)


def _work(order: Order, stop: threading.Event) -> None:
    claim, problem = parse_claim(order.claim), problem_from_json(order.problem)
    end = time.monotonic_ns() + order.seconds * _NANOSECONDS
    exhausted = 0
    covered: set[int] = set()
    with Store(order.state) as store:
        while not stop.is_set() and exhausted < _EXHAUSTED_AFTER:
            left = (end - time.monotonic_ns()) // _NANOSECONDS
            if left < 1:
                break
            seed = store.take(order.hunt, _LEASE_SECONDS)
            patience = min(slice_seconds(seed), left)
            started = time.monotonic_ns()
            slice_ = _Slice(store, order.hunt, seed, problem, stop, covered)
            slice_.search(claim, patience)
            if slice_.finding is not None:
                exhausted = 0
                if not order.more or len(store.findings(order.hunt)) >= MOST_FINDINGS:
                    break
            else:
                early = time.monotonic_ns() - started < patience * _NANOSECONDS // 2
                exhausted = exhausted + 1 if early else 0
    _tell("end", exhausted=exhausted >= _EXHAUSTED_AFTER)


@final
@dataclass
class _Slice:
    """The search of one seed, which counts for itself so that it can be cut off anywhere."""

    store: Store
    hunt: int
    seed: int
    problem: Problem
    stop: threading.Event
    covered: set[int]
    finding: int | None = None
    trials: int = 0
    discards: Counter[str] = field(default_factory=Counter)
    told: int = 0

    def search(self, claim: Claim, seconds: int) -> None:
        """Search, keep the record, and keep the counterexample that comes of a violation."""
        started = time.monotonic_ns()
        try:
            found = search(
                claim,
                self.problem,
                trials=_TRIALS,
                seconds=seconds,
                seed=self.seed,
                judge=self._judge,
                covered=self.covered,
            )
        except _Stopped:
            tenths = (time.monotonic_ns() - started) * 10 // _NANOSECONDS
            record = Record(
                self.trials, self.seed, discards=dict(self.discards), seconds=f"{tenths // 10}.{tenths % 10}"
            )
            self.store.done(self.hunt, self.seed, record)
        else:
            if found.counterexample is not None:
                self._keep(claim, found.counterexample)
            self.store.done(self.hunt, self.seed, found.record)
        if self.finding is not None:
            _tell("finding", id=self.finding)
        _tell("seed", seed=self.seed, trials=self.trials)

    def _judge(self, claim: Claim, instance: Problem) -> Judgement:
        """The engine's judgement; the first violation is kept at once."""
        if self.stop.is_set():
            raise _Stopped
        judgement = judge(claim, instance)
        if self.finding is not None:
            return judgement  # the counterexample is being made smaller
        if judgement.scope is not Truth.TRUE or judgement.holds is Truth.UNKNOWN:
            reason = "out-of-scope" if judgement.scope is Truth.FALSE else judgement.reason or "undecided"
            self.discards[reason] += 1
            return judgement
        self.trials += 1
        if judgement.holds is Truth.FALSE:
            self._keep(claim, instance)
        now = time.monotonic_ns()
        if now - self.told > _NANOSECONDS // 2:
            _tell("progress", seed=self.seed, trials=self.trials)
            self.told = now
        return judgement

    def _keep(self, claim: Claim, instance: Problem) -> None:
        """Certify and commit; what the checker rejects is no finding."""
        verdict = refutation(claim, self.problem, instance)
        if verdict is None or verdict.certificate is None:
            self.discards["certificate-rejected"] += 1
            return
        number = self.store.add(self.hunt, self.seed, instance, verdict.certificate)
        if self.finding is not None:
            self.store.replace(self.finding, number)
        self.finding = number
