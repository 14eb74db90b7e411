"""Claims and problem files damaged at random: each must be read, or refused with one message, and soon."""

from __future__ import annotations

import copy
import json
import random
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal, final

from geomcheck.claims.claim import parse_claim
from geomcheck.engine import check
from geomcheck.errors import GeomcheckError
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import KEYS, problem_from
from geomcheck.problem.toml_json import load_json, load_toml
from geomcheck.selftest.forging import STRANGE, TOKEN, WORDS, places, split_words

CATALOGUE = Path(__file__).resolve().parent.parent / "claims" / "catalogue"
SECONDS = 20  # nothing may take longer: a hang
SIZE = 60  # only problems with P·N·K up to this are settled after they were read
SYMBOLS = "\"'[]{}(),=.\n\\ 0123456789-+*/^eE_:#xuHGrank@&<>!\t\x00é²٣"
MORE: tuple[Any, ...] = (
    *("2-3-1 tanh", "1-1", "0-1", "2-2-2-2 relu, no bias", [[1, 0], [0, 1]], ["a", "b"], [["1/2"]], -5),
    *split_words("a*b a^2 a/0 exp(a) cross_entropy bce logistic squared_hinge sum 1e400 0.1 leaky_relu(-1) power(0)"),
)


@final
@dataclass(frozen=True)
class Damaged:
    """How one damaged text ended, what went wrong where something did, and the milliseconds it took."""

    ending: Literal["read", "refused", "settled", "traceback", "hang", "silent"]
    detail: str
    milliseconds: int


def sources() -> tuple[list[str], list[dict[str, Any]]]:
    """The claims and the problems of the catalogue, as they are written there."""
    tables = [
        table
        for path in sorted(CATALOGUE.glob("*.toml"))
        for table in load_toml(path.read_text("utf-8"), path.name)["claim"]
    ]
    problems = [{key: value for key, value in table.items() if key in KEYS} for table in tables]
    return [table["says"] for table in tables], problems


def damaged(draw: random.Random, claims: Sequence[str], problems: Sequence[dict[str, Any]]) -> Damaged:
    """Damage a claim and a problem, read both, and settle the claim where both are still readable and small."""
    says, problem = draw.choice(claims), draw.choice(problems)
    if draw.random() < 1 / 2:
        says = _claim(draw, says)
    kind = draw.randrange(4)
    text, table = "", problem
    if kind == 0:
        text = _characters(draw, _plain_json(problem))
    elif kind == 1:
        text = _characters(draw, _plain_toml(problem))
    elif kind == 2:
        table = _values(draw, json.loads(_plain_json(problem)))
    started, stage = time.monotonic_ns(), "read"
    ending: Literal["read", "refused", "settled", "traceback", "hang", "silent"] = "read"
    detail = ""
    try:
        with limited(SECONDS):
            try:
                claim = parse_claim(says)
                if kind == 0:
                    table = load_json(text, "damaged.json")
                if kind == 1:
                    table = load_toml(text, "damaged.toml")
                about = problem_from(table, "damaged")
                if _is_small(about):
                    stage = "settle"
                    check(claim, problem=about, trials=3, seconds=1)
                    ending = "settled"
            except GeomcheckError as error:
                ending = "refused" if str(error).strip() else "silent"
    except TimeoutError:
        ending = "hang"
    except Exception:
        ending, detail = "traceback", traceback.format_exc(limit=-3)
    spent = (time.monotonic_ns() - started) // 10**6
    if ending in ("traceback", "hang", "silent"):
        detail = f"{stage}: {says!r} about {text or table!r}\n{detail}"
    return Damaged(ending, detail, spent)


def _is_small(problem: Problem) -> bool:
    return problem.P * problem.N * problem.K <= SIZE


def _claim(draw: random.Random, says: str) -> str:
    if draw.random() < 1 / 2:
        return _characters(draw, says)
    tokens = TOKEN.findall(says)
    for _ in range(draw.randint(1, 3)):
        i = draw.randrange(len(tokens) + 1)
        tokens[i : i + draw.choice((0, 1, 1, 2))] = [
            draw.choice((*WORDS, "(", ")", "[0, 0]", ".T", "at", "given", "A[1]", "A", "9" * 5000))
        ]
    return " ".join(tokens)


def _characters(draw: random.Random, text: str) -> str:
    for _ in range(draw.choice((1, 1, 2, 5))):
        i = draw.randrange(len(text) + 1)
        match draw.randrange(5):
            case 0:
                text = text[:i] + text[i + draw.choice((1, 1, 5)) :]
            case 1:
                text = text[:i] + text[i : i + 8] + text[i:]
            case 2:
                text = text[:i] + draw.choice(SYMBOLS) * draw.choice((1, 1, 1, 300)) + text[i:]
            case _:
                text = text[:i] + draw.choice(SYMBOLS) + text[i + 1 :]
    return text


def _values(draw: random.Random, table: dict[str, Any]) -> dict[str, Any]:
    for _ in range(draw.choice((1, 1, 2))):
        everywhere = [(key,) for key in KEYS if draw.random() < 1 / 9] + list(places(table))
        path = draw.choice(everywhere)
        parent: Any = table
        for key in path[:-1]:
            parent = parent[key]
        if (draw.random() < 1 / 6 and len(path) > 1) or (
            isinstance(parent, dict) and path[-1] in parent and draw.random() < 1 / 9
        ):
            del parent[path[-1]]
        else:
            parent[path[-1]] = copy.deepcopy(draw.choice(STRANGE + MORE))  # or one may come to hold itself
        if not table:
            break
    return table


def _plain_json(table: dict[str, Any]) -> str:
    return json.dumps(table, default=str)


def _plain_toml(table: dict[str, Any]) -> str:
    return "\n".join(f"{key} = {_toml(value)}" for key, value in table.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, default=str)


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise TimeoutError after some seconds, where the platform and the thread allow an alarm."""
    if threading.current_thread() is not threading.main_thread() or not getattr(signal, "SIGALRM", None):
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
