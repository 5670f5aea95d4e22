"""How a state looks wherever a person sees it: always icon, word and colour together."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class Tone(StrEnum):
    """A colour by its meaning; `tokens.css` has its values for both themes."""

    GOOD = "good"
    BAD = "bad"
    BUSY = "busy"
    WAIT = "wait"
    IDLE = "idle"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a state's pill shows. `icon` is a name of lucide's."""

    word: str | Promise
    icon: str
    tone: Tone
