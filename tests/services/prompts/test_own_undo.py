"""Undo takes back one's own change; another person's only when told to, and they hear of it."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, annotating, points_json

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
HERE = {"key": KEY, "frame_idx": 0}


@pytest.fixture
def bob(ada: Annotator) -> Annotator:
    """A second person with the video open."""
    ada.send("open_video", video_id="clip", name="Anna", person_id="browser-of-anna")
    bob = Annotator(ada.services, "bob")
    bob.send("open_video", video_id="clip", name="Bob", person_id="browser-of-bob")
    return bob


def points(settings: Settings) -> list[Any]:
    frames = points_json(settings)["frames"]
    return list(frames[0]["points"]) if frames else []


def test_another_persons_click_is_not_taken_back_unasked(
    ada: Annotator, bob: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    refused = bob.send("undo", **HERE)

    assert (refused["status"], refused["error"]["code"]) == ("rejected", "others_change")
    assert refused["error"]["message"] == "Anna made the last change here: click."
    assert len(points(settings)) == 1
    assert ada.send("undo", **HERE)["status"] == "applied"
    assert points(settings) == []


def test_whoever_is_told_to_takes_it_back_and_the_other_hears_of_it(
    ada: Annotator, bob: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ack = bob.act("undo", 0, any=True)

    assert ack["status"] == "applied"
    assert points(settings) == []
    (told,) = bob.of("change_taken_back")
    assert (told["key"], told["frame_idx"], told["way"]) == (KEY, 0, "undo")
    assert told["change"] == "click"
    assert (told["by"]["name"], told["of"]["client_id"]) == ("Bob", "ada")


def test_ones_own_undo_is_no_news(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    ada.act("undo", 0)

    assert ada.of("change_taken_back") == []


def test_what_another_undid_is_redone_only_when_told_to(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    bob.act("undo", 0, any=True)
    refused = ada.send("redo", **HERE)

    assert refused["error"]["message"] == "Bob undid the last change here: click."
    assert ada.act("redo", 0, any=True)["status"] == "applied"
    assert ada.of("change_taken_back")[-1]["way"] == "redo"
    assert ada.act("undo", 0)["status"] == "applied", "it is Anna's click again"


def test_the_change_before_it_stays_anothers(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    bob.click(0, *DISC)
    own, others = bob.act("undo", 0), bob.send("undo", **HERE)

    assert own["status"] == "applied"
    assert (own["undo_by"]["name"], own["redo_by"]["name"]) == ("Anna", "Bob")
    assert others["error"]["code"] == "others_change"


def test_two_tabs_of_one_browser_are_one_person(ada: Annotator, bob: Annotator) -> None:
    twin = Annotator(ada.services, "ada-2")
    twin.send("open_video", video_id="clip", person_id="browser-of-anna")
    ada.click(0, *BODY)

    assert twin.act("undo", 0)["status"] == "applied"
    assert twin.of("change_taken_back") == []


def test_a_script_without_a_client_undoes_as_before(
    ada: Annotator, bob: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.call("undo", video_id="clip", instance_id=1, region="overall", frame_idx=0)

    assert points(settings) == []
    assert ada.of("change_taken_back")[-1]["by"] is None


def test_nobodys_change_is_taken_back_by_everybody(
    ada: Annotator, bob: Annotator, settings: Settings
) -> None:
    click = {"x": BODY[0], "y": BODY[1], "label": 1}
    ada.call("add_points", **KEY, frame_idx=0, points=[click])

    assert bob.act("undo", 0)["status"] == "applied"
    assert points(settings) == []


def test_keypoints_have_owners_too(ada: Annotator, bob: Annotator) -> None:
    place = {"video_id": "clip", "instance_id": 1, "frame_idx": 0}
    ada.send("add_keypoint", **place, x=30.0, y=30.0, name="tip", visible=True)
    step = {"key": {**KEY, "region": None}, "frame_idx": 0, "scope": "keypoints"}
    refused = bob.send("undo", **step)

    assert refused["error"]["message"] == "Anna made the last change here: keypoint."
    assert bob.send("undo", **step, any=True)["status"] == "applied"
    assert bob.of("change_taken_back")[-1]["change"] == "keypoint"


def test_a_page_reads_whose_change_comes_next_also_after_a_restart(
    ada: Annotator, bob: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.services.close()
    with annotating(settings, client_id="bob") as again:
        (history,) = again.open()["history"]
        refused = again.send("undo", **HERE)

    assert (history["undo"], history["undo_by"]["name"]) == (1, "Anna")
    assert refused["error"]["code"] == "others_change"


def test_a_repeated_undo_is_answered_as_the_first(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    first = bob.act("undo", 0, any=True)
    again = bob.send("undo", seq=first["seq"], **HERE, any=True)

    assert (again["status"], again["rev"]) == ("duplicate", first["rev"])
    assert len(bob.of("change_taken_back")) == 1
