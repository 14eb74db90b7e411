"""Work over several processes: in order, with errors, and ended with what reads it."""

import multiprocessing
import time

import pytest

from geomcheck.cli.pool import in_order, processes
from geomcheck.errors import Kink, Undecided


def slowest_first(seconds):
    time.sleep(seconds)
    return seconds


def kinked(number):
    if number == 2:
        raise Kink(1, 2, 3)
    return number


def test_results_come_in_order_from_other_processes():
    assert list(in_order(slowest_first, [0.3, 0.0, 0.1], 2)) == [0.3, 0.0, 0.1]
    assert list(in_order(str, [], 2)) == list(in_order(str, [], 1)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_piece_is_raised_in_its_turn(workers):
    found = in_order(kinked, [1, 2, 3], workers)
    assert next(found) == 1
    with pytest.raises(Kink, match=r"sample 1|layer 2|unit 3"):
        next(found)


def test_processes_end_with_the_one_who_reads():
    before = set(multiprocessing.active_children())
    found = in_order(slowest_first, [0.0, 60.0, 60.0], 2)
    assert next(found) == 0.0
    started = time.monotonic()
    found.close()
    while set(multiprocessing.active_children()) - before and time.monotonic() - started < 10:
        time.sleep(0.01)
    assert time.monotonic() - started < 10


def test_many_pieces_take_every_processor_and_few_take_none():
    assert processes(None, 15) == processes(0, 9) == processes(5, 1) == processes(1, 500) == 1
    assert 1 <= processes(None, 500) <= 8
    assert processes(3, 500) == 3


def test_errors_survive_the_journey():
    import pickle

    for error in (Kink(1, 2, 3), Undecided("code", "known", "next")):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
