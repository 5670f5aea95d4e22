"""When a page has answered: what it loads by itself has come, and stands in its place."""

from playwright.sync_api import Page

STILL = """() => document.readyState === "complete"
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")"""


def settled(page: Page) -> None:
    """Wait until nothing is asked for any more; a poll that comes later is not waited for."""
    page.wait_for_function(STILL)
