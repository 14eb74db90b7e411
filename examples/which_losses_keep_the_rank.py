"""One claim, every loss: for which of them is H as degenerate as G at a perfect fit?"""

import geomcheck as gc

CLAIM = "rank(H) == rank(G) at perfect_fits"

for loss in ("mse", "logcosh", "quartic", "softmax_cross_entropy"):
    verdict = gc.check(CLAIM, network="2-3 linear", loss=loss, samples=2)
    print(f"{loss:24}{verdict.outcome}")

verdict = gc.check(CLAIM, network="2-3 linear", loss="cross_entropy", behaviour="probabilities", samples=2)
print(f"{'cross_entropy':24}{verdict.outcome}")
