"""Refute a claim, save the certificate, and re-check it with nothing but the one-file checker."""

import subprocess
import sys
import tempfile
from pathlib import Path

import geomcheck as gc

verdict = gc.check(
    "rank(H) == rank(G) at global_minima",
    network="2-1-2 linear, no bias",
    loss="mse",
    inputs=[[1, 0], [0, 1]],
    targets=[[1, 0], [0, 1]],
    parameters=[1, 0, 1, 0],
)
print(verdict.outcome, dict(verdict.quantities))

with tempfile.TemporaryDirectory() as folder:
    certificate = Path(folder) / "rank-equality.json"
    verdict.save(certificate)
    checker = Path(gc.__file__).parent / "checker.py"
    subprocess.run([sys.executable, "-I", str(checker), str(certificate)], check=True)
