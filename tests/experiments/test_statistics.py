"""Known p-values, Holm by hand, intervals against scipy, and answers that planted numbers must give."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from geomcheck.experiments.statistics import holm, interval, least_p, sign_flip_p
from geomcheck.experiments.trial import SEGMENTS, SINGLE, Line, Outcome
from geomcheck.experiments.verdicts import answer_of_all, parts_of, values_of


@pytest.mark.parametrize("seed", range(5))
def test_sign_flips_by_brute_force(seed):
    values = np.random.default_rng(seed).integers(-5, 8, size=7)
    observed = abs(values.sum())
    hits = sum(abs(np.dot(signs, values)) >= observed for signs in product((-1, 1), repeat=7))
    assert sign_flip_p(values.tolist()) == hits / 2**7
    assert sign_flip_p((-values / 3).tolist()) == hits / 2**7  # neither the side nor the unit matters


def test_all_on_one_side_is_the_least_p():
    for count in (2, 5, 12, 18):
        assert sign_flip_p([0.1] * count) == least_p(count) == 2.0 ** (1 - count)
    assert sign_flip_p([0.1] * 40) == least_p(40)
    assert sign_flip_p([1.0, -1.0] * 15) > 0.9


def test_many_differences_agree_with_the_exact_test():
    values = np.random.default_rng(1).normal(0.4, 1, size=19)
    assert sign_flip_p(values.tolist()) == pytest.approx(sign_flip_p_exact(values), abs=0.01)


def sign_flip_p_exact(values):
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return float((np.abs(sums) >= abs(values.sum()) - 1e-9).mean())


def test_the_level_is_kept_where_nothing_differs():
    rng = np.random.default_rng(0)
    rejected = np.mean([sign_flip_p(rng.standard_t(2, size=9).tolist()) < 0.05 for _ in range(400)])
    assert rejected <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


def test_holm_by_hand_and_in_any_order():
    assert holm([0.01, 0.02, 0.03, 0.005]) == pytest.approx([0.03, 0.04, 0.04, 0.02])
    values = np.random.default_rng(0).random(10)
    order = np.random.default_rng(1).permutation(10)
    assert np.array(holm(values.tolist()))[order].tolist() == holm(values[order].tolist())
    assert all(a >= p for a, p in zip(holm(values.tolist()), values, strict=True))
    assert holm([]) == []


def test_the_interval_is_scipy_s():
    values = np.random.default_rng(0).normal(size=8)
    mean, low, high = interval(values.tolist())
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (mean, low, high) == pytest.approx((values.mean(), expected.low, expected.high))


def planted(losses, seeds=12, noise=1e-3, network="mlp"):
    """Outcomes with these losses half-way, up to noise, and accuracies 1 - loss / 10."""
    rng = np.random.default_rng(0)
    outcomes = []
    for seed in range(seeds):
        lines = {}
        for way in (*SEGMENTS, *SINGLE):
            loss = losses.get(way, 1.0) + float(rng.uniform(-noise, noise))
            row = (loss,) * (3 if way in SEGMENTS else 1)
            lines[way] = Line(row, tuple(1 - value / 10 for value in row))
        outcomes.append(Outcome(network, seed, lines))
    return outcomes


ALIGNED = {"weights": 0.5, "activations": 0.5, "straight-through": 0.5}
AS_CLAIMED = {"plain": 2.0, **ALIGNED, "ensemble": 0.3, "everything": 0.1}
CASES = {
    "as claimed": (AS_CLAIMED, ["SURVIVED"] * 3),
    "one alignment worse than none": (AS_CLAIMED | {"activations": 3.0}, ["CONTRADICTED", "SURVIVED", "SURVIVED"]),
    "one alignment like none": (AS_CLAIMED | {"activations": 2.0}, ["UNDECIDED", "SURVIVED", "SURVIVED"]),
    "alignment beats the ensemble": (AS_CLAIMED | {"weights": 0.2}, ["SURVIVED", "CONTRADICTED", "SURVIVED"]),
    "the ensemble beats everything": (AS_CLAIMED | {"everything": 0.4}, ["SURVIVED", "SURVIVED", "CONTRADICTED"]),
    "no difference": (AS_CLAIMED | {"everything": 0.3}, ["SURVIVED", "SURVIVED", "UNDECIDED"]),
}


@pytest.mark.parametrize("name", CASES)
def test_planted_numbers_give_their_answer(name):
    losses, answers = CASES[name]
    parts = parts_of(planted(losses), ["mlp"], 0.05)
    assert [part.answer for part in parts] == answers
    assert [len(part.comparisons) for part in parts] == [6, 6, 2]
    adjusted = holm([c.p for part in parts for c in part.comparisons])
    assert [c.adjusted for part in parts for c in part.comparisons] == adjusted


def test_too_few_seeds_decide_nothing():
    assert {part.answer for part in parts_of(planted(AS_CLAIMED, seeds=5), ["mlp"], 0.05)} == {"UNDECIDED"}


def test_every_network_and_measure_counts():
    outcomes = planted(AS_CLAIMED) + planted(AS_CLAIMED | {"everything": 0.4}, network="resnet")
    *_, last = parts_of(outcomes, ["mlp", "resnet"], 0.05)
    assert last.answer == "CONTRADICTED"
    assert last.cells == {
        (network, metric): answer
        for network, answer in (("mlp", "SURVIVED"), ("resnet", "CONTRADICTED"))
        for metric in ("loss", "accuracy")
    }


def test_half_way_is_what_is_compared():
    lines = {way: Line((1.0, 2.0, 3.0), (0.1, 0.2, 0.3)) for way in (*SEGMENTS, *SINGLE)}
    for metric, value in (("loss", 2.0), ("accuracy", 0.2)):
        assert values_of([Outcome("mlp", 0, lines)], "mlp", "plain", metric) == [value]


def test_a_conjunction_of_answers():
    assert answer_of_all(["SURVIVED", "SURVIVED"]) == "SURVIVED"
    assert answer_of_all(["UNDECIDED", "SURVIVED"]) == "UNDECIDED"
    assert answer_of_all(["UNDECIDED", "CONTRADICTED", "SURVIVED"]) == "CONTRADICTED"


def test_a_p_value_at_the_level_is_not_significant():
    def answers(level):
        parts = parts_of(planted(AS_CLAIMED), ["mlp"], level)
        return {found.answer for part in parts for found in part.comparisons if found.adjusted == largest}

    largest = max(c.adjusted for part in parts_of(planted(AS_CLAIMED), ["mlp"], 0.05) for c in part.comparisons)
    assert answers(largest) == {"UNDECIDED"}
    assert answers(1.001 * largest) == {"SURVIVED"}
