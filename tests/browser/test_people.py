"""People with names: undo of another person's change asks first, and they hear of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT

Pair = tuple[AnnotatorPage, AnnotatorPage]


@pytest.fixture
def people(live_server: LiveServer, new_page: NewPage) -> Pair:
    """Anna and Bob, each with a browser of their own."""
    anna, bob = (AnnotatorPage(new_page(), live_server.url) for _ in range(2))
    anna.open()
    bob.open()
    return anna, bob


def call_me(person: AnnotatorPage, name: str) -> None:
    """Answer the one question for the name."""
    field = person.page.get_by_test_id("name-asked")
    field.fill(name)
    field.press("Enter")
    expect(person.page.get_by_test_id("ask-name")).to_be_hidden()


def test_a_name_is_asked_once_and_kept_in_the_browser(people: Pair) -> None:
    anna, bob = people
    call_me(anna, "Anna")
    bob.page.get_by_test_id("name-later").click()
    bob.page.get_by_test_id("connection").click()
    expect(bob.page.get_by_test_id("person")).to_contain_text("Anna works on 1 overall, frame 0")
    bob.press("Escape")
    anna.page.reload()
    anna.until_drawn(0)

    expect(anna.page.get_by_test_id("connection")).to_contain_text("2 people")
    expect(anna.page.get_by_test_id("ask-name")).to_be_hidden()
    assert anna.state("view.my_name") == "Anna"
    bob.page.reload()
    bob.until_drawn(0)
    expect(bob.page.get_by_test_id("connection")).to_contain_text("2 people")
    expect(bob.page.get_by_test_id("ask-name")).to_be_hidden()


def test_undo_asks_before_it_takes_another_persons_click(people: Pair) -> None:
    anna, bob = people
    call_me(anna, "Anna")
    call_me(bob, "Bob")
    anna.until(lambda: "Bob" in [person["name"] for person in anna.state("session.presence")])
    bob.click(*SHAFT)
    anna.until(lambda: anna.stage("points") == "1" and anna.drawn_masks() == 1)
    anna.press("u")
    question = anna.page.get_by_test_id("toast").filter(has_text="Bob made the last change here.")
    expect(question).to_be_visible()
    anna.painted()
    assert (anna.stage("points"), bob.stage("points")) == ("1", "1")

    question.get_by_test_id("toast-action").click()
    bob.until(lambda: bob.stage("points") == "0" and bob.drawn_masks() == 0)
    told = bob.page.get_by_test_id("toast")
    expect(told).to_contain_text("Anna took back your click on frame 0, 1 overall.")
    expect(anna.page.get_by_test_id("toast")).to_have_count(0)


def test_undo_asks_before_it_takes_another_persons_repair(people: Pair) -> None:
    anna, bob = people
    call_me(bob, "Bob")
    bob.click(*SHAFT)
    bob.go_to(3)
    bob.press("]")
    bob.propagate()
    bob.press("Shift+Delete")  # the range, but for the prompted frame
    anna.until(lambda: len(anna.state("annotations.masks.1/overall")) == 1)
    anna.go_to(2)
    anna.press("u")
    question = anna.page.get_by_test_id("toast").filter(has_text="Bob made the last change here.")
    question.get_by_test_id("toast-action").click()

    anna.until(lambda: len(anna.state("annotations.masks.1/overall")) == 4)
    told = bob.page.get_by_test_id("toast").filter(has_text="took back your repair")
    expect(told).to_be_visible()


@pytest.mark.slow
def test_the_key_again_is_a_yes_and_ones_own_click_needs_none(people: Pair) -> None:
    anna, bob = people
    bob.click(*SHAFT)
    anna.until(lambda: anna.stage("points") == "1")
    anna.click(150, 260)
    anna.press("u")
    anna.until(lambda: anna.stage("points") == "1" and anna.is_saved())
    expect(anna.page.get_by_test_id("undo")).to_have_attribute(
        "title", "Undo: Somebody made the last change here (U)"
    )
    anna.press("u")
    expect(anna.page.get_by_test_id("toast")).to_contain_text("Somebody made the last change")
    anna.press("u")

    bob.until(lambda: bob.stage("points") == "0")
    expect(bob.page.get_by_test_id("toast")).to_contain_text("Somebody took back your click")


def test_the_toast_leads_to_what_was_taken_back(people: Pair) -> None:
    anna, bob = people
    bob.press("Tab")
    bob.go_to(12)
    bob.click(*SHAFT)
    anna.press("Tab")
    anna.go_to(12)
    anna.until(lambda: anna.stage("points") == "1")
    bob.go_to(0)
    bob.press("Tab")
    anna.press("u", "u")
    bob.page.get_by_test_id("toast").get_by_test_id("toast-action").click()

    bob.until_drawn(12)
    assert bob.state("annotations.region") == anna.state("annotations.region")


def test_a_run_on_a_pair_that_somebody_changes_asks_first(people: Pair) -> None:
    anna, bob = people
    call_me(anna, "Anna")
    anna.click(*SHAFT)
    bob.until(lambda: bob.drawn_masks() == 1)
    bob.press("t")
    question = bob.page.get_by_test_id("toast").filter(has_text="Anna is changing 1 overall")
    expect(question.get_by_test_id("toast-action")).to_have_text("Run anyway")
    expect(bob.page.get_by_test_id("job-card")).to_have_count(0)
    question.get_by_test_id("toast-action").click()

    expect(bob.page.get_by_test_id("job-card")).to_be_visible()
    bob.press("Escape")


def test_others_are_marked_where_they_work(people: Pair) -> None:
    anna, bob = people
    call_me(bob, "Bob")
    bob.press("Tab")
    bob.go_to(30)
    region = bob.state("annotations.region")
    chip = anna.page.locator(f"[data-testid=region-chip][data-region={region}]")

    expect(chip).to_have_attribute("data-others", "Bob")
    slider = anna.page.get_by_test_id("timeline-slider")
    anna.until(lambda: slider.get_attribute("data-others") == "30")
    bob.press("Tab")
    expect(chip).to_have_attribute("data-others", "")
    bob.page.close()
    expect(anna.page.locator("[data-others=Bob]")).to_have_count(0)
