"""Facts composed from the rules of proofs at an instance, held against plain arithmetic: a rule that lacks a hypothesis
gives one that is false there.

A scene lies in the scope of some claim. Whatever a proof about that scope derives, from assumptions that are true at
the scene, must be true at the scene. So every rule of the checker is asked for facts that its pattern can give, with
terms that the scene knows, right ones and wrong ones; each fact it grants is judged by `scenes`, and serves as a
premise of the next ones. Likewise for what the checker says of the point sets that the scene lies in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any, final

from geomcheck.claims.grammar import parse_term
from geomcheck.claims.tree import unparse
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from
from geomcheck.selftest.elimination import diagonalising, echelon, kernel, transposed
from geomcheck.selftest.naive_derivatives import Net, Unknown
from geomcheck.selftest.scenes import Scene, Tree

ROUNDS, TRIES, PRIME = 2, 4, 2**61 - 1


def _terms(texts: str) -> tuple[Tree, ...]:
    return tuple(parse_term(text)[0] for text in texts.split())


MATRICES = _terms(
    "F G r D H H_o H_f G.T H_o+H_f H-H_o G.T*D*G D*G -H 2*H_f G.T*G G.T*r r.T*G H+H_f H-H_f G*G.T D*D -H_f H*H_f"
)
SUBSPACES = _terms("ker(G) im(G) ker(D) ker(H) im(H) ker(H_o) im(H_o) ker(H_f) im(G.T) im(r) ker(G)&im(H) ker(D)+im(G)")
PLACES = _terms("A B permuted(A,s) permuted(B,t) 1/2*A+1/2*B")
G, D, H, H_O, H_F = _terms("G D H H_o H_f")
SETS = {"perfect_fits": "perfect_fit", "critical_points": "critical_point", "local_minima": "local_minimum",
        "global_minima": "global_minimum"}  # fmt: skip
MINIMA = ("", "perfect-fit", "pooled", "convex", "orbit")


@final
@dataclass(frozen=True)
class Scope:
    """A scene and the claim's point set, in which the scene lies."""

    scene: Scene
    point_set: str | None

    def problems(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The problem of the claim and its witness, in canonical form."""
        given: dict[str, Any] = (self.scene.witness or self.scene.case).problem()
        if self.scene.linear_baseline:
            given["baseline"] = "linear"
        if not self.scene.points:
            witness = problem_to_json(problem_from(given))
            return witness | dict.fromkeys(self.scene.free), witness
        del given["parameters"]
        given["points"] = {name: [str(x) for x in theta] for name, theta in self.scene.points.items()}
        if self.scene.orders:
            given["permutations"] = {name: [list(order)] for name, order in self.scene.orders.items()}
        witness = problem_to_json(problem_from(given))
        return {key: value for key, value in witness.items() if key not in ("points", "permutations")}, witness


@final
@dataclass(frozen=True)
class Finding:
    """A fact that was granted, and is false."""

    rule: str
    fact: str
    scope: Scope

    def __str__(self) -> str:
        scene = self.scope.scene
        return f"{self.rule} gives {self.fact} at {self.scope.point_set}, false in {scene.case} {dict(scene.points)}"


@final
class _Late:
    """A thing that is made when it is first asked for something: few rules look at the witness."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Any:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


@final
class Composer:
    """All that the rules of a checker give in one scope. `granted` counts the facts, `judged` those of known truth."""

    def __init__(self, scope: Scope, checker: ModuleType, draw: random.Random) -> None:
        self.scope, self.scene, self.checker, self.draw = scope, scope.scene, checker, draw
        checker.WORK[0] = 0
        problem, witness = scope.problems()
        self.problem, instance = checker.Problem(problem), checker.Problem(witness)
        self.instance = instance
        minimum = draw.choice(MINIMA) if not self.scene.points else ""
        self.proof = checker.Proof(self.problem, scope.point_set, [], [], _Late(lambda: self._site(minimum)))
        self.granted = self.judged = 0

    def _site(self, rule: str) -> Any:
        minimum = {"rule": rule} if rule else None
        evidence = [] if self.scene.points else list(self._evidence())
        return self.checker.Site(self.instance, evidence, minimum, (1, 1), 256)

    def _evidence(self) -> Iterator[dict[str, Any]]:
        """The ranks of some matrices, by a minor and a kernel, and the inertia of H."""
        there = Scene(self.scene.witness) if self.scene.witness else self.scene
        for tree in (G, H, H_O, H_F):
            rows = there.matrix(tree)
            vectors = [[str(x) for x in vector] for vector in kernel(rows, len(rows[0]))]
            chosen = echelon(transposed(rows))[1]
            columns = echelon([rows[i] for i in chosen])[1] if chosen else []
            minor = {"rows": chosen, "columns": columns, "prime": str(PRIME), "t": None, "u": None}
            yield {
                "of": tree,
                "rank": {"lower": minor if chosen else None, "upper": {"kernel": vectors} if vectors else None},
            }
            if tree == H:
                basis = diagonalising([[rows[i][j] for j in chosen] for i in chosen])
                yield {"of": tree, "inertia": {"subset": chosen, "basis": [[str(x) for x in row] for row in basis]}}

    def findings(self, *only: str) -> list[Finding]:
        """The false facts among those that the rules grant, or `only` some rules."""
        whole = not self.scene.points and self.scene.witness is None and (not only or "minimum" in only)
        found = list(self.memberships()) if whole else []
        self.proof.premises = set(self.assumptions())
        for _ in range(ROUNDS):
            fresh = list(self.facts(only))
            for rule, fact in fresh:
                truth = self.truth(fact)
                self.granted += 1
                self.judged += truth is not None
                if truth is False:
                    found.append(Finding(rule, unparse(fact), self.scope))
                else:
                    self.proof.premises.add(fact)
        return found

    def truth(self, fact: Tree) -> bool | None:
        """By plain arithmetic; None where it is not known."""
        try:
            return self.scene.holds(fact)
        except Unknown:
            return None

    def memberships(self) -> Iterator[Finding]:
        """What the checker says of the sets that the instance lies in."""
        for rule in MINIMA:
            site = self._site(rule)
            for name, predicate in SETS.items():
                answer = None
                with suppress(self.checker.Reject):
                    answer = site.member(name)
                truth = self.truth((predicate,))
                self.granted += answer is not None
                self.judged += answer is not None and truth is not None
                if None not in (answer, truth) and answer != truth:
                    yield Finding(f"minimum {rule}", f"{'not ' * (not answer)}{predicate}", self.scope)

    def assumptions(self) -> Iterator[Tree]:
        """Literals that are true at the scene: what a condition may say."""
        case = self.scene.case
        zero, full = ("number", "0"), ("number", str(len(case.inputs) * case.net.widths[-1]))
        if self.scene.points:
            for word, place in ((word, place) for word in SETS.values() for place in PLACES[:2]):
                if self.truth(fact := ("@", (word,), place)):
                    yield fact
            return
        loss = ("word", "L")
        facts: list[Tree] = [("==", loss, zero), ("<=", loss, zero), ("<=", full, ("rank", G)),
                             ("==", ("matrix", "r"), zero), ("==", ("nullity", D), zero)]  # fmt: skip
        facts += [("==", ("index", matrix), zero) for matrix in (D, H, H_O, H_F)]
        facts += [("<=", ("rank", matrix), zero) for matrix in (H, H_F, G, D)] + [("==", ("nullity", H), zero)]
        facts += [(word,) for word in SETS.values()]
        yield from (fact for fact in facts if self.draw.random() < 2 / 3 and self.truth(fact))

    def facts(self, only: Sequence[str] = ()) -> Iterator[tuple[str, Tree]]:
        """What each rule grants; what a rule must use is assumed where it is true at the scene."""
        for rule, pattern, *premises, where in self.checker.PATTERNS:
            names = _unknowns(pattern)
            lacking = (not self.scene.points and {"p", "q"} & {*names}) or (not self.scene.orders and "s" in names)
            if lacking or (only and rule not in only):
                continue
            for _ in range((6 * TRIES if "S" in names else TRIES) if set(names) - {"n"} else 1):
                known = {name: self._term(name, rule) for name in names}
                for number in self.numbers if "n" in names else [""]:
                    found = known | ({"n": ("number", number)} if number else {})
                    fact = _filled(pattern, found)
                    with suppress(*self.errors):
                        used = [_filled(premise, found) for premise in premises]
                        if all(self.checker.sort_of(x, self.problem) == ("formula",) for x in (fact, *used)):
                            self.proof.premises |= {premise for premise in used if self.truth(premise)}
                            if self.proof.follows(fact, pattern, *premises, where, {}):
                                yield rule, fact

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What a checker raises where it grants nothing."""
        return self.checker.Reject, self.checker.Restart, IndexError, TypeError, ValueError

    @cached_property
    def numbers(self) -> list[str]:
        """The numbers that a rule may speak of, right ones and others."""
        case, there = self.scene.case, Scene(self.scene.witness) if self.scene.witness else self.scene
        count, size, width = len(case.inputs), case.net.size, case.net.widths[-1]
        scale = Fraction(1, count) if case.mean else Fraction(1)
        more = (case.decay * size, scale, scale * count * width, scale ** (count * width), there.known.loss)
        found = dict.fromkeys([*map(Fraction, range(size + 2)), *(x for x in more if x is not None)])
        found |= dict.fromkeys(map(Fraction, (count * width, count * (width - 1), width, count)))
        return [str(x) for x in found if x >= 0]

    def _term(self, name: str, rule: str) -> Tree:
        draw, case = self.draw, self.scene.case
        if name in "XYZ":
            last = len(case.net.widths) - 2 if isinstance(case.net, Net) else 0
            matrix: Tree = draw.choice(MATRICES)
            if rule == "features" or draw.random() < 1 / 8:
                matrix = ("activations", draw.randint(0, last))
            place = draw.choice(PLACES if self.scene.orders else PLACES[:2]) if self.scene.points else None
            return matrix if place is None or matrix[0] not in ("matrix", "activations") else ("@", matrix, place)
        if name in "ST":
            i, j = (draw.randrange(case.net.size) for _ in "ij")
            entry = ("entry", draw.choice((D, H, H_O, H_F, *MATRICES)), *draw.choice(((i, j), (j, i), (i, i))))
            return entry if draw.random() < 1 / 2 else draw.choice(SUBSPACES)
        if name in "pq":
            return draw.choice(PLACES if self.scene.orders else PLACES[:2] + PLACES[-1:])
        if name == "s":
            return ("permutation", draw.choice("st"))
        count, scale = len(case.inputs), 1 if case.mean else 2
        return ("number", draw.choice(("1", "2", "0", str(Fraction(1, count)), str(count), str(Fraction(count, scale)),
                                       str(Fraction(1, 2)), str(case.net.widths[-1]))))  # fmt: skip


def _unknowns(pattern: Tree) -> list[str]:
    if pattern[0] == "?":
        return [pattern[1]]
    return sorted({name for part in pattern[1:] if type(part) is tuple for name in _unknowns(part)})


def _filled(pattern: Tree, found: dict[str, Tree]) -> Tree:
    if pattern[0] == "?":
        return found[pattern[1]]
    return (pattern[0], *(_filled(part, found) if type(part) is tuple else part for part in pattern[1:]))


def scopes(scene: Scene) -> Iterator[Scope]:
    """Every point set that a scene surely lies in."""
    yield Scope(scene, None)
    if scene.sure.get("", {}).get("generic"):
        yield Scope(scene, "generic_points")
    for name, predicate in SETS.items():
        where = [Scene.at(scene, ("point", name)) for name in scene.points] or [scene]
        with suppress(Unknown):
            if all(there.holds((predicate,)) for there in where):
                yield Scope(scene, name)


def composed(scenes: Sequence[Scene], checker: ModuleType, draw: random.Random) -> Iterator[Composer]:
    """A composer for every scope of every scene."""
    for scene in scenes:
        for scope in scopes(scene):
            yield Composer(scope, checker, draw)
