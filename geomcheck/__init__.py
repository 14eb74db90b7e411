"""Settles claims about the geometry of neural-network loss landscapes.

>>> import geomcheck as gc
>>> verdict = gc.check("rank(H) == rank(G) at perfect_fits", network="2-3-1 tanh", loss="mse", samples=4)
>>> verdict.outcome
'PROVED'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geomcheck import experiments
    from geomcheck.align.alignment import Alignment, align
    from geomcheck.align.barrier import barrier
    from geomcheck.align.certified_barrier import CertifiedBarrier, certified_barrier
    from geomcheck.align.connect import connect
    from geomcheck.align.connection import Connection
    from geomcheck.align.curve import Curve
    from geomcheck.answer import Record
    from geomcheck.claims.claim import Claim, parse_claim
    from geomcheck.claims.cross_check import Survey, survey
    from geomcheck.claims.files import ClaimEntry, read_claims, shipped_claims
    from geomcheck.engine import check, check_entry
    from geomcheck.errors import GeomcheckError
    from geomcheck.geometry.barriers.barrier import Barrier, exact_barrier
    from geomcheck.geometry.minima.critical import CriticalPoint, critical_point
    from geomcheck.geometry.minima.lift import Lift, lift
    from geomcheck.geometry.symbolic.derive import derive
    from geomcheck.geometry.symmetry_group import symmetries
    from geomcheck.hunting.hunt import hunt
    from geomcheck.hunting.report import Hunt
    from geomcheck.necessity.permutation_path import PermutationPath, permutation_path
    from geomcheck.necessity.report import Necessity
    from geomcheck.necessity.study import necessity
    from geomcheck.problem.problem import Problem
    from geomcheck.problem.read import problem_from, read_problem
    from geomcheck.recheck import verify
    from geomcheck.selftest.harness import SelfTest, selftest
    from geomcheck.truth import Truth
    from geomcheck.values import evaluate
    from geomcheck.verdict import Verdict


__version__ = "0.1.0"

# Every public name and the module it is loaded from, at first use: `import geomcheck` itself loads none of them.
_HOMES = {
    "Alignment": "align.alignment",
    "Barrier": "geometry.barriers.barrier",
    "CertifiedBarrier": "align.certified_barrier",
    "Claim": "claims.claim",
    "ClaimEntry": "claims.files",
    "Connection": "align.connection",
    "CriticalPoint": "geometry.minima.critical",
    "Curve": "align.curve",
    "GeomcheckError": "errors",
    "Hunt": "hunting.report",
    "Lift": "geometry.minima.lift",
    "Necessity": "necessity.report",
    "PermutationPath": "necessity.permutation_path",
    "Problem": "problem.problem",
    "Record": "answer",
    "SelfTest": "selftest.harness",
    "Survey": "claims.cross_check",
    "Truth": "truth",
    "Verdict": "verdict",
    "align": "align.alignment",
    "barrier": "align.barrier",
    "certified_barrier": "align.certified_barrier",
    "check": "engine",
    "check_entry": "engine",
    "connect": "align.connect",
    "critical_point": "geometry.minima.critical",
    "derive": "geometry.symbolic.derive",
    "evaluate": "values",
    "exact_barrier": "geometry.barriers.barrier",
    "hunt": "hunting.hunt",
    "lift": "geometry.minima.lift",
    "necessity": "necessity.study",
    "parse_claim": "claims.claim",
    "permutation_path": "necessity.permutation_path",
    "problem_from": "problem.read",
    "read_claims": "claims.files",
    "read_problem": "problem.read",
    "selftest": "selftest.harness",
    "shipped_claims": "claims.files",
    "survey": "claims.cross_check",
    "symmetries": "geometry.symmetry_group",
    "verify": "recheck",
}

__all__ = [
    "Alignment",
    "Barrier",
    "CertifiedBarrier",
    "Claim",
    "ClaimEntry",
    "Connection",
    "CriticalPoint",
    "Curve",
    "GeomcheckError",
    "Hunt",
    "Lift",
    "Necessity",
    "PermutationPath",
    "Problem",
    "Record",
    "SelfTest",
    "Survey",
    "Truth",
    "Verdict",
    "align",
    "barrier",
    "certified_barrier",
    "check",
    "check_entry",
    "connect",
    "critical_point",
    "derive",
    "evaluate",
    "exact_barrier",
    "experiments",
    "hunt",
    "lift",
    "necessity",
    "parse_claim",
    "permutation_path",
    "problem_from",
    "read_claims",
    "read_problem",
    "selftest",
    "shipped_claims",
    "survey",
    "symmetries",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name == "experiments":
        return import_module("geomcheck.experiments")
    if name not in _HOMES:
        raise AttributeError(f"module 'geomcheck' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"geomcheck.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
