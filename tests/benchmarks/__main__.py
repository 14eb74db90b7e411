"""Print the table of ratios: ``python -m tests.benchmarks``, or some of its rows: ``… alignment barriers``."""

import argparse
import os
import sys

from tests.benchmarks.measure import THREADS, table


def main(words: list[str]) -> int:
    """Exit 0 when every target is met."""
    os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy is imported
    from tests.benchmarks.rows import GROUPS

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Times, rivals, and their ratios.")
    parser.add_argument(
        "groups", nargs="*", metavar="GROUP", help=f"rows to measure (default: all): {', '.join(GROUPS)}"
    )
    groups = parser.parse_args(words).groups or list(GROUPS)
    for group in groups:
        if group not in GROUPS:
            parser.error(f"expected groups of rows among {', '.join(GROUPS)}, got {group}")
    found = [row for group in groups for row in GROUPS[group]()]
    print(table(found))
    print("\nProcessor seconds on one thread, the best of several runs; rivals in the same run.")
    return 0 if all(row.met for row in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
