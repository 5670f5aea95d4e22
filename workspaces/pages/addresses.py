"""Addresses of pages by name, also of those of apps that lie above this one."""

from django.urls import NoReverseMatch, reverse


def address_of(name: str, *args: object) -> str:
    """The address of a page; empty where there is none of that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
