"""The processes of a hunt: started afresh, listened to, called back."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, final

from geomcheck.errors import InputError
from geomcheck.fresh_interpreter import started

if TYPE_CHECKING:
    from geomcheck.hunting.worker import Order

__all__ = ["Pack"]

_PROGRAM: Final = "from geomcheck.hunting.worker import main; raise SystemExit(main())"
_GRACE_NANOSECONDS: Final = 4 * 10**9
_TICK_NANOSECONDS: Final = 2 * 10**8


@final
class Pack:
    """Some workers on one order. On leaving they are told to stop, and killed if they do not."""

    def __init__(self, order: Order, workers: int) -> None:
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._processes: list[subprocess.Popen[str]] = []
        self._trials: dict[tuple[int, int], int] = {}
        self._ended: list[bool] = []
        self._crash = ""
        try:
            for number in range(workers):
                process = started(_PROGRAM)
                self._processes.append(process)
                threading.Thread(target=self._listen, args=(number, process), daemon=True).start()
                self._send(process, order.line())
        except BaseException:
            self._kill()
            raise

    @property
    def words(self) -> str:
        """How far things are."""
        return f"{sum(self._trials.values())} instances, {len(self._trials)} seeds"

    @property
    def exhausted(self) -> bool:
        """Whether every worker ended because nothing new could be drawn."""
        return len(self._ended) == len(self._processes) and all(self._ended)

    def events(self, deadline: int) -> Iterator[dict[str, Any]]:
        """What the workers say, and an empty event now and then, until `deadline` or until all have ended.

        Raises:
            InputError: what a worker complained of; RuntimeError where none came to its end.
        """
        running = len(self._processes)
        while running and time.monotonic_ns() < deadline:
            try:
                message = self._messages.get(timeout=_TICK_NANOSECONDS / 10**9)
            except queue.Empty:
                yield {}
                continue
            if message is None:
                running -= 1
                continue
            match message.get("event"):
                case "error":
                    raise InputError(str(message.get("message")))
                case "crash":
                    self._crash = str(message.get("message"))
                case "end":
                    self._ended.append(bool(message.get("exhausted")))
                case "progress" | "seed":
                    self._trials[message["worker"], message["seed"]] = message["trials"]
            yield message
        if not running and not self._ended:
            raise RuntimeError(self._crash or "every hunting process died")

    def __enter__(self) -> Pack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for process in self._processes:
                self._send(process, "stop\n")
            end = time.monotonic_ns() + _GRACE_NANOSECONDS
            while time.monotonic_ns() < end and any(process.poll() is None for process in self._processes):
                time.sleep(_TICK_NANOSECONDS / 10**10)
        finally:
            self._kill()

    def _kill(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()

    def _send(self, process: subprocess.Popen[str], line: str) -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            process.stdin.write(line)
            process.stdin.flush()

    def _listen(self, number: int, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError), process.stdout:
            for line in process.stdout:
                with contextlib.suppress(json.JSONDecodeError):
                    self._messages.put({**json.loads(line), "worker": number})
        self._messages.put(None)
