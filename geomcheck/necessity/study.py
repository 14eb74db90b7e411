"""Settling a claim, and then every weakened version of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from geomcheck.claims.claim import Claim, parse_claim
from geomcheck.claims.matrices import check_shapes
from geomcheck.claims.named_points import is_instance
from geomcheck.engine import SECONDS, SEED, TRIALS, check
from geomcheck.errors import InputError
from geomcheck.necessity.hypotheses import HYPOTHESES, Weakening
from geomcheck.necessity.report import Necessity, Row
from geomcheck.problem.scanner import suggestion
from geomcheck.values import problem_of

if TYPE_CHECKING:
    from geomcheck.problem.problem import Problem

Progress: TypeAlias = Callable[[int, int, str], None]


def necessity(
    claim: str | Claim,
    *,
    problem: Problem | Mapping[str, Any] | None = None,
    only: Sequence[str] | None = None,
    trials: int = TRIALS,
    seconds: int = SECONDS,
    seed: int = SEED,
    smallest: bool = False,
    progress: Progress | None = None,
    **parts: Any,
) -> Necessity:
    """Ask of every hypothesis of a claim whether it is needed.

    The claim and the problem are those of :func:`geomcheck.check`; `trials`, `seconds` and `seed` bound the search for
    every weakened version, `smallest` looks for the smallest shape of every counterexample. `only` names the
    hypotheses to ask after. `progress(done, total, what)` is called before each version is settled.

    Raises:
        GeomcheckError: for input that cannot be read, and for names in `only` that no hypothesis has.

    >>> study = necessity("rank(H) == rank(G) at perfect_fits", network="1-1 linear", samples=1, only=["definite loss"])
    >>> study.verdict.outcome, [(row.weakening.instead, row.answer) for row in study.rows]
    ('PROVED', [('quartic: D = 0 at a fit', 'needed')])
    """
    parsed = parse_claim(claim) if isinstance(claim, str) else claim
    about = problem_of(problem, parts, parsed.tree)
    check_shapes(parsed.tree, about)
    if trials < 1:
        raise InputError(f"expected at least 1 trial, got trials={trials}; leave it out for the default")
    wanted = [*_weakened(parsed, about, _names(only))]

    def tell(done: int, what: str) -> None:
        if progress is not None:
            progress(done, len(wanted) + 1, what)

    limits: dict[str, Any] = {"trials": trials, "seconds": seconds, "seed": seed, "smallest": smallest}
    tell(0, "the claim itself")
    verdict = check(parsed, problem=about, **limits)
    rows: list[Row] = []
    skipped: list[tuple[str, str]] = []
    for number, (name, weakening) in enumerate([] if verdict.refuted else wanted, 1):
        tell(number, name)
        change = f"{weakening.assumed} → {weakening.instead}"
        try:
            check_shapes(weakening.claim.tree, weakening.problem)
        except InputError as error:
            skipped.append((change, str(error)))
            continue
        found = check(weakening.claim, problem=weakening.problem, **limits)
        if is_instance(weakening.claim.tree, weakening.problem) and found.reason == "empty-scope":
            skipped.append((change, found.known))
        else:
            rows.append(Row(name, weakening, found))
    return Necessity(parsed, about, verdict, tuple(rows), tuple(skipped))


def _names(only: Sequence[str] | None) -> set[str]:
    known = [hypothesis.name for hypothesis in HYPOTHESES]
    for name in only or ():
        if name not in known:
            near = suggestion(name, known)
            raise InputError(f"expected the name of a hypothesis, got only={name[:60]!r}{near}; or: {', '.join(known)}")
    return set(known if only is None else only)


def _weakened(claim: Claim, problem: Problem, names: set[str]) -> Iterator[tuple[str, Weakening]]:
    for hypothesis in HYPOTHESES:
        if hypothesis.name in names:
            for weakening in hypothesis.weakened(claim, problem):
                yield hypothesis.name, weakening
