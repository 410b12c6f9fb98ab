"""Segments: videos over a stretch of a file that they share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sam2_session.core.errors import Conflict
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.video_record import Segment, read_table
from sam2_session.storage.workspace import Workspace
from tests.clips import copy_packets, make_clip, make_hdr_clip
from tests.formats.archives import make_zip, picture
from tests.video_steps import Starter, open_until_ready, wait_until

FRAMES = 40
UNEVEN = [frame_idx * 40 + frame_idx % 3 for frame_idx in range(FRAMES)]
CLIPS = {
    "plain.mp4": {},
    "reordered.mp4": {"b_frames": 2},
    "uneven.mp4": {"pts": UNEVEN, "b_frames": 2},
    "untimed.avi": {"b_frames": 2},
    "web.webm": {},
    "matroska.mkv": {"b_frames": 1},
    "turned.mov": {"rotation": 90},
}


def segments_of(service: VideoService, video_id: str, *spans: tuple[int, int]) -> list[str]:
    service.probe(video_id)
    return list(service.add_segments([Segment(video_id, *span) for span in spans]))


def frames(workspace: Workspace, video_id: str) -> list[bytes]:
    paths = sorted(workspace.frames_dir(video_id).glob("*.jpg"))
    return [path.read_bytes() for path in paths]


@pytest.mark.parametrize("name", CLIPS)
def test_the_frames_of_a_segment_are_those_of_the_whole(
    name: str, workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / name, frames=FRAMES, **CLIPS[name])
    service, whole = start(), Path(name).stem
    spans = [(0, 7), (8, 20), (21, FRAMES - 1)]
    cut = segments_of(service, whole, *spans)
    for video_id in cut:
        open_until_ready(service, video_id)
    open_until_ready(service, whole)

    assert [frames(workspace, video_id) for video_id in cut] == [
        frames(workspace, whole)[first : last + 1] for first, last in spans
    ]
    rows = service.frames.times(whole)["frames"]
    for video_id, (first, last) in zip(cut, spans, strict=True):
        found = service.frames.times(video_id)["frames"]
        for fact in ("pts", "source_number", "source_time_s"):
            assert [row[fact] for row in found] == [row[fact] for row in rows[first : last + 1]]


def test_a_segment_says_where_it_comes_from(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "long.mp4", frames=FRAMES)
    service = start()
    (video_id,) = segments_of(service, "long", (8, 20))
    wire = service.to_wire(video_id)

    assert wire["source"] == {"video_id": "long", "first_frame": 8, "last_frame": 20}
    assert (wire["name"], wire["num_frames"], wire["width"]) == ("long.mp4 8-20", 13, 96)
    assert service.to_wire("long")["source"] is None


def test_segments_are_the_same_after_a_restart(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "long.mp4", frames=FRAMES)
    service = start()
    (opened, waiting) = segments_of(service, "long", (0, 9), (10, 19))
    open_until_ready(service, opened)
    wait_until(lambda: service.info(waiting).extracted == 1)
    before = service.list()
    service = start()

    assert service.list() == before
    assert service.info(waiting).state is VideoState.NEW


def test_frames_that_the_whole_has_are_not_written_twice(
    workspace: Workspace, start: Starter
) -> None:
    make_clip(workspace.videos_dir / "long.mp4", frames=FRAMES)
    service = start()
    open_until_ready(service, "long")
    (video_id,) = segments_of(service, "long", (8, 20))
    open_until_ready(service, video_id)

    for frame_idx in range(13):
        shared = workspace.frame_path("long", frame_idx + 8).stat().st_ino
        assert workspace.frame_path(video_id, frame_idx).stat().st_ino == shared
    table = read_table(workspace, video_id)
    assert table is not None
    assert table.source_numbers == tuple(range(8, 21))


def notes_of(
    workspace: Workspace,
    start: Starter,
    video_id: str,
    spans: list[tuple[int, int]],
    *,
    linked: bool,
) -> list[str | None]:
    """Notes of segments, which are linked from the whole or read by themselves."""
    service = start()
    if linked:
        open_until_ready(service, video_id)
    notes = []
    for cut in segments_of(service, video_id, *spans):
        open_until_ready(service, cut)
        notes.append(service.info(cut).note)
        inode = workspace.frame_path(cut, 0).stat().st_nlink
        assert (inode > 1) is linked
    return notes


@pytest.mark.parametrize("linked", [True, False])
def test_a_segment_says_how_its_frames_differ_from_the_file(
    workspace: Workspace, start: Starter, linked: bool
) -> None:
    make_hdr_clip(workspace.videos_dir / "hdr.mp4", 16, [at / 20 for at in range(20)])
    notes = notes_of(workspace, start, "hdr", [(0, 9), (10, 19)], linked=linked)

    assert all(note and note.startswith("The video is HDR (PQ)") for note in notes)


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("suffix", ["mkv", "mp4"])
def test_a_segment_tells_only_of_damage_among_its_frames(
    workspace: Workspace, start: Starter, suffix: str, linked: bool
) -> None:
    whole = make_clip(workspace.videos_dir / ".whole.mp4", frames=30, b_frames=2)
    copy_packets(whole, workspace.videos_dir / f"cut.{suffix}", lambda at: at > 0)
    notes = notes_of(workspace, start, "cut", [(0, 9), (10, 19)], linked=linked)

    assert notes == [
        "Frames of this segment that cannot be read are left out: 5.", None]  # fmt: skip


@pytest.mark.parametrize("linked", [True, False])
def test_a_segment_of_pictures_tells_only_of_its_own_gaps(
    workspace: Workspace, start: Starter, linked: bool
) -> None:
    image = np.full((48, 64), 4000, np.uint16)
    names = [at for at in range(20) if at not in (12, 13)]
    files = {f"{at:05d}.png": picture(".png", image) for at in names}
    make_zip(workspace.videos_dir / "shots.zip", files)
    whole, gap = notes_of(workspace, start, "shots", [(0, 9), (10, 19)], linked=linked)

    assert (whole or "").startswith("The pictures have more than 8 bits")
    assert gap == f"The files' numbers have gaps: 2 are missing; frames follow without one. {whole}"


def test_a_file_is_hashed_once_for_all_its_segments(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "long.mp4", frames=FRAMES)
    service = start()
    cut = segments_of(service, "long", (0, 9), (10, 19))
    for video_id in cut:
        open_until_ready(service, video_id)
    digests = {service._table.row(video_id).record.source.sha256 for video_id in cut}

    assert len(digests) == 1
    assert digests == {service._table.known_digest(service._table.row("long").record.source)}


def test_deleting_a_segment_leaves_the_file(workspace: Workspace, start: Starter) -> None:
    path = make_clip(workspace.videos_dir / "long.mp4", frames=FRAMES)
    service = start()
    first, second = segments_of(service, "long", (0, 9), (10, 19))
    before = service.to_wire(first)
    trash_id = service.delete(first)

    assert path.is_file()
    assert [video["video_id"] for video in service.list()] == ["long", second]
    assert service.restore(trash_id)["source"] == before["source"]


def test_the_whole_stays_while_segments_need_its_file(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "long.mp4", frames=FRAMES)
    service = start()
    (video_id,) = segments_of(service, "long", (0, 9))
    with pytest.raises(Conflict, match="1 segments share"):
        service.delete("long")
    service.delete(video_id)
    service.delete("long")

    assert service.list() == []
