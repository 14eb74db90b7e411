"""Hunting: nothing found is lost, nothing stored is believed unchecked, and every mistake is one error."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import geomcheck as gc
from geomcheck.answer import Record
from geomcheck.claims.claim import parse_claim
from geomcheck.cli import main
from geomcheck.errors import InputError
from geomcheck.hunting import hunt, processes, store
from geomcheck.hunting.duration import seconds_in
from geomcheck.hunting.store import Store
from geomcheck.hunting.worker import Order
from geomcheck.problem.canonical import problem_to_json
from geomcheck.problem.read import problem_from

# False, but not at the very first instance; true as far as any search can tell.
FALSE = "rank(G) <= 1"
OPEN = "rank(H) == rank(G) at global_minima"
PARTS = {"network": "2-2-1 square", "samples": 2}
OPEN_PARTS = {"network": "1-2-1 tanh", "samples": 2}
OPTIONS = ["--network", "2-2-1 square", "--samples", "2"]
OPEN_OPTIONS = ["--network", "1-2-1 tanh", "--samples", "2"]
ROOT = str(Path(gc.__file__).parents[1])
ENVIRONMENT = os.environ | {"PYTHONPATH": ROOT}


@pytest.fixture
def state(tmp_path):
    return tmp_path / ".geomcheck" / "hunts.sqlite"


def opened(path, text=FALSE, parts=PARTS):
    """The store at a path, with the number of the hunt for a claim."""
    kept = Store(path)
    return kept, kept.hunt(parse_claim(text), problem_from(parts))


def stored(path, text=FALSE, parts=PARTS):
    kept, number = opened(path, text, parts)
    with kept:
        return kept.findings(number)


def start(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "geomcheck", "hunt", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# -- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("1h30m", 5400), (" 5s ", 5), (7, 7), ("1d", 86400)]
)
def test_lengths_of_time(text, seconds):
    assert seconds_in(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "10", "m", "-1s", "1.5h", "10 m", "0s", "9999999h", "１０s", "1e3s", "10m5", 0, -3, True, None, 1.5, []],
)
def test_what_is_no_length_of_time(text):
    with pytest.raises(InputError, match="expected a time"):
        seconds_in(text)


# -- the hunt --------------------------------------------------------------------------------------------------------


def test_a_finding_is_certified_and_kept(state, tmp_path):
    told = []
    hunted = gc.hunt(
        FALSE, **PARTS, time="60s", workers=1, state=state, on_finding=lambda verdict, again: told.append(again)
    )
    assert hunted.verdict.refuted and told == [False] and hunted.replayed == 0
    assert hunted.verdict.problem == problem_from(PARTS)
    hunted.verdict.save(tmp_path / "certificate.json")
    assert gc.verify(tmp_path / "certificate.json") == f"REFUTED  {FALSE}"
    assert [found.instance for found in stored(state)] == [hunted.verdict.witness]
    with sqlite3.connect(state) as database:
        (written,) = database.execute("SELECT certificate FROM finding").fetchone()
        assert json.loads(written)["verdict"] == "REFUTED"
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_was_found_is_replayed_first(state, monkeypatch):
    first = gc.hunt(FALSE, **PARTS, time="60s", workers=1, state=state)
    monkeypatch.setattr(hunt, "Pack", lambda *_: pytest.fail("no need to search"))
    monkeypatch.setattr(hunt, "check", lambda *_, **__: pytest.fail("no need to prove"))
    told = []
    again = gc.hunt(
        "rank(G)<=1", **PARTS, time="1s", state=state, on_finding=lambda verdict, replayed: told.append(replayed)
    )
    assert told == [True] and again.replayed == 1
    assert again.verdict.witness == first.verdict.witness and again.verdict.certificate is not None
    assert "from an earlier hunt" in str(again)


def test_what_the_opening_finds_is_kept_as_of_seed_0(state, monkeypatch):
    monkeypatch.setattr(hunt, "Pack", lambda *_: pytest.fail("no need to search"))
    found = gc.hunt("L == 1/97", **PARTS, time="60s", state=state)
    assert found.verdict.refuted
    assert [(kept.seed, kept.instance) for kept in stored(state, "L == 1/97")] == [(0, found.verdict.witness)]


def test_another_claim_or_problem_is_another_hunt(state):
    gc.hunt(FALSE, **PARTS, time="60s", workers=1, state=state)
    assert stored(state, "rank(G) <= 2") == [] == stored(state, FALSE, PARTS | {"samples": 3})


def test_a_stored_instance_is_not_believed(state):
    gc.hunt(FALSE, **PARTS, time="60s", workers=1, state=state)
    with sqlite3.connect(state) as database:
        (text,) = database.execute("SELECT instance FROM finding").fetchone()
        instance = json.loads(text)
        instance["parameters"] = ["0"] * 9  # there the claim holds
        database.execute("UPDATE finding SET instance = ?", (json.dumps(instance),))
        instance["loss"] = "quartic"  # and this is about another problem
        database.execute(
            "INSERT INTO finding (hunt, seed, digest, instance, certificate) VALUES (1, 5, 'x', ?, '{}')",
            (json.dumps(instance),),
        )
    again = gc.hunt(FALSE, **PARTS, time="60s", workers=1, state=state)
    assert again.stale == 2 and again.replayed == 0 and again.verdict.refuted
    assert "no longer refuting" in str(again)


def test_going_on_for_more(state, monkeypatch):
    monkeypatch.setattr(hunt, "MOST_FINDINGS", 3)
    hunted = gc.hunt(FALSE, **PARTS, time="6s", workers=2, more=True, state=state)
    assert hunted.findings and hunted.verdict.refuted
    sizes = [hunt._complexity(verdict) for verdict in hunted.findings]
    assert sizes == sorted(sizes) and hunted.verdict is hunted.findings[0]
    assert hunted.seeds >= 2
    assert len({verdict.witness for verdict in hunted.findings}) == len(hunted.findings) == len(stored(state))


def test_seeds_go_on_where_the_last_hunt_ended(state):
    first = gc.hunt(OPEN, **OPEN_PARTS, time="5s", workers=2, state=state)
    assert first.verdict.survived and first.trials > 0 and first.seeds >= 1
    second = gc.hunt(OPEN, **OPEN_PARTS, time="5s", workers=1, state=state)
    assert second.seeds > first.seeds and second.trials > first.trials
    assert first.verdict.record.trials <= second.verdict.record.trials <= second.trials
    kept, number = opened(state, OPEN, OPEN_PARTS)
    with kept:
        assert sorted(kept.records(number)) == list(range(second.seeds))


def test_a_proved_claim_needs_no_hunt(state):
    hunted = gc.hunt("rank(H) <= P", **PARTS, time="60s", state=state)
    assert hunted.verdict.proved and hunted.seeds == 0 and "nothing to hunt" in str(hunted)


def test_a_given_instance_needs_no_hunt(state):
    hunted = gc.hunt("L == 0", network="1-1 linear", inputs=[1], targets=[1], parameters=[0, 0], state=state)
    assert hunted.verdict.refuted and len(hunted.findings) == 1


def test_a_generic_rank_is_no_matter_of_instances(state):
    for _ in range(2):
        hunted = gc.hunt("generic_rank(G) == 1", **PARTS, time="60s", state=state)
        assert (hunted.seeds, hunted.findings, hunted.stale) == (0, (), 0)
        assert hunted.verdict.refuted or hunted.verdict.undecided


def test_nothing_new_to_draw_ends_a_hunt(state):
    started = time.monotonic()
    hunted = gc.hunt(
        "L >= 0",
        model={"parameters": ["a"], "outputs": ["exp(a)"]},
        samples=1,
        parameters=[1],
        targets=[["1/2"]],
        time="60s",
        state=state,
    )
    assert time.monotonic() - started < 30 and hunted.seeds == 0


# -- kills -----------------------------------------------------------------------------------------------------------


def test_kill_9_loses_no_finding(tmp_path, state):
    """As soon as a finding is printed, everything is killed at once; the finding is there, and replayed next time."""
    process = start(tmp_path, FALSE, *OPTIONS, "--time", "60s", "--more", "--format", "concise")
    line = process.stdout.readline()
    process.kill()
    process.wait()
    assert line.startswith("REFUTED")
    found = stored(state)
    assert found and all(gc.evaluate(["rank(G)"], one.instance)["rank(G)"].value != "1" for one in found)
    again = start(tmp_path, FALSE, *OPTIONS, "--time", "20s")
    out, err = again.communicate(timeout=100)
    assert again.returncode == 1 and "Found in an earlier hunt, and certified again." in out, err


@pytest.mark.parametrize("delay", [1.0, 1.7, 2.6])
def test_whatever_was_printed_is_stored(tmp_path, state, delay):
    process = start(tmp_path, FALSE, *OPTIONS, "--time", "60s", "--more", "--format", "concise")
    time.sleep(delay)
    process.kill()
    out, _ = process.communicate()
    printed = [line for line in out.splitlines(keepends=True) if line.endswith("\n")]
    assert len(stored(state) if state.exists() else []) >= len(printed)
    if state.exists():
        with sqlite3.connect(state) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


DIES = """
import os
import {module} as module
module.{name} = lambda *a, **k: os._exit(9) if a[0] not in ("progress", "seed") else None
from geomcheck.hunting import worker
raise SystemExit(worker.main())
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [("geomcheck.search.loop", "shrunk"), ("geomcheck.hunting.worker", "_tell")],
    ids=["while it is made smaller", "before anything is said"],
)
def test_a_worker_that_dies_has_kept_its_finding(state, module, name):
    kept, number = opened(state)
    kept.close()
    order = Order(str(state), number, FALSE, problem_to_json(problem_from(PARTS)), 30, False)
    process = subprocess.Popen(
        [sys.executable, "-c", DIES.format(module=module, name=name)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(order.line())
    process.stdin.flush()
    assert process.wait(timeout=60) == 9
    process.communicate()
    assert len(stored(state)) == 1
    assert gc.hunt(FALSE, **PARTS, time="1s", state=state).replayed == 1


def children(process):
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not listed.exists():
        pytest.skip("no list of child processes on this system")
    return [int(child) for child in listed.read_text().split()]


def alive(number):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except OSError:
        return False


def within(seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def taken(path):
    """How many seeds have been taken."""
    kept, number = opened(path, OPEN, OPEN_PARTS)
    kept.close()
    with sqlite3.connect(path) as database:
        return database.execute("SELECT count(*) FROM seed WHERE hunt = ?", (number,)).fetchone()[0]


def test_workers_do_not_outlive_the_hunt(tmp_path):
    process = start(tmp_path, OPEN, *OPEN_OPTIONS, "--time", "60s", "--workers", "2")
    assert within(30, lambda: len(children(process)) == 2)
    workers = children(process)
    time.sleep(1)
    process.kill()
    process.communicate()
    assert within(20, lambda: not any(map(alive, workers)))


def test_interrupt_keeps_everything(tmp_path, state):
    process = start(tmp_path, OPEN, *OPEN_OPTIONS, "--time", "60s", "--workers", "2")
    assert within(60, lambda: taken(state) == 2)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "geomcheck: interrupted\n")
    kept, number = opened(state, OPEN, OPEN_PARTS)
    with kept:
        records = kept.records(number)
    assert len(records) == 2 and sum(record.trials for record in records.values()) > 0


def test_two_hunts_at_once(tmp_path, state):
    arguments = (OPEN, *OPEN_OPTIONS, "--time", "5s", "--workers", "2", "--format", "json")
    hunts = [start(tmp_path, *arguments) for _ in range(2)]
    results = [process.communicate(timeout=100) for process in hunts]
    assert [process.returncode for process in hunts] == [0, 0], results
    with sqlite3.connect(state) as database:
        taken = [seed for (seed,) in database.execute("SELECT seed FROM seed ORDER BY seed")]
        assert taken == list(range(len(taken))) and len(taken) >= 4
        assert database.execute("SELECT count(*) FROM hunt").fetchone() == (1,)


def test_workers_that_all_die_are_an_internal_error(state, monkeypatch, capsys):
    monkeypatch.setattr(processes, "_PROGRAM", "raise SystemExit(3)")
    assert main(["hunt", OPEN, *OPEN_OPTIONS, "--time", "30s", "--state", str(state)]) == 70
    assert "every hunting process died" in capsys.readouterr().err


# -- the database ----------------------------------------------------------------------------------------------------


def test_seeds_are_leased(state):
    kept, number = opened(state)
    with kept:
        assert [kept.take(number, 60) for _ in range(3)] == [0, 1, 2]
        kept.done(number, 1, Record(5, 1, discards={"kink": 2}))
        assert kept.take(number, -10) == 3
        assert kept.take(number, 60) == 3  # its lease has run out
        assert kept.take(number, 60) == 4
        assert kept.records(number) == {1: Record(5, 1, discards={"kink": 2})}
        assert kept.discards(number) == {"kink": 2}


def test_a_finding_is_stored_once(state):
    kept, number = opened(state)
    instance = problem_from({**PARTS, "parameters": [1] * 9, "inputs": [[1, 0], [0, 1]], "targets": [1, 1]})
    other = problem_from({**PARTS, "parameters": [2] * 9, "inputs": [[1, 0], [0, 1]], "targets": [1, 1]})
    with kept:
        first, second = kept.add(number, 0, instance, {}), kept.add(number, 1, instance, {})
        assert first == second
        third = kept.add(number, 1, other, {})
        kept.replace(first, third)
        kept.replace(third, third)
        assert [(found.id, found.instance) for found in kept.findings(number)] == [(third, other)]


def damaged(path):
    kept, number = opened(path)
    with kept:
        for seed in range(400):
            kept.take(number, 60)
            kept.done(number, seed, Record(seed, seed, discards={"kink": 10**6}))
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 4096] = b"\x99" * (len(content) - 8192)
    path.write_bytes(content)


def foreign(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")


def newer(path):
    Store(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")


def nonsense(path):
    kept, number = opened(path)
    with kept:
        kept.add(number, 0, problem_from(PARTS), {})
    with sqlite3.connect(path) as database:
        database.execute("UPDATE finding SET instance = '{\"model\": 3}'")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b"not a database" * 100), "not a database"),
        (lambda path: path.write_bytes(os.urandom(4096)), "not a database"),
        (lambda path: path.mkdir(), "unable to open"),
        (foreign, "another program"),
        (newer, "version 99"),
        (damaged, "hunts.sqlite"),
        (nonsense, "hunts.sqlite"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_error(state, spoil, words, capsys):
    state.parent.mkdir()
    spoil(state)
    before = state.read_bytes() if state.is_file() else b""
    assert main(["hunt", FALSE, *OPTIONS, "--time", "5s", "--state", str(state)]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and words in captured.err and "--state" in captured.err
    assert len(captured.err.splitlines()) == 1 and "Traceback" not in captured.err
    if spoil is foreign:
        assert state.read_bytes() == before


def test_a_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["hunt", FALSE, *OPTIONS, "--state", str(tmp_path / "file" / "hunts.sqlite")]) == 2
    assert "expected a folder" in capsys.readouterr().err


def test_a_locked_database_is_waited_for_and_then_named(state, monkeypatch):
    monkeypatch.setattr(store, "_PATIENCE_SECONDS", 1)
    Store(state).close()
    holder = sqlite3.connect(state, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Store(state) as kept, pytest.raises(InputError, match="locked"):
        kept.hunt(parse_claim(FALSE), problem_from(PARTS))
    holder.execute("ROLLBACK")
    holder.close()
    assert stored(state) == []


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_command(state, capsys, tmp_path):
    arguments = ["hunt", FALSE, *OPTIONS, "--time", "60s", "--workers", "1", "--state", str(state)]
    assert main([*arguments, "--save", str(tmp_path / "certificates")]) == 1
    text = capsys.readouterr().out
    assert text.startswith("REFUTED") and "1 counterexample known" in text
    assert gc.verify(tmp_path / "certificates" / "hunt-1.json").startswith("REFUTED")
    assert main([*arguments, "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["replayed"] == 1 and answer["findings"][0]["verdict"] == "REFUTED"
    assert main([*arguments, "--format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("REFUTED\t-\trank(G) <= 1\t")
    assert main([*arguments, "--smallest", "--save", str(tmp_path / "certificates")]) == 1
    assert "P = 2 parameters, N = 2 samples" in capsys.readouterr().out  # two samples give G its rank
    assert gc.verify(tmp_path / "certificates" / "hunt-smallest.json").startswith("REFUTED")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([FALSE], "expected a network"),
        (["rank(G", *OPTIONS], "column"),
        ([FALSE, *OPTIONS, "--time", "soon"], "expected a time"),
        ([FALSE, *OPTIONS, "--time", "0s"], "from 1s"),
        ([FALSE, *OPTIONS, "--workers", "0"], "expected 1 to 64 workers"),
        ([FALSE, *OPTIONS, "--workers", "-1"], "whole number"),
        ([FALSE, *OPTIONS, "--workers", "9999"], "expected 1 to 64 workers"),
        (["H[99, 0] == 0", *OPTIONS], "H"),
        (["no-such-claim"], "no-such-claim"),
    ],
)
def test_wrong_input(arguments, words, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["hunt", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and words in captured.err and "Traceback" not in captured.err
