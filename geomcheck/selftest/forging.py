"""Forged certificates: true ones altered in every way a forger would try, and what the accepted ones still say.

An alteration is harmless when the certificate is rejected, or when what it then states is true: the same statement as
before, or one that the engine (which shares no code with the checker) settles the same way.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal, final

from geomcheck import checker
from geomcheck.certificate import sealed
from geomcheck.claims.claim import parse_claim
from geomcheck.claims.judge import judge
from geomcheck.claims.tree import to_json
from geomcheck.engine import check
from geomcheck.errors import GeomcheckError
from geomcheck.problem.canonical import problem_from_json
from geomcheck.prove import disprove, prove
from geomcheck.truth import Truth

Certificate = dict[str, Any]
Standing = Literal["rejected", "same", "true", "unsettled", "false"]


def split_words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 10**9, 10**12, json.loads("1.5"), "", " 1", "9" * 5000, [], {}, [[]], [[[]]]),
    *split_words("0 -0 1 -1 2 1/2 2/4 1/0 1.5 1e3 nan x ٣ +1 1_0 H t u^-1 perfect_fit PROVED REFUTED instance"),
    *split_words("universal linear relu power(2) quartic mse probabilities mean assume"),
    *(["number", "0"], ["number", "-1"], ["matrix", "H"], ["assume"]),
    *({"rule": "convex"}, {"rule": "perfect-fit"}, {"rule": "orbit"}),
)
WORDS = split_words(
    "rank nullity index trace det dim generic_rank ker im & not and or implies G H H_o H_f D F r P N K L 0 1 2 3 1/2 "
    "== != <= < >= > + - * perfect_fits critical_points local_minima global_minima generic_points all_points "
    "perfect_fit critical_point local_minimum global_minimum"
)
TOGETHER = ("claim tree", "problem", "witness", "evidence", "minimum", "verdict", "kind", "steps conclusion", "steps",
            "conclusion", "claim tree verdict", "problem witness", "problem witness evidence minimum")  # fmt: skip
NAMES = (*checker.ACTIVATIONS, "power(2)", "leaky_relu(1)", "leaky_relu(0)")
TOKEN = re.compile(r"[A-Za-z_]+|[0-9]+(?:/[0-9]+)?|[<>=!]=|\S")
WORK = 2 * 10**7  # what the checker may spend on one forgery: 2 s; the largest forgeries only take longer to reject


@final
@dataclass(frozen=True)
class Forged:
    """How one forgery ended; `text` is kept where it is false or unsettled."""

    standing: Standing
    text: str = ""


def statement(certificate: Any) -> str:
    """What a certificate states: its claim, problem and verdict."""
    return json.dumps([certificate.get(key) for key in ("tree", "problem", "verdict")], sort_keys=True)


# -- alterations ------------------------------------------------------------------------------------------------------


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside some JSON.

    >>> list(places({"a": [1, 2]}))
    [('a',), ('a', 0), ('a', 1)]
    """
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from places(value, (*path, key))


def _apart(certificate: Certificate) -> Certificate:
    """A copy no two parts of which are one object, or exchanging them could make it hold itself."""
    whole: Certificate = json.loads(json.dumps(certificate))
    return whole


def _parent(data: Any, path: Sequence[Any]) -> Any:
    for key in path[:-1]:
        data = data[key]
    return data


def _somewhere(draw: random.Random, data: Certificate) -> tuple[Any, ...]:
    """A place, the parts of a certificate being equally likely."""
    part = draw.choice(list(data))
    inside = [(part, *path) for path in places(data[part])]
    return draw.choice(inside) if inside and draw.random() < 9 / 10 else (part,)


def _strange(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    path = _somewhere(draw, data)
    _parent(data, path)[path[-1]] = copy.deepcopy(draw.choice(STRANGE))


def _nudged(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    path = _somewhere(draw, data)
    parent, key = _parent(data, path), path[-1]
    value = parent[key]
    if type(value) is bool:
        parent[key] = not value
    elif type(value) is int:
        parent[key] = value + draw.choice((-1, 1, 2, 10))
    elif isinstance(value, str) and re.fullmatch(r"-?[0-9]+(/[0-9]+)?", value):
        above, _slash, below = value.partition("/")
        whole = int(above) + draw.choice((-2, -1, 1, 3, -2 * int(above)))
        parent[key] = f"{whole}/{below}" if below else str(whole)
    elif isinstance(value, str) and value:
        i = draw.randrange(len(value))
        parent[key] = value[:i] + draw.choice("0123456789-+/*^() tuHGDrx_") + value[i + draw.randint(0, 1) :]


def _dropped(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    path = _somewhere(draw, data)
    del _parent(data, path)[path[-1]]


def _repeated(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    path = _somewhere(draw, data)
    parent = _parent(data, path)
    if isinstance(parent, list):
        parent.insert(draw.randrange(len(parent) + 1), copy.deepcopy(parent[path[-1]]))
    else:
        parent[f"{path[-1]}_"] = None


def _exchanged(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    """Two values of the certificate change places."""
    here, there = _somewhere(draw, data), _somewhere(draw, data)
    if here[: len(there)] != there and there[: len(here)] != here:
        first, second = _parent(data, here), _parent(data, there)
        first[here[-1]], second[there[-1]] = second[there[-1]], first[here[-1]]


def _shuffled(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    path = _somewhere(draw, data)
    value = _parent(data, path)[path[-1]]
    if isinstance(value, list):
        draw.shuffle(value)


def _transplanted(draw: random.Random, data: Certificate, others: Sequence[Certificate]) -> None:
    """Parts of another certificate, whole or one place of them."""
    other = _apart(draw.choice(others))
    if draw.random() < 1 / 2:
        for key in draw.choice(TOGETHER).split():
            if key in other:
                data[key] = other[key]
        return
    path = _somewhere(draw, other)
    try:
        _parent(data, path)[path[-1]] = _parent(other, path)[path[-1]]
    except (KeyError, IndexError, TypeError):
        return


def _reworded(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    """Another claim, text and tree alike."""
    if not isinstance(data.get("claim"), str):
        return
    tokens = TOKEN.findall(data["claim"])
    for _attempt in range(20):
        changed = list(tokens)
        for _change in range(draw.choice((1, 1, 2))):
            i = draw.randrange(len(changed))
            match draw.randrange(4):
                case 0:
                    del changed[i : i + draw.choice((1, 1, 2, 3))]
                case 1:
                    changed.insert(i, draw.choice(WORDS))
                case _:
                    changed[i] = draw.choice(WORDS)
            changed = changed or ["P"]
        formula = " ".join(changed)
        text = f"not ({formula})" if draw.random() < 1 / 8 else formula
        try:
            data["tree"] = to_json(parse_claim(text).tree)
        except GeomcheckError:
            continue
        data["claim"] = text
        return


def _contrary(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    """The other verdict, or the other kind."""
    if draw.random() < 2 / 3:
        data["verdict"] = "REFUTED" if data.get("verdict") == "PROVED" else "PROVED"
    else:
        data["kind"] = "instance" if data.get("kind") == "universal" else "universal"
        data.setdefault("steps", [])
        data.setdefault("conclusion", [])


def _restated(draw: random.Random, data: Certificate, _: Sequence[Certificate]) -> None:
    """Another problem: a field of it changed to something that makes sense by itself."""
    problem: Any = data.get("problem")
    if not isinstance(problem, dict) or not isinstance(problem.get("model"), dict):
        return
    layers = problem["model"].get("layers")
    match draw.randrange(8):
        case 0:
            problem["loss"] = draw.choice(list(checker.LOSSES))
        case 1:
            problem["behaviour"] = draw.choice(("outputs", "probabilities"))
        case 2:
            problem["reduction"] = draw.choice(("sum", "mean"))
        case 3:
            problem["weight_decay"] = draw.choice(("0", "1/10", "2"))
        case 4:
            problem["samples"] = draw.randint(1, 5)
        case 5:
            key = draw.choice(("parameters", "inputs", "targets"))
            problem[key] = copy.deepcopy(draw.choice((None, data.get("witness", {}).get(key), "perfect_fit")))
        case _ if layers:
            layer = draw.choice(layers)
            key = draw.choice(("activation", "bias", "width", "residual"))
            values = {"activation": NAMES, "bias": (True, False), "width": (1, 2, 3, 4), "residual": (None, 0, 1)}
            layer[key] = draw.choice(values[key])
        case _:
            outputs = problem["model"].get("outputs")
            if outputs:
                outputs[draw.randrange(len(outputs))] += draw.choice(("+0", "*1", "*2", "^2", "+1", "/3"))


ALTERATIONS: tuple[Callable[[random.Random, Certificate, Sequence[Certificate]], None], ...] = (
    _strange, _nudged, _nudged, _dropped, _repeated, _exchanged, _shuffled, _transplanted, _transplanted, _reworded,
    _reworded, _contrary, _restated,
)  # fmt: skip


def _spoiled(draw: random.Random, text: str) -> str:
    """The text itself altered: what no JSON value can show."""
    i = draw.randrange(len(text))
    match draw.randrange(9):
        case 0:
            return text + draw.choice(("x", "{}", text, "\x00", " null"))
        case 1:
            return text[:i]
        case 2:
            return text[:i] + draw.choice(('"', "{", "]", "\\", "\ufeff", "٣", "\x00", "NaN", "1e9")) + text[i:]
        case 3:
            return text.replace('"verdict": "', '"verdict": "REFUTED", "verdict": "', 1)
        case 4:
            return text.replace('"minimum": ', '"minimum": ' + "[" * 10**5, 1)
        case 5:
            return text.replace(
                '"version": 2', f'"version": {draw.choice(("1.0", "1e0", "true", "01", "-1", "9" * 5000))}', 1
            )
        case 6:
            return text.replace("null", draw.choice(("Infinity", "false", "0", '""', "[]")), 1)
        case 7:
            return text.replace('"claim": "', '"claim": "' + "(" * draw.choice((1, 50, 4000)), 1)
        case _:
            return text[:i] + chr(ord(text[i]) ^ 1 << draw.randrange(7)) + text[i + 1 :]


def forgery(draw: random.Random, originals: Sequence[Certificate]) -> str:
    """The text of one forgery."""
    data = _apart(draw.choice(originals))
    if draw.random() < 1 / 12:
        return _resealed(draw, _spoiled(draw, json.dumps(data)))
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        if data:
            with suppress(AttributeError, KeyError, IndexError, TypeError, ValueError):  # no such place is left
                draw.choice(ALTERATIONS)(draw, data, originals)
    return json.dumps(sealed(data))


def _resealed(draw: random.Random, text: str) -> str:
    """The text with a digest that fits it, where it still is an object; now and then as it is."""
    with suppress(ValueError, RecursionError):
        data = json.loads(text)
        if isinstance(data, dict) and draw.random() < 3 / 4:
            return json.dumps(sealed(data))
    return text


# -- the truth of what is accepted ------------------------------------------------------------------------------------


@final
class Court:
    """Remembers what is known to be true, and settles what is not."""

    def __init__(self, originals: Sequence[Certificate]) -> None:
        self._known: dict[str, Standing] = {statement(original): "same" for original in originals}

    def standing(self, text: str) -> Forged:
        """Show one forgery to the checker; what is accepted is settled without it."""
        limit, checker.MAX_WORK = checker.MAX_WORK, min(WORK, checker.MAX_WORK)
        try:
            accepted, _ = checker.check_certificate(text)
        finally:
            checker.MAX_WORK = limit
        if not accepted:
            return Forged("rejected")
        certificate = json.loads(text)
        key = statement(certificate)
        if key not in self._known:
            self._known[key] = settled(certificate, self._known)
        standing = self._known[key]
        return Forged(standing, "" if standing in ("same", "true") else text)


def settled(certificate: Certificate, known: dict[str, Standing]) -> Standing:
    """Whether a statement is true: by its contrary, by evaluating at the witness, or by the engine's own proof."""
    proved = certificate["verdict"] == "PROVED"
    contrary = statement({**certificate, "verdict": "REFUTED" if proved else "PROVED"})
    if known.get(contrary) in ("same", "true"):
        return "false"
    try:
        claim, about = parse_claim(certificate["claim"]), problem_from_json(certificate["problem"])
        witness = problem_from_json({**certificate["problem"], **certificate["witness"]})
        at = judge(claim, witness)
        if at.scope is Truth.TRUE and at.holds is not Truth.UNKNOWN and (about.is_instance or at.holds is Truth.FALSE):
            return "true" if (at.holds is Truth.TRUE) == proved else "false"
        if at.scope is Truth.FALSE and certificate["kind"] == "instance":
            return "false"
        if (prove if proved else disprove)(claim, about.with_(parameters=None)) is not None:
            return "true"
        outcome = check(claim, problem=replace(about), trials=20, seconds=2).outcome
    except GeomcheckError:
        return "unsettled"
    if outcome == certificate["verdict"]:
        return "true"
    return "false" if outcome in ("PROVED", "REFUTED") else "unsettled"
