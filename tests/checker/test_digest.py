"""A certificate with any field altered is rejected with one clear reason, true or not what it then says."""

import json
import random

import pytest

from geomcheck import checker
from geomcheck.certificate import sealed, text

from .certificates import VALID
from .test_forgeries import altered

ALTERED = "the file was altered after it was written: its digest does not fit it"


@pytest.mark.parametrize("name", VALID)
def test_every_alteration_is_rejected(name: str) -> None:
    whole = sealed(VALID[name])
    assert checker.check_certificate(text(whole))[0]
    forgeries = list(altered(whole))
    for forged in random.Random(name).sample(forgeries, min(300, len(forgeries))):
        accepted, reason = checker.check_certificate(json.dumps(forged))
        assert not accepted
        if forged.keys() == whole.keys() and all(forged[key] == whole[key] for key in ("format", "version", "kind")):
            assert reason == ALTERED or "must be written as text" in reason


def test_hints_that_stay_true_may_not_be_exchanged_either() -> None:
    whole = sealed(VALID["product"])
    rank = next(entry["rank"] for entry in whole["evidence"] if "rank" in entry)
    rank["lower"]["prime"] = "1000000007"
    assert checker.check_certificate(json.dumps(whole)) == (False, ALTERED)
    assert checker.check_certificate(json.dumps(sealed(whole)))[0]


def test_the_order_of_fields_and_the_white_space_are_free() -> None:
    whole = sealed(VALID["product"])
    backwards = dict(reversed(whole.items()))
    for written in (json.dumps(backwards, indent=3), json.dumps(whole, separators=(",", ":")), text(whole)):
        assert checker.check_certificate(written)[0]


@pytest.mark.parametrize("digest", [None, "", "0" * 64, 0, [], {}, "١" * 64])
def test_a_digest_is_the_digest(digest: object) -> None:
    assert checker.check_certificate(json.dumps({**VALID["product"], "digest": digest})) == (False, ALTERED)


def test_older_versions_are_named() -> None:
    old = {**VALID["product"], "version": 1}
    assert checker.check_certificate(json.dumps(old)) == (False, "no certificate of version 2")
