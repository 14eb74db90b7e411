"""Work spread over processes, with the results in the order of the work."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

__all__ = ["in_order", "processes"]

_MANY: Final = 16  # pieces of work; starting a process costs as much as a few
_MOST: Final = 8

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def processes(asked: int | None, pieces: int) -> int:
    """How many processes to use: what is asked for, or for many pieces one a processor.

    >>> processes(None, 3), processes(2, 100), processes(4, 3)
    (1, 2, 3)
    """
    wanted = (min(_MOST, os.cpu_count() or 1) if pieces >= _MANY else 1) if asked is None else asked
    return max(1, min(wanted, pieces))


def in_order(work: Callable[[Piece], Result], pieces: Sequence[Piece], workers: int) -> Iterator[Result]:
    """``work`` of each piece, in order, as it is known; with one worker it is done in this process.

    Work, pieces and results travel between processes, so they can be pickled. What ends the iteration early ends the
    processes too.

    >>> list(in_order(abs, [-1, 2], 1))
    [1, 2]
    """
    if workers == 1:
        yield from map(work, pieces)
        return
    import multiprocessing  # only here: every command pays for what is imported above
    from concurrent.futures import ProcessPoolExecutor

    started = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _leave_interrupts_to_the_parent)
    try:
        for future in [pool.submit(work, piece) for piece in pieces]:
            yield future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - started:
            child.terminate()
        raise
    pool.shutdown()


def _leave_interrupts_to_the_parent() -> None:
    """An interrupt from the keyboard reaches the children as well; the parent ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
