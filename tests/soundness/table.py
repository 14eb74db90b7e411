"""The table of planted faults: `python -m tests.soundness.table`."""

import pytest

from .battery import ANSWERS, outcome, quick_checks, wrong
from .faults_of_proofs import FAULTS


def main() -> int:
    print(f"{'fault':80}known answers changed  verdicts changed  wrong verdicts")
    unnoticed = left = 0
    for fault in FAULTS:
        with pytest.MonkeyPatch.context() as patch:
            fault.plant(patch)
            failed, results = quick_checks(), [(answer, outcome(answer)) for answer in ANSWERS]
        changed = sum(found != answer.right for answer, found in results)
        turned = sum(wrong(answer, found) for answer, found in results)
        unnoticed, left = unnoticed + (not failed and not changed), left + turned
        print(f"{fault.name:80}{len(failed):21}{changed:18}{turned:16}")
    print(f"{len(FAULTS)} faults: {unnoticed} unnoticed, {left} wrong verdicts over {len(ANSWERS)} claims each")
    return int(bool(left) or 20 * unnoticed > len(FAULTS))


if __name__ == "__main__":
    raise SystemExit(main())
