"""Through the door: password, second factor, a forgotten password, and every page of it in our look."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from tests.browser.looks import NARROW, WIDE
from tests.factories import make_member, make_user
from workspaces.models import Role


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


@pytest.fixture
def person(transactional_db):
    return make_member(Role.ADMIN, user=make_user("ada", email="ada@example.com")).user


def sign_in(page, login="ada", password="password"):
    page.get_by_label("User name or e-mail").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize(
    ("size", "theme"), [(WIDE, "dark"), (NARROW, "light")], ids=["wide-dark", "narrow-light"]
)
def test_a_password_opens_the_page_that_was_asked_for(new_page, person, axe, screenshot, size, theme):
    page = new_page(size=size, theme=theme)
    page.goto("/account/?from=mail")
    axe(page)
    screenshot(page, f"sign-in-{'wide' if size == WIDE else 'narrow'}-{theme}")
    sign_in(page, password="wrong")
    expect(page.get_by_text("not correct")).to_be_visible()
    sign_in(page, login="ada@example.com")
    expect(page).to_have_url(re.compile(r"/account/\?from=mail$"))
    page.locator("summary", has_text="Your menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_second_factor_is_set_up_and_asked_for(new_page, person, axe, screenshot):
    page = new_page()
    page.goto("/account/two-factor/totp/activate/")
    sign_in(page)
    axe(page)
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Activate Authenticator App")).to_be_visible()
    axe(page)
    screenshot(page, "two-factor-activate")
    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    codes = page.get_by_label("Unused codes").input_value().split()
    screenshot(page, "two-factor-codes")
    axe(page)
    stored = Authenticator.objects.get(user=person, type="totp").data["secret"]
    assert secret not in stored
    page.context.clear_cookies()
    page.goto("/account/two-factor/")
    sign_in(page)
    screenshot(page, "two-factor-ask")
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign In").click()
    expect(page.get_by_role("heading", name="Two-Factor Authentication")).to_be_visible()
    screenshot(page, "two-factor-index")
    axe(page)


def test_a_forgotten_password_is_set_anew_by_mail(new_page, person, axe):
    page = new_page()
    page.goto("/account/sign-in/")
    page.get_by_role("link", name="Forgot your password?").click()
    axe(page)
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_role("button").first.click()
    expect(page.get_by_text("sent you an email")).to_be_visible()
    (link,) = re.findall(r"http\S+", str(mail.outbox[0].body))
    page.goto(link)
    axe(page)
    page.get_by_label("New Password", exact=True).fill("a-long-passphrase")
    page.get_by_label("New Password (again)").fill("a-long-passphrase")
    page.get_by_role("button").first.click()
    page.goto("/account/")
    sign_in(page, password="a-long-passphrase")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_guessing_a_password_is_slowed_down(new_page, person):
    page = new_page()
    page.goto("/account/sign-in/")
    for _ in range(6):
        sign_in(page, password="wrong")
    expect(page.get_by_text("Too many failed login attempts")).to_be_visible()
    sign_in(page)
    expect(page.get_by_text("Too many failed login attempts")).to_be_visible()


def code_of(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))
