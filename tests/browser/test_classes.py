"""The class of an instance: chosen, added and taken off the list on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer


@pytest.fixture
def ada(live_server: LiveServer, page: Page) -> AnnotatorPage:
    ada = AnnotatorPage(page, live_server.url)
    ada.open()
    return ada


def class_of(person: AnnotatorPage) -> str | None:
    (instance,) = person.state("annotations.instances")
    name: str | None = instance["class_name"]
    return name


def test_a_class_is_chosen_by_keyboard_and_taken_away_again(ada: AnnotatorPage) -> None:
    chip = ada.page.get_by_test_id("instance-class")
    expect(chip).to_be_hidden()
    ada.press("Shift+C")
    expect(ada.page.get_by_test_id("class-choice").first).to_be_focused()
    ada.press("ArrowDown", "Enter")
    expect(chip).to_have_text("needle driver")
    expect(ada.page.get_by_test_id("class-menu")).to_be_hidden()

    chip.click()
    expect(ada.page.locator("[data-testid=class-choice][aria-pressed=true]")).to_be_focused()
    ada.page.get_by_test_id("class-choice").filter(has_text="No class").click()
    expect(chip).to_be_hidden()
    assert class_of(ada) is None


def test_a_new_class_is_chosen_at_once_and_offered_to_everybody(
    ada: AnnotatorPage, live_server: LiveServer, new_page: NewPage
) -> None:
    bob = AnnotatorPage(new_page(), live_server.url)
    bob.open()
    ada.page.get_by_test_id("instance-menu").click()
    ada.page.get_by_test_id("instance-class-item").click()
    ada.page.get_by_test_id("class-new").fill("ultrasound probe")
    ada.press("Enter")

    ada.until(lambda: class_of(ada) == "ultrasound probe")
    bob.until(lambda: class_of(bob) == "ultrasound probe")
    expect(bob.page.get_by_test_id("instance-class")).to_have_text("ultrasound probe")
    bob.press("Shift+C")
    expect(bob.page.get_by_test_id("class-choice").last).to_have_text("ultrasound probe")
    # taken off the list: the instance keeps it, and Undo brings it back
    bob.page.get_by_role("button", name="Take ultrasound probe off the list").click()
    bob.until(lambda: "ultrasound probe" not in bob.state("annotations.classes"))
    assert class_of(bob) == "ultrasound probe"
    bob.press("Escape")
    bob.page.get_by_test_id("toast-action").click()
    ada.until(lambda: "ultrasound probe" in ada.state("annotations.classes"))


def test_a_class_that_is_there_is_chosen_not_added_again(ada: AnnotatorPage) -> None:
    before = ada.state("annotations.classes")
    ada.press("Shift+C")
    ada.page.get_by_test_id("class-new").fill("Needle Driver")
    ada.page.get_by_test_id("class-add").click()

    ada.until(lambda: class_of(ada) == "needle driver")
    assert ada.state("annotations.classes") == before
