"""A verdict as a short document: a heading, one sentence, and labelled blocks. Text, HTML and LaTeX write it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from geomcheck.claims.claim import parse_claim
from geomcheck.claims.evaluation import Evaluation
from geomcheck.claims.grammar import parse_term
from geomcheck.claims.named_points import is_instance, needs_data, relevant
from geomcheck.claims.required_keys import speaks_of_network
from geomcheck.claims.scalar_value import meaning
from geomcheck.errors import GeomcheckError
from geomcheck.render.problem_words import (
    behaviour_words,
    fixed_matrices,
    loss_words,
    network_words,
    open_words,
    size_words,
)

if TYPE_CHECKING:
    from geomcheck.answer import AbstractVerdict, Record
    from geomcheck.claims.tree import Tree
    from geomcheck.problem.problem import Problem

__all__ = ["Block", "Matrices", "Report", "Steps", "Values", "Words", "heading", "report", "scope"]

Matrix: TypeAlias = tuple[tuple[str, ...], ...]


GENERATORS_ROOM: Final = 50


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    label: str
    text: str


@dataclass(frozen=True)
class Steps:
    """Numbered lines."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Values:
    """Quantities and their values, one a line."""

    label: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Matrices:
    """Named matrices, as entries in text form."""

    label: str
    items: tuple[tuple[str, Matrix], ...]


Block: TypeAlias = Words | Steps | Values | Matrices


@dataclass(frozen=True)
class Report:
    """What every format writes: ``heading`` such as ``SURVIVED 200``, the claim, one sentence, the blocks."""

    outcome: str
    heading: str
    claim: str
    claim_id: str | None
    lead: str
    blocks: tuple[Block, ...]


def heading(verdict: AbstractVerdict) -> str:
    """The verdict's word, with what cannot be separated from it: a count, or a reason."""
    if verdict.survived and verdict.record is not None:
        return f"SURVIVED {verdict.record.trials}"
    if verdict.undecided and verdict.reason:
        return f"UNDECIDED ({verdict.reason})"
    return verdict.outcome


def report(verdict: AbstractVerdict) -> Report:
    """The document of a verdict; blocks with nothing to say are left out."""
    makers = {"PROVED": _proved, "REFUTED": _refuted, "SURVIVED": _survived, "UNDECIDED": _undecided}
    lead, blocks = makers[verdict.outcome](verdict)
    return Report(
        outcome=verdict.outcome,
        heading=heading(verdict),
        claim=verdict.claim,
        claim_id=verdict.claim_id,
        lead=lead,
        blocks=tuple(block for block in blocks if _says_something(block)),
    )


def _proved(verdict: AbstractVerdict) -> tuple[str, list[Block]]:
    problem = verdict.problem
    tree = _tree(verdict.claim)
    if _is_instance(tree, problem):
        if tree is not None and not speaks_of_network(tree):
            return "The claim is about integers, and it holds.", [*_decision(verdict), _checked()]
        lead = "The claim holds at the given instance."
        return lead, [
            *_instance(problem, tree, verdict.scope_reason),
            *_decision(verdict),
            *_proof(verdict),
            _checked(),
        ]
    lead = "The claim holds for everything it leaves open."
    return lead, [
        *scope(problem, verdict.claim),
        *_proof(verdict),
        *_witness(verdict, tree),
        Words("Scope is not empty", verdict.scope_reason),
        _checked(),
    ]


def _witness(verdict: AbstractVerdict, claim: Tree | None) -> list[Block]:
    """What the instance that the proof speaks of has beyond what is given."""
    if verdict.witness is None or not any("the witness" in step for step in verdict.steps):
        return []
    witness = verdict.witness if claim is None else relevant(claim, verdict.witness)
    given = dict(fixed_matrices(verdict.problem))
    beyond = [(name, rows) for name, rows in fixed_matrices(witness) if given.get(name) != rows]
    fitted = "Y as the point fits it perfectly" if witness.targets == "perfect_fit" else ""
    return [Matrices("Witness", tuple(beyond)), Words("" if beyond else "Witness", fitted)]


def _tree(claim: str) -> Tree | None:
    """The tree of a claim; None for one in plain words, as a verdict made by hand may state it."""
    try:
        return parse_claim(claim).tree
    except GeomcheckError:
        return None


def _is_instance(tree: Tree | None, problem: Problem) -> bool:
    return problem.is_instance if tree is None else is_instance(tree, problem)


def _refuted(verdict: AbstractVerdict) -> tuple[str, list[Block]]:
    if verdict.steps:  # no single instance decides what is generic: the contrary is proved
        whole = _is_instance(_tree(verdict.claim), verdict.problem)
        lead = "The claim fails at the given instance: its contrary is proved." if whole else "Its contrary is proved."
        return lead, [
            *scope(verdict.problem, verdict.claim),
            *_decision(verdict),
            *_proof(verdict),
            *_witness(verdict, _tree(verdict.claim)),
            _checked(),
            *_smaller(verdict.smaller),
            Words("Smaller shapes", verdict.known),
        ]
    lead = "One exact instance in the claim's scope violates it."
    instance, tree = verdict.witness or verdict.problem, _tree(verdict.claim)
    if tree is not None and not speaks_of_network(tree):
        return "The claim is about integers, and it fails.", [*_decision(verdict), _checked()]
    if tree is not None:
        instance = relevant(tree, instance)
    return lead, [
        *_instance(instance, tree, verdict.scope_reason),
        *_decision(verdict),
        _checked(),
        *_smaller(verdict.smaller),
        Words("Smaller shapes", verdict.known),
    ]


def _survived(verdict: AbstractVerdict) -> tuple[str, list[Block]]:
    lead = "Not a proof: a search of exact instances in scope found none that violates the claim."
    return lead, [*scope(verdict.problem, verdict.claim), *_record(verdict.record), *_advice(verdict)]


def _undecided(verdict: AbstractVerdict) -> tuple[str, list[Block]]:
    lead = "Neither a proof nor a counterexample, and no search that counts."
    problem = verdict.problem
    tree = _tree(verdict.claim)
    where = (
        _instance(problem, tree, verdict.scope_reason) if _is_instance(tree, problem) else scope(problem, verdict.claim)
    )
    return lead, [*where, *_decision(verdict), *_record(verdict.record), *_advice(verdict)]


def scope(problem: Problem, claim: str) -> list[Block]:
    """What a claim about this problem is about: the setting, what is open and what is given."""
    tree = _tree(claim)
    blocks = [
        *_setting(problem, tree),
        Words("For all", open_words(problem, tree)),
        Matrices("Given", fixed_matrices(problem)),
    ]
    return [block for block in blocks if _says_something(block)]


def _instance(problem: Problem, claim: Tree | None, scope_reason: str) -> list[Block]:
    return [
        *_setting(problem, claim),
        Matrices("Instance", fixed_matrices(problem)),
        Words("In scope", scope_reason),
    ]


def _setting(problem: Problem, claim: Tree | None) -> list[Block]:
    if claim is not None and not speaks_of_network(claim):
        return []
    about = Words("Network", f"{network_words(problem.model)}; {size_words(problem, claim)}")
    if claim is not None and not needs_data(claim):
        return [about]
    return [
        about,
        Words("Loss", loss_words(problem)),
        Words("Behaviour", behaviour_words(problem)),
    ]


def _decision(verdict: AbstractVerdict) -> list[Block]:
    label = "Both sides" if verdict.refuted or verdict.proved else "Values"
    return [
        Matrices("There", tuple(verdict.matrices.items())),
        Words("where", _meaning(verdict)),
        Values(label, tuple(verdict.quantities.items())),
    ]


def _meaning(verdict: AbstractVerdict) -> str:
    """What t and u stand for in the matrices shown."""
    written = {name: "".join(entry for row in rows for entry in row) for name, rows in verdict.matrices.items()}
    named = [name for name, text in written.items() if {"t", "u"} & set(text)]
    if not named:
        return ""
    evaluation = Evaluation(verdict.witness or verdict.problem)
    for name in named:
        evaluation.exact(parse_term(name)[0])  # the field grows with what is asked of it
    return meaning(evaluation.instance.exact_field, "".join(written[name] for name in named))


def _proof(verdict: AbstractVerdict) -> list[Block]:
    return [
        Steps("Proof", verdict.steps),
        Words("Holds for", verdict.holds_for),
        Words("Does not claim", verdict.does_not_claim),
    ]


def _checked() -> Block:
    return Words("Certificate", "accepted by the stand-alone checker")


def _smaller(verdict: AbstractVerdict | None) -> list[Block]:
    if verdict is None:
        return []
    claim = _tree(verdict.claim)
    words = f"also refuted for {network_words(verdict.problem.model)}; {size_words(verdict.problem, claim)}"
    return [Words("Smallest found", words)]


def _record(record: Record | None) -> list[Block]:
    if record is None:
        return []
    lines = [("trials", f"{record.trials} in scope, none violates"), ("seed", str(record.seed))]
    lines += [("generators", _generators(record.generators))] if record.generators else []
    lines += [(f"{name} seen", _values_seen(seen)) for name, seen in record.ranks_seen.items()]
    lines += [("set aside", _counts(record.discards))] if record.discards else []
    lines += [("time", f"{record.seconds} s")] if record.seconds else []
    return [Values("Record", tuple(lines))]


def _advice(verdict: AbstractVerdict) -> list[Block]:
    return [Words("Known", verdict.known), Words("Next step", verdict.next_step)]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} × {count}" for name, count in counts.items())


def _generators(counts: Mapping[str, int]) -> str:
    """The first kinds of instances, as many as a line holds, and how many kinds there are beside them."""
    if len(whole := _counts(counts)) <= GENERATORS_ROOM:
        return whole
    shown = len(counts) - 1
    while shown > 1 and len(_counts(dict(list(counts.items())[:shown]))) > GENERATORS_ROOM:
        shown -= 1
    hidden = len(counts) - shown
    return f"{_counts(dict(list(counts.items())[:shown]))}, and {hidden} kind{'s' * (hidden > 1)} more"


def _values_seen(counts: Mapping[str, int]) -> str:
    """How often each value was seen: ranks in order, and of many or long values the most frequent short ones."""
    if len(counts) <= 12 and all(value.isdigit() for value in counts):
        return _counts(counts)
    frequent = sorted((value for value in counts if len(value) <= 20), key=lambda value: -counts[value])[:5]
    shown = ", ".join(f"{value} × {counts[value]}" for value in frequent)
    hidden = len(counts) - len(frequent)
    return shown + (f"{', and ' if shown else ''}{hidden} value{'s' * (hidden > 1)} more" if hidden else "")


def _says_something(block: Block) -> bool:
    match block:
        case Words(text=text):
            return bool(text)
        case Steps(lines=lines):
            return bool(lines)
        case Values(items=values):
            return bool(values)
        case Matrices(items=matrices):
            return bool(matrices)
