"""What a person chose for this browser, kept in cookies: the theme, and whether keys do something."""

from enum import StrEnum

from django.http import HttpRequest, HttpResponse

THEME_COOKIE = "theme"
KEYS_COOKIE = "keys"
_YEAR = 365 * 86_400


class Theme(StrEnum):
    """Light, dark, or as the system says."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def theme_of(request: HttpRequest) -> Theme:
    """The chosen theme; the system's for whoever chose none."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return Theme(chosen) if chosen in list(Theme) else Theme.SYSTEM


def keys_are_on(request: HttpRequest) -> bool:
    """Whether single keys are shortcuts."""
    return request.COOKIES.get(KEYS_COOKIE) != "off"


def remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Keep a preference for a year."""
    response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
