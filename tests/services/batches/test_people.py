"""Several people on one batch: each is handed another item, and everybody sees who is where."""

from __future__ import annotations

import threading

import pytest

from sam2_session.core.errors import NothingToDo
from sam2_session.settings import Settings
from tests.annotating import Annotator
from tests.services.batches.steps import click, cut_clip, masks_of, process, step, working_on

ONE_FRAME = {"every_frames": 1}


def test_saving_hands_out_the_next_item_to_do(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, third = cut_clip(ada)
        click(ada, first)
        answer = step(ada, 1, "save")
        skipped = step(ada, 2, "skip")

        assert (answer["item"]["state"], answer["item"]["saved"]) == ("previewed", True)
        assert answer["next"]["video_id"] == second
        assert skipped["next"]["video_id"] == third
        assert skipped["counts"]["skipped"] == 1
        assert step(ada, 3, "skip")["next"] is None


def test_the_search_goes_on_from_the_start_but_not_before_the_start_item(
    settings: Settings,
) -> None:
    with working_on(settings) as ada:
        cut_clip(ada)
        from_last = step(ada, 3, "next")
        ada.call("update_batch", batch_id="long", settings={"start_item": 2})
        again = step(ada, 3, "next")

    assert from_last["next"]["item"] == 1
    assert again["next"]["item"] == 2


def test_two_people_are_not_sent_to_one_item(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada)
        bob = Annotator(ada.services, "bob")
        step(ada, 1, "enter")
        step(bob, 2, "enter")
        to_ada, to_bob = step(ada, 1, "next"), step(bob, 2, "next")
        rows = ada.call("get_batch", batch_id="long")["items"]

    assert to_ada["next"]["item"] == 3
    assert to_bob["next"]["item"] == 1
    assert [row["clients"] for row in rows] == [["bob"], [], ["ada"]]


def test_who_has_a_video_open_is_on_its_item(settings: Settings) -> None:
    with working_on(settings) as ada:
        _, second, third = cut_clip(ada)
        bob = Annotator(ada.services, "bob")
        bob.send("open_video", video_id=second, name="Bob")
        handed = step(ada, 1, "next")["next"]
        rows = ada.call("get_batch", batch_id="long")["items"]

    assert handed["video_id"] == third
    assert (rows[1]["clients"], rows[1]["names"]) == (["bob"], ["Bob"])


def test_many_who_ask_at_once_get_different_items(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada, cut=ONE_FRAME)
        clients = [Annotator(ada.services, f"client-{number}") for number in range(8)]
        handed: list[int] = []
        threads = [
            threading.Thread(
                target=lambda client=client: handed.append(step(client, 12, "next")["next"]["item"])
            )
            for client in clients
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(handed) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_event_does_what_the_route_does(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada)
        ack = ada.send("batch_step", batch_id="long", item=1, verb="skip")
        refused = ada.send("batch_step", batch_id="long", item=2, verb="save")

    assert (ack["status"], ack["next"]["item"]) == ("applied", 2)
    assert ack["next"]["clients"] == ["ada"]
    assert refused["error"]["code"] == "nothing_to_do"


def test_everybody_hears_of_changes_of_items(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        click(ada, first)
        ada.until(
            lambda: any(_states(data).get(1) == "previewed" for data in ada.of("batch_changed"))
        )
        step(ada, 2, "skip")
        ada.call("delete_batch", batch_id="long")

        assert any(_states(data).get(2) == "skipped" for data in ada.of("batch_changed"))
        (deleted,) = ada.of("batch_deleted")
        assert (deleted["batch_id"], deleted["name"], deleted["by"]) == ("long", "long", None)


def test_who_was_handed_a_deleted_video_is_not_on_the_next_of_its_name(settings: Settings) -> None:
    with working_on(settings) as ada:
        _, second, _ = cut_clip(ada)
        step(ada, 2, "enter")
        deleted = ada.call("delete_video", video_id=second)
        ada.call("restore_video", trash_id=deleted["trash_id"])
        rows = ada.call("get_batch", batch_id="long")["items"]

    assert (rows[1]["video_id"], rows[1]["clients"]) == (second, [])


def test_a_batch_made_anew_is_told_of_as_the_first_was(settings: Settings) -> None:
    def bob_is_on(item: int) -> bool:
        rows = [row for data in ada.of("batch_changed") for row in data["items"]]
        return any((row["item"], row["clients"]) == (item, ["bob"]) for row in rows)

    with working_on(settings) as ada:
        video_ids = cut_clip(ada)
        bob = Annotator(ada.services, "bob")
        for video_id in video_ids:
            bob.send("open_video", video_id=video_id)
            ada.until(
                lambda video_id=video_id: (
                    ada.call("get_video", video_id=video_id)["state"] == "ready"
                )
            )
        ada.until(lambda: bob_is_on(3))
        ada.call("delete_batch", batch_id="long")
        bob.send("open_video", video_id="clip")
        ada.call("create_batch", name="long", video_ids=video_ids)
        ada.events.clear()
        bob.send("open_video", video_id=video_ids[2])

        ada.until(lambda: bob_is_on(3))


def _states(data: dict[str, object]) -> dict[int, str]:
    rows = data["items"]
    assert isinstance(rows, list)
    return {row["item"]: row["state"] for row in rows}


def test_the_next_item_is_ready_before_it_is_entered(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, third = cut_clip(ada)
        click(ada, first)
        step(ada, 1, "enter")
        features = ada.services._slot.get().features
        ada.until(lambda: (second, 0) in features)

        assert step(ada, 1, "save")["next"]["video_id"] == second
        ada.until(lambda: (third, 0) in features)
        ada.until(lambda: ada.call("get_video", video_id=second)["state"] == "ready")


def test_names_and_colours_carry_over_if_wanted(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, third = cut_clip(ada)
        click(ada, first)
        look = {"name": "person", "colour": "#123456"}
        ada.call("update_instance", video_id=first, instance_id=1, **look)
        ada.call("create_instance", video_id=first, name="ball")
        plain = step(ada, 1, "save")["next"]
        untouched = ada.call("list_instances", video_id=plain["video_id"])["instances"]
        ada.call("update_batch", batch_id="long", settings={"carry_names": True})
        step(ada, 1, "save")
        step(ada, 2, "skip")
        names = {
            video_id: [
                (row["name"], row["colour"] == "#123456")
                for row in ada.call("list_instances", video_id=video_id)["instances"]
            ]
            for video_id in (second, third)
        }

    assert [row["name"] for row in untouched] == ["tool 1"]
    assert names[second] == names[third] == [("person", True), ("ball", False)]


def test_the_last_mask_of_the_item_before_can_be_the_first_prompt(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, _ = cut_clip(ada)
        ada.until(lambda: ada.call("get_video", video_id=second)["extracted"] > 0)
        with pytest.raises(NothingToDo, match="none before it"):
            step(ada, 1, "start_from_last_mask")
        click(ada, first)
        with pytest.raises(NothingToDo, match="has no mask"):
            step(ada, 2, "start_from_last_mask")
        process(ada)
        answer = step(ada, 2, "start_from_last_mask")
        key = {"video_id": second, "instance_id": 1, "region": "overall"}
        (prompt,) = ada.call("get_prompts", **key)["prompts"]
        ada.until(lambda: masks_of(settings, second))
        with pytest.raises(NothingToDo, match="points already"):
            step(ada, 2, "start_from_last_mask")

    assert answer["item"]["prompted_frames"] == 1
    assert (prompt["frame_idx"], prompt["mask"]) == (0, True)
    assert masks_of(settings, second)[0] == masks_of(settings, first)[-1]
