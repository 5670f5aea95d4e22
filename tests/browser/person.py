"""A person at a page, whose actions are counted: each click, each field that is filled in, each choice, each key."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.waiting import settled


class Person:
    """Does what people do, and goes on when the page has answered."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def click(self, name: str, *, role: Any = "button", within: Locator | None = None) -> None:
        """Press the first thing of that role whose name begins so."""
        self._act()
        named = re.compile(rf"^\s*{re.escape(name)}")
        (within or self.page).get_by_role(role, name=named).first.click()

    def follow(self, name: str, *, shows: str) -> None:
        """Follow the link with exactly that name, to a page or form with the heading `shows`."""
        self._act()
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.sees(shows)

    def fill(self, label: str, text: str) -> None:
        """Type into the field with exactly that label."""
        self._act()
        self.page.get_by_label(label, exact=True).first.fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self._act()
        self.page.get_by_label(label, exact=True).first.select_option(label=option)

    def tick(self, *names: str) -> None:
        """Tick boxes."""
        for name in names:
            self._act()
            self.page.get_by_role("checkbox", name=name, exact=True).check()

    def give(self, label: str, file: Path) -> None:
        """Give a file, and wait for it where it is sent at once."""
        self._act()
        self.page.get_by_label(label).first.set_input_files(file)
        place = self.page.locator("[data-drop]").first
        if place.locator("[data-scripted]").is_visible():
            expect(place.locator("[data-file-status]")).to_contain_text(f"Uploaded: {file.name}")

    def insert(self, *texts: str) -> None:
        """Click values in the list of what can be inserted; it is opened first where it is folded."""
        picker = self.page.locator("[data-picker]")
        expect(picker).to_be_attached()
        if picker.get_attribute("open") is None:
            self._act()
            self.page.locator("[data-picker] > summary").click()
        for text in texts:
            self._act()
            picker.locator(
                ".pick", has=self.page.locator("code", has_text=re.compile(f"^{re.escape(text)}$"))
            ).click()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._act()
            self.page.keyboard.press(key)

    def sees(self, heading: str) -> None:
        """Look until the page has that heading, and all that comes with it."""
        expect(self.page.get_by_role("heading", name=re.compile(re.escape(heading))).first).to_be_visible()
        settled(self.page)

    def sees_saved(self) -> None:
        """Look until everything is saved."""
        expect(self.page.locator("#builder-saved")).to_have_text("Saved")
        settled(self.page)

    def _act(self) -> None:
        self.actions += 1
