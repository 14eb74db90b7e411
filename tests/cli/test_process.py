"""The command as a process: what it loads, how fast it answers, closed pipes, colour."""

import os
import resource
import subprocess
import sys

import pytest

HEAVY = ("torch", "sympy", "numpy", "flint", "rich", "scipy", "networkx", "hypothesis")


def python(*arguments, **options):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, **options)


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def best_seconds(*arguments):
    """Processor seconds of a process and its children, the best of five: other work on the machine counts little."""
    times = []
    for _ in range(5):
        started = processor_seconds()
        assert python(*arguments).returncode == 0
        times.append(processor_seconds() - started)
    return min(times)


def test_import_is_light_and_fast():
    code = f"import sys, geomcheck; print([name for name in {HEAVY} if name in sys.modules])"
    assert python("-c", code).stdout == "[]\n"
    assert best_seconds("-c", "import geomcheck") - best_seconds("-c", "pass") < 0.05


def test_help_is_light_and_fast():
    code = (
        f"import sys; from geomcheck.cli import main; main(['--help']); print([n for n in {HEAVY} if n in sys.modules])"
    )
    assert python("-c", code).stdout.splitlines()[-1] == "[]"
    assert best_seconds("-m", "geomcheck", "--help") < 0.3


def test_every_public_name_is_listed():
    code = "import geomcheck as gc; assert set(gc.__all__) == set(dir(gc)) == {*gc._HOMES, 'experiments'}, dir(gc)"
    assert python("-c", code).returncode == 0


def test_version_and_usage():
    assert python("-m", "geomcheck", "--version").stdout.startswith("geomcheck ")
    nothing = python("-m", "geomcheck")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "COMMAND" in nothing.stderr


def test_a_closed_pipe_is_quiet():
    code = "import sys; from geomcheck.cli import main; sys.exit(main(['claims']))"
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run([sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (result.returncode, result.stderr) == (130, "")


def test_an_ascii_terminal_gets_escapes_instead_of_a_crash():
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    result = python("-m", "geomcheck", "check", "--help", env=environment)
    assert result.returncode == 0
    assert "\\u2016" in result.stdout


def test_colour_is_for_terminals_without_no_color(monkeypatch):
    from geomcheck.cli.output import colour_wanted

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert colour_wanted()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colour_wanted()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not colour_wanted()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(("command", "code"), [("claims", 0), ("--help", 0), ("check P==", 2)])
def test_a_closed_output_is_no_error(closed: str, command: str, code: int) -> None:
    line = f"'{sys.executable}' -m geomcheck {command} {closed}"
    assert subprocess.run(["sh", "-c", line], capture_output=True, check=False).returncode == code
