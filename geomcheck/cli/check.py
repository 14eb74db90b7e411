"""``geomcheck check``: settle the claims of files, a claim typed in, or the claims that ship with the package."""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geomcheck
from geomcheck.cli.options import add_common, add_problem, given_options, problem_of
from geomcheck.cli.output import BELOW_LEVEL, FINE, REFUTED, REJECTED, WRONG_INPUT, Output, folder
from geomcheck.cli.pool import in_order, processes
from geomcheck.cli.progress import Bar
from geomcheck.errors import GeomcheckError, InputError, SyntaxProblem
from geomcheck.problem.scanner import suggest
from geomcheck.render.page import wrapped

if TYPE_CHECKING:
    from geomcheck.claims.files import ClaimEntry
    from geomcheck.claims.tree import Tree
    from geomcheck.verdict import Verdict

__all__ = ["add", "run"]

_LEVELS: Final = {"UNDECIDED": 0, "REFUTED": 0, "SURVIVED": 1, "PROVED": 2}
_INDENT: Final = "    "
_SHOWN_UNMET: Final = 20
_FORMATS: Final = ("text", "json", "concise", "latex", "html", "python")
# The worst comes first: a rejected certificate is an error of ours, wrong input an error of the user's.
_SEVERITY: Final = (REJECTED, WRONG_INPUT, REFUTED, BELOW_LEVEL, FINE)


@dataclass(frozen=True)
class Job:
    """One claim to settle: its name, its text, the outcome it is expected to have, and how to settle it."""

    name: str
    claim_id: str | None
    claim: str
    expect: str | None
    settle: Callable[..., Verdict]


@dataclass(frozen=True)
class Answer:
    """A job with its verdict, or with the error that stopped it."""

    job: Job
    verdict: Verdict | None
    error: GeomcheckError | None
    seconds: str

    @property
    def met(self) -> bool | None:
        """Whether the expectation is met; None where there is none."""
        if self.job.expect is None:
            return None
        return self.verdict is not None and self.verdict.outcome == self.job.expect.upper()

    def exit_code(self, required: str | None) -> int:
        """An expectation, where there is one, is what counts; else the verdict and the required level.

        One that is not met is 1 where the claim is refuted, and 3 for every other verdict, better ones included: the
        file says what was known, and is to be mended.
        """
        if self.verdict is None:
            return self.error.exit_code if self.error is not None else WRONG_INPUT
        if self.met:
            return FINE
        if self.verdict.refuted:
            return REFUTED
        level = _LEVELS[required.upper()] if required is not None else 0
        return BELOW_LEVEL if self.met is False or _LEVELS[self.verdict.outcome] < level else FINE


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's parser."""
    command = commands.add_parser(
        "check",
        help="settle claims",
        description="Settle claims: PROVED, REFUTED by an exact counterexample, SURVIVED a search, or UNDECIDED. "
        "Without arguments, the claims that ship with the package.",
        allow_abbrev=False,
    )
    command.add_argument("what", nargs="*", metavar="FILE|CLAIM", help="claims files, or the text of a claim")
    command.add_argument("--only", metavar="ID", action="append", help="only this claim of the files (repeatable)")
    command.add_argument("--verbose", action="store_true", help="print the whole answer to every claim")
    command.add_argument("--require", choices=("proved", "survived"), help="exit 3 below this level")
    command.add_argument("--save", metavar="DIR", help="write the certificates there")
    command.add_argument(
        "--smallest", action="store_true", help="also refute a refuted claim for the smallest shape that can be found"
    )
    command.add_argument(
        "--workers", type=_count, metavar="N", help="processes over many claims (default: one a processor, 8 at most)"
    )
    limits = command.add_argument_group("limits of the search, for each claim")
    limits.add_argument("--trials", type=_count, default=200, metavar="N", help="instances in scope (default: 200)")
    limits.add_argument("--seconds", type=_count, default=20, metavar="S", help="wall time (default: 20)")
    limits.add_argument("--seed", type=_count, default=0, metavar="N", help="seed of the search (default: 0)")
    add_problem(command)
    add_common(command, _FORMATS)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Settle every claim, print each answer as it comes, and return the exit code of the worst."""
    jobs = _jobs(arguments)
    target = folder(arguments.save) if arguments.save else None
    answers: list[Answer] = []
    with Output(arguments.output) as output, Bar() as bar:
        printer = _Printer(output, arguments, whole=arguments.verbose or len(jobs) == 1, width=_width(jobs))
        workers = processes(arguments.workers, len(jobs))
        found = in_order(_settle, jobs, workers) if len(jobs) != 1 else iter([_settle(jobs[0], bar)])
        for number, job in enumerate(jobs):
            bar(number, len(jobs), job.name)
            answer = next(found)
            answers.append(answer)
            if target is not None and answer.verdict is not None and answer.verdict.certificate is not None:
                answer.verdict.save(target / f"{job.name}.json")
                if answer.verdict.smaller is not None:
                    answer.verdict.smaller.save(target / f"{job.name}-smallest.json")
            with bar.hidden():
                printer.answer(answer)
        with bar.hidden():
            printer.end(answers)
    codes = {answer.exit_code(arguments.require) for answer in answers}
    return next((code for code in _SEVERITY if code in codes), FINE)


def _settle(job: Job, bar: Bar | None = None) -> Answer:
    started = time.perf_counter()
    verdict, error = None, None
    try:
        # Over many claims the bar counts claims; over one, the instances of its search.
        verdict = (
            job.settle() if bar is None else job.settle(progress=lambda done, total: bar(done, total, "instances"))
        )
    except GeomcheckError as stopped:
        error = stopped
    seconds = verdict.seconds if verdict is not None and verdict.seconds else f"{time.perf_counter() - started:.1f}"
    return Answer(job, verdict, error, seconds)


def _jobs(arguments: argparse.Namespace) -> list[Job]:
    limits = {"trials": arguments.trials, "seconds": arguments.seconds, "seed": arguments.seed}
    if arguments.smallest:
        limits["smallest"] = True
    texts = [what for what in arguments.what if not _is_file(what)]
    files = [what for what in arguments.what if _is_file(what)]
    stray = [*(["problem"] if arguments.problem else []), *given_options(arguments)]
    for text in texts:
        _refuse_path_or_id(text, alone=not stray)
    if stray and not texts:
        raise InputError(
            f"expected --{stray[0].replace('_', '-')} together with the text of a claim, got no claim; "
            "a claims file carries its own problems"
        )
    if arguments.only and texts:
        raise InputError("expected --only with claims files, got the text of a claim; leave --only out")
    jobs = []
    if texts:
        problem = problem_of(arguments, *_trees(texts))
        for number, text in enumerate(texts, 1):
            name = "claim" if len(texts) == 1 else f"claim-{number}"
            jobs.append(Job(name, None, text, None, partial(geomcheck.check, text, problem=problem, **limits)))
    entries = [entry for path in files for entry in geomcheck.read_claims(path)]
    if not arguments.what:
        entries = list(geomcheck.shipped_claims())
    jobs += [_entry_job(entry, limits) for entry in _chosen(entries, arguments.only)]
    return _distinct(jobs)


def _entry_job(entry: ClaimEntry, limits: dict[str, int]) -> Job:
    return Job(entry.id, entry.id, entry.says, entry.expect, partial(geomcheck.check_entry, entry, **limits))


def _trees(texts: Sequence[str]) -> list[Tree]:
    """The trees of the claims; none where one does not parse, which is told when it is settled."""
    with suppress(SyntaxProblem):
        return [geomcheck.parse_claim(text).tree for text in texts]
    return []


def _chosen(entries: Sequence[ClaimEntry], only: list[str] | None) -> list[ClaimEntry]:
    if only is None:
        return list(entries)
    from geomcheck.cli.claims import entry_named

    return [entry_named(entries, name) for name in only]


def _distinct(jobs: list[Job]) -> list[Job]:
    """Names that are safe as file names and, over several files, all different."""
    seen: Counter[str] = Counter()
    answer = []
    for job in jobs:
        name = re.sub(r"[^\w.-]+", "-", job.name).strip(".-") or "claim"
        seen[name] += 1
        answer.append(
            Job(name if seen[name] == 1 else f"{name}-{seen[name]}", job.claim_id, job.claim, job.expect, job.settle)
        )
    return answer


class _Printer:
    """Writes answers in the chosen format: in text one line a claim, or the whole answer where it is asked for."""

    def __init__(self, output: Output, arguments: argparse.Namespace, *, whole: bool, width: int) -> None:
        self._output = output
        self._format: str = arguments.format
        self._required: str | None = arguments.require
        self._whole = whole
        self._width = width
        self._first = True
        self._collected: list[dict[str, Any]] = []
        self._names: Counter[str] = Counter()  # of the test functions written

    def answer(self, answer: Answer) -> None:
        """Write one answer (JSON is written at the end)."""
        if self._format == "json":
            self._collected.append(_answer_json(answer))
        elif self._format == "concise":
            self._output.write(_answer_concise(answer))
        elif self._format == "python":
            self._python(answer)
        elif answer.verdict is None:
            self._output.write(f"✗ ERROR      {answer.job.name}\n{_error_text(answer.error, self._output.width)}")
        elif self._format == "latex":
            from geomcheck.render.latex import verdict_latex

            self._output.write(verdict_latex(answer.verdict) + "\n")
        elif self._format == "html":
            self._output.write(answer.verdict._repr_html_())
        else:
            self._text(answer, answer.verdict)

    def end(self, answers: list[Answer]) -> None:
        """Write what is said about all answers together."""
        if self._format == "json":
            from geomcheck.atomic_write import json_text

            self._output.write(json_text({"claims": self._collected, "summary": _summary(answers)}))
        elif self._format == "text" and len(answers) != 1:
            lines = wrapped(_summary_text(answers), self._output.width)
            unmet = [answer for answer in answers if answer.met is False]
            for answer in unmet[:_SHOWN_UNMET]:
                got = "an error" if answer.verdict is None else answer.verdict.outcome
                lines += wrapped(f"Not met: {answer.job.name}, expected {answer.job.expect}, got {got}.")
            lines += [f"… and {len(unmet) - _SHOWN_UNMET} more not met."] if len(unmet) > _SHOWN_UNMET else []
            self._output.write("\n" + "\n".join(lines))

    def _python(self, answer: Answer) -> None:
        """A test for every counterexample, one module in all; whatever else was found is a comment."""
        from geomcheck.render.python import HEADER, test_function, test_name

        if self._first:
            self._output.write(HEADER)
        self._first = False
        if answer.verdict is None or not answer.verdict.refuted:
            word = "ERROR" if answer.verdict is None else answer.verdict.outcome
            said = "" if answer.error is None else f": {answer.error}"
            self._output.write("\n".join(f"# {line}" for line in f"{word}  {answer.job.claim}{said}".splitlines()))
            return
        self._names[name := test_name(answer.job.claim_id)] += 1
        number = self._names[name]
        self._output.write(f"\n\n{test_function(answer.verdict, name if number == 1 else f'{name}_{number}')}\n")

    def _text(self, answer: Answer, verdict: Verdict) -> None:
        from geomcheck.render.text import verdict_text

        if not self._whole:
            self._output.write(_line(answer, verdict, self._width, self._output))
        if self._whole:
            if not self._first:
                self._output.write("")
            self._first = False
            colour, width = self._output.colour, self._output.width
            self._output.write(verdict_text(verdict, colour=colour, width=width))
            if verdict.smaller is not None:
                self._output.write("\n" + verdict_text(verdict.smaller, colour=colour, width=width))
            if answer.met is not None:
                self._output.write(f"Expected {answer.job.expect}: {'met' if answer.met else 'NOT met'}.")
        elif answer.met is False:
            self._output.write(_indented(verdict_text(verdict, width=self._output.width - len(_INDENT))))


def _line(answer: Answer, verdict: Verdict, width: int, output: Output) -> str:
    """The answer in one line, or the claim below it where that is too wide."""
    from geomcheck.render.text import paint

    mark = {True: "✓", False: "✗", None: "·"}[answer.met]
    unmet = f"  expected {answer.job.expect}" if answer.met is False else ""
    head = f"{mark} {verdict.outcome:<9}  {answer.job.name:<{width}}  {answer.seconds + ' s':>8}"
    lines = [f"{head}  {verdict.claim}{unmet}"]
    if len(lines[0]) > output.width:
        below = " " * len(f"{mark} {'':<9}  ")
        lines = [head + unmet, *wrapped(verdict.claim, output.width, below, below + "  ")]
    lines[0] = f"{mark} {paint(f'{verdict.outcome:<9}', verdict.outcome, output.colour)}{lines[0][11:]}"
    return "\n".join(lines)


def _answer_concise(answer: Answer) -> str:
    from geomcheck.render.concise import verdict_concise

    if answer.verdict is None:
        return "\t".join(("ERROR", answer.job.name, answer.job.claim, " ".join(str(answer.error).split())))
    return verdict_concise(answer.verdict)


def _answer_json(answer: Answer) -> dict[str, Any]:
    from geomcheck.render.json import verdict_json

    if answer.verdict is None:
        return {"id": answer.job.claim_id, "claim": answer.job.claim, "error": str(answer.error)}
    return verdict_json(answer.verdict) | {"expect": answer.job.expect, "met": answer.met}


def _summary(answers: list[Answer]) -> dict[str, Any]:
    outcomes = Counter(answer.verdict.outcome.lower() for answer in answers if answer.verdict is not None)
    counts = {name: outcomes[name] for name in ("proved", "refuted", "survived", "undecided")}
    return counts | {
        "claims": len(answers),
        "errors": sum(answer.verdict is None for answer in answers),
        "expectations": sum(answer.met is not None for answer in answers),
        "met": sum(answer.met is True for answer in answers),
        "certificates": sum(
            answer.verdict is not None and answer.verdict.certificate is not None for answer in answers
        ),
    }


def _summary_text(answers: list[Answer]) -> str:
    facts = _summary(answers)
    counts = ", ".join(f"{facts[name]} {name}" for name in ("proved", "refuted", "survived", "undecided"))
    errors = f", {facts['errors']} stopped by an error" if facts["errors"] else ""
    expectations = f" {facts['met']} of {facts['expectations']} expectations met." if facts["expectations"] else ""
    return (
        f"{facts['claims']} claims: {counts}{errors}. {facts['certificates']} certificates, "
        f"each accepted by the checker.{expectations}"
    )


def _is_file(what: str) -> bool:
    if what.endswith((".toml", ".json")):
        return True
    try:
        return Path(what).is_file()
    except OSError:  # a claim that is longer than the name of a file may be
        return False


def _refuse_path_or_id(text: str, *, alone: bool) -> None:
    """Raise InputError where the text of a claim is plainly something else.

    That is a folder, or (`alone`: where no problem comes with it) one word: the id of a claim, or a file that is not
    there.
    """
    if not re.fullmatch(r"[\w./~-]{1,200}", text):
        return
    if Path(text).is_dir():
        raise InputError(f"expected claims files or the text of a claim, got the folder {text!r}; name the files in it")
    if alone and any(entry.id == text for entry in geomcheck.shipped_claims()):
        raise InputError(
            f"expected claims files or the text of a claim, got an id; write: geomcheck check --only {text}"
        )
    if alone and not re.fullmatch(r"(perfect_fit|critical_point|(local|global)_minimum)", text):
        near = suggest(text, [entry.id for entry in geomcheck.shipped_claims()])
        meant = "check the path, or write for example 'rank(H) == rank(G)'"
        if near is not None:
            meant = f"did you mean a shipped claim? geomcheck check --only {near}"
        raise InputError(f"expected claims files or the text of a claim, got {text!r}, which is neither; {meant}")


def _width(jobs: list[Job]) -> int:
    return max((len(job.name) for job in jobs), default=0)


def _indented(text: str) -> str:
    return "\n".join(f"{_INDENT}{line}".rstrip() for line in text.splitlines())


def _error_text(error: GeomcheckError | None, width: int) -> str:
    """The message, wrapped; the line of the source with its caret stays as it is."""
    message, *source = str(error).splitlines() or [""]
    return "\n".join([*wrapped(message, width, _INDENT, _INDENT + "  "), *(f"{_INDENT}{line}" for line in source)])


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,12}", text):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text!r}")
    return int(text)
