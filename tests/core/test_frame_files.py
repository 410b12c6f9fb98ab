"""Names of the files of frames and masks."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.frame_files import (
    MAX_FRAME_IDX,
    file_number,
    frame_idx_of,
    is_image_file,
    suffix_of,
)


@pytest.mark.parametrize("frame_idx", [0, 11, 99_998, 99_999, MAX_FRAME_IDX - 1])
def test_a_number_is_read_as_it_is_written(frame_idx: int) -> None:
    assert frame_idx_of(PurePath(f"folder/{file_number(frame_idx)}.png")) == frame_idx


def test_frame_0_is_number_1_of_five_digits() -> None:
    assert (file_number(0), file_number(99_999)) == ("00001", "100000")


@pytest.mark.parametrize("frame_idx", [-1, MAX_FRAME_IDX, 1.0, True, "1", None])
def test_no_file_is_named_after_anything_else(frame_idx: object) -> None:
    with pytest.raises(InvalidRequest, match="frame_idx"):
        file_number(frame_idx)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["00000.png", "1.png", "000001.png", "a.png", "٠٠٠٠١.png", ".png"])
def test_other_names_are_of_no_frame(name: str) -> None:
    assert frame_idx_of(PurePath(name)) is None


def test_a_suffix_is_read_in_small_letters() -> None:
    assert [suffix_of(name) for name in ("a.b.MP4", "noname", "x.")] == [".mp4", "", "."]
    assert [is_image_file(name) for name in ("A.PNG", "a.tif", "a.mp4", "png")] == [
        True, True, False, False
    ]  # fmt: skip
