"""A finished proof: steps a checker replays, and lines a person reads."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, final

from geomcheck.claims.claim import Claim
from geomcheck.claims.named_points import needs_data, open_names
from geomcheck.claims.tree import depends_beside, negation_normal_form, points_in, subtrees, to_json, unparse
from geomcheck.problem.formula import Add, Call, Div, Formula, Mul, Neg, Power, Sub
from geomcheck.problem.loss import NamedLoss
from geomcheck.problem.network import DenseNetwork
from geomcheck.problem.numbers import space_text
from geomcheck.problem.problem import Problem
from geomcheck.prove.chain_rule import verification
from geomcheck.prove.engine import Leaf
from geomcheck.prove.knowledge import NAMED, Fact
from geomcheck.prove.least_point import LeastPoint
from geomcheck.prove.loss_premises import loss_name
from geomcheck.prove.tactics.generic_rank import GENERIC_HEADS, POINTED, generic_point
from geomcheck.prove.tactics.least_value import LeastValue
from geomcheck.prove.tactics.permutation import derivation
from geomcheck.prove.tactics.polynomial_kernel_fields import PolynomialFields

_PLACES: Final = {
    "perfect_fits": "every perfect fit",
    "global_minima": "every global minimum",
    "local_minima": "every local minimum",
    "critical_points": "every critical point",
    "generic_points": "every other point",
    "all_points": "every point",
}


@final
@dataclass(frozen=True)
class Proof:
    """A universal proof.

    steps: JSON-ready `{"rule", "args", "fact"}`; conclusion: JSON-ready `{"leaf", "combination"}`, each leaf of the
    formula as a Farkas combination of steps; lines: the same in words. A proof says nothing where its scope is empty,
    so a witness of the scope goes with it: `witness`, where the proof itself rests on a point, else any point will do;
    `minimum` is the account of why it is a global minimum, where the proof rests on that.
    """

    steps: tuple[Mapping[str, Any], ...]
    conclusion: tuple[Mapping[str, Any], ...]
    lines: tuple[str, ...]
    holds_for: str
    does_not_claim: str
    witness: Problem | None = None
    minimum: Mapping[str, Any] | None = None


def assemble(claim: Claim, problem: Problem, leaves: Sequence[Leaf], least: LeastPoint | None = None) -> Proof:
    """The proof whose conclusion these leaves are, with exactly the facts they need."""
    facts = _in_order(fact for leaf in leaves for fact, _ in leaf.combination)
    number = {fact: i for i, fact in enumerate(facts)}
    used = least if any(fact.rule == LeastValue.name for fact in facts) else None
    conclusion = tuple(
        {
            "leaf": to_json(leaf.goal),
            "combination": [[number[fact], str(m)] for fact, m in leaf.combination],
        }
        for leaf in leaves
    )
    return Proof(
        tuple(_step(fact, number) for fact in facts),
        conclusion,
        (
            *dict.fromkeys(_line(fact, problem) for fact in facts),
            f"Therefore {unparse(negation_normal_form(claim.formula))}.",
        ),
        _holds_for(claim, problem),
        _does_not_claim(claim, problem),
        used.instance if used else _point(claim, problem, {fact.rule for fact in facts}),
        used.minimum if used else None,
    )


def _point(claim: Claim, problem: Problem, rules: Set[str]) -> Problem | None:
    """The point of general position that the proof rests on, or that may stand in for it where every point would do.

    With fields of a model that divides, zeros do not.
    """
    if points_in(claim.tree):
        return None
    everywhere = claim.point_set in (None, "all_points", "generic_points") and claim.given is None
    if not rules & {*POINTED} and not everywhere:
        return None
    heads = GENERIC_HEADS if claim.point_set == "generic_points" else GENERIC_HEADS[:1]
    matrices = [part[1] for head in heads for part in subtrees(claim.formula) if part[0] == head]
    if everywhere and not matrices and PolynomialFields.name in rules:
        matrices = [NAMED["G"]]
    point = generic_point(problem, tuple(dict.fromkeys(matrices)))
    return None if point is None else point.problem


def _in_order(facts: Iterable[Fact]) -> list[Fact]:
    ordered: dict[Fact, None] = {}
    for fact in facts:
        ordered |= dict.fromkeys((*_in_order(fact.uses), fact))
    return list(ordered)


def _step(fact: Fact, number: Mapping[Fact, int]) -> dict[str, Any]:
    uses = [number[premise] for premise in fact.uses]
    arguments: dict[str, Any] = {"uses": uses}
    if fact.rule == "combine":
        arguments["combination"] = [[i, str(m)] for i, m in zip(uses, fact.multipliers, strict=True)]
    if fact.sides is not None:
        arguments["left"], arguments["right"] = (to_json(side) for side in fact.sides)
        arguments["combination"] = [[i, str(m)] for i, m in zip(uses, fact.multipliers, strict=True)]
    arguments |= json.loads(json.dumps(dict(fact.extra)))
    return {"rule": fact.rule, "args": arguments, "fact": to_json(fact.statement)}


def _line(fact: Fact, problem: Problem) -> str:
    if fact.rule == "decomposition" and fact.statement[1] == ("matrix", "H"):
        return f"{fact.reason} {verification(problem)}"
    if fact.rule == "permutation" and _about_function(fact) and isinstance(problem.model, DenseNetwork):
        return f"{fact.reason} {derivation(problem.model)}"
    return fact.reason


def _about_function(fact: Fact) -> bool:
    return any(part[0] == "@" for part in subtrees(fact.statement))


def _holds_for(claim: Claim, problem: Problem) -> str:
    data = []
    points, permutations = open_names(claim.tree, problem)
    if points:
        data.append(f"all {', '.join(points)} ∈ {space_text(problem.P)}")
    if permutations:
        data.append(f"all permutations {', '.join(permutations)} of hidden units")
    if problem.parameters is None and not points_in(claim.tree):
        data.append(f"all θ ∈ {space_text(problem.P)}")
    if problem.inputs is None and needs_data(claim.tree):
        data.append(f"all inputs of {problem.N} sample{'s'[: problem.N > 1]} in {space_text(problem.model.n_inputs)}")
    if problem.targets is None and needs_data(claim.tree):
        allowed = "" if _any_target(problem) else f" that {loss_name(problem)} allows"
        data.append(f"all targets in {space_text(problem.K)}{allowed}")
    place = _PLACES[claim.point_set or "all_points"]
    if points_in(claim.tree):
        place = "generic point" if claim.point_set == "generic_points" else place.removeprefix("every ")
        where = "" if claim.point_set in (None, "all_points") else f", each {place}"
        condition = f" where {unparse(claim.given)}" if claim.given is not None else ""
        exist = ", where the quantities named exist" if needs_data(claim.tree) else ""
        return f"{', '.join(data) or 'what is given'}{where}{condition}{exist}"
    given = f" where {unparse(claim.given)}" if claim.given is not None else ""
    over = ", ".join(data) if data else "the data given"
    if claim.point_set == "generic_points":
        over += f", off a proper analytic subset of {'these taken together' if len(data) > 1 else 'these'}"
    elif _is_of_generic_ranks(claim):
        return f"one number, the greatest rank over {over}, where H exists"
    return f"{over}: at {place}{given}{' and' if given else ''} where H exists"


def _is_of_generic_ranks(claim: Claim) -> bool:
    """Whether a claim is about generic ranks alone, which belong to no point."""
    anywhere = claim.point_set in (None, "all_points") and claim.given is None
    named = any(part[0] == "generic_rank" for part in subtrees(claim.formula))
    return anywhere and named and not depends_beside(claim.formula, "generic_rank")


def _any_target(problem: Problem) -> bool:
    return not isinstance(problem.loss, NamedLoss) or problem.loss.domain == "any"


def _does_not_claim(claim: Claim, problem: Problem) -> str:
    parts = []
    if claim.point_set not in (None, "all_points", "generic_points"):
        words = str(claim.point_set).replace("_", " ")
        parts.append(f"anything about points that are not {words}, nor that every data set has {words}")
    if claim.point_set == "generic_points":
        parts.append("anything on that subset, special parameters and, where they are open, special inputs and targets")
    if _is_of_generic_ranks(claim):
        parts.append("anything about the rank at a particular point")
    if claim.given is not None:
        parts.append(f"anything where {unparse(claim.given)} fails")
    if _has_kinks(problem) and needs_data(claim.tree):
        parts.append("anything at a kink, where an argument of a piecewise function is exactly 0 and H does not exist")
    whole = "loss, behaviour or weight decay" if needs_data(claim.tree) else "network"
    parts.append(f"anything about another {whole}")
    return "; ".join(parts)


def _has_kinks(problem: Problem) -> bool:
    loss, model = problem.loss, problem.model
    bent = loss.piecewise if isinstance(loss, NamedLoss) else _calls_piecewise(loss.value)
    if isinstance(model, DenseNetwork):
        return bent or any(layer.activation.piecewise for layer in model.layers)
    return bent or any(_calls_piecewise(output) for output in model.outputs)


def _calls_piecewise(formula: Formula) -> bool:
    match formula:
        case Call(fn, a):
            return fn in ("relu", "abs") or _calls_piecewise(a)
        case Neg(a) | Power(a):
            return _calls_piecewise(a)
        case Add(a, b) | Sub(a, b) | Mul(a, b) | Div(a, b):
            return _calls_piecewise(a) or _calls_piecewise(b)
    return False
