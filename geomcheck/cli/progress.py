"""A bar on stderr for anything over a second, for a person at a terminal; silent otherwise."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Bar"]

_PATIENCE_SECONDS: Final = 1


class Bar:
    """Call it with (done, total, what); it draws itself after a second, and clears itself at the end.

    >>> with Bar() as bar:
    ...     bar(1, 3, "claims")
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._state: tuple[int, int | None, str] = (0, None, "")
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._timer: threading.Timer | None = None

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Say how far things are; a total of None is not known."""
        with self._lock:
            self._state = (done, total, what)
            if self._progress is not None and self._task is not None:
                self._progress.update(self._task, completed=done, total=total, description=what)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """While something is printed."""
        with self._lock:
            if self._progress is not None:
                self._progress.stop()
            try:
                yield
            finally:
                if self._progress is not None:
                    self._progress.start()

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            self._timer = threading.Timer(_PATIENCE_SECONDS, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._progress is not None:
                self._progress.stop()
                self._progress = None

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with self._lock:
            if self._timer is None:
                return
            console = Console(stderr=True)
            self._progress = Progress(*columns, console=console, transient=True, redirect_stdout=False)
            done, total, what = self._state
            self._task = self._progress.add_task(what, total=total, completed=done)
            self._progress.start()
