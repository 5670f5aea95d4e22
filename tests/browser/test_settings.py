"""The settings in a real browser: somebody is invited, joins, gets another role, and a token calls the API."""

import json
import re
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Error, expect

from common import clock
from tests.browser.looks import NARROW, WIDE, each_look
from tests.factories import make_invitation, make_member, make_token, make_user, make_workspace
from workspaces.models import Invitation, Membership, Role, Token

PAGES = {
    "index": "/settings/",
    "members": "/settings/members/",
    "member": "/settings/members/grace.hopper/",
    "invitations": "/settings/invitations/",
    "invitation-new": "/settings/invitations/new/",
    "tokens": "/settings/tokens/?whose=all",
    "token-new": "/settings/tokens/new/",
    "workspace": "/settings/workspace/",
}


@pytest.fixture
def admin(transactional_db, settings, live_server):
    """An admin of a workspace where something is to be seen; links lead to the server of the test."""
    settings.BASE_URL = live_server.url
    user = make_user(
        "ada", first_name="Ada", last_name="Lovelace", email="ada@example.com", is_superuser=True
    )
    member = make_member(Role.ADMIN, user=user, workspace=make_workspace("month-end", name="Month end"))
    names = [
        ("grace.hopper", "Grace", "Hopper", Role.OPERATOR),
        ("edsger", "Edsger", "Dijkstra", Role.AUDITOR),
    ]
    for username, first, last, role in names:
        person = make_user(
            username,
            first_name=first,
            last_name=last,
            email=f"{username}@example.com",
            last_login=clock.now(),
        )
        make_member(role, workspace=member.workspace, user=person)
        make_token(Role.VIEWER, workspace=member.workspace, user=person, name=f"Import of {first}")
    make_token(Role.BUILDER, workspace=member.workspace, user=user, name="nightly import")
    make_invitation(workspace=member.workspace, email="barbara@example.com", note="For the May closing")
    return member


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@each_look
def test_every_page_is_accessible_in_every_look(open_as, axe, screenshot, admin, size, theme):
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    page = open_as(user=admin.user, path="/settings/", size=size, theme=theme)
    paths = dict(PAGES)
    paths["token"] = f"/settings/tokens/{Token.objects.get(name='nightly import').uid}/"
    paths["invitation"] = f"/settings/invitations/{Invitation.objects.get().uid}/"
    paths["workspace-new"] = "/settings/workspace/new/"
    for name, path in paths.items():
        page.goto(path)
        if name == "members":
            page.get_by_text("What each role may do").click()
        axe(page)
        screenshot(page, f"settings-{name}-{look}")
        assert fits(page), name


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow"])
def test_somebody_new_is_invited_joins_in_another_browser_and_gets_another_role(
    open_as, new_page, axe, screenshot, expect_errors, admin, size, theme
):
    expect_errors("410|422")  # the browser notes a link that is over, and a form with mistakes
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    page = open_as(user=admin.user, path="/settings/members/", size=size, theme=theme)
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_role("radio", name="Reviewer").check()
    page.get_by_label("Note").fill("Welcome to the closing of May")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("The link").input_value()
    axe(page)
    screenshot(page, f"settings-invitation-made-{look}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link

    other = new_page(size=size, theme=theme)
    other.goto(link)
    expect(other.get_by_role("heading", name="Join Month end")).to_be_visible()
    axe(other)
    screenshot(other, f"join-new-{look}")
    other.get_by_label("User name").fill("ada")
    other.get_by_label("E-mail").fill("barbara@example.com")
    other.get_by_label("Password").fill("short")
    other.get_by_role("button", name="Make account and join").click()
    expect(other.get_by_text("Somebody here has this user name")).to_be_visible()
    axe(other)
    screenshot(other, f"join-wrong-{look}")
    other.get_by_label("User name").fill("barbara")
    other.get_by_label("Password").fill("a-long-passphrase")
    other.get_by_role("button", name="Make account and join").click()
    expect(other.get_by_text("Welcome to Month end. You are reviewer here.")).to_be_visible()
    assert Membership.objects.get(user__username="barbara").role == Role.REVIEWER

    page.goto("/settings/members/")
    page.get_by_role("link", name="Change barbara").click()
    page.get_by_role("radio", name="Builder").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("barbara is builder now.")).to_be_visible()
    other.goto("/settings/")
    expect(other.get_by_text("You are builder here.")).to_be_visible()
    page.get_by_role("link", name="Change barbara").click()
    page.locator("summary", has_text="Remove…").click()
    page.get_by_role("button", name="Remove barbara now").click()
    expect(page.get_by_text("barbara is no member any more.")).to_be_visible()
    other.goto(link)
    expect(other.get_by_role("heading", name="This invitation has been used")).to_be_visible()
    axe(other)
    screenshot(other, f"join-used-{look}")


def test_an_account_that_exists_joins_and_a_token_is_made_with_the_keyboard_alone(
    new_page, screenshot, admin
):
    _, token = make_invitation(workspace=admin.workspace, role=Role.OPERATOR)
    make_user("grace", email="grace@example.com")
    page = new_page(script=False, size=NARROW)
    page.goto(f"/join/{token}/")
    page.get_by_role("link", name="Sign in to join").focus()
    page.keyboard.press("Enter")
    page.get_by_label("User name or e-mail").fill("grace")
    page.get_by_label("Password").fill("password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are signed in as grace.")).to_be_visible()
    screenshot(page, "join-signed-in-narrow-light")
    page.get_by_role("button", name="Join Month end").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Welcome to Month end.")).to_be_visible()

    page.goto("/settings/tokens/")
    expect(page.get_by_role("heading", name="No tokens yet")).to_be_visible()
    screenshot(page, "settings-tokens-empty-narrow-light")
    page.get_by_role("link", name="New token").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=False).first.fill("nightly")
    page.keyboard.press("Enter")
    key = page.get_by_role("textbox", name="Key", exact=True).input_value()
    expect(page.get_by_role("button", name="Copy key")).to_be_hidden()
    screenshot(page, "settings-token-made-narrow-light")
    page.get_by_role("link", name="Done").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your tokens")).to_be_visible()
    assert key not in page.content()
    page.get_by_role("link", name="nightly").click()
    page.get_by_role("button", name="Revoke token").click()
    expect(page.get_by_text("The token nightly does not work any more.")).to_be_visible()


def test_a_token_calls_the_api_as_its_example_says(open_as, axe, screenshot, admin, live_server):
    page = open_as(user=admin.user, path="/settings/tokens/new/", theme="dark")
    page.get_by_label("Name").fill("nightly")
    page.get_by_role("radio", name="Operator").check()
    page.get_by_label("Expires").select_option(label="After 30 days")
    page.get_by_role("button", name="Make token").click()
    axe(page)
    screenshot(page, "settings-token-made-wide-dark")
    key = page.get_by_role("textbox", name="Key", exact=True).input_value()
    example = page.get_by_label("Try it").inner_text()
    (address,) = re.findall(r"http\S+", example)
    assert address.startswith(live_server.url)
    request = Request(address, headers={"Authorization": f"Token {key}"})
    with urlopen(request, timeout=10) as answer:
        assert json.load(answer)["role"] == "operator"
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("link", name="nightly", exact=True)).to_be_visible()
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    expect(page.get_by_text(key)).to_have_count(0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
def test_who_may_not_change_anything_is_told_what_it_takes(open_as, axe, screenshot, admin, role):
    page = open_as(role, workspace=admin.workspace, path="/settings/")
    axe(page)
    screenshot(page, f"settings-index-{role}-wide-light")
    page.goto("/settings/workspace/")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    expect(page.get_by_text("Changing this takes the role admin.")).to_be_visible()
    axe(page)
    screenshot(page, f"settings-workspace-{role}-wide-light")
    page.goto("/settings/members/")
    axe(page)
    screenshot(page, f"settings-members-{role}-wide-light")


def test_a_script_in_a_name_a_note_or_a_token_is_text(open_as, new_page, admin):
    bad = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    _, token = make_invitation(workspace=admin.workspace, note=bad)
    make_token(Role.VIEWER, workspace=admin.workspace, user=admin.user, name=bad)
    admin.user.first_name = bad
    admin.user.save()
    admin.workspace.name = bad
    admin.workspace.save()
    page = open_as(user=admin.user, path="/settings/")
    for path in [*PAGES.values(), f"/settings/tokens/{Token.objects.get(name=bad).uid}/"]:
        page.goto(path)
        assert page.locator("img[src=x]").count() == 0
    other = new_page()
    other.goto(f"/join/{token}/")
    expect(other.get_by_text("onerror").first).to_be_visible()
    assert other.locator("img[src=x]").count() == 0
