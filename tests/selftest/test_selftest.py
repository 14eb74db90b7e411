"""The soundness harness: it finds nothing wrong, and finds what is planted."""

import json
import random
from contextlib import suppress
from fractions import Fraction
from itertools import islice

import pytest

import geomcheck as gc
from geomcheck import checker
from geomcheck.certificate import sealed
from geomcheck.certificate import text as certificate_text
from geomcheck.cli import main
from geomcheck.selftest import elimination as plain
from geomcheck.selftest import forging, harness, known_claims, known_matrices, mutations
from geomcheck.selftest.naive_derivatives import Case, Known, Net, Unknown, quantities


@pytest.fixture(scope="module")
def originals():
    return harness.gathered(1, 0)


@pytest.fixture(autouse=True)
def gathered_once(originals, monkeypatch):
    monkeypatch.setattr(harness, "gathered", lambda n, seed: originals)


@pytest.fixture(scope="module")
def small():
    return gc.selftest(n=400)


def test_nothing_wrong_is_found(small):
    assert small.sound and small.complete, str(small)
    assert {part.name: part.cases for part in small.parts} == {
        "claims of known truth": 20,
        "known matrices": 8,
        "damaged input": 80,
        "rules of proofs": 1,
        "forged certificates": 400,
    }
    accepted = small.part("forged certificates").endings
    assert accepted["rejected"] > 200 and accepted["accepted and same"] > 20
    assert small.part("known matrices").endings == {"decided": 8}


def test_cases_depend_on_the_seed_alone(small):
    again = gc.selftest(n=400, workers=2)
    assert [part.endings for part in again.parts] == [part.endings for part in small.parts]


def test_command(capsys, monkeypatch):
    assert main(["selftest", "--n", "20", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sound"] and len(found["parts"]) == 5
    assert main(["selftest", "--n", "20", "--time", "soon"]) == 2
    assert main(["selftest", "--n", "0"]) == 2
    assert main(["selftest", "--n", "x"]) == 2
    monkeypatch.setattr(checker, "check_certificate", lambda text: (True, "whatever it says"))
    assert main(["selftest", "--n", "60", "--format", "concise"]) == 70


def test_a_time_limit_stops_early():
    stopped = harness.selftest(n=10**6, time=1)
    assert not stopped.complete
    assert "stopped" in str(stopped)


def parts_of(data):
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for part in inside:
        if isinstance(part, dict | list):
            yield id(part)
            yield from parts_of(part)


def test_no_alteration_lets_two_parts_be_one_object(originals):
    """Else an exchange could make a forgery hold itself, and no file can."""
    draw = random.Random(3)
    for _ in range(400):
        data = json.loads(json.dumps(draw.choice(originals)))
        for alteration in forging.ALTERATIONS:
            with suppress(AttributeError, KeyError, IndexError, TypeError, ValueError):
                alteration(draw, data, originals)
            found = list(parts_of(data))
            assert len(found) == len(set(found)), alteration.__name__


def test_a_checker_that_believes_verdicts_is_caught(monkeypatch, originals):
    """Without its look at the verdict, the checker accepts false forgeries, and the harness says so."""
    honest = checker.check_certificate

    def believing(text):
        accepted, reason = honest(text)
        if not accepted:
            changes = ('"PROVED"', '"REFUTED"') if '"PROVED"' in text else ('"REFUTED"', '"PROVED"')
            with suppress(ValueError, AttributeError, RecursionError):  # no JSON object
                accepted, reason = honest(certificate_text(sealed(json.loads(text.replace(*changes)))))
        return accepted, reason

    monkeypatch.setattr(checker, "check_certificate", believing)
    draw, court = random.Random(1), forging.Court(originals)
    found = [court.standing(forging.forgery(draw, originals)).standing for _ in range(400)]
    assert "false" in found


@pytest.mark.parametrize("seed", range(3))
def test_known_claims_come_out_right(seed):
    posed = list(islice(known_claims.posed_claims(seed), 40))
    judged = [p.judged(gc.check(p.says, problem=p.problem, trials=10, seconds=2).outcome) for p in posed]
    assert "wrong" not in judged
    assert judged.count("right") > 25
    assert {p.route for p in posed} == {"instance", "withheld", "matrix", "theorem"}


def test_wrong_verdicts_are_called_wrong():
    for posed in islice(known_claims.posed_claims(7), 30):
        for word in posed.wrong:
            assert posed.judged(word) == "wrong"
        assert posed.judged("SURVIVED") == posed.judged("UNDECIDED") == "open"


def test_matrices_by_every_route():
    draw = random.Random(5)
    assert not [case for _ in range(40) for case in known_matrices.compared(draw).wrong]


@pytest.mark.parametrize("name", ["rank", "bareiss_rank", "descartes_inertia", "pivoted_inertia"])
def test_a_route_that_is_wrong_is_noticed(monkeypatch, name):
    honest = getattr(plain, name)

    def off(rows):
        found = honest(rows)
        return found + 1 if isinstance(found, int) else (found[0] + 1, *found[1:])

    monkeypatch.setattr(plain, name, off)
    draw = random.Random(5)
    assert any(known_matrices.compared(draw).wrong for _ in range(20))


def test_plain_quantities_of_a_product():
    """F = a·b·x at a = 2, b = 3, x = 1, y = 5: L = ½, r = 1, H = [[9, 7], [7, 4]]."""
    net = Net((1, 1, 1), ("linear", "linear"), (False, False))
    rows = [[Fraction(x)] for x in (1, 5)]
    found = quantities(Case(net, (Fraction(2), Fraction(3)), (tuple(rows[0]),), (tuple(rows[1]),)))
    assert found.matrices["H"] == [[9, 7], [7, 4]]
    assert found.matrices["G"] == [[3, 2]] and found.loss == Fraction(1, 2) and found.gradient == [3, 2]
    assert isinstance(found, Known)
    with pytest.raises(Unknown, match="kink"):
        quantities(Case(Net((1, 1), ("relu",), (False,)), (Fraction(0),), ((Fraction(1),),), ((Fraction(1),),)))


def test_damage_is_survived():
    draw, (claims, problems) = random.Random(3), mutations.sources()
    found = [mutations.damaged(draw, claims, problems) for _ in range(150)]
    assert not [case.detail for case in found if case.detail]
    assert {"refused", "settled"} <= {case.ending for case in found}


def test_a_traceback_and_a_hang_are_noticed(monkeypatch):
    draw, (claims, problems) = random.Random(3), mutations.sources()

    def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(mutations, "parse_claim", broken)
    case = mutations.damaged(draw, claims, problems)
    assert case.ending == "traceback" and "RuntimeError: broken" in case.detail
    monkeypatch.setattr(mutations, "SECONDS", 1)

    def endless(*_):
        while True:
            pass

    monkeypatch.setattr(mutations, "parse_claim", endless)
    assert mutations.damaged(draw, claims, problems).ending == "hang"


def test_damage_spares_what_it_is_made_of():
    kept = repr((mutations.STRANGE, mutations.MORE))
    for seed in range(3000):
        mutations._values(random.Random(seed), {"network": "1-1", "samples": 1, "inputs": [[1, 2], [3]]})
    assert repr((mutations.STRANGE, mutations.MORE)) == kept


def test_forgeries_of_certificates_that_share_parts_can_be_written():
    shared = [["1"], ["2"]]
    original = {"witness": {"inputs": shared, "targets": [shared, shared]}, "evidence": [shared]}
    for seed in range(3000):
        forging.forgery(random.Random(seed), [original])
