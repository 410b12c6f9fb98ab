"""Extracted frames are the file's: complete, in order, at their times, and the right way up."""

import shutil
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import StorageFailed, UnsupportedVideo
from sam2_session.storage import extraction
from sam2_session.storage.extraction import Extraction, count_whole_frames, is_whole_jpeg
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.probe import probe
from tests.clips import damage, grey_of, make_clip, truncate

UNEVEN_MS = [0, 33, 70, 71, 200, 233, 400, 433, 466, 500, 900, 1000]


def extract(clip: Path) -> tuple[Extraction, Path]:
    """Extract a whole video; return the folder of its frames."""
    folder = clip.with_suffix(".frames")
    folder.mkdir(exist_ok=True)
    run = Extraction(clip, lambda idx: folder / f"{idx + 1:05d}.jpg")
    assert list(run.run()) == list(range(1, len(list(folder.iterdir())) + 1))
    return run, folder


def read_frames(folder: Path) -> list[cv2.typing.MatLike]:
    images = [cv2.imread(str(path)) for path in sorted(folder.iterdir())]
    return [image for image in images if image is not None]


def greys(folder: Path) -> list[int]:
    """Read the grey that identifies each frame from the left of the image."""
    return [round(float(image[20:, 8:24].mean())) for image in read_frames(folder)]


def times_ms(table: FrameTable) -> list[int]:
    return [round(row["time_s"] * 1000) for row in table.to_wire()]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.avi", "a.mkv", "a.webm", "A.MP4"])
def test_every_container_gives_its_frames_in_order(tmp_path: Path, name: str) -> None:
    run, folder = extract(make_clip(tmp_path / name))

    assert greys(folder) == pytest.approx([grey_of(idx) for idx in range(12)], abs=3)
    assert times_ms(run.table()) == pytest.approx([idx * 1000 / 30 for idx in range(12)], abs=1)
    assert run.note is None


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_b_frames_come_in_the_order_shown(tmp_path: Path, name: str) -> None:
    run, folder = extract(make_clip(tmp_path / name, frames=30, b_frames=2))

    assert greys(folder) == pytest.approx([grey_of(idx) for idx in range(30)], abs=3)
    assert run.table().source_numbers == tuple(range(30))
    assert times_ms(run.table()) == pytest.approx([idx * 1000 / 30 for idx in range(30)], abs=1)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm"])
def test_an_uneven_rate_keeps_every_time(tmp_path: Path, name: str) -> None:
    clip = make_clip(tmp_path / name, pts=UNEVEN_MS)

    run, folder = extract(clip)

    assert times_ms(run.table()) == UNEVEN_MS
    assert run.table().rate(probe(clip).fps) == Fraction(11)
    assert greys(folder) == pytest.approx([grey_of(idx) for idx in range(12)], abs=3)


def test_a_rate_that_is_a_fraction_stays_one(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", rate=Fraction(30000, 1001))

    run, _ = extract(clip)

    assert probe(clip).fps == run.table().rate(probe(clip).fps) == Fraction(30000, 1001)
    assert run.table().pts == tuple(idx * 1001 for idx in range(12))


@pytest.mark.parametrize(
    ("counter_clockwise", "clockwise", "size", "red_corner"),
    [(0, 0, (96, 64), "top right"), (90, 270, (64, 96), "top left")]
    + [(-90, 90, (64, 96), "bottom right"), (180, 180, (96, 64), "bottom left")],
)
def test_frames_are_turned_as_players_show_them(
    tmp_path: Path, counter_clockwise: int, clockwise: int, size: tuple[int, int], red_corner: str
) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=1, rotation=counter_clockwise)

    _, folder = extract(clip)

    image = read_frames(folder)[0]
    vertical, horizontal = red_corner.split()
    corner = image[4 if vertical == "top" else -5, 4 if horizontal == "left" else -5]
    assert corner.tolist() == pytest.approx([20, 20, 220], abs=25)
    assert (image.shape[1], image.shape[0]) == size
    assert (probe(clip).width, probe(clip).height, probe(clip).rotation) == (*size, clockwise)


def test_odd_sizes_stay_as_they_are(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mkv", size=(97, 63), codec="ffv1")

    _, folder = extract(clip)

    assert [image.shape for image in read_frames(folder)] == [(63, 97, 3)] * 12


def test_a_file_cut_short_gives_what_is_there_and_says_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mkv", frames=60, options={"live": "1"})

    run, folder = extract(truncate(clip, 0.6))

    frames = len(list(folder.iterdir()))
    assert 10 < frames < 60
    assert greys(folder) == pytest.approx([grey_of(idx) for idx in range(frames)], abs=3)


def test_a_header_that_promises_more_frames_is_reported(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=60, options={"movflags": "faststart"})

    run, folder = extract(truncate(clip, 0.6))

    frames = len(list(folder.iterdir()))
    assert 10 < frames < 60
    assert run.note == f"The file ends early; frames that could be read: {frames}."


def test_frames_after_a_damaged_one_keep_their_numbers_in_the_source(tmp_path: Path) -> None:
    clip = damage(make_clip(tmp_path / "a.mkv", frames=40, codec="ffv1"), 0.5, 8)

    run, folder = extract(clip)

    numbers = run.table().source_numbers
    assert numbers == tuple(number for number in range(40) if number != 19)
    after = greys(folder)[numbers.index(24) :]  # 24 begins anew; 20 to 23 build on the lost one
    assert after == pytest.approx([grey_of(number) for number in range(24, 40)], abs=3)
    assert run.note == "The file is damaged; frames that could not be read are left out: 1."


def test_a_second_run_keeps_whole_frames_and_makes_the_rest(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    first, folder = extract(clip)
    contents = [path.read_bytes() for path in sorted(folder.iterdir())]
    kept = (folder / "00003.jpg").stat().st_ino
    (folder / "00005.jpg").write_bytes(b"")  # as a power cut may leave it
    (folder / "00007.jpg").unlink()

    second, _ = extract(clip)

    assert [path.read_bytes() for path in sorted(folder.iterdir())] == contents
    assert (folder / "00003.jpg").stat().st_ino == kept
    assert second.table() == first.table()


def test_frames_can_be_read_in_order_while_it_runs(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=40)
    run = Extraction(clip, lambda idx: tmp_path / f"{idx + 1:05d}.jpg")

    for ready in run.run():
        assert is_whole_jpeg(tmp_path / f"{ready:05d}.jpg")
        assert count_whole_frames(lambda idx: tmp_path / f"{idx + 1:05d}.jpg", 40) >= ready
        assert len(run.table().pts) >= ready


def test_a_nearly_full_disk_stops_it_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path).free
    monkeypatch.setattr(extraction, "RESERVE_BYTES", free + 2**40)

    with pytest.raises(StorageFailed, match="nearly full"):
        extract(make_clip(tmp_path / "a.mp4"))


def test_a_video_with_too_many_frames_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "MAX_FRAMES", 5)

    with pytest.raises(UnsupportedVideo, match="more than"):
        extract(make_clip(tmp_path / "a.mp4"))


def test_mean_colours_survive(tmp_path: Path) -> None:
    _, folder = extract(make_clip(tmp_path / "a.mp4", frames=1))

    background = read_frames(folder)[0][40:60, 50:90].reshape(-1, 3)
    assert np.abs(background.astype(int) - 90).mean() < 3
