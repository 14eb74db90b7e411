"""What a person gets for a claim: one of four outcomes, with what shows it; it prints itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import NoReturn, final

from geomcheck.answer import AbstractVerdict
from geomcheck.atomic_write import json_text, write_text
from geomcheck.errors import InputError
from geomcheck.render.html import verdict_html
from geomcheck.render.text import verdict_text

__all__ = ["Verdict"]


@final
@dataclass(frozen=True, eq=False, repr=False)
class Verdict(AbstractVerdict):
    """One answer to one claim. It prints as text in a terminal and as HTML in a notebook.

    A verdict has no truth value and no equality: four outcomes do not fit a bool, and two answers are not
    interchangeable. Compare :attr:`outcome`, or use :attr:`proved`, :attr:`refuted`, :attr:`survived`,
    :attr:`undecided`.

    Its attributes are those of :class:`geomcheck.answer.AbstractVerdict`: ``outcome``, ``claim`` and ``problem``; for
    PROVED ``steps`` and ``certificate``, for REFUTED ``witness`` and ``certificate``, for SURVIVED ``record``, for
    UNDECIDED ``reason``, ``known`` and ``next_step``.

    Raises:
        TypeError: on ``bool(verdict)``, ``==``, ``<`` and their kin.
        GeomcheckError: from :meth:`save` where there is no certificate or the file cannot be written.

    >>> import geomcheck as gc
    >>> verdict = gc.check("rank(H) <= P", network="1-1 linear", samples=1)
    >>> verdict.outcome, verdict.proved, verdict.steps[-1]
    ('PROVED', True, 'Therefore rank(H) <= P.')
    """

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the certificate as JSON: complete, or not at all."""
        if self.certificate is None:
            raise InputError(
                f"expected a verdict with a certificate, got outcome={self.outcome!r} (str); "
                "only PROVED and REFUTED carry one, so test verdict.proved or verdict.refuted first"
            )
        write_text(path, json_text(self.certificate))

    def __repr__(self) -> str:
        """One short line; ``print(verdict)`` shows the whole answer."""
        count = f" {self.record.trials}" if self.survived and self.record is not None else ""
        reason = f" ({self.reason})" if self.reason else ""
        return f"Verdict({self.outcome}{count}{reason}: {self.claim}; {self.problem!r})"

    def __str__(self) -> str:
        return verdict_text(self)

    def _repr_html_(self) -> str:
        return verdict_html(self)

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is neither true nor false: use verdict.proved, or compare verdict.outcome")

    def _no_comparison(self, other: object) -> NoReturn:
        raise TypeError("verdicts do not compare: compare verdict.outcome, such as verdict.outcome == 'PROVED'")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _no_comparison
    __hash__ = object.__hash__
