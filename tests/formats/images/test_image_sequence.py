"""Pictures that are the frames of a video: which, in what order, at what rate."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.formats.images.image_sequence import open_image_sequence, source_numbers
from tests.formats.archives import make_zip, picture

WAYS = ["zip", "folder"]


@pytest.fixture(params=WAYS)
def lay_out(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """Puts files into a ZIP or into a folder."""

    def make(files: dict[str, bytes]) -> Path:
        if request.param == "zip":
            return make_zip(tmp_path / "frames.zip", files)
        for name, data in files.items():
            (tmp_path / "frames" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "frames" / name).write_bytes(data)
        return tmp_path / "frames"

    return make


def test_pictures_come_in_the_order_of_their_numbers(
    lay_out: Callable[[dict[str, bytes]], Path],
) -> None:
    files = {f"{name}.png": picture(".png", at) for at, name in enumerate(("f10", "f9", "f100"))}
    with open_image_sequence(lay_out(files), "frames") as frames:
        greys = [int(frames.read(at, (48, 64))[0, 0, 0]) for at in range(3)]  # type: ignore[index]

        assert frames.paths == ["f9.png", "f10.png", "f100.png"]
        assert frames.numbers == (0, 1, 91)
        assert greys == [1, 0, 2]
        assert frames.note == (
            "The files' numbers have gaps: 89 are missing; frames follow without one."
        )


def test_names_without_numbers_go_by_the_alphabet(
    lay_out: Callable[[dict[str, bytes]], Path],
) -> None:
    files = {f"{name}.png": picture(".png", 7) for name in ("b", "C", "a")}
    with open_image_sequence(lay_out(files), "frames") as frames:
        assert frames.paths == ["a.png", "b.png", "C.png"]
        assert frames.numbers == (0, 1, 2)
        assert frames.note is None
        assert frames.rate == Fraction(25)


@pytest.mark.parametrize("fps", ["fast", "1/0", 0, -25, None, "100000"])
def test_a_rate_nobody_can_mean_is_refused_by_name(
    lay_out: Callable[[dict[str, bytes]], Path], fps: object
) -> None:
    files = {"1.png": picture(".png", 7), "frames.json": json.dumps({"fps": fps}).encode()}

    with (
        pytest.raises(UnsupportedVideo, match=r"fps in frames\.json is") as raised,
        open_image_sequence(lay_out(files), "frames"),
    ):
        pass
    assert "30000/1001" in raised.value.hint


def test_the_folder_with_most_pictures_is_the_video(
    lay_out: Callable[[dict[str, bytes]], Path],
) -> None:
    names = ("cover/1.png", "left/1.png", "left/2.png", "right/1.png", "left/notes.txt")
    files = {name: picture(".png", 7) for name in names}
    files["frames.json"] = b'{"fps": "30000/1001"}'
    with open_image_sequence(lay_out(files), "frames") as frames:
        assert frames.paths == ["left/1.png", "left/2.png"]
        assert frames.note == "Pictures in other folders are left out: 2."
        assert frames.rate == Fraction(30000, 1001)


def test_a_folder_without_pictures_is_no_video(
    lay_out: Callable[[dict[str, bytes]], Path],
) -> None:
    with (
        pytest.raises(UnsupportedVideo, match="notes holds no pictures"),
        open_image_sequence(lay_out({"a.txt": b"x"}), "notes"),
    ):
        pass


def test_a_jpeg_keeps_its_bytes_and_a_broken_picture_is_named(
    lay_out: Callable[[dict[str, bytes]], Path],
) -> None:
    jpeg = picture(".jpg", 90)
    with open_image_sequence(lay_out({"1.jpg": jpeg, "2.jpg": b"no picture"}), "frames") as frames:
        assert frames.read(0, (48, 64)) == jpeg
        with pytest.raises(UnsupportedVideo, match="2.jpg cannot be read"):
            frames.read(1, (48, 64))


def test_another_size_is_refused_with_both_sizes(
    lay_out: Callable[[dict[str, bytes]], Path],
) -> None:
    files = {"1.png": picture(".png", 7), "2.png": picture(".png", 7, (48, 128))}
    with open_image_sequence(lay_out(files), "frames") as frames:
        with pytest.raises(UnsupportedVideo, match="2.png is 128x48, 1.png is 64x48"):
            frames.size_hw()
        assert frames.head(0).size_hw == (48, 64)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg", ".tiff"])
def test_every_kind_of_picture_is_turned_as_its_exif_says(
    tmp_path: Path, suffix: str, orientation: int
) -> None:
    stored = np.full((48, 64, 3), 40, np.uint8)
    stored[:12, :16] = 240  # top left
    stored[:12, -16:] = 140  # top right
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = tmp_path / f"1{suffix}"
    Image.fromarray(stored).save(file, exif=exif)
    with Image.open(file) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L"))
    with open_image_sequence(tmp_path, "frames") as frames:
        assert frames.size_hw() == expected.shape
        shown = np.asarray(frames.read(0, frames.size_hw()))[..., 0]

    assert np.abs(shown.astype(int) - expected).mean() < 3


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["a/5.png", "a/7.png", "a/8.png"], (0, 2, 3)),
        (["a/1.png", "b/1.png"], (0, 1)),
        (["x.png", "2.png"], (0, 1)),
        (["t33.png", "t67.png", "t100.png", "t133.png"], (0, 1, 2, 3)),  # times, not frames
        (["0.png", "10.png", "20.png"], (0, 10, 20)),
    ],
)
def test_numbers_count_from_the_first_where_they_count_up(
    names: list[str], numbers: tuple[int, ...]
) -> None:
    assert source_numbers(names) == numbers
