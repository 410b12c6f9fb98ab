"""A cut leaves nothing half, wherever it is stopped: its batch has each segment once."""

from __future__ import annotations

import pytest

from sam2_session.core.errors import InvalidRequest, StorageFailed
from sam2_session.services.batches import book
from sam2_session.settings import Settings
from sam2_session.storage import catalog
from tests.annotating import Annotator, make_moving_clip
from tests.services.batches.steps import CUT, click, cut_clip, working_on

SEGMENTS = ["clip-001", "clip-002", "clip-003"]


class Killed(BaseException):
    """Stands for the end of the process: nothing handles it."""


def segments(ada: Annotator) -> list[str]:
    """The videos that share the clip's file."""
    return [video["video_id"] for video in ada.call("list_videos")["videos"] if video["source"]]


def items(ada: Annotator) -> list[str]:
    return [row["video_id"] for row in ada.call("get_batch", batch_id="long")["items"]]


@pytest.mark.parametrize("written", [0, 2, 3])
def test_a_cut_that_was_killed_is_finished_at_the_next_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    write_many = catalog.write_many

    def killed(workspace, records):  # type: ignore[no-untyped-def]
        write_many(workspace, records[:written])
        raise Killed

    monkeypatch.setattr(catalog, "write_many", killed)
    with working_on(settings) as ada, pytest.raises(Killed):
        cut_clip(ada)
    monkeypatch.undo()

    with working_on(settings) as ada:
        assert items(ada) == segments(ada) == SEGMENTS
    with working_on(settings) as ada:
        assert ada.call("list_batches")["batches"][0]["cutting"] is None
        assert items(ada) == segments(ada) == SEGMENTS


def test_segments_of_an_earlier_cut_are_not_taken_for_those_of_a_new_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = book.BatchBook.change
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        click(ada, first)
        ada.call("delete_batch", batch_id="long")

        def killed(*_: object) -> None:
            raise Killed

        monkeypatch.setattr(book.BatchBook, "change", killed)
        with pytest.raises(Killed):
            cut_clip(ada)
        monkeypatch.setattr(book.BatchBook, "change", change)

    with working_on(settings) as ada:
        batch = ada.call("get_batch", batch_id="long")
        assert [row["state"] for row in batch["items"]] == ["todo"] * 3
        assert not {*items(ada)} & {*SEGMENTS}
        assert len(segments(ada)) == 6


def test_a_cut_that_fails_leaves_neither_batch_nor_segments(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working_on(settings) as ada:
        monkeypatch.setattr(book, "MAX_ITEMS", 2)
        with pytest.raises(InvalidRequest, match="at most 2 items"):
            cut_clip(ada)
        monkeypatch.undo()
        refused = ada.call("list_batches"), segments(ada)
        record = catalog.write_record
        written = []

        def full(workspace, new, table, **how):  # type: ignore[no-untyped-def]
            written.append(new.video_id)
            if len(written) == 3:
                raise StorageFailed("The disk is full.")
            record(workspace, new, table, **how)

        monkeypatch.setattr(catalog, "write_record", full)
        with pytest.raises(StorageFailed):
            cut_clip(ada)
        monkeypatch.undo()
        failed = ada.call("list_batches"), segments(ada)
    with working_on(settings) as ada:
        again = ada.call("list_batches"), segments(ada)

    assert refused == failed == again == ({"batches": []}, [])


def test_a_cut_that_can_no_longer_be_made_says_why(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with working_on(settings) as ada:
        make_moving_clip(settings.videos_dir / "other.mp4")
        monkeypatch.setattr(catalog, "write_many", killed)
        with pytest.raises(Killed):
            ada.call("create_batch", name="long", video_id="other", cut=CUT)
        monkeypatch.undo()
        ada.call("delete_video", video_id="other")

    with working_on(settings) as ada:
        batch = ada.call("get_batch", batch_id="long")
    assert (batch["cutting"], batch["items"]) == (None, [])
    assert batch["error"]["code"] == "video_not_found"
