"""Python processes of our own, started afresh rather than forked: no main module needs to be guarded for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

__all__ = ["started"]


def started(
    program: str, options: Sequence[str] = (), environment: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[str]:
    r"""A new interpreter with this one's path that runs a program, in a session of its own, with pipes to talk through.

    >>> process = started("print(input())")
    >>> process.communicate("1\n")[0].strip()
    '1'
    """
    path = [*(entry for entry in sys.path if entry), str(Path(__file__).resolve().parents[1])]
    return subprocess.Popen(
        [sys.executable, "-P", *options, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)} | dict(environment),
        start_new_session=True,
    )
