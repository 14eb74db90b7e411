"""``python -m geomcheck`` is ``geomcheck``."""

import sys

from geomcheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
