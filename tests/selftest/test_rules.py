"""The rules of proofs give nothing false at scenes of every kind, and each of their hypotheses is missed."""

import random

import pytest

from geomcheck import checker
from geomcheck.selftest import grounds
from geomcheck.selftest.composing import Composer, scopes

from .weakened import Hypothesis, hypotheses

# What may be dropped without a false fact at any scene here. A rejection of the checker becomes stricter, or the part
# only says which of several equal ways is taken, or keeps an error from being raised:
HARMLESS = {
    *("inertia: found['S'][0] == 'entry'", "symmetric: found['S'][0] == 'entry'", "affine_in: tree[0] == '/'"),
    *("affine_in: degrees[1]", "fit_form: powers", "fit_form: convex", "features: bool(self.layers)"),
    *("fit_form: len(powers) < len(monomial) or len(powers) < 2", "least: self.site", "flat: bool(self.bent)"),
    *("fit_form: c < 0 or any((powers.count(k) % 2 for k in powers))", "normalised: bool(below)"),
    *("trace: constant(found['c']) is not None", "features: found['X'][0] == found['Y'][0] == 'activations'"),
    *("analytic: self.p.loss.label == 'sign'", "analytic: self.p.targets is None", "fitted: bool(self.p.fit)"),
    # or the lemma holds, or seems to hold, without it: the rule asks for more than it needs.
    *("wide_linear: self.named not in ('bce', 'cross_entropy')", "two_linear: self.decay == 0"),
    *("strict: self.fit_form[1]", "semicontinuity: proof.p.data['parameters'] is None", "analytic: not signed"),
    *(
        "generic: self.p.data['parameters'] is None",
        "output-definite: proof.p.convex",
        "fit-by-loss: proof.p.vanishing",
    ),
    *("scalings: all((other['residual'] != l for other in self.layers))", "scalings: layer['c'] != 1"),
    # or the numbers that would show it are not rational at any scene here.
    *("scalings: layer['name'] == 'exp'", "output-definite: proof.p.named", "analytic: self.p.named"),
    *("flat: not self.squash", "multiaffine: not self.squash"),
}
SLOW = ("orbit", "least_bound", "global_minimum")  # those of minima, fields and shapes have tests of their own


@pytest.fixture(scope="module")
def composers():
    draw = random.Random(2)
    return [Composer(scope, checker, draw) for scene in grounds.special() for scope in scopes(scene)]


def fresh(composer: Composer) -> Composer:
    """The composer, with nothing remembered that a patch may change."""
    for name in [name for name in vars(composer.problem) if name in vars(checker.Problem)]:
        del vars(composer.problem)[name]
    checker.WORK[0] = 0
    return composer


def found_by(composers: list[Composer], hypothesis: Hypothesis) -> bool:
    composers[0].draw.seed(hypothesis.label)  # all have the same one
    return any(fresh(composer).findings(*hypothesis.rules) for _ in range(12) for composer in composers)


def test_nothing_false_is_given(composers):
    draw = random.Random(3)
    drawn = [Composer(scope, checker, draw) for _ in range(2) for scope in scopes(grounds.drawn(draw))]
    assert not [finding for composer in composers[::9] + drawn for finding in fresh(composer).findings()]
    assert sum(composer.judged for composer in composers) > 5_000


CASES = [case for case in hypotheses() if case.label not in HARMLESS and not case.label.startswith(SLOW)]


def test_what_is_called_harmless_is_there():
    assert not HARMLESS - {case.label for case in hypotheses()}
    assert len({case.label for case in CASES}) > 120


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label[:70])
def test_a_dropped_hypothesis_is_missed(composers, case, monkeypatch):
    case.drop(monkeypatch)
    assert found_by(composers, case)
