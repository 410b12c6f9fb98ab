"""Repairs of masks on the page, each of them taken back by one undo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.annotating import BODY, DISC, Annotator
from tests.browser.conftest import NewPage
from tests.browser.driver import AnnotatorPage
from tests.browser.pool import ServerPool
from tests.prepared import PreparedWorkspaces

FIRST, SECOND = "annotations.masks.1/overall", "annotations.masks.2/overall"


def track_two(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.call("create_instance", video_id="clip")
    ada.click(0, *DISC, instance_id=2)
    ada.propagate()


@pytest.fixture
def ada(
    server_pool: ServerPool, prepared: PreparedWorkspaces, page: Page
) -> Iterator[AnnotatorPage]:
    """Two objects, tracked over 12 frames; frame 4 of the first one is on screen."""
    with server_pool.lend_prepared(prepared.made_by(track_two)) as server:
        annotator = AnnotatorPage(page, server.url)
        annotator.open("clip.mp4")
        annotator.go_to(4)
        annotator.until(lambda: annotator.drawn_masks() == 2)
        yield annotator


def button(ada: AnnotatorPage, name: str) -> Locator:
    return ada.page.get_by_test_id(f"repair-{name}")


def areas(ada: AnnotatorPage, pair: str = FIRST) -> dict[int, int]:
    return {int(name): mask["area"] for name, mask in (ada.state(pair) or {}).items()}


def said(ada: AnnotatorPage, words: str) -> None:
    expect(ada.page.get_by_test_id("toasts")).to_contain_text(words, timeout=60_000)


def mark(ada: AnnotatorPage, first: int, last: int) -> None:
    ada.go_to(first)
    ada.press("[")
    ada.go_to(last)
    ada.press("]")


def undo_in_toast(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("toast-action").last.click()


def test_masks_of_a_range_are_swapped_and_swapped_back(ada: AnnotatorPage) -> None:
    first, second = areas(ada), areas(ada, SECOND)
    mark(ada, 4, 6)
    ada.press("Shift+X")
    panel = ada.page.get_by_test_id("repair")
    expect(panel).to_be_visible()
    expect(button(ada, "scope-range")).to_have_attribute("aria-pressed", "true")
    expect(button(ada, "where")).to_have_text("1 overall, 4 – 6")
    expect(button(ada, "target")).to_have_value("2/overall")

    button(ada, "move").click()
    said(ada, "Swapped 1 overall and 2 overall on 3 frames.")
    ada.until(lambda: areas(ada)[5] == second[5])
    assert (areas(ada, SECOND)[5], areas(ada)[7]) == (first[5], first[7])
    assert ada.state(FIRST)["5"]["approved"]

    ada.press("Escape")
    expect(panel).to_be_hidden()
    ada.go_to(5)
    ada.press("u")
    ada.until(lambda: (areas(ada), areas(ada, SECOND)) == (first, second))
    ada.press("Control+Shift+Z")
    ada.until(lambda: areas(ada)[5] == second[5])


@pytest.mark.slow
def test_every_choice_of_a_move_is_heeded(ada: AnnotatorPage) -> None:
    first = areas(ada)
    ada.page.get_by_test_id("instance-menu").first.click()
    ada.page.get_by_test_id("move-item").click()
    button(ada, "way-move").click()
    button(ada, "scope-pair").click()
    expect(button(ada, "where")).to_have_text("1 overall, all frames")
    button(ada, "approve").click()
    button(ada, "target").select_option("2/shaft")
    button(ada, "move").click()

    said(ada, "Moved 1 overall to 2 shaft on 11 frames; 1 made or approved by a person left")
    ada.until(lambda: [*areas(ada)] == [0])
    assert not any(mask["approved"] for mask in ada.state("annotations.masks.2/shaft").values())
    undo_in_toast(ada)
    ada.until(lambda: areas(ada) == first)

    button(ada, "prompts").click()
    button(ada, "move").click()
    ada.until(lambda: not ada.state(FIRST))
    assert [*ada.state("annotations.prompts.2/shaft")] == ["0"]
    button(ada, "close").click()
    expect(ada.page.get_by_test_id("repair")).to_be_hidden()


def test_masks_are_deleted_by_button_and_by_key(ada: AnnotatorPage) -> None:
    ada.press("Shift+Delete")
    said(ada, "Deleted 1 mask of 1 overall.")
    ada.until(lambda: 4 not in areas(ada))
    undo_in_toast(ada)
    ada.until(lambda: 4 in areas(ada))

    ada.go_to(0)
    ada.press("Shift+Delete")
    said(ada, "Nothing changed: a person made or approved the 1 mask")
    ada.press("Shift+X")
    button(ada, "scope-frame").click()
    button(ada, "checked").click()
    button(ada, "delete").click()
    ada.until(lambda: 0 not in areas(ada))


def test_a_mask_goes_on_to_the_next_frame(ada: AnnotatorPage) -> None:
    ada.press("Shift+G")
    ada.until_drawn(5)
    ada.until(lambda: ada.state("annotations.prompts.1/overall.5.mask"))
    ada.until(lambda: areas(ada)[5] == areas(ada)[4])

    ada.page.get_by_test_id("instance-menu").first.click()
    ada.page.get_by_test_id("mask-copy").click()
    ada.until(lambda: ada.state("annotations.prompts.1/overall.6.mask"))
    ada.press("u")
    ada.until(lambda: ada.state("annotations.prompts.1/overall.6") is None)


def test_a_cleaning_is_previewed_then_done_and_taken_back(ada: AnnotatorPage) -> None:
    before = areas(ada)
    ada.press("Shift+R")
    expect(button(ada, "clean")).to_be_disabled()
    expect(button(ada, "preview")).to_contain_text("Choose what to clean")
    field = ada.page.get_by_test_id("clean-grow")
    field.fill("3")
    ada.until(lambda: (ada.state("repair.preview") or {}).get("after", 0) > before[4])
    larger = ada.state("repair.preview")["after"]
    assert areas(ada) == before

    field.press("Enter")
    said(ada, "Cleaned 1 mask of 1 overall.")
    ada.until(lambda: areas(ada)[4] == larger)
    undo_in_toast(ada)
    ada.until(lambda: areas(ada) == before)

    button(ada, "scope-pair").click()
    button(ada, "clean").click()
    said(ada, "Cleaned 11 masks of 1 overall; 1 made or approved by a person left as they are.")
    ada.until(lambda: areas(ada)[4] == larger)
    button(ada, "close").click()
    ada.until(lambda: ada.state("repair.preview") is None)


@pytest.mark.slow
def test_every_step_of_a_cleaning_can_be_set_by_slider_and_field(ada: AnnotatorPage) -> None:
    ada.page.get_by_test_id("instance-menu").first.click()
    ada.page.get_by_test_id("clean-item").click()
    for name in ("fill_holes", "drop_specks", "smooth", "grow"):
        ada.page.get_by_test_id(f"clean-{name}").fill("2")
        assert ada.state(f"repair.cleaning.{name}") == 2
        slider = ada.page.get_by_test_id(f"clean-{name}-slider")
        slider.press("ArrowRight")
        assert ada.state(f"repair.cleaning.{name}") == 3
        expect(ada.page.get_by_test_id(f"clean-{name}")).to_have_value("3")


def test_a_rule_makes_runs_clean_and_is_taken_away(ada: AnnotatorPage) -> None:
    before = areas(ada)
    ada.press("Shift+R")
    button(ada, "rule").click()
    said(ada, "No step of cleaning is chosen")
    ada.page.get_by_test_id("clean-grow").fill("3")
    button(ada, "rule").click()
    said(ada, "Runs and exports clean 1 overall: grow 3 px.")
    expect(button(ada, "rule")).to_have_attribute("aria-pressed", "true")
    expect(button(ada, "rule-words")).to_have_text("Set: grow 3 px.")
    button(ada, "close").click()

    ada.page.get_by_test_id("propagate").click(modifiers=["Shift"])
    ada.until(lambda: areas(ada)[11] > before[11])
    ada.page.reload()
    ada.until_it_listens()
    ada.until_drawn(4)
    ada.press("Shift+R")
    expect(button(ada, "rule")).to_have_attribute("aria-pressed", "true")
    button(ada, "rule").click()
    expect(button(ada, "rule")).to_have_attribute("aria-pressed", "false")


def test_two_people_see_a_swap(ada: AnnotatorPage, new_page: NewPage) -> None:
    bob = AnnotatorPage(new_page(), ada.url)
    bob.open("clip.mp4")
    second = areas(ada, SECOND)
    ada.press("Shift+X")
    button(ada, "move").click()
    bob.until(lambda: areas(bob)[4] == second[4])
