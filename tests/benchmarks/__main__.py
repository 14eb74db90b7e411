"""Print the table of ratios: ``python -m tests.benchmarks``."""

import os
import sys

from tests.benchmarks.measure import THREADS, table


def main() -> int:
    """Exit 0 when every target is met."""
    os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy is imported
    from tests.benchmarks.rows import rows

    found = rows()
    print(table(found))
    print("\nProcessor seconds on one thread, the best of several runs; rivals in the same run.")
    return 0 if all(row.met for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
