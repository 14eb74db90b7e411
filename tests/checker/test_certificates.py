"""What is true is accepted, in process and from the command line, and the exit status says what happened."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geomcheck import checker
from geomcheck.certificate import accepted as checked
from geomcheck.certificate import sealed

from .certificates import VALID, Certificate

CHECKER = Path(checker.__file__)


def run(*paths: Path | str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(CHECKER), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.parametrize("name", VALID)
def test_what_is_true_is_accepted(name: str) -> None:
    assert checked(VALID[name]) == (
        True,
        f"{VALID[name]['verdict']} {VALID[name]['claim']}",
    )


def write(path: Path, certificate: Certificate) -> Path:
    path.write_text(json.dumps(sealed(certificate)), encoding="utf-8")
    return path


def test_the_exit_status_says_what_happened(tmp_path: Path) -> None:
    good = write(tmp_path / "good.json", VALID["product"])
    bad = write(tmp_path / "bad.json", {**VALID["product"], "verdict": "REFUTED"})
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe")
    assert run(good, good).returncode == 0
    assert run(good).stdout == f"{good}: ACCEPTED PROVED rank(H) == rank(G) at perfect_fits\n"
    assert run(good, bad).returncode == 4
    assert f"{bad}: REJECTED: the formula is not shown to be False" in run(bad, good).stdout
    assert run().returncode == 2
    for unreadable in (tmp_path / "missing.json", binary, tmp_path):
        answer = run(bad, unreadable, good)
        assert answer.returncode == 2
        assert "cannot be read" in answer.stderr
        assert "Traceback" not in answer.stderr


def test_a_network_of_ordinary_size_takes_little_time() -> None:
    certificate = VALID["tanh"]
    start = time.perf_counter()
    assert checked(certificate)[0]
    assert time.perf_counter() - start < 1
