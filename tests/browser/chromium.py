"""Where the browser is that tests drive. As a command it says so, and ends with 1 where there is none."""

import os
import shutil
import sys

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str | None:
    """The program: `CHROMIUM` of the environment, else what is installed under a usual name; sooner one without windows."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


if __name__ == "__main__":
    program = find_chromium()
    print(
        program
        or "There is no Chromium. Install it (Debian: chromium-headless-shell), or name one in CHROMIUM."
    )
    sys.exit(0 if program else 1)
