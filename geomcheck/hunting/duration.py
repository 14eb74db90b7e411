"""Lengths of time as people write them."""

from __future__ import annotations

import re
from typing import Final

from geomcheck.errors import InputError, described

MOST_SECONDS: Final = 365 * 24 * 3600
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(?:(\d{1,9})([smhd]))(?:(\d{1,9})([smhd]))?", re.ASCII)


def seconds_in(text: str | int, name: str = "time") -> int:
    """Whole seconds: from "90s", "10m", "2h", "1d" or "1h30m", or from a number of seconds.

    Raises:
        InputError: for anything else, and for no time or more than a year.

    >>> seconds_in("10m"), seconds_in("1h30m"), seconds_in(45)
    (600, 5400, 45)
    """
    if isinstance(text, int) and not isinstance(text, bool):
        seconds = text
    else:
        match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            raise InputError(f'expected a time such as "90s", "10m" or "2h", got {described(name, text)}; add a unit')
        seconds = int(match[1]) * _UNITS[match[2]] + (int(match[3]) * _UNITS[match[4]] if match[3] else 0)
    if not 1 <= seconds <= MOST_SECONDS:
        raise InputError(f"expected a time from 1s to 365d, got {described(name, text)}; choose one in between")
    return seconds
