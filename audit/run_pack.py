"""Verifies the evidence pack that this file came with: `python3 verify.py`, or of another one: `python3 verify.py FILE`.

In a pack it is called `verify.py`, and `__main__.py`, by which Python runs the ZIP as it is.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # nothing that the pack does not have shall appear in its folder

from audit.standalone import main  # noqa: E402 - after the line above

if __name__ == "__main__":
    sys.exit(main(default=Path(__file__).resolve().parent))
