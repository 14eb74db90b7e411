"""Where in a claims file each claim and each of its keys stands, so that an error can say the line."""

import json
import re

from geomcheck.problem.source_location import SourceLocation

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*(?:claim|\"claim\"|'claim')[ \t]*\]\]", re.MULTILINE)
_LIST = re.compile(r'"claim"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


def source_locations(text: str, name: str, count: int, is_json: bool) -> tuple[SourceLocation, ...]:
    r"""The locations of the `count` claims that the text of a file was found to hold.

    >>> [place.at("says") for place in source_locations('[[claim]]\nid = "a"\nsays = "L == 0"', "f", 1, False)]
    ['f, line 3']
    """
    starts = _json_starts(text) if is_json else [match.start() for match in _HEADER.finditer(text)]
    lines = tuple(text.split("\n"))
    if len(starts) != count:
        # Written in some other way, such as claim = [{...}]: then the file alone is named.
        return (SourceLocation(name, lines, None, 0),) * count
    firsts, line, position = [], 1, 0
    for start in starts:
        line += text.count("\n", position, start)
        position = start
        firsts.append(line)
    lasts = [following - (0 if is_json else 1) for following in firsts[1:]] + [len(lines)]
    return tuple(SourceLocation(name, lines, first, last) for first, last in zip(firsts, lasts, strict=True))


def _json_starts(text: str) -> list[int]:
    opening = _LIST.search(text)
    starts: list[int] = []
    position = opening.end() if opening else len(text)
    decoder = json.JSONDecoder()
    while True:
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]  # it matches the empty text
        if position >= len(text) or text[position] != "{":
            return starts
        starts.append(position)
        position = decoder.raw_decode(text, position)[1]
