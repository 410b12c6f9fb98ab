"""Videos as recorders and converters really write them: read right, or the note says it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.storage.probe import probe
from tests.clips import add_cover, copy_packets, grey_of, make_clip, make_cover, make_hdr_clip
from tests.storage.test_extraction import extract, greys, read_frames, times_ms


@pytest.mark.parametrize(
    "suffix", ["m4v", "3gp", "ts", "mts", "m2ts", "mpg", "wmv", "asf", "flv", "mxf", "gif"]
)
def test_every_usual_ending_is_a_video(tmp_path: Path, suffix: str) -> None:
    run, folder = extract(make_clip(tmp_path / f"a.{suffix}", rate=Fraction(25)))

    assert greys(folder) == pytest.approx([grey_of(idx) for idx in range(12)], abs=6)
    assert times_ms(run.table()) == [idx * 40 for idx in range(12)]
    assert run.table().source_numbers == tuple(range(12))
    assert run.note is None


def test_pixels_that_are_not_square_are_told_and_kept(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", pixel_aspect=Fraction(64, 45), size=(90, 72))
    run, folder = extract(clip)

    assert probe(clip).pixel_aspect == Fraction(64, 45)
    assert read_frames(folder)[0].shape == (72, 90, 3)
    assert run.note == (
        "Pixels are not square (64:45): the page shows 128×72; "
        "masks and coordinates stay in the file's 90×72."
    )


def test_a_turned_video_has_turned_pixels(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", pixel_aspect=Fraction(4, 3), rotation=90)
    assert probe(clip).pixel_aspect == Fraction(3, 4)


def test_an_interlaced_video_says_so(tmp_path: Path) -> None:
    run, _ = extract(make_clip(tmp_path / "a.mpg", interlaced=True))
    assert (run.note or "").startswith("The video is interlaced")


@pytest.mark.parametrize(("transfer", "name", "white"), [(16, "PQ", 0.58), (18, "HLG", 0.75)])
def test_hdr_is_mapped_to_an_ordinary_screen(
    tmp_path: Path, transfer: int, name: str, white: float
) -> None:
    """White paper, 203 cd/m² by BT.2408, looks white; without mapping it is a dull grey."""
    run, folder = extract(make_hdr_clip(tmp_path / "a.mp4", transfer, [white / 3, white, 1.0]))
    dark, paper, peak = (float(image.mean()) for image in read_frames(folder))

    assert paper == pytest.approx(240, abs=12)
    assert peak == pytest.approx(255, abs=2)
    assert dark < 100
    assert f"HDR ({name})" in (run.note or "")


def test_a_cover_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedVideo, match="has no video track"):
        probe(make_cover(tmp_path / "song.mp4"))


def test_of_a_cover_and_a_video_the_video_is_read(tmp_path: Path) -> None:
    run, folder = extract(add_cover(make_clip(tmp_path / "a.mp4"), tmp_path / "with_cover.mp4"))

    assert greys(folder) == pytest.approx([grey_of(idx) for idx in range(12)], abs=6)
    assert run.note is None


def test_frames_that_an_avi_drops_are_no_damage(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mp4", frames=30, codec="mpeg4")
    clip = copy_packets(
        whole, tmp_path / "drops.avi", lambda at: at % 6 not in (2, 3, 5)
    )  # also the last
    with av.open(str(clip)) as container:
        assert container.streams.video[0].frames > 20  # its header counts what it drops
    run, folder = extract(clip)

    assert len(read_frames(folder)) == 15
    assert run.note is None


@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_a_lead_in_that_cannot_be_read_is_told(tmp_path: Path, suffix: str) -> None:
    whole = make_clip(tmp_path / "whole.mp4", frames=30, b_frames=2)
    clip = copy_packets(whole, tmp_path / f"cut.{suffix}", lambda at: at > 0)
    run, folder = extract(clip)

    assert run.table().source_numbers == tuple(range(6 - 1, 30 - 1))
    assert greys(folder) == pytest.approx([grey_of(idx) for idx in range(6, 30)], abs=6)
    assert "5 frames at its start cannot be read" in (run.note or "")
