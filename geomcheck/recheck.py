"""Checking certificate files from Python; all the judging is done by ``checker.py``."""

from __future__ import annotations

import json
import os
import re

from geomcheck.checker import check_certificate
from geomcheck.errors import CertificateError
from geomcheck.problem.toml_json import read_text

__all__ = ["verify"]


def verify(path: str | os.PathLike[str]) -> str:
    """What an accepted certificate establishes, as ``VERDICT  claim``.

    Raises:
        CertificateError: when the checker rejects it; the message is the checker's reason.
        InputError: when the file cannot be read.

    >>> import geomcheck as gc
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "small.json")
    ...     gc.check("rank(H) <= P", network="1-1 linear", samples=1).save(path)
    ...     verify(path)
    'PROVED  rank(H) <= P'
    """
    text = read_text(path, meant="a certificate as geomcheck check --save DIR writes them")
    fine, reason = check_certificate(text)
    if not fine:
        raise CertificateError(_plainly(reason))
    certificate = json.loads(text)
    return f"{certificate['verdict']}  {certificate['claim']}"


def _plainly(reason: str) -> str:
    """The checker's reason without the names of Python's own exceptions, where the file is no JSON text."""
    if reason.startswith("RecursionError"):
        return "nested too deeply to be a certificate"
    return re.sub("^JSONDecodeError: ", "not a JSON text: ", reason)
