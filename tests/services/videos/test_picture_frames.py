"""Pictures in a ZIP or folder are a video like any other."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from sam2_session.core.errors import SessionError, TooLarge, UnsupportedImport, UnsupportedVideo
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.workspace import Workspace
from tests.formats.archives import make_link, make_zip, picture
from tests.video_steps import Starter, open_until_ready, wait_until

GREYS = {"f1.png": 10, "f2.png": 60, "f10.png": 110}


def pictures(greys: dict[str, int]) -> dict[str, bytes]:
    return {name: picture(Path(name).suffix, grey) for name, grey in greys.items()}


def upload(service: VideoService, files: dict[str, bytes] | Path, name: str = "shots.zip") -> Any:
    place = service.start_upload(name, 2**30)
    if isinstance(files, Path):
        files.rename(place["path"])
    else:
        make_zip(Path(place["path"]), files)
    return service.finish_upload(place["upload_id"])


def greys_of(workspace: Workspace, video_id: str = "shots") -> list[int]:
    paths = sorted(workspace.frames_dir(video_id).iterdir())
    return [int(cv2.imread(str(path))[20, 30, 0]) for path in paths]


def test_a_zip_of_pictures_becomes_a_video_in_natural_order(
    workspace: Workspace, start: Starter
) -> None:
    service = start()
    video = upload(service, pictures(GREYS))
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert (video["width"], video["height"], video["num_frames"]) == (64, 48, 3)
    assert (video["name"], video["fps_fraction"]) == ("shots.zip", "25/1")
    assert greys_of(workspace) == pytest.approx([10, 60, 110], abs=1)


def test_a_folder_in_videos_is_a_video_too(workspace: Workspace, start: Starter) -> None:
    folder = workspace.videos_dir / "shots"
    folder.mkdir()
    for name, data in pictures(GREYS).items():
        (folder / name).write_bytes(data)
    service = start()
    open_until_ready(service, "shots")

    assert greys_of(workspace) == pytest.approx([10, 60, 110], abs=1)
    assert start().info("shots").state is VideoState.READY  # after a restart


def test_a_folder_of_other_things_is_none(workspace: Workspace, start: Starter) -> None:
    (workspace.videos_dir / "notes").mkdir()
    (workspace.videos_dir / "notes/a.txt").write_text("x")
    (workspace.videos_dir / "empty").mkdir()

    assert start().list() == []


def test_gaps_are_told_and_the_numbers_kept(workspace: Workspace, start: Starter) -> None:
    service = start()
    upload(service, pictures({"00003.png": 1, "00004.png": 2, "00007.png": 3}))
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    rows = service.frames.times("shots")["frames"]
    assert [row["source_number"] for row in rows] == [0, 1, 4]
    assert [row["time_s"] for row in rows] == [0, 0.04, 0.08]
    assert "2 are missing" in (service.info("shots").note or "")


def test_the_archive_may_say_its_rate(workspace: Workspace, start: Starter) -> None:
    files = {**pictures(GREYS), "frames.json": b'{"fps": "30000/1001"}'}

    assert upload(start(), files)["fps_fraction"] == "30000/1001"


def test_plain_jpegs_keep_their_bytes(workspace: Workspace, start: Starter) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    data = picture(".jpg", noise)
    service = start()
    upload(service, {"1.jpg": data})
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert workspace.frame_path("shots", 0).read_bytes() == data


def turned_jpeg() -> bytes:
    image = Image.new("RGB", (64, 48), (200, 0, 0))
    image.paste((0, 0, 200), (0, 0, 64, 24))  # blue above; shown it is at the right
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_pictures_are_turned_as_they_say(workspace: Workspace, start: Starter) -> None:
    service = start()
    video = upload(service, {"1.jpg": turned_jpeg()})
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert (video["width"], video["height"]) == (48, 64)
    blue, _, red = cv2.imread(str(workspace.frame_path("shots", 0)))[30, 40]
    assert blue > 150 > red


@pytest.mark.parametrize("suffix", [".webp", ".tiff", ".png", ".JPG", ".bmp"])
def test_every_kind_of_picture_is_read(workspace: Workspace, start: Starter, suffix: str) -> None:
    service = start()
    upload(service, {f"1{suffix}": picture(suffix.lower(), 90)})
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert greys_of(workspace) == pytest.approx([90], abs=2)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_sixteen_bits_become_eight(workspace: Workspace, start: Starter, suffix: str) -> None:
    service = start()
    deep = np.full((48, 64), 0x6420, np.uint16)
    deep[0, 0] = 0xFFFF
    upload(service, {f"1{suffix}": picture(suffix, deep)})
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert greys_of(workspace) == pytest.approx([0x64], abs=1)
    assert service.info("shots").note is None


@pytest.mark.parametrize(("bits", "suffix"), [(10, ".tiff"), (12, ".png"), (14, ".png")])
def test_fewer_bits_in_sixteen_are_scaled_alike_in_all_pictures(
    workspace: Workspace, start: Starter, bits: int, suffix: str
) -> None:
    service = start()
    most = 2**bits - 1
    deep = [np.full((48, 64), value, np.uint16) for value in (most // 4, most - 5)]
    upload(service, {f"{at}{suffix}": picture(suffix, image) for at, image in enumerate(deep)})
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert greys_of(workspace) == pytest.approx([64, 254], abs=1)
    assert f"0 becomes black and {most} white" in (service.info("shots").note or "")


def test_the_limits_of_deep_pictures_can_be_chosen(workspace: Workspace, start: Starter) -> None:
    service = start()
    values = np.full((48, 64), 0.75, np.float32)
    limits = b'{"black": 0.5, "white": 1.5}'
    upload(service, {"1.tiff": picture(".tiff", values), "frames.json": limits})
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert greys_of(workspace) == pytest.approx([64], abs=1)
    bad = b'{"white": "bright"}'
    with pytest.raises(UnsupportedVideo, match=r"white in frames\.json"):
        upload(service, {"1.tiff": picture(".tiff", values), "frames.json": bad}, "bad.zip")


@pytest.mark.parametrize("name", ["stack.tif", "shots.zip"])
def test_the_pages_of_a_tiff_are_frames(workspace: Workspace, start: Starter, name: str) -> None:
    service = start()
    pages = [Image.fromarray(np.full((48, 64), grey, np.uint8)) for grey in (10, 90, 200)]
    preview = Image.fromarray(np.zeros((12, 16), np.uint8))
    tiff = io.BytesIO()
    pages[0].save(tiff, "TIFF", save_all=True, append_images=[*pages[1:], preview])
    if name.endswith(".zip"):
        make_zip(workspace.videos_dir / name, {"stack.tif": tiff.getvalue()})
    else:
        (workspace.videos_dir / name).write_bytes(tiff.getvalue())
    video_id = Path(name).stem
    service.list()
    open_until_ready(service, video_id)

    assert greys_of(workspace, video_id) == pytest.approx([10, 90, 200], abs=1)
    assert service.info(video_id).note == "Pages of another size are left out: 1."


@pytest.mark.parametrize("suffix", [".png", ".webp", ".gif"])
def test_an_animation_keeps_the_times_of_its_frames(
    workspace: Workspace, start: Starter, suffix: str
) -> None:
    frames = [Image.fromarray(np.full((48, 64, 3), grey, np.uint8)) for grey in (10, 90, 200)]
    frames[0].save(
        workspace.videos_dir / f"moving{suffix}",
        save_all=True,
        append_images=frames[1:],
        duration=[40, 80, 40],
        lossless=True,
    )
    service = start()
    open_until_ready(service, "moving")

    times_s = [row["time_s"] for row in service.frames.times("moving")["frames"]]
    assert times_s == [0.0, 0.04, 0.12]
    assert greys_of(workspace, "moving") == pytest.approx([10, 90, 200], abs=2)


def test_a_png_is_turned_as_it_says_wherever_it_says_so(
    workspace: Workspace, start: Starter
) -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[:10, :10] = 255  # top left; turned clockwise by a quarter: top right
    png = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(image).save(png, "PNG", exif=exif)
    late = behind_the_pixels(png.getvalue())
    service = start()
    video = upload(service, {"1.png": png.getvalue(), "2.png": late})
    wait_until(lambda: service.info("shots").state is VideoState.READY)

    assert (video["width"], video["height"]) == (48, 64)
    for frame_idx in range(2):
        shown = cv2.imread(str(workspace.frame_path("shots", frame_idx)))
        assert (shown[4, 43, 0] > 200, shown[4, 4, 0] > 200) == (True, False)


def behind_the_pixels(png: bytes) -> bytes:
    """Move the EXIF chunk of a PNG to its end."""
    at = png.index(b"eXIf") - 4
    end = at + 12 + int.from_bytes(png[at : at + 4], "big")
    rest = png[:at] + png[end:]
    return rest[:-12] + png[at:end] + rest[-12:]


def test_mixed_sizes_are_refused_by_name(workspace: Workspace, start: Starter) -> None:
    files = {"1.png": picture(".png", 1), "2.png": picture(".png", 1, (30, 64))}

    with pytest.raises(UnsupportedVideo, match=r"2\.png is 64x30, 1\.png is 64x48"):
        upload(start(), files)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.txt": b"x"},
        {"1.png": b"no picture"},
        {"1.png": picture(".png", 1)[:20]},
        {"../1.png": picture(".png", 1)},
        {"1.png": picture(".png", 1), "frames.json": b'{"fps": 0}'},
        {"1.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\2\0\0\0" + bytes(40)},
    ],
)
def test_archives_that_are_no_video_are_refused_and_leave_nothing(
    workspace: Workspace, start: Starter, files: dict[str, bytes]
) -> None:
    service = start()
    with pytest.raises(SessionError) as refusal:
        upload(service, files)

    assert refusal.value.status == 415
    assert refusal.value.hint
    assert service.list() == []


def test_bombs_and_links_are_refused(workspace: Workspace, start: Starter, tmp_path: Path) -> None:
    service = start()
    bomb = make_zip(tmp_path / "b.zip", {"1.png": bytes(150 * 2**20)}, packed=True)

    with pytest.raises(TooLarge):
        upload(service, bomb)
    with pytest.raises(UnsupportedImport, match="link"):
        upload(service, make_link(tmp_path / "l.zip", "1.png", "/etc/passwd"))


def test_a_picture_that_breaks_behind_its_head_fails_the_video_by_name(
    workspace: Workspace, start: Starter
) -> None:
    service = start()
    whole = picture(".png", np.random.default_rng(0).integers(0, 255, (48, 64, 3)).astype(np.uint8))
    upload(service, {"1.png": whole, "2.png": whole[:1000] + bytes(3000)})
    wait_until(lambda: service.info("shots").state is VideoState.FAILED)

    error = service.info("shots").error
    assert error is not None
    assert "2.png" in error.message


def test_extraction_goes_on_after_a_restart(workspace: Workspace, start: Starter) -> None:
    service = start()
    upload(service, pictures({f"{at}.png": at for at in range(40)}))
    open_until_ready(start(), "shots")

    assert len(greys_of(workspace)) == 40
