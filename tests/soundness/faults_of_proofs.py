"""Faults in the rules of the prover and in what is written into certificates, added to FAULTS."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from geomcheck import engine
from geomcheck.claims import grammar
from geomcheck.geometry.instance import Instance
from geomcheck.prove.knowledge import Fact, Scope
from geomcheck.prove.tactics import generic_rank as prove_generic
from geomcheck.prove.tactics import gram, output_definite, perfect_fit, point_sets, rank_rules
from geomcheck.prove.tactics.decomposition import Decomposition

from .faults import FAULTS, Fault, Patch, fault

# -- proofs -----------------------------------------------------------------------------------------------------------


def _facts(rule: type, change: Callable[[Scope, Any], list[Fact]]) -> Callable[[Patch], None]:
    def plant(m: Patch) -> None:
        honest = rule.facts  # type: ignore[attr-defined]
        m.setattr(rule, "facts", lambda self, scope, known: [*honest(self, scope, known), *change(scope, known)])

    return plant


def _term(text: str) -> Any:
    return grammar.parse(text)[1]


FAULTS += [
    Fault("H = H_o everywhere, by a rule", _facts(Decomposition, lambda s, k: [
        Fact("residual-vanishes", _term("H_f == 0"), "forgotten hypothesis")])),
    Fault("weight decay forgotten in the decomposition", _facts(Decomposition, lambda s, k: [
        Fact("decomposition", _term("H == H_o + H_f"), "forgotten hypothesis")])),
    Fault("D taken for definite everywhere, by a rule", _facts(output_definite.OutputDefinite, lambda s, k: [
        Fact("output-definite", _term("nullity(D) == 0"), "forgotten hypothesis")])),
    Fault("rank(GᵀDG) = rank(G) for every D ⪰ 0", _facts(gram.GramDefinite, lambda s, k: [
        Fact("gram-definite", _term("rank(H_o) == rank(G)"), "forgotten hypothesis")])),
    Fault("critical points taken for minima, by a rule", _facts(point_sets.MinimumIsSemidefinite, lambda s, k: [
        Fact("minimum-psd", _term("index(H) == 0"), "forgotten hypothesis")])),
    Fault("every point taken for stationary, by a rule", _facts(point_sets.Stationary, lambda s, k: [
        Fact("stationary", _term("G.T*r == 0"), "forgotten hypothesis")])),
    Fault("r = 0 at every point, by a rule", _facts(perfect_fit.ResidualVanishes, lambda s, k: [
        Fact("residual-vanishes", _term("r == 0"), "forgotten hypothesis")])),
    Fault("rank superadditive instead of subadditive", _facts(rank_rules.SumRank, lambda s, k: [
        Fact("sum", _term("rank(H_o) + rank(H_f) <= rank(H_o + H_f)"), "turned round")])),
    Fault("rank(G) = min(P, NK) by a rule", _facts(rank_rules.ShapeBounds, lambda s, k: [
        Fact("shape", _term(f"{min(s.problem.P, s.problem.N * s.problem.K)} <= rank(G)"), "?")])),
    Fault("generic ranks one too large", _facts(prove_generic.GenericLower, lambda s, k: [
        Fact("generic-lower", ("<=", ("number", str(s.problem.P)), ("generic_rank", ("matrix", "G"))), "?")])),
    Fault("generic ranks at every point", _facts(prove_generic.Semicontinuity, lambda s, k: [
        Fact("semicontinuity", _term("rank(G) == generic_rank(G)"), "forgotten hypothesis")])),
]  # fmt: skip


@fault("the point set forgotten by the prover")
def _(m: Patch) -> None:
    m.setattr(Scope, "lies_in", lambda self, *sets: ())


# -- certificates -----------------------------------------------------------------------------------------------------


@fault("verdicts exchanged")
def _(m: Patch) -> None:
    honest = engine.judge

    def judged(claim: Any, problem: Any) -> Any:
        found = honest(claim, problem)
        return replace(found, holds=~found.holds)

    m.setattr(engine, "judge", judged)


@fault("witnesses rounded to whole numbers")
def _(m: Patch) -> None:
    honest = engine.certificates.problem_to_json

    def rounded(problem: Any) -> Any:
        found = honest(problem)
        if found["parameters"]:
            found["parameters"] = [str(Fraction(x).__floor__()) for x in found["parameters"]]
        return found

    m.setattr(engine.certificates, "problem_to_json", rounded)


@fault("the targets of another instance in the certificate")
def _(m: Patch) -> None:
    honest = engine.certificates.problem_to_json

    def other(problem: Any) -> Any:
        found = honest(problem)
        if isinstance(found["targets"], list):
            found["targets"] = [[str(Fraction(x) + 1) for x in row] for row in found["targets"]]
        return found

    m.setattr(engine.certificates, "problem_to_json", other)


@fault("values kept from another point")
def _(m: Patch) -> None:
    honest, kept = Instance.exactly, dict[Any, Any]()

    def exactly(self: Instance, compute: Any) -> Any:
        found = honest(self, compute)
        if isinstance(found, np.ndarray):
            return kept.setdefault(found.shape, found)
        return found

    m.setattr(Instance, "exactly", exactly)
