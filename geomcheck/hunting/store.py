"""What hunts remember: one SQLite database in write-ahead mode, one transaction a fact, so that a kill loses nothing.

Tables: `hunt`, one row a claim, by its canonical text together with the canonical JSON of its problem; `seed`, one row
a seed taken, with the record of its search once it is done; `finding`, one row a counterexample, with the whole
instance and the certificate that the checker accepted. A seed is leased: a process that dies leaves its seed to others
after a while. Any number of processes may hunt on one database at once.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

from geomcheck.answer import Record
from geomcheck.errors import InputError
from geomcheck.problem.canonical import problem_from_json, problem_to_json

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim
    from geomcheck.problem.problem import Problem

__all__ = ["DEFAULT", "MOST_FINDINGS", "Found", "Store"]

DEFAULT: Final = ".geomcheck/hunts.sqlite"
MOST_FINDINGS: Final = 100
VERSION: Final = 1
_APPLICATION: Final = 0x67636B68  # "gckh", so that other people's databases are left alone
_PATIENCE_SECONDS: Final = 30
_TABLES: Final = """
CREATE TABLE hunt (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, claim TEXT NOT NULL, problem TEXT NOT NULL);
CREATE TABLE seed (hunt INTEGER NOT NULL REFERENCES hunt (id), seed INTEGER NOT NULL, taken_until INTEGER NOT NULL,
    record TEXT, PRIMARY KEY (hunt, seed));
CREATE TABLE finding (id INTEGER PRIMARY KEY, hunt INTEGER NOT NULL REFERENCES hunt (id), seed INTEGER NOT NULL,
    digest TEXT NOT NULL, instance TEXT NOT NULL, certificate TEXT NOT NULL, UNIQUE (hunt, digest));
"""


@final
@dataclass(frozen=True)
class Found:
    """A stored counterexample: its number, the seed it came from, the instance."""

    id: int
    seed: int
    instance: Problem


@final
class Store:
    """The database at a path, made if it is not there.

    Raises:
        InputError: when the file cannot be made, read or written, is damaged, or is some other program's database.

    >>> import tempfile
    >>> from geomcheck.claims.claim import parse_claim
    >>> from geomcheck.problem.read import problem_from
    >>> with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/hunts.sqlite") as store:
    ...     hunt = store.hunt(parse_claim("H == 0"), problem_from({"network": "1-1", "samples": 1}))
    ...     store.take(hunt, 60), store.take(hunt, 60), store.findings(hunt)
    (0, 1, [])
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"expected a folder for the database of hunts, got path={str(self._path.parent)!r} "
                f"({error.strerror}); name another with --state"
            ) from error
        self._database: sqlite3.Connection | None = None
        with self._clear():
            self._database = sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS, isolation_level=None)
            self._prepare(self._database)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def check(self) -> None:
        """Raise InputError where the file is damaged."""
        with self._clear():
            (answer,) = self._one("PRAGMA quick_check(1)")
            if answer != "ok":
                raise sqlite3.DatabaseError(answer)

    def hunt(self, claim: Claim, problem: Problem) -> int:
        """The number of the hunt for counterexamples to a claim, new or resumed."""
        written = _text(problem_to_json(problem))
        key = _text({"claim": claim.canonical, "problem": problem_to_json(problem)})
        with self._clear():
            self._run(
                "INSERT INTO hunt (key, claim, problem) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                key,
                claim.canonical,
                written,
            )
            (number,) = self._one("SELECT id FROM hunt WHERE key = ?", key)
            return int(number)

    def take(self, hunt: int, lease: int) -> int:
        """The least seed that is neither done nor taken, now taken for `lease` seconds."""
        now = int(time.time())
        with self._clear(), self._transaction():
            row = self._any(
                "SELECT seed FROM seed WHERE hunt = ? AND record IS NULL AND taken_until < ? ORDER BY seed", hunt, now
            )
            if row is None:
                row = self._one("SELECT coalesce(max(seed) + 1, 0) FROM seed WHERE hunt = ?", hunt)
            self._run("INSERT OR REPLACE INTO seed VALUES (?, ?, ?, NULL)", hunt, row[0], now + lease)
            return int(row[0])

    def done(self, hunt: int, seed: int, record: Record) -> None:
        """Keep the record of a seed's search."""
        with self._clear():
            self._run("UPDATE seed SET record = ? WHERE hunt = ? AND seed = ?", _text(asdict(record)), hunt, seed)

    def add(self, hunt: int, seed: int, instance: Problem, certificate: Mapping[str, Any]) -> int:
        """Keep a counterexample; its number, that of the old one where it was known already."""
        written = _text(problem_to_json(instance))
        digest = sha256(written.encode()).hexdigest()
        with self._clear(), self._transaction():
            self._run(
                "INSERT INTO finding (hunt, seed, digest, instance, certificate) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET instance = excluded.instance, certificate = excluded.certificate",
                *(hunt, seed, digest, written, _text(certificate)),
            )
            (number,) = self._one("SELECT id FROM finding WHERE hunt = ? AND digest = ?", hunt, digest)
            return int(number)

    def replace(self, old: int, new: int) -> None:
        """Let a smaller counterexample stand for the one it was made from."""
        if old != new:
            with self._clear():
                self._run("DELETE FROM finding WHERE id = ?", old)

    def findings(self, hunt: int) -> list[Found]:
        """The stored counterexamples, in the order in which they were found."""
        with self._clear():
            rows = self._rows("SELECT id, seed, instance FROM finding WHERE hunt = ? ORDER BY id", hunt)
            return [Found(int(a), int(b), problem_from_json(json.loads(c))) for a, b, c in rows]

    def records(self, hunt: int) -> dict[int, Record]:
        """The records of the seeds that are done."""
        with self._clear():
            rows = self._rows("SELECT seed, record FROM seed WHERE hunt = ? AND record IS NOT NULL", hunt)
            return {int(seed): Record(**json.loads(record)) for seed, record in rows}

    def discards(self, hunt: int) -> dict[str, int]:
        """What was set aside, over all seeds."""
        total: Counter[str] = Counter()
        for record in self.records(hunt).values():
            total.update(record.discards)
        return dict(sorted(total.items()))

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Make the tables in a new file; leave a file alone that is not ours."""
        database.execute(f"PRAGMA busy_timeout = {_PATIENCE_SECONDS * 1000}")
        if self._identity() == (0, 0, 0):
            with self._transaction():
                if self._identity() == (0, 0, 0):  # still, now that nobody else can be making them
                    for statement in _TABLES.split(";")[:-1]:
                        database.execute(statement)
                    database.execute(f"PRAGMA application_id = {_APPLICATION}")
                    database.execute(f"PRAGMA user_version = {VERSION}")
        application, version, _ = self._identity()
        if application != _APPLICATION:
            raise sqlite3.DatabaseError("it belongs to another program")
        if version != VERSION:
            raise sqlite3.DatabaseError(f"it is of version {version}, this geomcheck writes version {VERSION}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")

    def _identity(self) -> tuple[int, int, int]:
        """Application number, version and number of tables; three zeros for a new file."""
        counts = (
            self._one("PRAGMA application_id"),
            self._one("PRAGMA user_version"),
            self._one("SELECT count(*) FROM sqlite_master"),
        )
        application, version, tables = (int(row[0]) for row in counts)
        return application, version, tables

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """Whatever goes wrong with the file becomes one clear error."""
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, KeyError, InputError) as error:
            self.close()
            why = " ".join(str(error).split())[:200]
            raise InputError(
                f"expected a database of hunts that can be read and written, got path={str(self._path)!r} ({why}); "
                "move it away, or name another with --state"
            ) from error

    def _run(self, statement: str, *values: Any) -> None:
        self._execute(statement, values)

    def _one(self, statement: str, *values: Any) -> tuple[Any, ...]:
        row = self._any(statement, *values)
        if row is None:
            raise sqlite3.DatabaseError("an entry is missing")
        return row

    def _any(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._execute(statement, values).fetchone()
        return row

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._execute(statement, values).fetchall()

    def _execute(self, statement: str, values: tuple[Any, ...]) -> sqlite3.Cursor:
        if self._database is None:
            raise sqlite3.ProgrammingError("it was closed")
        return self._database.execute(statement, values)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
