"""People see each other by name, with the frame and the pair they work on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.annotating import BODY, Annotator

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


@pytest.fixture
def bob(ada: Annotator) -> Annotator:
    """A second person with the video open."""
    ada.send("open_video", video_id="clip", name="Anna", person_id="browser-of-anna")
    bob = Annotator(ada.services, "bob")
    bob.send("open_video", video_id="clip", person_id="browser-of-bob")
    return bob


def seen(annotator: Annotator, client_id: str) -> dict[str, Any]:
    clients = annotator.of("presence")[-1]["clients"]
    return next(client for client in clients if client["client_id"] == client_id)


def look(annotator: Annotator, frame_idx: int, region: str, **more: Any) -> None:
    pair = {"instance_id": 1, "region": region}
    ack = annotator.send("look_at", video_id="clip", frame_idx=frame_idx, pair=pair, **more)
    assert ack["status"] == "applied", ack


def test_others_see_the_name_the_frame_and_the_pair(ada: Annotator, bob: Annotator) -> None:
    look(bob, 3, "shaft", name="Bob")

    assert seen(ada, "ada")["name"] == "Anna"
    assert seen(ada, "bob") == {
        "client_id": "bob", "name": "Bob", "frame_idx": 3, "instance_id": 1, "region": "shaft",
    }  # fmt: skip


def test_a_name_given_later_is_that_of_earlier_changes_too(ada: Annotator, bob: Annotator) -> None:
    bob.click(0, *BODY)
    look(bob, 0, "overall", name="Bob")

    assert ada.send("undo", key=KEY, frame_idx=0)["error"]["message"].startswith("Bob made")


@pytest.mark.parametrize("name", ["x" * 61, "a\nb", 3])
def test_a_name_that_cannot_be_is_refused(ada: Annotator, name: Any) -> None:
    ack = ada.send("open_video", video_id="clip", name=name)

    assert ack["error"]["code"] == "invalid_request"


def test_a_run_on_a_pair_that_somebody_changes_needs_a_yes(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    look(ada, 0, "overall")
    run = {"video_id": "clip", "pairs": [{"instance_id": 1, "region": "overall"}]}
    refused = bob.send("propagate", **run)

    assert refused["error"]["code"] == "others_change"
    assert refused["error"]["message"] == "Anna is changing 1 overall right now."
    assert bob.send("propagate", video_id="clip", pairs="all")["status"] == "rejected"
    ack = bob.send("propagate", **run, any=True)
    assert bob.job_ended(ack["job_id"])["state"] == "done"
    assert bob.send("propagate", seq=ack["seq"], **run)["status"] == "duplicate"


def test_a_run_is_free_once_the_other_left_the_pair(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    look(ada, 0, "shaft")

    assert bob.propagate()["state"] == "done"


def test_changes_of_before_the_clock_was_put_back_are_not_recent(
    ada: Annotator, bob: Annotator
) -> None:
    ada.click(0, *BODY)
    look(ada, 0, "overall")
    later = "UPDATE history SET made_at = made_at + 3600"
    ada.services._projects.get("clip").db.write(lambda tx: tx.execute(later) and None)

    assert bob.propagate()["state"] == "done"


def test_ones_own_pair_is_free_from_another_tab(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    look(ada, 0, "overall")
    twin = Annotator(ada.services, "ada-2")
    twin.send("open_video", video_id="clip", person_id="browser-of-anna")

    assert twin.propagate()["state"] == "done"
