"""The trash: what was deleted is listed, comes back open and selected, or goes for good."""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import DEMO_CLIP, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT

Pair = tuple[AnnotatorPage, AnnotatorPage]


@pytest.fixture
def people(live_server: LiveServer, new_page: NewPage) -> Pair:
    """Anna, who gave her name, and Bob."""
    anna, bob = (AnnotatorPage(new_page(), live_server.url) for _ in range(2))
    anna.open()
    bob.open()
    field = anna.page.get_by_test_id("name-asked")
    field.fill("Anna")
    field.press("Enter")
    return anna, bob


def rows(person: AnnotatorPage) -> Locator:
    return person.page.get_by_test_id("trash-item")


def delete_instance(person: AnnotatorPage) -> None:
    person.page.get_by_test_id("instance-menu").first.click()
    person.page.get_by_test_id("instance-delete").click()


def masks(person: AnnotatorPage) -> Any:
    return person.state("annotations.masks") or {}


def test_a_deleted_instance_comes_back_for_both(people: Pair) -> None:
    anna, bob = people
    anna.click(*SHAFT)
    bob.until(lambda: bob.drawn_masks() == 1)
    anna.press("i")
    anna.until(lambda: len(anna.state("annotations.instances")) == 2)
    delete_instance(anna)
    expect(bob.page.get_by_test_id("toast")).to_contain_text("Anna deleted 1 · tool.")
    bob.page.reload()  # the deleted one's masks are unknown to this page
    bob.until_drawn(0)
    bob.press("Alt+Delete")
    expect(rows(bob)).to_contain_text("1 · tool")
    expect(rows(bob)).to_contain_text(re.compile(r"Instance of demo · deleted by Anna · .*B"))
    bob.page.get_by_test_id("trash-restore").click()

    for person in people:
        person.until(lambda person=person: len(person.state("annotations.instances")) == 2)
        person.until(lambda person=person: person.drawn_masks() == 1)
    ids = [row["instance_id"] for row in bob.state("annotations.instances")]
    assert ids == [1, 2]
    bob.until(lambda: bob.state("annotations.instance_id") == 1)  # it follows the answer
    expect(bob.page.get_by_test_id("trash")).to_be_hidden()
    told = anna.page.get_by_test_id("toast").filter(has_text="brought back 1 · tool.")
    expect(told).to_be_visible()


def test_a_deleted_video_comes_back_sorted_and_open(people: Pair, live_server: LiveServer) -> None:
    anna, bob = people
    for name in ("a.mp4", "z.mp4"):
        shutil.copyfile(DEMO_CLIP, live_server.dirs.videos / name)
    for person in people:
        person.page.reload()
        expect(person.page.get_by_test_id("video-item")).to_have_count(3)
    middle = bob.page.get_by_test_id("video-item").filter(has_text="demo.mp4")
    middle.hover()
    middle.get_by_test_id("video-delete").click()
    expect(anna.page.get_by_test_id("video-item")).to_have_count(2)
    anna.page.get_by_test_id("trash-button").click()
    expect(rows(anna)).to_contain_text("demo.mp4")
    anna.page.get_by_test_id("trash-restore").click()

    anna.until(lambda: anna.state("video.open.name") == "demo.mp4")
    for person in people:
        titles = person.page.locator("#videos .video-title")
        expect(titles).to_have_text(["a.mp4", "demo.mp4", "z.mp4"])


def test_dropped_masks_come_back_and_the_rest_goes_for_good(people: Pair) -> None:
    anna, _ = people
    anna.click(*SHAFT)
    anna.press("]")
    anna.go_to(6)
    anna.press("]", "t")
    anna.until(lambda: len(masks(anna).get("1/overall", {})) > 5)
    anna.until(lambda: anna.state("jobs.by_id") and not anna.page.locator(
        "[data-testid=job-card][data-state=running]").count())  # fmt: skip
    made = len(masks(anna)["1/overall"])
    anna.page.get_by_test_id("instance-menu").click()
    anna.page.get_by_test_id("masks-drop").click()
    anna.until(lambda: len(masks(anna)["1/overall"]) == 1)
    anna.page.get_by_test_id("instance-menu").click()
    anna.page.get_by_test_id("instance-trash").click()
    expect(rows(anna)).to_contain_text(f"{made - 1} masks of 1 overall")
    anna.page.get_by_test_id("trash-restore").click()
    anna.until(lambda: len(masks(anna)["1/overall"]) == made)

    delete_instance(anna)
    anna.press("Alt+Delete")
    expect(rows(anna)).to_have_count(1)
    empty = anna.page.get_by_test_id("trash-empty")
    empty.click()
    expect(empty).to_contain_text("for good?")
    empty.click()
    expect(rows(anna)).to_have_count(0)
    expect(anna.page.get_by_test_id("trash-summary")).to_have_text("Nothing is in the trash.")


def test_the_trash_is_worked_by_keyboard(people: Pair) -> None:
    anna, _ = people
    anna.press("i")
    anna.until(lambda: len(anna.state("annotations.instances")) >= 1)
    delete_instance(anna)
    anna.until(lambda: len(anna.page.get_by_test_id("toast").all()) == 1)
    anna.press("Alt+Delete")
    expect(rows(anna)).to_have_count(1)
    anna.press("Tab", "Enter")

    expect(anna.page.get_by_test_id("trash")).to_be_hidden()
