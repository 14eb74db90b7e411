from __future__ import annotations

from fractions import Fraction

import pytest

import geomcheck
from geomcheck.claims.claim import parse_claim
from geomcheck.errors import InputError
from geomcheck.problem.read import problem_from
from geomcheck.search import search
from geomcheck.search.shrink import simpler, simplicity
from geomcheck.truth import Truth

from .plain import PlainJudgement, is_critical, rank_judge

EQUAL = parse_claim("rank(H) == rank(G) at perfect_fits")
TRUE_AT = PlainJudgement(Truth.TRUE, Truth.TRUE, None, {"rank(H)": "1"})
NETWORK = {"network": "2-2-1 square", "samples": 2}


def equal_ranks(member=lambda problem: True):
    return rank_judge(lambda h, g: h == g, member)


def fitted(problem):
    return isinstance(problem.targets, str)


def test_the_record_adds_up():
    problem = problem_from(NETWORK)
    calls = []
    result = search(EQUAL, problem, trials=30, judge=equal_ranks(fitted), progress=lambda *a: calls.append(a))
    record = result.record
    assert result.counterexample is None and result.witness is not None
    assert record.trials == 30 == sum(record.generators.values())
    assert all(sum(seen.values()) == 30 for seen in record.ranks_seen.values())
    assert len(record.generators) > 10
    assert calls == [(n, 30) for n in range(1, 31)]
    assert record.seed == 0 and record.seconds.replace(".", "", 1).isdigit()


def test_the_search_is_a_function_of_the_seed():
    def instances(seed):
        seen = []

        def judge(claim, problem):
            seen.append(problem)
            return TRUE_AT

        search(EQUAL, problem_from(NETWORK), trials=40, seed=seed, judge=judge)
        return seen

    assert instances(1) == instances(1) != instances(2)
    assert len({(p.parameters, p.inputs, p.targets) for p in instances(1)}) == 40


def test_a_violation_ends_the_search_and_comes_with_its_judgement():
    problem = problem_from({"network": "2-2-1 square", "loss": "quartic", "samples": 2})
    result = search(EQUAL, problem, judge=equal_ranks(fitted))
    assert result.counterexample.is_instance
    assert result.counterexample_judgement.holds is Truth.FALSE
    assert result.counterexample_judgement.quantities["rank(H)"] == "0"
    assert set(result.counterexample.parameters) == {0}


@pytest.mark.parametrize(
    "claim, parts, relation, member",
    [
        (EQUAL, {"network": "2-3-1 square", "loss": "quartic", "samples": 2}, lambda h, g: h == g, fitted),
        (EQUAL, {"network": "2-2-3 relu", "loss": "softmax_cross_entropy", "samples": 2}, lambda h, g: h == g, fitted),
        (
            parse_claim("rank(H) <= rank(G) at critical_points"),
            {"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1},
            lambda h, g: h <= g,
            is_critical,
        ),
    ],
)
def test_false_claims_are_refuted_without_being_handed_the_instance(claim, parts, relation, member):
    result = search(claim, problem_from(parts), judge=rank_judge(relation, member))
    assert result.counterexample is not None and result.record.trials < 40


@pytest.mark.parametrize(
    "text, parts",
    [
        ("rank(H) == rank(G) at global_minima", {"network": "2-1-2 linear, no bias", "samples": 2}),
        ("rank(H) == rank(G) at perfect_fits", {"network": "2-3-1 tanh", "loss": "quartic", "samples": 2}),
        (
            "rank(H) == rank(G) at perfect_fits",
            {"network": "2-2-3 tanh", "loss": "softmax_cross_entropy", "samples": 2},
        ),
        *(
            ("rank(H) == rank(G) at perfect_fits", {"network": net, "loss": "softmax_cross_entropy", "samples": 3})
            for net in ("2-2-3 softplus", "2-2-2-2 softplus tanh, no bias", "1-2-3 gelu, output softplus")
        ),
        (
            "rank(H) <= rank(G) at critical_points",
            {"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1},
        ),
        ("index(H) == 0 at critical_points", {"network": "1-1-1 linear, no bias", "samples": 1}),
        ("critical_point implies rank(H) == rank(G)", {"network": "1-1-1 square, no bias", "samples": 1}),
    ],
)
def test_the_real_judge_refutes_false_claims(text, parts):
    result = search(parse_claim(text), problem_from(parts), seconds=20)
    assert result.counterexample is not None
    assert result.counterexample_judgement.scope is Truth.TRUE
    assert result.counterexample_judgement.holds is Truth.FALSE


def test_true_claims_survive_the_real_judge():
    result = search(EQUAL, problem_from({"network": "2-2-1 tanh", "samples": 2}), trials=25, seconds=30)
    assert result.counterexample is None and result.witness is not None and result.record.trials == 25


def test_discards_are_counted_by_reason():
    def judge(claim, problem):
        if problem.targets == "perfect_fit":
            return PlainJudgement(Truth.UNKNOWN, Truth.UNKNOWN, "kink")
        return PlainJudgement(Truth.FALSE, Truth.UNKNOWN)

    result = search(parse_claim("rank(H) == 1"), problem_from(NETWORK), trials=2, judge=judge)
    assert result.record.trials == 0 and result.witness is None
    assert set(result.record.discards) >= {"kink", "out-of-scope"}


def test_a_finite_supply_ends_the_search():
    problem = problem_from({"model": {"parameters": ["w"], "inputs": [], "outputs": ["w^2"]}, "samples": 1,
                            "parameters": [2], "targets": [[4]]})  # fmt: skip
    result = search(EQUAL, problem, judge=equal_ranks())
    assert result.record.trials == 1


def test_no_time_means_one_draw():
    result = search(EQUAL, problem_from(NETWORK), seconds=0, judge=lambda claim, problem: TRUE_AT)
    assert result.record.trials == 1


def test_an_interrupt_passes_through():
    def judge(claim, problem):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(EQUAL, problem_from(NETWORK), judge=judge)


def test_points_where_the_model_divides_by_zero_are_discarded():
    problem = problem_from({"model": {"parameters": ["a", "b"], "inputs": [], "outputs": ["a/b"]}, "samples": 1})
    plain = equal_ranks(fitted)

    def judge(claim, instance):
        if instance.parameters[1] == 0:
            raise InputError("expected a denominator that is not zero")
        return plain(claim, instance)

    result = search(EQUAL, problem, trials=20, judge=judge)
    assert result.record.trials == 20 and result.record.discards["undefined"] > 0


def test_a_claim_that_makes_no_sense_anywhere_is_an_error():
    def judge(claim, instance):
        raise InputError("expected a dense network for A[1]")

    with pytest.raises(InputError, match="dense network"):
        search(EQUAL, problem_from(NETWORK), seconds=1, trials=1, judge=judge)


@pytest.mark.parametrize("limits", [{"trials": 0}, {"seconds": -1}])
def test_senseless_limits_are_refused(limits):
    with pytest.raises(InputError, match="expected at least 1 trial"):
        search(EQUAL, problem_from(NETWORK), **limits)


# -- shrinking ------------------------------------------------------------


def test_a_shrunk_instance_has_no_simpler_neighbour():
    problem = problem_from(NETWORK)

    def violates(instance):
        total = sum(map(abs, instance.parameters)) + sum(abs(x) for row in instance.inputs for x in row)
        return total >= 5 and instance.inputs[1][0] < 0

    def judge(claim, instance):
        return PlainJudgement(Truth.TRUE, Truth.of(not violates(instance)))

    found = search(EQUAL, problem, judge=judge).counterexample
    assert violates(found)
    numbers = [*found.parameters, *(x for row in found.inputs for x in row)]
    for place, value in enumerate(numbers):
        for candidate in simpler(value):
            changed = [*numbers[:place], candidate, *numbers[place + 1 :]]
            inputs = [changed[problem.P + 2 * i : problem.P + 2 * i + 2] for i in range(problem.N)]
            assert not violates(found.with_(parameters=changed[: problem.P], inputs=inputs))


def test_shrinking_moves_targets_along_to_stay_critical():
    # rank(H) > rank(G) needs a residual; the shrunk point is critical and as small as one can be.
    problem = problem_from({"model": {"parameters": ["a", "b"], "inputs": [], "outputs": ["a*b"]}, "samples": 1})
    claim = parse_claim("rank(H) <= rank(G) at critical_points")
    found = search(claim, problem, judge=rank_judge(lambda h, g: h <= g, is_critical)).counterexample
    assert found.parameters == (0, 0) and abs(found.targets[0][0]) == 1


def test_given_parts_are_never_shrunk():
    problem = problem_from({"network": "1-1-1 square, no bias", "loss": "quartic", "inputs": [[7]]})
    found = search(EQUAL, problem, judge=equal_ranks(fitted)).counterexample
    assert found.inputs == ((7,),)


@pytest.mark.parametrize("value", ["1", "-1", "3", "-5/3", "100", "22/7", "1000001/3"])
def test_simpler_candidates_are_simpler_and_include_the_simplest(value):
    candidates = list(simpler(Fraction(value)))
    assert candidates[0] == 0
    assert all(simplicity(c) < simplicity(Fraction(value)) for c in candidates)
    assert candidates == sorted(candidates, key=simplicity)


def test_searches_that_share_what_they_covered_do_not_repeat_one_another():
    problem, judged, covered = problem_from(NETWORK), [], set()

    def judge(claim, instance):
        judged.append((instance.parameters, instance.inputs, instance.targets))
        return TRUE_AT

    records = [
        search(EQUAL, problem, trials=40, seed=seed, judge=judge, covered=covered).record for seed in (0, 0, 1, 2)
    ]
    assert len(judged) == len(set(judged)) == len(covered) == sum(record.trials for record in records)
    assert records[0].trials == 40 and "covered-before" not in records[0].discards
    assert all(record.discards["covered-before"] > 0 for record in records[1:])
    finite = problem_from({"model": {"parameters": ["a"], "inputs": [], "outputs": ["a"]}, "samples": 1})
    finite = finite.with_(parameters=[Fraction(1)], inputs=[()], targets=[[Fraction(2)]])
    for seed in range(2):  # a supply that is covered ends all the same
        found = search(EQUAL, finite, trials=40, seed=seed, judge=judge, covered=covered).record
        assert found.trials == (1 if seed == 0 else 0)


@pytest.mark.parametrize(
    ("claim", "network", "reason"),
    [
        ("components(minima) == 1", "1-2-1 tanh, output tanh", "components-unknown"),
        ("L == 0 given L*L < 0", "1-1-1 tanh", "no-instance-found"),
    ],
)
def test_where_nothing_is_decided_the_one_reason_is_told(claim, network, reason):
    verdict = geomcheck.check(claim, network=network, samples=2, trials=5, seconds=5)
    assert (verdict.outcome, verdict.reason) == ("UNDECIDED", reason)
    assert verdict.record.trials == 0
    assert ("tanh is no polynomial" in verdict.known) == (reason == "components-unknown")
    assert "θ" not in str(verdict) or reason != "components-unknown"


def test_residuals_shrink_together():
    verdict = geomcheck.check("global_minimum at critical_points", network="1-2-1 linear", samples=2)
    assert verdict.refuted
    assert sorted(verdict.witness.targets) == [(-1,), (1,)]  # not halves of them, which no single number can leave
