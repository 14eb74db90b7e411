"""Every planted fault changes a known answer, and none lets a wrong verdict leave the tool.

Here a fault meets some claims that are evaluated and, where those do not notice it, all of them, then the ones that are
proved or searched for; `python -m tests.soundness.table` shows each of them to every claim and prints the table.
"""

import pytest

from .battery import ANSWERS, HEAVY, LIGHT, Answer, outcome, quick_checks, wrong
from .faults import Fault
from .faults_of_proofs import FAULTS

UNNOTICED: set[str] = set()  # at most 5 %


def met(answers: list[Answer]) -> list[tuple[Answer, str]]:
    return [(answer, outcome(answer)) for answer in answers]


def changed(results: list[tuple[Answer, str]]) -> list[str]:
    return [f"{answer.says}: {found}, not {answer.right}" for answer, found in results if found != answer.right]


def test_without_faults_every_answer_is_right():
    assert not quick_checks()
    assert not changed(met(ANSWERS))


def test_there_are_enough_faults():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    assert 20 * len(UNNOTICED) <= len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_noticed_and_no_wrong_verdict_leaves(fault: Fault, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        fault.plant(patch)
        failed, results = quick_checks(), met(LIGHT[::4])
        for more in (LIGHT, HEAVY):
            if not failed and not changed(results):
                results += met(more)
    assert not [(answer, found) for answer, found in results if wrong(answer, found)]
    assert failed or changed(results) or fault.name in UNNOTICED


def test_a_wrong_verdict_would_be_seen():
    for answer in ANSWERS:
        if answer.right in ("PROVED", "REFUTED"):
            assert wrong(answer, {"PROVED": "REFUTED", "REFUTED": "PROVED"}[answer.right])
        else:
            assert wrong(answer, "PROVED") and wrong(answer, "REFUTED") and not wrong(answer, "SURVIVED")
