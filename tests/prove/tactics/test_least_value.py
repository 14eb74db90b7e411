"""The least value of L as a bound everywhere: known answers, false neighbours, forged points."""

import copy

import pytest

from geomcheck.certificate import accepted as checked
from geomcheck.engine import check

FLAT = {"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1, "loss": "mse"}
UNREACHED = {**FLAT, "targets": [[-1]]}
DECAYED = {"model": {"parameters": ["a", "b"], "inputs": [], "outputs": ["a*b"]}, "samples": 1, "loss": "mse",
           "targets": [[1]], "weight_decay": "3/4"}  # fmt: skip
NARROW = {"network": "2-1-2 linear, no bias", "loss": "mse", "inputs": [[1, 0], [0, 1]], "targets": [[2, 0], [0, 1]]}


@pytest.mark.parametrize(("parts", "least"), [(UNREACHED, "1/2"), (DECAYED, "15/32"), (NARROW, "1/2")])
def test_the_least_value(parts, least):
    for says in (f"L >= {least}", f"L == {least} at global_minima", f"global_minimum implies L <= {least}",
                 f"L > {least} - 1/100 at critical_points"):  # fmt: skip
        assert check(says, problem=parts, trials=20).outcome == "PROVED", says
    for says in (f"L > {least}", f"L >= {least} + 1/1000", f"L < {least}", f"L == {least} at all_points"):
        assert not check(says, problem=parts, trials=20).proved, says


def test_it_is_about_given_data_and_all_points():
    assert not check("L >= 1/2", problem=FLAT, trials=20).proved
    assert not check("L == 1/2 at local_minima", problem={**NARROW, "targets": [[2, 1], [0, 1]]}, trials=20).proved


def test_forged_points_are_refused():
    certificate = dict(check("L >= 1/2", problem=UNREACHED).certificate)
    assert checked(certificate)[0]
    for change in (
        lambda c: c["witness"].update(parameters=["1"]),
        lambda c: c.update(minimum=None),
        lambda c: c.update(minimum={"rule": "convex"}),
        lambda c: c["problem"].update(targets=None),
        lambda c: c["steps"][0]["fact"].__setitem__(1, ["number", "3/4"]),
    ):
        forged = copy.deepcopy(certificate)
        change(forged)
        assert not checked(forged)[0]
