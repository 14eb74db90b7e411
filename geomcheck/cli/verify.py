"""``geomcheck verify``: check certificates, trusting nothing but ``checker.py``."""

from __future__ import annotations

import argparse
from os.path import isfile

import geomcheck
from geomcheck.cli.options import add_common
from geomcheck.cli.output import FINE, REJECTED, Output
from geomcheck.errors import CertificateError, InputError

__all__ = ["add", "run"]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "verify",
        help="check certificates",
        description="Check certificates with the stand-alone checker. The same file runs alone: "
        "python -I geomcheck/checker.py CERT",
        allow_abbrev=False,
    )
    command.add_argument("files", nargs="+", metavar="CERT", help="certificate files")
    add_common(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check every file; exit 4 when one is rejected."""
    for name in arguments.files:
        if not isfile(name):
            raise InputError(f"expected a certificate file, got path={name!r}, which is not a file; check the name")
    results = []
    with Output(arguments.output) as output:
        for name in arguments.files:
            result = _check(name)
            results.append(result)
            if arguments.format == "text":
                word = "ACCEPTED" if result["accepted"] else "REJECTED"
                output.write(f"{word}  {name}\n          {result['says']}")
            elif arguments.format == "concise":
                output.write("\t".join(("accepted" if result["accepted"] else "rejected", name, str(result["says"]))))
        if arguments.format == "json":
            from geomcheck.atomic_write import json_text

            output.write(json_text({"certificates": results}))
    return FINE if all(result["accepted"] for result in results) else REJECTED


def _check(name: str) -> dict[str, object]:
    try:
        return {"file": name, "accepted": True, "says": geomcheck.verify(name)}
    except CertificateError as error:
        return {"file": name, "accepted": False, "says": str(error)}
