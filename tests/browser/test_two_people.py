"""Two people, or two tabs, on one video: each sees the other's work, and nothing is lost."""

from __future__ import annotations

import json
import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DEMO_CLIP, NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.server import LiveServer
from tests.browser.test_annotating import SHAFT, points

Pair = tuple[AnnotatorPage, AnnotatorPage]


@pytest.fixture
def people(live_server: LiveServer, new_page: NewPage) -> Pair:
    """Ada and Bob, each with a browser of their own."""
    ada, bob = (AnnotatorPage(new_page(), live_server.url) for _ in range(2))
    ada.open()
    bob.open()
    return ada, bob


def test_a_click_is_seen_by_the_other_without_a_refresh(people: Pair) -> None:
    ada, bob = people
    ada.click(*SHAFT)

    bob.until(lambda: bob.mask_revs() == ada.mask_revs())
    assert bob.drawn_masks() == 1
    bob.until(lambda: bob.stage("points") == "1")


def test_an_undo_by_one_is_seen_by_the_other(people: Pair) -> None:
    ada, bob = people
    ada.click(*SHAFT)
    bob.until(lambda: bob.stage("points") == "1" and bob.drawn_masks() == 1)
    ada.press_and_settle("u")

    bob.until(lambda: bob.stage("points") == "0" and bob.drawn_masks() == 0)


def test_two_clicks_on_one_frame_at_once_both_count(people: Pair, live_server: LiveServer) -> None:
    ada, bob = people
    ada.click(*SHAFT)
    bob.until(lambda: bob.stage("points") == "1")
    ada.page.mouse.click(*ada.screen(150, 260))
    bob.page.mouse.click(*bob.screen(500, 60), button="right")

    for person in people:
        person.until(lambda person=person: person.is_saved() and person.stage("points") == "3")
    ada.until(lambda: ada.mask_revs() == bob.mask_revs())
    assert sorted(point["label"] for point in points(live_server)) == [0, 1, 1]
    ada.until(lambda: ada.state("annotations.prompts") == bob.state("annotations.prompts"))


def test_two_first_clicks_at_once_are_both_kept(people: Pair) -> None:
    ada, bob = people
    ada.page.mouse.click(*ada.screen(*SHAFT))
    bob.page.mouse.click(*bob.screen(150, 260))
    for person in people:
        person.until(person.is_saved)

    def clicks(person: AnnotatorPage) -> int:
        return sum(
            len(frames["0"]["points"]) for frames in person.state("annotations.prompts").values()
        )

    for person in people:
        person.until(lambda person=person: clicks(person) == 2 and person.drawn_masks() > 0)
    ada.until(lambda: ada.state("annotations.instances") == bob.state("annotations.instances"))


def test_escape_stops_ones_own_run_not_that_of_somebody_else(people: Pair) -> None:
    ada, bob = people
    ada.click(*SHAFT)
    ada.press("t")
    card = bob.page.get_by_test_id("job-card")
    expect(card).to_have_attribute("data-state", "running")
    expect(card.get_by_text("Esc")).to_be_hidden()
    bob.press("Escape")
    expect(bob.page.get_by_test_id("toast")).to_have_count(0)
    card.get_by_test_id("job-cancel").click()
    expect(card).to_have_attribute("data-state", "cancelled")

    ada.press("t")
    own = ada.page.locator("[data-testid=job-card][data-state=running]")
    expect(own.get_by_text("Esc")).to_be_visible()
    ada.press("Escape")
    expect(own).to_have_count(0)


def test_a_second_run_waits_for_the_first(people: Pair) -> None:
    ada, bob = people
    ada.click(*SHAFT)
    ada.press("t")
    bob.press("Tab")
    bob.click(*SHAFT)
    bob.page.get_by_test_id("propagate").click()
    waiting = bob.page.locator("[data-testid=job-card][data-state=queued]")
    expect(waiting).to_contain_text("Waiting, next")
    bob.press("Escape")  # it is Bob's
    expect(waiting).to_have_count(0)
    expect(bob.page.locator("[data-testid=job-card][data-state=running]")).to_have_count(1)


def test_each_sees_where_the_other_is(people: Pair) -> None:
    ada, bob = people
    bob.go_to(30)
    slider = ada.page.get_by_test_id("timeline-slider")

    ada.until(lambda: slider.get_attribute("data-others") == "30")
    expect(ada.page.get_by_test_id("connection")).to_contain_text("2 people")
    bob.page.close()
    ada.until(lambda: slider.get_attribute("data-others") == "")
    expect(ada.page.get_by_test_id("connection")).not_to_contain_text("people")


def test_who_comes_back_after_a_lost_connection_is_seen_where_they_are(people: Pair) -> None:
    ada, bob = people
    bob.go_to(30)
    bob.page.reload()
    bob.until_drawn(30)
    slider = ada.page.get_by_test_id("timeline-slider")

    ada.until(lambda: slider.get_attribute("data-others") == "30")


def test_an_instance_renamed_by_one_is_renamed_for_the_other(people: Pair) -> None:
    ada, bob = people
    ada.click(*SHAFT)
    ada.page.get_by_test_id("instance-menu").click()
    ada.page.get_by_test_id("instance-edit").click()
    ada.page.keyboard.type("needle driver")
    ada.press("Enter")

    expect(bob.page.get_by_test_id("instance-name")).to_contain_text("needle driver")


def test_a_duplicated_tab_is_someone_of_its_own(live_server: LiveServer, new_page: NewPage) -> None:
    ada = AnnotatorPage(new_page(), live_server.url)
    ada.open()
    ada.click(*SHAFT)
    with ada.page.expect_popup() as opened:
        ada.page.evaluate("void window.open(location.href)")  # copies the tab's storage
    twin = AnnotatorPage(opened.value, live_server.url)
    twin.until_drawn(0)
    twin.page.mouse.click(*twin.screen(150, 260))
    ada.page.mouse.click(*ada.screen(500, 60), button="right")

    for person in (ada, twin):
        person.until(lambda person=person: person.is_saved() and person.stage("points") == "3")
    assert ada.state("session.client_id") != twin.state("session.client_id")
    assert len(points(live_server)) == 3
    assert json.loads(ada.mask_revs() or "{}").keys() == {"1/overall"}


def test_a_deleted_instance_leaves_every_list_and_looking_adds_none(
    people: Pair, live_server: LiveServer, new_page: NewPage
) -> None:
    """Check also the list of somebody who has no video open."""
    shutil.copy(DEMO_CLIP, live_server.dirs.videos / "second.mp4")
    carol = AnnotatorPage(new_page(), live_server.url)
    carol.start()
    rows = [
        person.page.get_by_test_id("video-item").filter(has_text="demo").locator(".video-facts")
        for person in (*people, carol)
    ]
    expect(rows[2]).to_have_text("90 frames")
    ada = people[0]
    ada.click(*SHAFT)
    for row in rows[:2]:
        expect(row).to_have_text("1 instance · 1 mask")
    carol.page.reload()
    expect(rows[2]).to_have_text("1 instance · 1 mask")

    ada.page.get_by_test_id("instance-row").first.click(button="right")
    ada.page.get_by_test_id("instance-delete").click()

    for row in rows:
        expect(row).to_have_text("90 frames")
