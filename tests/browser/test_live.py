"""Live regions in a real browser: what a poll keeps, when it rests, how it ends, and what is said when it fails."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.urls import STATE

pytestmark = pytest.mark.urls("tests.pages.urls")
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(autouse=True)
def fresh():
    STATE.update(text="first", finished=False, asked=0, fail=0)


@pytest.fixture
def page(open_as):
    return open_as("viewer", path="/test/live/")


@pytest.fixture
def clock(page):
    """The page opened anew under a clock that only the test moves."""
    page.clock.install()
    page.reload()

    def pass_seconds(seconds):
        """What the page asks meanwhile; a request of the test's own comes after all of them."""
        before = STATE["asked"]
        for _ in range(seconds):
            page.clock.run_for(1_000)
            page.evaluate("fetch('/healthz').then(answer => answer.text())")
        return STATE["asked"] - before

    return pass_seconds


def test_a_poll_brings_what_is_new_and_keeps_what_a_person_typed_opened_scrolled_and_focused(page):
    page.get_by_label("Note").fill("half a sentence")
    page.get_by_text("More").click()
    page.evaluate("document.getElementById('scroller').style.cssText = 'height:50px;overflow:auto'")
    page.evaluate("document.getElementById('scroller').scrollTop = 77")
    page.get_by_label("Note").focus()
    STATE["text"] = "second"
    expect(page.locator("#text")).to_have_text("second")
    STATE["text"] = "third"
    expect(page.locator("#text")).to_have_text("third")
    assert page.get_by_label("Note").input_value() == "half a sentence"
    assert page.evaluate("document.activeElement.id") == "note"
    assert page.evaluate("document.getElementById('more').open") is True
    page.get_by_text("More").focus()  # the field is kept without the focus too
    STATE["text"] = "fourth"
    expect(page.locator("#text")).to_have_text("fourth")
    assert page.get_by_label("Note").input_value() == "half a sentence"


def test_a_finished_region_asks_no_more(page, clock):
    assert clock(1) == 1
    STATE.update(text="done", finished=True)
    clock(3)
    expect(page.locator("#text")).to_have_text("done")
    assert page.locator("[data-poll]").count() == 0
    assert clock(10) == 0


def test_a_hidden_tab_asks_nothing_and_asks_at_once_when_it_is_seen_again(page, clock):
    page.evaluate(HIDE, True)
    assert clock(10) == 0
    STATE["text"] = "meanwhile"
    page.evaluate(HIDE, False)
    expect(page.locator("#text")).to_have_text("meanwhile")


def test_nothing_new_lengthens_the_pause(clock):
    assert clock(15) <= 5
    assert clock(30) <= 3


def test_trouble_is_told_and_taken_back_when_it_is_over(page, expect_errors, axe):
    expect_errors("503")
    STATE["fail"] = 503
    toast = page.get_by_text("The server does not answer")
    expect(toast).to_be_visible()
    axe(page)
    STATE.update(fail=0, text="back")
    expect(page.locator("#text")).to_have_text("back")
    expect(toast).to_have_count(0)


def test_a_network_that_is_gone_is_told(page, expect_errors):
    expect_errors("ERR_INTERNET_DISCONNECTED|htmx:")
    page.context.set_offline(True)
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    page.context.set_offline(False)
    STATE["text"] = "online"
    expect(page.locator("#text")).to_have_text("online")


def test_an_ended_session_shows_the_way_to_the_door_and_back(page, expect_errors):
    expect_errors("401")
    page.context.clear_cookies()
    page.get_by_role("link", name="Sign in again").click()
    expect(page).to_have_url(re.compile(r"/account/sign-in/\?next=%2Ftest%2Flive%2F$"))


def test_times_stay_fresh(page):
    page.evaluate("document.getElementById('when').dataset.moment = ''")
    page.evaluate("document.getElementById('when').dateTime = new Date(Date.now() - 125000).toISOString()")
    expect(page.locator("#when")).to_have_text("2 min ago")
