"""From which width on is the set of global minima of a small relu network connected? Exact, with a certificate each."""

import geomcheck as gc

DATA = {"inputs": [[1, 2], [3, -1], [-2, 1], [0, -3]], "targets": [1, -2, 1, 2]}

for width in range(2, 7):
    network = f"2-{width}-1 relu, no bias"
    found = gc.evaluate(["components(minima)"], network=network, **DATA)["components(minima)"]
    verdict = gc.check("components(minima) == 1", network=network, **DATA)
    print(f"{network:22}{found.value or 'not known':12}{verdict.outcome}")

for width in (2, 3):
    verdict = gc.check("components(minima) == 8", network=f"2-{width}-1 tanh", teacher=2, samples=1)
    print(f"a tanh student of width {width} has 8 components: {verdict.outcome}")
