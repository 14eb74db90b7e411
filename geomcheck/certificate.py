"""Certificates: what ``checker.py`` reads, written from what the engine found.

A certificate repeats nothing that the checker can work out: it holds the claim, the problem, the instance, and hints (a
minor and a prime, kernel vectors, a congruence, the steps of a proof) that make the re-check fast. No hint is trusted.
"""

from __future__ import annotations

import json
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from geomcheck.checker import MAX_SIZE, check_certificate, digest
from geomcheck.claims.grammar import parse_term
from geomcheck.claims.named_points import at_place
from geomcheck.claims.tree import frozen, subtrees, to_json
from geomcheck.errors import OutsideField, Undecided
from geomcheck.fields.exponentials import ExponentialField
from geomcheck.geometry.barriers.barrier import Barrier
from geomcheck.problem.canonical import problem_to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geomcheck.claims.claim import Claim
    from geomcheck.claims.evaluation import Evaluation
    from geomcheck.claims.judge import Judgement
    from geomcheck.geometry.barriers.min_barrier import MinBarrier
    from geomcheck.linear_algebra.evidence import Inertia, LowerBound, RankBounds, UpperBound
    from geomcheck.problem.problem import Problem
    from geomcheck.prove import Proof

VERSION = 2
MAX_BITS = 12_000  # of a rational of up to 4,000 digits
# What the checker says of its limits: numbers that grow too long, and all else that is too much for it.
_LONG_NUMBERS = (
    "a number grows too long",
    "an angle too large",
    "an argument too large to enclose",
    "an exponent past the limit",
    "an interval grows too long",
    "expected a text that is not too long",
    "exponents too large",
    "the file is too large",
    "too many denominators in exponents",
)
_DIGITS = ", in 2048 bits"  # the most digits that the checker takes
TOO_LARGE = "the problem is empty or too large"
_TOO_MUCH = (
    "MemoryError",
    "RecursionError",
    "a congruent matrix is not diagonally dominant",  # not in the most digits that the checker takes
    "a curve of too high degree",
    "an enclosed minor is not shown to be invertible",
    TOO_LARGE,
    "too many",
    "too much work",
    "too wide an enclosure",
)
_INSTANCE_KEYS = ("parameters", "inputs", "targets", "points", "permutations")


def instance_certificate(
    claim: Claim, problem: Problem, instance: Problem, judgement: Judgement, verdict: str
) -> dict[str, Any]:
    """For a claim decided by evaluating it at ``instance``, a specialisation of ``problem``."""
    return sealed(_common(claim, problem, instance, judgement, verdict) | {"kind": "instance"})


def universal_certificate(
    claim: Claim, problem: Problem, witness: Problem, judgement: Judgement, proof: Proof, verdict: str
) -> dict[str, Any]:
    """For a claim proved (or whose contrary is proved) in its whole scope, which ``witness`` shows nonempty."""
    common = _common(claim, problem, witness, judgement, verdict)
    steps, conclusion = list(proof.steps), list(proof.conclusion)
    return sealed(common | {"kind": "universal", "steps": steps, "conclusion": conclusion})


def sealed(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """The certificate with the SHA-256 digest of all its other fields, so that no edit of the file goes unseen.

    The digest is no signature: whoever forges a certificate can write it anew, and meets the rules.
    """
    rest = {key: value for key, value in certificate.items() if key != "digest"}
    return {**rest, "digest": digest(rest)}


def accepted(certificate: Mapping[str, Any]) -> tuple[bool, str]:
    """The checker's answer about these contents, sealed anew, and its reason when it rejects."""
    return check_certificate(text(sealed(certificate)))


def is_too_large(problem: Problem) -> bool:
    """Whether the checker reads no problem of this size, so that no verdict could be certified."""
    return max(problem.P, problem.N * problem.K) > MAX_SIZE


def rejection_code(reason: str) -> str:
    """The reason code of a verdict whose certificate was rejected: for a limit of the checker, or for another cause.

    >>> rejection_code("a number grows too long"), rejection_code("too much work for this checker")
    ('certificate-too-large', 'beyond-checker-limits')
    >>> rejection_code("the sign of a value is not decided, in 2048 bits"), rejection_code("a minor may be zero")
    ('beyond-checker-limits', 'certificate-rejected')
    """
    if reason.removesuffix(_DIGITS) in _LONG_NUMBERS:
        return "certificate-too-large"
    limit = reason.startswith(_TOO_MUCH) or reason.endswith(_DIGITS)
    return "beyond-checker-limits" if limit else "certificate-rejected"


def rejection_words(reason: str, problem: Problem) -> str:
    """The checker's reason, with the numbers behind it where the problem is simply too large."""
    if reason != TOO_LARGE:
        return reason
    return f"it takes at most {MAX_SIZE} parameters and N·K at most {MAX_SIZE}, here P = {problem.P}, N = {problem.N}"


def text(certificate: Mapping[str, Any]) -> str:
    """The certificate as JSON with sorted keys."""
    return json.dumps(certificate, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _common(claim: Claim, problem: Problem, instance: Problem, judgement: Judgement, verdict: str) -> dict[str, Any]:
    canonical = problem_to_json(instance)
    evaluation = judgement.evaluation
    evidence = [] if evaluation is None else _evidence(evaluation, claim)
    field = {} if evaluation is None or not instance.points else _field(evaluation)
    return field | {
        "format": "geomcheck-certificate",
        "version": VERSION,
        "claim": claim.text,
        "tree": to_json(claim.tree),
        "problem": problem_to_json(problem),
        "verdict": verdict,
        "witness": {key: canonical[key] for key in _INSTANCE_KEYS if key in canonical},
        "evidence": evidence,
        "minimum": None if judgement.minimum is None else _minimum(judgement.minimum, bool(instance.points)),
    }


def _field(evaluation: Evaluation) -> dict[str, Any]:
    """The q and q′ of the t and u that the evidence at several points is written in, where it needs them."""
    field = evaluation.instance.exact_field
    return {"field": [field.q, field.angle_q]} if isinstance(field, ExponentialField) else {}


def _minimum(minimum: Mapping[str, Any], named: bool) -> dict[str, Any] | list[dict[str, Any]]:
    """Why the instance is a minimum; with named points a list, one entry a point."""
    if not named:
        return dict(minimum)
    return [{"at": to_json(parse_term(place)[0]), **account} for place, account in minimum.items()]


def _evidence(evaluation: Evaluation, claim: Claim) -> list[dict[str, Any]]:
    for part in subtrees(claim.tree):
        if part[0] in ("barrier", "min_barrier", "max_overlap"):  # the checker looks at all of them
            with suppress(OutsideField, Undecided):
                evaluation.scalar(part)
    evaluation.settle()
    found = _own_evidence(evaluation)
    for place, there in evaluation.places.items():
        found += [{**entry, "of": to_json(at_place(frozen(entry["of"]), place))} for entry in _own_evidence(there)]
    return found


def _own_evidence(evaluation: Evaluation) -> list[dict[str, Any]]:
    ranks = [{"of": to_json(tree), "rank": _rank(bounds)} for tree, bounds in evaluation.ranks.items()]
    inertias = [{"of": to_json(tree), "inertia": _inertia(inertia)} for tree, inertia in evaluation.inertias.items()]
    barriers = [{"of": to_json(tree), "barrier": _barrier(found)} for tree, found in evaluation.barriers.items()]
    matches = [{"of": to_json(tree), "match": [*map(list, best)]} for tree, best in evaluation.matches.items()]
    return ranks + inertias + barriers + matches


def _rank(bounds: RankBounds) -> dict[str, Any]:
    return {"lower": _lower(bounds.lower), "upper": _upper(bounds.upper)}


def _lower(bound: LowerBound) -> dict[str, Any] | None:
    if not bound.value:
        return None
    minor = {"rows": list(bound.rows), "columns": list(bound.columns)}
    if bound.inverse is not None:
        return minor | {"precision": bound.precision, "inverse": _texts(bound.inverse)}
    residues = {"prime": bound.prime, "t": bound.t, "u": bound.u}
    return minor | {name: None if value is None else str(value) for name, value in residues.items()}


def _upper(bound: UpperBound) -> dict[str, Any] | None:
    if bound.kind == "shape":
        return None
    if bound.kind == "through":
        return {"through": bound.through}
    return {"kernel": [list(vector) for vector in bound.kernel]}


def _inertia(inertia: Inertia) -> dict[str, Any]:
    return {"subset": list(inertia.subset), "basis": _texts(inertia.basis)}


def _barrier(found: Barrier | MinBarrier) -> dict[str, Any]:
    if isinstance(found, Barrier):
        return {"bounds": [{"permutation": None, **_bounds(found, found.high)}], "relaxation": None}
    least, seen, entries = found.best, set[int](), []
    for permutation, barrier in found.tried:  # the best first; of the others only that they are not lower
        if id(barrier) not in seen:
            high = barrier.high if barrier is least else None
            images = [list(layer) for layer in permutation]
            entries.append({"permutation": images, **_bounds(barrier, high, found.low)})
        seen.add(id(barrier))
    center = found.relaxation
    relaxation = (
        None
        if center is None
        else {"place": str(center.place), "center": _texts(center.center), "match": list(center.images)}
    )
    return {"bounds": entries, "relaxation": relaxation}


def _bounds(barrier: Barrier, high: Fraction | None, enough: Fraction | None = None) -> dict[str, Any]:
    """Both bounds and the cuts that show them; for a lower bound alone, one place that shows it, where one does.

    Of a barrier at an end the bounds are written as equal: the checker works out what it is.
    """
    if barrier.at_an_end and high is not None:
        cuts, low, high = barrier.cuts, Fraction(0), Fraction(0)
    elif high is not None or enough is None:
        cuts, low = barrier.cuts, barrier.low
    else:
        place, low = barrier.above(enough), enough
        cuts = barrier.cuts if place is None else (place,)
    return {"low": str(low), "high": None if high is None else str(high), "cuts": [str(cut) for cut in cuts]}


def _texts(matrix: tuple[tuple[Fraction, ...], ...]) -> list[list[str]]:
    if any(max(entry.numerator, entry.denominator, key=abs).bit_length() > MAX_BITS for row in matrix for entry in row):
        raise Undecided("certificate-too-large", "the numbers that bound a rank or an index have thousands of digits")
    return [[str(entry) for entry in row] for row in matrix]
