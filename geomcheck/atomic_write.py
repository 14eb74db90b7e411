"""Writing files whole: a reader sees the old file or the new one, never half of it."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from geomcheck.errors import InputError

__all__ = ["json_text", "write_text", "writing"]


def json_text(value: Any) -> str:
    r"""The JSON of a certificate or a report: sorted keys, indent 1, a closing newline, no NaN.

    >>> json_text({"b": 1, "a": []})
    '{\n "a": [],\n "b": 1\n}\n'
    """
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@contextlib.contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A temporary file in the same folder, renamed to `path` at the end if nothing was raised.

    Raises:
        InputError: when the folder does not exist or cannot be written; no partial file is left.
    """
    target = Path(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        with open(handle, "wb") as stream:
            yield stream
        # mkstemp makes the file private to its owner; a written report is as readable as any other file.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, target)
    except OSError as error:
        raise InputError(
            f"expected a path that can be written, got path={str(target)!r} ({error.strerror or error}); "
            "name an existing folder you may write to"
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write UTF-8 text, whole; InputError as `writing`."""
    with writing(path) as stream:
        stream.write(text.encode("utf-8"))
