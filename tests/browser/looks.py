"""The looks in which pages are tried: every size and every theme once, or with `EVERY_LOOK=1` in the environment all four."""

import os

import pytest

WIDE, NARROW = (1280, 800), (390, 844)

LOOKS = [(WIDE, "light"), (NARROW, "dark")]
if os.environ.get("EVERY_LOOK"):
    LOOKS += [(WIDE, "dark"), (NARROW, "light")]

each_look = pytest.mark.parametrize(
    ("size", "theme"), LOOKS, ids=[f"{'wide' if size is WIDE else 'narrow'}-{theme}" for size, theme in LOOKS]
)
