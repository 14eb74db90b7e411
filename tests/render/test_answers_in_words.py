"""What an answer says beside its verdict: what is open, what is shown, and one line where a whole page is too much."""

import pickle
from dataclasses import replace

import pytest

import geomcheck as gc
from geomcheck.render.text import verdict_text

TEACHER = {"network": "2-4-1 tanh", "teacher": 2}
DATA = {"network": "1-2-1 tanh", "inputs": [0, 1], "targets": [0, "1/2"], "parameters": [1, 2, 0, "0.1", "0.7", -1, 0]}


def test_beside_a_teacher_no_data_are_open():
    text = verdict_text(gc.check("components(minima) == 2", **TEACHER))
    assert "For all" not in text and "inputs" not in text
    assert text.splitlines()[1] == "The claim fails at the given instance: its contrary is proved."
    assert "Does not claim  anything about other shapes" in verdict_text(gc.check("components(minima) == 1", **TEACHER))


def test_the_next_step_beside_a_teacher_asks_for_no_data():
    verdict = gc.check("components(minima) == 1", network="2-4-1 relu", teacher=2)
    assert verdict.reason == "components-unknown"
    assert "data" not in verdict.next_step and "tanh or exp" in verdict.next_step


def test_a_generic_rank_is_one_number_and_its_witness_is_shown():
    text = verdict_text(gc.check("generic_rank(G) == N", network="2-3-1 tanh", samples=4))
    assert "Holds for       one number, the greatest rank over all θ ∈ ℝ¹³" in text
    assert "anything about the rank at a particular point" in text
    witness = text[text.index("Witness") : text.index("Scope is not empty")]
    assert all(f"{name} = " in witness for name in ("X", "Y", "W1", "b1", "W2", "b2"))


def test_the_contrary_of_a_generic_claim_shows_its_witness():
    text = verdict_text(gc.check("rank(H) == rank(G) at generic_points", network="1-2-1 tanh", samples=2))
    assert "nonzero at the witness" in text and "\nWitness   " in text


def test_a_proof_that_cites_no_witness_shows_none():
    text = verdict_text(gc.check("rank(H) == rank(G) at perfect_fits", network="1-2-1 tanh", samples=2))
    assert "Witness" not in text


def test_the_smallest_shape_is_called_the_smallest_found():
    verdict = gc.check(
        "rank(H) == rank(G) at perfect_fits", network="1-2-1 relu", samples=2, loss="quartic", smallest=True
    )
    assert "Smallest found  also refuted for 1-1 linear" in verdict_text(verdict)


def test_where_the_ranks_of_a_lift_are():
    found = gc.lift(**DATA)
    lines = str(found).splitlines()
    assert "rank(H)     2 at θ*; at the checkpoint, another point, float64 matrix_rank: 7" in lines
    assert all(len(line) <= 100 for line in lines)


@pytest.mark.parametrize(
    ("make", "short"),
    [
        (lambda: gc.lift(**DATA), "Lift(within "),
        (lambda: gc.derive("H", network="1-1 linear", samples=1), "Derivation(H, 2 × 2; Problem("),
        (lambda: gc.symmetries(network="2-3-1 tanh"), "SymmetryGroup(2-3-1 tanh; order 48, dimension 0)"),
        (lambda: gc.shipped_claims()[0], "ClaimEntry(rank-equality-any-global-min: rank(H) == rank(G)"),
        (
            lambda: gc.necessity("rank(H) <= P", network="1-1 linear", samples=1, trials=2, seconds=1),
            "Necessity(rank(H) <= P; ",
        ),
        (
            lambda: gc.critical_point(network="1-1 linear", inputs=[1, 2], targets=[1, 3], near=[0, 0]),
            "CriticalPoint(strict local minimum; P = 2, L = ",
        ),
    ],
)
def test_one_line_at_the_prompt(make, short):
    thing = make()
    assert repr(thing).startswith(short)
    assert "\n" not in repr(thing) and len(repr(thing)) < 200
    assert str(thing) == repr(thing) or max(map(len, str(thing).splitlines())) <= 100


def test_a_hunt_names_all_its_searches():
    verdict = gc.check("rank(H) <= 2 at perfect_fits", network="1-2-1 tanh", samples=3, trials=3)
    assert verdict.survived
    one = gc.Hunt(gc.parse_claim(verdict.claim), verdict.problem, verdict, seeds=1, trials=3, seconds="1.00")
    hunt = replace(one, seeds=4, trials=11)
    assert repr(hunt).startswith("Hunt(Verdict(SURVIVED 3: ") and "0 found in 4 searches" in repr(hunt)
    assert str(one).splitlines()[1] == str(verdict).splitlines()[1]
    assert str(hunt).splitlines()[1].startswith("Not a proof: none of 4 searches of exact instances in scope found one")
    assert "4 seeds, 11 decided instances" in str(hunt)
    assert hunt._repr_html_().startswith("<pre>SURVIVED 3")


def test_verdicts_survive_pickling():
    verdict = gc.check("generic_rank(G) == N", network="1-2-1 tanh", samples=2)
    again = pickle.loads(pickle.dumps(verdict))
    assert str(again) == str(verdict) and again.outcome == "PROVED"


def test_modules_of_ones_own_are_named_in_one_line():
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(8, 32)
            self.last = torch.nn.Linear(32, 1)

    with pytest.raises(gc.GeomcheckError) as caught:
        gc.check("rank(H) == rank(G)", torch=Net(), samples=1)
    assert "\n" not in str(caught.value)
    assert "unsupported module Net (module 0)" in str(caught.value)
    assert "write it as one nn.Sequential of these" in str(caught.value)


def test_linear_networks_without_a_tight_layer_have_one_component():
    about = {"network": "2-2-1 linear", "inputs": [[1, 0], [0, 1], [1, 1]], "targets": [1, -1, 1]}
    known = str(gc.check("components(minima) == 1", **about))
    assert "no hidden layer is exactly that wide, so there is one component" in " ".join(known.split())


def test_a_hunt_without_a_finished_search_counts_none():
    verdict = gc.check("P == 1", network="1-1 linear", samples=1)
    hunt = gc.Hunt(gc.parse_claim("P == 1"), verdict.problem, verdict, findings=(verdict,), seconds="0.10")
    assert str(hunt).splitlines()[-2:] == ["Hunted for 0.10 s: 1 counterexample known.", f"Kept in {hunt.state}."]


def test_many_kinds_of_instances_take_one_line():
    record = gc.Record(trials=90, seed=0, generators={f"kind number {n}": 10 for n in range(9)})
    verdict = replace(
        gc.check("rank(H) <= 2 at perfect_fits", network="1-2-1 tanh", samples=3, trials=1), record=record
    )
    shown = next(line for line in str(verdict).splitlines() if "generators" in line)
    assert shown.endswith("= kind number 0 × 10, kind number 1 × 10, and 7 kinds more")
    few = replace(verdict, record=replace(record, generators={"zero data": 3, "integers": 2}))
    assert str(few).endswith("= zero data × 3, integers × 2")
