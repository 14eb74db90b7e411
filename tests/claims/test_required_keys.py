"""A claim asks for nothing that it does not speak of, and its report does not speak of that either."""

import pytest

import geomcheck
from geomcheck.claims.required_keys import speaks_of_network, speaks_of_samples
from geomcheck.cli import main
from geomcheck.errors import InputError

POINTS = {"A": [1, 2, 3, 4, 5, 6, 7], "B": [7, 6, 5, 4, 3, 2, 1]}
WITHOUT_SAMPLES = [
    ("orbit_size(A) == 2", {"points": POINTS}),
    ("overlap(A, B) <= max_overlap(A, B)", {"points": POINTS}),
    ("max_overlap(A, B) >= overlap(A, B)", {}),
    ("signed_orbit_size(A) <= 8", {"points": POINTS}),
    ("P == 7", {}),
    ("components(minima) == 1", {"network": "1-2-1 exp, no bias", "teacher": 1}),
]


@pytest.mark.parametrize(("claim", "parts"), WITHOUT_SAMPLES)
def test_samples_are_not_asked_for_nor_spoken_of(claim, parts):
    verdict = geomcheck.check(claim, **{"network": "1-2-1 tanh", **parts})
    assert verdict.proved
    assert "sample" not in str(verdict)
    assert "targets" not in str(verdict)


@pytest.mark.parametrize(
    ("claim", "outcome"), [("expansions(2, 3) == 12", "PROVED"), ("surjections(2, 3) < expansions(1, 2)", "REFUTED")]
)
def test_integers_need_no_network(claim, outcome):
    verdict = geomcheck.check(claim)
    assert verdict.outcome == outcome
    assert "Network" not in str(verdict)
    assert "N =" not in str(verdict)


@pytest.mark.parametrize(
    "claim", ["rank(H) == 2", "N == 1", "orbit_size(A) <= N", "orbit_size(A) == 2 at perfect_fits"]
)
def test_samples_are_asked_for_where_they_matter(claim):
    with pytest.raises(InputError, match="expected samples = N or inputs"):
        geomcheck.check(claim, network="1-2-1 tanh")


def test_n_is_asked_for_beside_a_teacher():
    with pytest.raises(InputError, match="expected samples"):
        geomcheck.check("components(minima) == N", network="1-2-1 exp, no bias", teacher=1)


@pytest.mark.parametrize("claim", ["P == 7", "orbit_size(A) == 1", "rank(H) == 1"])
def test_a_network_is_asked_for_where_it_matters(claim):
    with pytest.raises(InputError, match="expected exactly one of network"):
        geomcheck.check(claim, samples=1)


def test_a_refutation_without_data_shows_none():
    verdict = geomcheck.check("orbit_size(A) == 1", network="1-2-1 tanh")
    assert verdict.refuted
    assert "X =" not in str(verdict)
    assert "A.W1" in str(verdict)


def test_data_that_are_given_are_kept():
    verdict = geomcheck.check("orbit_size(A) == 2", network="1-2-1 tanh", points=POINTS, inputs=[[1], [2]])
    assert verdict.problem.N == 2


def test_files_and_commands_ask_no_more(tmp_path, capsys):
    (tmp_path / "a.toml").write_text('[[claim]]\nid = "a"\nsays = "expansions(2, 3) == 12"\nexpect = "proved"\n')
    problem = tmp_path / "p.toml"
    problem.write_text('network = "1-2-1 tanh"\npoints = { A = [1, 2, 3, 4, 5, 6, 7] }\n')
    assert main(["check", str(tmp_path / "a.toml")]) == 0
    assert main(["check", "orbit_size(A) == 2", "--problem", str(problem)]) == 0
    capsys.readouterr()
    assert main(["eval", "surjections(2, 4)", "expansions(2, 3)"]) == 0
    assert capsys.readouterr().out == "surjections(2, 4)  14\nexpansions(2, 3)   12\n"
    assert main(["eval", "orbit_size(A)", "L@A", "--problem", str(problem)]) == 2
    assert "expected samples" in capsys.readouterr().err
    assert main(["components", "--network", "1-2-1 exp, no bias", "--teacher", "1"]) == 0


def test_a_rank_is_of_a_network_and_its_samples():
    for entry in geomcheck.shipped_claims():
        if "rank" in entry.says or "perfect_fit" in entry.says:
            assert speaks_of_network(entry.claim.tree)
            assert speaks_of_samples(entry.claim.tree)


def test_what_is_known_of_an_open_comparison_is_about_it():
    about = {"network": "1-1-1-1 exp", "inputs": [[1]], "targets": [[0]], "parameters": [10, 1, 1, 1000, 1, 1]}
    verdict = geomcheck.check("index(H) == 3", **about)
    assert verdict.undecided
    assert verdict.known == "index(H) == 3 is not decided by the bounds and enclosures that were found"
    kink = geomcheck.check(
        "L == L and rank(H) == 1", network="1-1-1 relu", inputs=[[1]], targets=[[0]], parameters=[0] * 4
    )
    assert kink.known.startswith("H does not exist")
