"""Claims files: TOML or JSON with a list of claims, and the claims that ship with the package.

    [[claim]]
    id = "rank-equality"                             # letters, digits, . _ -; once in a file
    says = "rank(H) == rank(G) at perfect_fits"
    network = "2-3-1 tanh"                           # and the other keys of a problem, see geomcheck.problem.read
    samples = 4
    expect = "proved"                                # optional, as are source and note
    source = "author year"
    note = "one sentence"

In JSON the same is {"claim": [{"id": "rank-equality", ...}]}. Every mistake gives one error with file and line.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geomcheck.claims.claim import Claim, parse_claim
from geomcheck.claims.required_keys import completion
from geomcheck.claims.source_locations import source_locations
from geomcheck.errors import InputError, LimitError, SyntaxProblem, described
from geomcheck.problem.problem import Problem
from geomcheck.problem.read import KEYS, Complete, load_json, load_toml, problem_from, read_text
from geomcheck.problem.scanner import suggestion
from geomcheck.problem.source_location import SourceLocation, key_of

EXPECTATIONS = ("proved", "refuted", "survived", "undecided")
CLAIM_KEYS = ("id", "says", "expect", "source", "note")
SUFFIX = ".claims.toml"
MAX_CLAIMS = 10_000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class ClaimEntry:
    """One entry of a claims file: a claim, the problem it is about, what to expect, and where it comes from.

    `expect` is one of proved, refuted, survived, undecided, or None; `origin` is "file, line n".
    """

    id: str
    claim: Claim
    problem: Problem
    expect: str | None = None
    source: str = ""
    note: str = ""
    origin: str = ""

    @property
    def says(self) -> str:
        """The text of the claim."""
        return self.claim.text

    def __repr__(self) -> str:
        """One short line; ``geomcheck claims ID`` shows it in full."""
        expected = f"; expected {self.expect}" if self.expect else ""
        return f"ClaimEntry({self.id}: {self.says}; {self.problem!r}{expected})"


def read_claims(path: str | os.PathLike[str]) -> tuple[ClaimEntry, ...]:
    r"""The claims of a file, JSON when its name ends in .json, else TOML, in the order of the file.

    Raises `InputError` (with file and line) for unknown or missing keys, a repeated id, an unknown expectation, a claim
    that does not parse, a problem that does not fit together, and a file without claims.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.claims.toml")
    ...     _ = path.write_text('[[claim]]\nid = "flat"\nsays = "H == 0"\nnetwork = "1-1 linear"\nsamples = 1')
    ...     [entry.id for entry in read_claims(path)]
    ['flat']
    """
    return claims_in(read_text(path), os.fspath(path))


def claims_in(text: str, name: str) -> tuple[ClaimEntry, ...]:
    r"""The claims in the text of a file; `name` stands in the errors and its ending tells JSON from TOML.

    >>> text = '[[claim]]\nid = "flat"\nsays = "H == 0"\nnetwork = "1-1 linear"\nsamples = 1'
    >>> [(entry.id, entry.says, entry.origin) for entry in claims_in(text, "my.claims.toml")]
    [('flat', 'H == 0', 'my.claims.toml, line 1')]
    """
    is_json = name.lower().endswith(".json")
    table = load_json(text, name) if is_json else load_toml(text, name)
    for key in table:
        if key != "claim":
            hint = " (for a problem file write: geomcheck check CLAIM --problem FILE)" if key in KEYS else ""
            raise InputError(f"{name}: unknown key '{key[:40]}'; a claims file is a list of [[claim]] tables{hint}")
    listed = table.get("claim", [])
    if isinstance(listed, dict):
        raise InputError(f"{name}: expected a list of claims, got a table [claim]; write it in two brackets: [[claim]]")
    if not isinstance(listed, list) or not all(isinstance(given, dict) for given in listed):
        raise InputError(f"{name}: expected [[claim]] tables, got {described('claim', listed)}")
    if not listed:
        raise InputError(f'{name}: expected at least one claim, got none; write [[claim]], id = "...", says = "..."')
    if len(listed) > MAX_CLAIMS:
        raise LimitError(f"{name}: expected at most {MAX_CLAIMS} claims, got {len(listed)}; split the file")
    entries: dict[str, ClaimEntry] = {}
    for given, place in zip(listed, source_locations(text, name, len(listed), is_json), strict=True):
        entry = _entry(given, place)
        if (first := entries.get(entry.id)) is not None:
            raise InputError(
                f"{place.at('id')}: the id '{entry.id}' was used before, at {first.origin}; choose another"
            )
        entries[entry.id] = entry
    return tuple(entries.values())


def shipped_claims() -> tuple[ClaimEntry, ...]:
    """The claims that ship with the package, by file and in the order of each file; every id occurs once.

    >>> shipped_claims()[0].id
    'rank-equality-any-global-min'
    """
    folder = Path(__file__).parent / "catalogue"
    return tuple(entry for path in sorted(folder.glob(f"*{SUFFIX}")) for entry in read_claims(path))


def claim_with_id(entries: Sequence[ClaimEntry], wanted: str) -> ClaimEntry:
    """The entry with an id; raises `InputError` with the nearest id there is.

    >>> claim_with_id(shipped_claims(), "dead-neuron-rank-drop").problem.P
    13
    """
    for entry in entries:
        if entry.id == wanted:
            return entry
    near = suggestion(wanted, [entry.id for entry in entries])
    hint = near if near.startswith("; did") else "; list them with: geomcheck claims"
    raise InputError(f"no claim has the id '{wanted[:60]}'{hint}")


def _entry(given: Mapping[str, Any], place: SourceLocation) -> ClaimEntry:
    for key in given:
        if key not in CLAIM_KEYS and key not in KEYS:
            raise InputError(f"{place.at(key)}: unknown key '{key[:40]}'{suggestion(key, (*CLAIM_KEYS, *KEYS))}")
    for key in ("id", "says"):
        if key not in given:
            raise InputError(
                f"{place.at()}: expected the key '{key}' in this [[claim]], got {', '.join(given) or 'none'}"
            )
    for key in CLAIM_KEYS:
        if key in given and not isinstance(given[key], str):
            raise InputError(f"{place.at(key)}: {key}: expected text in quotes, got {described(key, given[key])}")
    if not _ID.fullmatch(given["id"]):
        expected = "up to 100 letters, digits, '.', '_' and '-', a letter or digit first"
        raise InputError(f"{place.at('id')}: id: expected {expected}, got {described('id', given['id'])}")
    expect = given.get("expect")
    if expect is not None and expect not in EXPECTATIONS:
        near = suggestion(expect, EXPECTATIONS)
        raise InputError(f"{place.at('expect')}: expect: unknown verdict '{expect[:40]}'{near}")
    claim = _claim(given["says"], place)
    about = {key: value for key, value in given.items() if key in KEYS}
    return ClaimEntry(
        id=given["id"],
        claim=claim,
        problem=_problem(about, given["id"], place, completion(claim.tree)),
        expect=expect,
        source=given.get("source", ""),
        note=given.get("note", ""),
        origin=place.at(),
    )


def _claim(says: str, place: SourceLocation) -> Claim:
    try:
        return parse_claim(says, "says")
    except SyntaxProblem as problem:
        raise place.syntax(problem, "says", "says") from None


def _problem(given: Mapping[str, Any], claim_id: str, place: SourceLocation, complete: Complete) -> Problem:
    where = f"claim '{claim_id}'"
    try:
        return problem_from(given, where, complete)
    except SyntaxProblem as problem:
        key = key_of(problem.source_name, where, KEYS)
        raise place.syntax(problem, key, problem.source_name) from None
    except InputError as error:
        raise type(error)(f"{place.at(key_of(str(error), where, KEYS))}: {error}") from None
