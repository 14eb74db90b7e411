"""Two networks trained on halves of scikit-learn's digits: does alignment help to merge them? A small run, 20 seconds.

The whole experiment, with a ResNet, twelve seeds and a figure, is ``geomcheck experiment merging --figure m.svg``.
"""

import geomcheck as gc

result = gc.experiments.merging(networks="mlp", seeds=3, epochs=20, widths={"mlp": 128})
print(result)

# Three seeds can decide nothing: the report says so. Everything measured is there to be looked at.
for outcome in result.outcomes:
    plain, aligned = outcome.lines["plain"], outcome.lines["weights"]
    print(f"seed {outcome.seed}: barrier {plain.barrier('mean'):.3f}, after alignment {aligned.barrier('mean'):.3f}")
