"""The README's sample output: read it, make it again, and with --write put it in.

python tests/snapshots/readme.py --write
"""

import io
import os
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
CONSOLE = re.compile(r"(?<=^```console\n)(\$ (?:.*\\\n)*.*\n)((?:.*\n)*?)(?=^```$)", re.MULTILINE)
SECONDS = re.compile(r"\b\d+\.\d+ s\b")


def samples(text: str) -> list[tuple[str, str]]:
    """(command, shown output) of every console block."""
    return [(match[1], match[2]) for match in CONSOLE.finditer(text)]


def printed(command: str) -> str:
    """What `geomcheck ...` writes to stdout, run in this process."""
    from geomcheck.cli import main

    words = shlex.split(command.removeprefix("$ ").replace("\\\n", " "))
    assert words[0] == "geomcheck", command
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        main(words[1:])
    assert not err.getvalue(), err.getvalue()
    return out.getvalue()


def settled(text: str) -> str:
    """The text without what differs from run to run."""
    return SECONDS.sub("0.0 s", text)


def write() -> None:
    """Put the present output into the README."""
    text = README.read_text(encoding="utf-8")
    README.write_text(CONSOLE.sub(lambda match: match[1] + printed(match[1]), text), encoding="utf-8")


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write()
