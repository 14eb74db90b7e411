"""State a claim, get a verdict: the three lines that most uses need."""

import geomcheck as gc

verdict = gc.check("rank(H) == rank(G) at perfect_fits", network="2-3-1 tanh", loss="mse", samples=4)
print(verdict)
