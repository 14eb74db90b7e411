"""From a claim and a problem to a verdict: evaluate, prove, search, certify, re-check. The one way through the house.

A fully given instance is evaluated. A claim with something left open goes to the prover, then to the search. Nothing is
called PROVED or REFUTED before the checker has accepted its certificate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from geomcheck import certificate as certificates
from geomcheck.claims.claim import Claim, parse_claim
from geomcheck.claims.deciding_matrices import deciding_matrices
from geomcheck.claims.generic_advice import generic_advice, generic_ranges
from geomcheck.claims.judge import Judgement, judge
from geomcheck.claims.matrices import check_shapes
from geomcheck.claims.named_points import is_instance, needs_data, with_some_data
from geomcheck.claims.next_steps import next_step
from geomcheck.claims.set_quantities import reasons
from geomcheck.claims.tree import depends_beside, points_in, subtrees, unparse
from geomcheck.errors import Kink, OutsideField, Undecided
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.numbers import count
from geomcheck.prove import LeastPoint, disprove, generic_bounds, least_point, prove
from geomcheck.prove.tactics.generic_rank import is_analytic
from geomcheck.search import search
from geomcheck.search.fitted_targets import irrational_fit, with_fitted_targets
from geomcheck.search.shrink import shrunk
from geomcheck.search.smallest_shape import smallest as smallest_shape
from geomcheck.truth import Truth
from geomcheck.values import problem_of
from geomcheck.verdict import Verdict

if TYPE_CHECKING:
    from geomcheck.claims.files import ClaimEntry
    from geomcheck.problem.problem import Problem
    from geomcheck.prove import Proof
    from geomcheck.search import SearchResult
    from geomcheck.search.loop import Judge

TRIALS, SECONDS, SEED = 200, 20, 0

_EVALUATED = "Every quantity was evaluated at the given instance, exactly or in rigorous enclosures."
_SETTLED = (
    "What a point fits perfectly is y = F, or what the loss's link makes of F, and nothing else: the given point "
    "leaves one choice of targets, that of the witness."
)
_BEYOND = "the stand-alone checker cannot re-check it within its limits, so it stays open"


def check(
    claim: str | Claim,
    *,
    problem: Problem | Mapping[str, Any] | None = None,
    trials: int = TRIALS,
    seconds: int = SECONDS,
    seed: int = SEED,
    progress: Callable[[int, int], None] | None = None,
    smallest: bool = False,
    **parts: Any,
) -> Verdict:
    """Settle one claim.

    ``problem`` is a :class:`Problem` or a mapping with the keys of a problem file; or give those keys themselves as
    keyword arguments: network, model, torch, loss, behaviour, reduction, weight_decay, samples, inputs, targets,
    parameters. Whatever they leave out, the claim quantifies over. ``trials`` and ``seconds`` bound the search. With
    ``smallest`` a refuted claim is also settled for smaller shapes (fewer layers, units, samples, inputs, outputs), and
    ``verdict.smaller`` is the refutation for the smallest one found, which is a claim of its own.

    Raises :class:`GeomcheckError` for input that cannot be read; an undecidable claim is an answer, not an error.

    >>> check("rank(H) == rank(G)", model={"parameters": ["a"], "inputs": [], "outputs": ["a^2"]}, samples=1,
    ...       parameters=[0], targets=[-1]).outcome
    'REFUTED'
    """
    started = time.perf_counter()
    parsed = claim if isinstance(claim, Claim) else parse_claim(claim)
    about = problem_of(problem, parts, parsed.tree)
    most = 10**12
    bounds = (count(trials, "trials", 0, most), count(seconds, "seconds", 0, most), count(seed, "seed", -most, most))
    limits = _Limits(*bounds, progress)
    verdict = _settled(parsed, about, limits)
    if smallest and verdict.refuted:
        verdict = with_smallest(parsed, verdict, trials=trials, seconds=seconds, seed=seed)
    return replace(verdict, seconds=_decimal(time.perf_counter() - started))


def check_entry(entry: ClaimEntry, **limits: Any) -> Verdict:
    """Settle one entry of a claims file; ``limits`` are those of :func:`check`.

    >>> import geomcheck as gc
    >>> entry = next(entry for entry in gc.shipped_claims() if entry.id == "local-min-left-null-space")
    >>> entry.expect, check_entry(entry).outcome
    ('proved', 'PROVED')
    """
    return replace(check(entry.says, problem=entry.problem, **limits), claim_id=entry.id)


@dataclass(frozen=True)
class _Limits:
    trials: int
    seconds: int
    seed: int
    progress: Callable[[int, int], None] | None


def _settled(claim: Claim, problem: Problem, limits: _Limits) -> Verdict:
    check_shapes(claim.tree, problem)
    if certificates.is_too_large(problem):
        words = certificates.rejection_words(certificates.TOO_LARGE, problem)
        return _undecided(claim, problem, certificates.rejection_code(certificates.TOO_LARGE), f"{_BEYOND}: {words}")
    if problem.parameters is not None and _speaks_only_of_generic_ranks(claim):
        problem = replace(problem, parameters=None)  # they say nothing about the claim
    evaluated = is_instance(claim.tree, problem) and not _speaks_of_generic_ranks(claim)  # those are of no one point
    return (_evaluated if evaluated else _quantified)(claim, problem, limits)


# -- one instance ---------------------------------------------------------------------------------------------------


def _evaluated(claim: Claim, problem: Problem, limits: _Limits, settled: Problem | None = None) -> Verdict:
    """The verdict on what is given; `settled` is the problem with what its scope leaves but one choice for."""
    instance = settled or problem
    instance = instance if instance.is_instance else with_some_data(instance)
    judgement = judge(claim, instance)
    if judgement.scope is Truth.FALSE:
        return _undecided(claim, problem, "empty-scope", f"the given point is not in scope: {judgement.explanation}")
    if judgement.scope is Truth.UNKNOWN or judgement.holds is Truth.UNKNOWN:
        reason = judgement.reason or "outside-exact-fields"
        open_still = _undecided(claim, problem, reason, judgement.explanation, judgement.quantities)
        return _by_proof(claim, problem, instance, judgement, open_still)
    if judgement.holds is Truth.FALSE:
        return _refuted(claim, problem, instance, judgement)
    evaluated = _with_enclosures(_by_evaluation, claim, problem, instance, judgement)
    return evaluated if evaluated.proved else _by_proof(claim, problem, instance, judgement, evaluated)


def _by_proof(claim: Claim, problem: Problem, instance: Problem, judgement: Judgement, otherwise: Verdict) -> Verdict:
    """A proof for all points where evaluating the one given came to no end, if H exists there; else `otherwise`."""
    try:
        if judgement.scope is not Truth.TRUE or judgement.evaluation is None or problem.points:
            return otherwise
        judgement.evaluation.require_smooth()
        judgement.evaluation.require(lambda derivatives: derivatives.output_hessian)
    except (Kink, OutsideField, Undecided):
        return otherwise
    proof = prove(claim, problem)
    verdict = otherwise if proof is None else _proved(claim, problem, instance, proof, "PROVED")
    return verdict if verdict.proved else otherwise


def _by_evaluation(claim: Claim, problem: Problem, instance: Problem, judgement: Judgement) -> Verdict:
    written = certificates.instance_certificate(claim, problem, instance, judgement, "PROVED")
    settled = problem.targets is None and with_fitted_targets(claim, problem).targets is not None
    about = "parameters, data or shapes" if needs_data(claim.tree) and problem.teacher is None else "shapes"
    return _certified(
        Verdict(
            outcome="PROVED",
            claim=claim.text,
            problem=problem,
            certificate=written,
            steps=(*((_SETTLED,) if settled else ()), *reasons(claim.tree, instance), _EVALUATED),
            holds_for="what is given, and the only targets in scope" if settled else "the given instance",
            does_not_claim=f"anything about other {about}",
            quantities=judgement.quantities,
            scope_reason=judgement.explanation,
            witness=instance,
        )
    )


def _refuted(
    claim: Claim, problem: Problem, instance: Problem, judgement: Judgement, result: SearchResult | None = None
) -> Verdict:
    verdict = _with_enclosures(_refuted_there, claim, problem, instance, judgement)
    return verdict if result is None else replace(verdict, record=result.record)


def _with_enclosures(
    settle: Callable[[Claim, Problem, Problem, Judgement], Verdict],
    claim: Claim,
    problem: Problem,
    instance: Problem,
    judgement: Judgement,
) -> Verdict:
    """The verdict on an instance; where exponentials cannot be re-checked exactly, too long perhaps, by enclosures."""
    try:
        verdict = settle(claim, problem, instance, judgement)
    except Undecided as error:
        return _undecided(claim, problem, error.reason, error.known, judgement.quantities)
    exact = None if judgement.evaluation is None else judgement.evaluation.instance.exact_field
    if verdict.undecided and isinstance(exact, ExponentialField):
        with suppress(Undecided):
            second = settle(claim, problem, instance, judge(claim, instance, rational=True))
            return verdict if second.undecided else second
    return verdict


def _refuted_there(claim: Claim, problem: Problem, instance: Problem, judgement: Judgement) -> Verdict:
    written = certificates.instance_certificate(claim, problem, instance, judgement, "REFUTED")
    return _certified(
        Verdict(
            outcome="REFUTED",
            claim=claim.text,
            problem=problem,
            certificate=written,
            steps=tuple(reasons(claim.tree, instance)),
            quantities=judgement.quantities,
            matrices=deciding_matrices(claim, judgement),
            scope_reason=judgement.explanation,
            witness=instance,
        )
    )


def refutation(claim: Claim, problem: Problem, instance: Problem) -> Verdict | None:
    """The certified refutation by a known instance of the problem; None where the instance refutes nothing.

    >>> from geomcheck.problem.read import problem_from
    >>> about = problem_from({"network": "1-1 linear, no bias", "samples": 1})
    >>> one = about.with_(parameters=(0,), inputs=((1,),), targets=((1,),))
    >>> refutation(parse_claim("L == 0"), about, one).outcome
    'REFUTED'
    """
    judgement = judge(claim, instance)
    if judgement.scope is not Truth.TRUE or judgement.holds is not Truth.FALSE:
        return None
    verdict = _refuted(claim, problem, instance, judgement)
    return verdict if verdict.refuted else None


def with_smallest(
    claim: Claim, verdict: Verdict, *, trials: int = TRIALS, seconds: int = SECONDS, seed: int = SEED
) -> Verdict:
    """A refuting verdict together with the refutation for the smallest shape found, and what is known below that."""
    less = _Limits(trials, max(1, seconds // 4), seed, None)

    def attempt(problem: Problem, images: tuple[Problem, ...]) -> Verdict:
        for image in images:
            found = refutation(claim, problem, image)
            if found is not None and found.witness is not None:
                patience = time.monotonic_ns() + less.seconds * 10**9
                tidied, _ = shrunk(claim, problem, (found.witness, judge(claim, found.witness)), judge, patience)
                tidy = refutation(claim, problem, tidied)
                return found if tidy is None else tidy
        return _settled(claim, problem, less)

    assert verdict.witness is not None
    found = smallest_shape(verdict.problem, verdict.witness, attempt, time.monotonic_ns() + 2 * seconds * 10**9)
    if found.verdict is None:
        return replace(verdict, known=found.words)
    return replace(verdict, smaller=replace(found.verdict, known=found.words))


# -- something left open --------------------------------------------------------------------------------------------


def _quantified(claim: Claim, problem: Problem, limits: _Limits) -> Verdict:
    proof = prove(claim, problem)
    if proof is not None:
        return _with_witness(claim, problem, proof, "PROVED", limits)
    if _speaks_of_generic_points(claim):  # no single instance decides what is generic, a proof of the contrary does
        contrary = disprove(claim, problem)
        if contrary is not None:
            return _with_witness(claim, problem, contrary, "REFUTED", limits)
        return _generic_open(claim, problem)
    if irrational_fit(claim, problem) is not None:
        return _nowhere(claim, problem, "empty-scope", "")
    fitted = with_fitted_targets(claim, problem)
    if is_instance(claim.tree, fitted):
        return _evaluated(claim, problem, limits, fitted)
    found = _search(claim, fitted, limits)
    if found.counterexample is not None:
        return _refuted(claim, problem, found.counterexample, judge(claim, found.counterexample), found)
    least = _least(claim, problem, limits)
    resting = None if least is None else prove(claim, problem, least)
    if resting is not None:
        return _with_witness(claim, problem, resting, "PROVED", limits)
    if found.record.trials == 0:
        reason, known = found.obstacle or ("no-instance-found", "")
        known = (
            f"no instance was decided, the first one because: {known}"
            if known
            else "no instance in scope was found and decided"
        )
        verdict = _nowhere(claim, problem, reason, known)
        return replace(verdict, record=found.record)
    return Verdict(outcome="SURVIVED", claim=claim.text, problem=problem, record=found.record, witness=found.witness)


def _least(claim: Claim, problem: Problem, limits: _Limits) -> LeastPoint | None:
    """A point of least loss for the data given, looked for where the claim is about L or perfect fits."""
    inside = claim.point_set in (None, "all_points", "critical_points", "local_minima", "global_minima")
    named = subtrees(claim.formula)
    about = ("word", "L") in named or ("perfect_fit",) in named
    speaks = about and claim.given is None and not points_in(claim.tree) and inside
    if not speaks or problem.open_parts != ("parameters",) or problem.targets == "perfect_fit":
        return None
    sought = parse_claim("P >= 1 at global_minima")
    few = replace(limits, trials=1, seconds=max(1, limits.seconds // 4), progress=None)
    witness = _search(sought, problem, few).witness
    return None if witness is None else least_point(witness)


def _with_witness(
    claim: Claim, problem: Problem, proof: Proof, outcome: Literal["PROVED", "REFUTED"], limits: _Limits
) -> Verdict:
    """The verdict of a universal proof (of the claim, or of its contrary) once its scope is shown not to be empty."""
    witness = proof.witness
    if witness is None:
        found = _search(claim, problem, replace(limits, trials=1), judge=_taking_the_proof_for(outcome))
        contradicted = found.counterexample if outcome == "PROVED" else found.witness
        if contradicted is not None:  # the prover and the evaluation disagree: neither is believed
            return _undecided(claim, problem, "certificate-rejected", "a proof and a counterexample were both found")
        witness = found.witness if outcome == "PROVED" else found.counterexample
    if witness is None:
        known = "the claim follows from its hypotheses, but no point satisfying them was found"
        return _nowhere(claim, problem, "empty-scope", known)
    return _proved(claim, problem, witness, proof, outcome)


def _nowhere(claim: Claim, problem: Problem, reason: str, known: str) -> Verdict:
    """No point in scope was found: because no finite output fits the targets given, where that is why."""
    loss, targets = problem.loss, problem.targets
    name = irrational_fit(claim, problem)
    if name is not None:
        known = f"the targets that {name} fits perfectly are not found to be rational, as numbers in a problem are"
        return _undecided(claim, problem, "irrational-targets", known)
    if claim.point_set in ("perfect_fits", "global_minima") and isinstance(loss, NamedLoss):
        hard = loss.no_finite_minimiser(targets if isinstance(targets, tuple) else ())
        if hard is not None and claim.point_set == "perfect_fits":
            return _undecided(claim, problem, "no-finite-minimiser", f"there are no perfect fits: {hard}")
        if hard is not None:  # contradictory labels may have a global minimum all the same
            known = f"{known}; there are no perfect fits: {hard}"
    return _undecided(claim, problem, reason, known)


def _speaks_of_generic_points(claim: Claim) -> bool:
    return claim.point_set == "generic_points" or _speaks_of_generic_ranks(claim)


def _speaks_of_generic_ranks(claim: Claim) -> bool:
    return any(part[0] == "generic_rank" for part in subtrees(claim.tree))


def _speaks_only_of_generic_ranks(claim: Claim) -> bool:
    anywhere = claim.point_set in (None, "all_points") and claim.given is None
    return anywhere and _speaks_of_generic_points(claim) and not depends_beside(claim.formula, "generic_rank")


def _generic_open(claim: Claim, problem: Problem) -> Verdict:
    """What is left of a claim about generic ranks that neither follows nor is contradicted."""
    analytic = is_analytic(problem)
    ranges = generic_ranges(claim, problem, generic_bounds, analytic=analytic)
    known, next_step = generic_advice(ranges, problem, analytic=analytic)
    shown = {unparse(term): str(low) if low == high else f"{low}..{high}" for term, (low, high) in ranges.items()}
    return replace(_undecided(claim, problem, "generic-rank-open", known, shown), next_step=next_step)


def _search(claim: Claim, problem: Problem, limits: _Limits, judge: Judge | None = None) -> SearchResult:
    return search(
        claim,
        problem,
        trials=limits.trials,
        seconds=limits.seconds,
        seed=limits.seed,
        progress=limits.progress,
        judge=judge,
    )


def _taking_the_proof_for(outcome: Literal["PROVED", "REFUTED"]) -> Judge:
    """A judge that asks only whether an instance is in scope; where evaluation is undecided, the proof decides."""

    def decide(claim: Claim, problem: Problem) -> Judgement:
        judgement = judge(claim, problem)
        if judgement.holds is not Truth.UNKNOWN or judgement.reason == "kink":  # at a kink there is no H to speak of
            return judgement
        return replace(judgement, holds=Truth.of(outcome == "PROVED"))

    return decide


def _proved(
    claim: Claim, problem: Problem, witness: Problem, proof: Proof, outcome: Literal["PROVED", "REFUTED"]
) -> Verdict:
    def at_witness(claim: Claim, problem: Problem, witness: Problem, judgement: Judgement) -> Verdict:
        if proof.minimum is not None:
            judgement = replace(judgement, minimum=proof.minimum)
        scope_reason = judgement.explanation
        if claim.point_set == "generic_points" and claim.given is None:
            shown = "it" if outcome == "PROVED" else "its contrary"
            scope_reason = f"{shown} is proved off a proper analytic subset, which is never everything"
        return _certified(
            Verdict(
                outcome=outcome,
                claim=claim.text,
                problem=problem,
                certificate=certificates.universal_certificate(claim, problem, witness, judgement, proof, outcome),
                steps=proof.lines,
                holds_for=proof.holds_for,
                does_not_claim=proof.does_not_claim,
                quantities=judgement.quantities,
                scope_reason=scope_reason,
                witness=witness,
            )
        )

    return _with_enclosures(at_witness, claim, problem, witness, judge(claim, witness))


# -- the last gate --------------------------------------------------------------------------------------------------


def _certified(verdict: Verdict) -> Verdict:
    """The verdict, if the checker accepts its certificate; otherwise nothing is claimed."""
    assert verdict.certificate is not None
    fine, reason = certificates.accepted(verdict.certificate)
    if fine:
        return verdict
    if verdict.certificate["kind"] == "universal" and verdict.certificate["evidence"]:
        # What a proof shows for all points may need nothing of what was found at the witness.
        bare = certificates.sealed({**verdict.certificate, "evidence": []})
        if certificates.accepted(bare)[0]:
            return replace(verdict, certificate=bare, quantities={})
    code = certificates.rejection_code(reason)
    why = "the checker rejects the certificate" if code == "certificate-rejected" else _BEYOND
    return _undecided_like(
        verdict,
        code,
        f"the evaluation says {verdict.outcome}, but {why}: {certificates.rejection_words(reason, verdict.problem)}",
    )


def _undecided_like(verdict: Verdict, reason: str, known: str) -> Verdict:
    bare = replace(verdict, outcome="UNDECIDED", certificate=None, steps=(), holds_for="", does_not_claim="")
    return replace(bare, reason=reason, known=known, next_step=next_step(reason))


def _undecided(
    claim: Claim, problem: Problem, reason: str, known: str, quantities: Mapping[str, str] | None = None
) -> Verdict:
    return Verdict(
        outcome="UNDECIDED",
        claim=claim.text,
        problem=problem,
        reason=reason,
        known=known,
        next_step=next_step(reason, teacher=problem.teacher is not None),
        quantities=quantities or {},
    )


def _decimal(seconds: Any) -> str:
    return format(seconds, ".2f")
