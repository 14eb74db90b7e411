"""One claim with its problem: typed in with the problem options, or the id of a claim that ships with the package."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Final

import geomcheck
from geomcheck.cli.options import add_problem, given_options, problem_of
from geomcheck.errors import InputError

if TYPE_CHECKING:
    from geomcheck.claims.claim import Claim
    from geomcheck.problem.problem import Problem

__all__ = ["add_subject", "counted", "subject"]

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def add_subject(command: argparse.ArgumentParser) -> None:
    """The claim, and the options of its problem."""
    command.add_argument("claim", metavar="CLAIM|ID", help="the text of a claim, or the id of a shipped one")
    add_problem(command)


def subject(arguments: argparse.Namespace) -> tuple[Claim, Problem]:
    """The claim and the problem it is about.

    Raises:
        InputError: for a claim that does not parse, an id that no shipped claim has, and a problem that is not given.
    """
    text: str = arguments.claim
    if arguments.problem is None and not given_options(arguments) and _ID.fullmatch(text):
        from geomcheck.cli.claims import entry_named

        entry = entry_named(geomcheck.shipped_claims(), text)
        return entry.claim, entry.problem
    claim = geomcheck.parse_claim(text)
    return claim, problem_of(arguments, claim.tree)


def counted(text: str) -> int:
    """A whole number of at most twelve digits."""
    if not re.fullmatch(r"\d{1,12}", text):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)


def at_least_one(name: str, value: int) -> int:
    """The value of an option that must be 1 or more.

    >>> at_least_one("--workers", 2)
    2
    """
    if value < 1:
        raise InputError(f"expected {name} of at least 1, got {value}; leave it out for the default")
    return value
