"""A client that asks for a video by REST gets its frames; the list alone extracts one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import FrameNotExtracted, ModelUnavailable, VideoNotFound
from sam2_session.settings import Settings
from tests.annotating import Annotator, annotating, make_moving_clip, settings_of
from tests.clips import not_a_video

PAIR = {"instance_id": 1, "region": "overall"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


@pytest.fixture
def ada(settings: Settings) -> Iterator[Annotator]:
    """Nobody has opened a video; only its first frame is there."""
    with annotating(settings) as annotator:
        annotator.until(lambda: row_of(annotator)["extracted"] == 1)
        yield annotator


def row_of(ada: Annotator, video_id: str = "clip") -> Any:
    rows = ada.call("list_videos")["videos"]
    return next(row for row in rows if row["video_id"] == video_id)


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("get_video", {}),
        ("get_frame_table", {}),
        ("get_prompts", PAIR),
    ],
)
def test_asking_for_a_video_extracts_it(
    ada: Annotator, operation: str, fields: dict[str, Any]
) -> None:
    ada.call(operation, video_id="clip", **fields)

    ada.until(lambda: row_of(ada)["state"] == "ready")
    assert row_of(ada)["extracted"] == 12


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("read_frame", {"frame_idx": 11}),
        ("replace_prompts", {**PAIR, "frame_idx": 11, "points": [{"x": 9, "y": 9, "label": 1}]}),
    ],
)
def test_a_frame_that_is_not_there_yet_is_on_its_way(
    ada: Annotator, operation: str, fields: dict[str, Any]
) -> None:
    # so short a clip may be there by then, before the model is
    with suppress(FrameNotExtracted, ModelUnavailable):
        ada.call(operation, video_id="clip", **fields)

    ada.until(lambda: row_of(ada)["state"] == "ready")


def test_the_picture_of_the_list_extracts_nothing_more(ada: Annotator) -> None:
    ada.call("read_frame", video_id="clip", frame_idx=0, width=80)

    assert row_of(ada)["state"] == "new"


def test_a_file_that_was_just_put_there_is_known_by_its_size_at_once(
    ada: Annotator, settings: Settings
) -> None:
    make_moving_clip(settings.videos_dir / "late.mp4")

    video = ada.call("get_video", video_id="late")

    assert (video["width"], video["height"], video["num_frames"]) == (160, 96, 12)
    ada.until(lambda: row_of(ada, "late")["state"] == "ready")


def test_what_is_no_video_says_so_and_an_unknown_one_is_not_found(
    ada: Annotator, settings: Settings
) -> None:
    not_a_video(settings.videos_dir / "text.mp4")

    assert ada.call("get_video", video_id="text")["state"] == "failed"
    with pytest.raises(VideoNotFound):
        ada.call("get_video", video_id="nothing")
