"""A video is compacted on request; what is on the page, and each undo, is as before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sam2_session.core.errors import Conflict
from sam2_session.core.png import encode_gray8
from tests.annotating import (
    BODY,
    SIZE,
    Annotator,
    annotating,
    device_held,
    mask_bytes,
    settings_of,
)

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def painted(seed: int) -> bytes:
    width, height = SIZE
    return encode_gray8(np.random.default_rng(seed).random((height, width)) > 0.5)


def test_masks_by_hand_and_their_undo_survive_a_compaction(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with annotating(settings) as ada:
        ada.open()
        for frame_idx in (0, 1):
            ada.act("set_mask", frame_idx, mask=painted(frame_idx))
        ada.act("add_point", 1, x=BODY[0], y=BODY[1], label=1)
        before = [mask_bytes(settings, frame_idx) for frame_idx in (0, 1)]
        freed = ada.call("compact_video", video_id="clip")
        figures = ada.call("server_status")

        assert freed["pictures"] >= 1
        assert figures["compaction_freed_bytes"] == freed["bytes"]
        assert [mask_bytes(settings, frame_idx) for frame_idx in (0, 1)] == before
        ada.act("clear_frame", 0)
        assert mask_bytes(settings, 0) == b""
    with annotating(settings, first_seq=100) as ada:
        ada.open()
        ada.act("undo", 0)
        ada.act("undo", 1)

        assert [mask_bytes(settings, frame_idx) for frame_idx in (0, 1)] == list(
            map(painted, (0, 1))
        )


def test_a_video_with_a_job_under_way_is_not_compacted(ada: Annotator) -> None:
    ada.click(0, *BODY)
    with device_held(ada):
        ada.command("propagate", video_id="clip", pairs="all")
        with pytest.raises(Conflict):
            ada.call("compact_video", video_id="clip")


def test_track_logs_beyond_their_bound_go_and_the_next_run_is_the_same(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, track_log_bytes=1)
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.propagate(start=0, end=5)
        assert ada.call("server_status")["track_log_bytes"] > 1
        masks = [mask_bytes(settings, frame_idx) for frame_idx in range(6)]
        ada.call("compact_video", video_id="clip")
        figures = ada.call("server_status")

        assert (figures["track_log_bytes"], figures["track_logs_dropped"]) == (0, 1)
        ada.events.clear()
        ada.propagate(start=0, end=5, force=True)
        assert [mask_bytes(settings, frame_idx) for frame_idx in range(6)] == masks
