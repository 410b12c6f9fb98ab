"""Lists and registers videos: files in videos/, and their folders in outputs/."""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Collection, Container, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from sam2_session.core.errors import Conflict, InvalidRequest, NotFound, StorageFailed
from sam2_session.core.frame_files import BESIDE_VIDEOS, is_image_file, suffix_of
from sam2_session.storage.atomic import fsync_folder, make_folder, move, storage_failed
from sam2_session.storage.trash import RECORD
from sam2_session.storage.video_record import (
    Source,
    VideoRecord,
    is_source_name,
    read_record,
    recorded_ids,
    source_folder,
    write_record,
)
from sam2_session.storage.workspace import Workspace, is_id_char, is_video_id

log = logging.getLogger(__name__)

MAX_STEM_BYTES = 100
PICTURES = ".source"  # in the trash: holds the folder of pictures that a video was made of
RESERVED_IDS = frozenset({"batches"})  # folders of outputs/ that hold no video


class SourceState(StrEnum):
    """State of a video's file, compared with the file it was registered from."""

    SAME = "same"
    TOUCHED = "touched"  # same size, another time: its sha256 decides
    CHANGED = "changed"  # somebody may have annotated the old one
    REPLACED = "replaced"  # and the old one has annotations
    MISSING = "missing"


def video_files(workspace: Workspace) -> list[Path]:
    """List the video files by name, without hidden files and unfinished uploads."""
    files = []
    for path in sorted(workspace.videos_dir.iterdir()):
        if path.name.startswith(".") or not is_source(path):
            continue
        if not path.name.isprintable():  # also names that are not Unicode: JSON cannot hold them
            log.warning("Left out a video whose name cannot be shown: %r", path.name)
        else:
            files.append(path)
    return files


def files_in_folder(workspace: Workspace, folder: str) -> list[Path]:
    """List the videos in a folder of videos/, in natural order: ``part_9`` before ``part_10``.

    Raises `InvalidRequest` if there is no such folder, or no video in it.
    """
    home = workspace.videos_dir / folder
    if "/" in folder or not is_source_name(folder) or not home.is_dir():
        raise InvalidRequest(
            f"There is no folder {folder[:80]!r} in videos/.", hint="Name a folder directly in it."
        )
    shown = (path for path in home.iterdir() if path.name[0] != "." and path.name.isprintable())
    files = sorted((path for path in shown if is_source(path)), key=lambda p: natural_order(p.name))
    if not files:
        raise InvalidRequest(
            f"{folder[:80]!r} holds no video and no folder of pictures.",
            hint="A folder of pictures is one video; a batch needs a folder around several.",
        )
    return files


def natural_order(name: str) -> list[tuple[int, int | str]]:
    """Key to sort names by, with the numbers in them as numbers."""
    pieces = re.findall(r"\d+|\D+", name.casefold())
    return [(0, int(piece)) if piece.isdecimal() else (1, piece) for piece in pieces]


def is_source(path: Path) -> bool:
    """Tell if a path is listed: a folder with images directly in it, or a file that may be a video.

    A file of unknown kind is listed, too: what cannot be opened says so in its row.
    """
    if path.is_dir():
        with suppress(OSError):  # not readable
            return any(is_image_file(inside.name) for inside in path.iterdir())
        return False
    unknown = suffix_of(path.name) not in BESIDE_VIDEOS and not path.name.endswith("~")
    return unknown and path.is_file()


def load_records(workspace: Workspace) -> dict[str, VideoRecord]:
    """Read every registered video, by id."""
    records = {}
    for video_id in recorded_ids(workspace):
        if record := read_record(workspace, video_id):
            records[video_id] = record
        else:
            log.warning("%s: video.json is not ours or broken; it is left alone", video_id)
    return records


def register(workspace: Workspace, path: Path, taken: Collection[str]) -> VideoRecord:
    """Register a file under a new, permanent id; frames of unknown origin go to the trash."""
    name = path.relative_to(workspace.videos_dir).as_posix()
    record = VideoRecord(new_video_id(path.name, taken), Source.of(path, name))
    frames = workspace.frames_dir(record.video_id)
    if frames.exists():
        to_trash(workspace, record.video_id, [frames])
    write_record(workspace, record, None)
    return record


def write_many(workspace: Workspace, records: Sequence[VideoRecord]) -> None:
    """Write new records; all are durable when this returns, after one sync for all of them."""
    try:
        for record in records:
            write_record(workspace, record, None, durable=False)
        os.sync()
    except (OSError, StorageFailed) as error:
        for record in records:  # all or none
            shutil.rmtree(workspace.video_dir(record.video_id), ignore_errors=True)
        if isinstance(error, StorageFailed):
            raise
        raise storage_failed(workspace.outputs_dir, error) from error


def free_id(workspace: Workspace, wanted: str, taken: Container[str]) -> str:
    """Return this id, or the next with a number that neither a video nor a folder has."""
    found, number = wanted, 2
    while found in taken or _has_files(workspace.video_dir(found)):
        found, number = f"{wanted}-{number}", number + 1
    return found


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def new_video_id(name: str, taken: Collection[str]) -> str:
    """Make a readable id that no other video has, ignoring case: stem, stem-suffix or stem-2."""
    used = {video_id.casefold() for video_id in taken} | RESERVED_IDS
    path = Path(name)
    stem = safe_stem(path.stem)
    wanted = [stem, f"{stem}-{safe_stem(path.suffix[1:])}"]
    number = 2
    while wanted[0].casefold() in used:
        wanted.append(f"{stem}-{number}")
        number += 1
        del wanted[0]
    return wanted[0]


def safe_stem(stem: str) -> str:
    """Replace all but letters, digits and ``_ - .`` of any script by ``_``; never empty."""
    text = unicodedata.normalize("NFC", stem)
    text = re.sub("_+", "_", "".join(char if is_id_char(char) else "_" for char in text))
    while len(text.encode()) > MAX_STEM_BYTES:
        text = text[:-1]
    return text.strip("._-") or "video"


def source_now(workspace: Workspace, record: VideoRecord) -> Source | None:
    """Read the state of a video's file now; None if it is gone."""
    path = source_path(workspace, record)
    return Source.of(path, record.source.name) if path.exists() else None


def compare_source(record: VideoRecord, now: Source | None) -> SourceState:
    """Compare a file with the one the frames came from."""
    if now is None:
        return SourceState.MISSING
    if now.bytes != record.source.bytes:
        return SourceState.CHANGED
    return SourceState.SAME if now.mtime_ns == record.source.mtime_ns else SourceState.TOUCHED


def source_path(workspace: Workspace, record: VideoRecord) -> Path:
    """Path of a video's file in videos/."""
    return workspace.videos_dir / record.source.name


def start_over(workspace: Workspace, video_id: str) -> None:
    """Remove the frames of a file that was replaced; they can be extracted again."""
    frames = workspace.frames_dir(video_id)
    try:
        if frames.exists():
            shutil.rmtree(frames)
    except OSError as error:
        raise storage_failed(frames, error) from error


def to_trash(workspace: Workspace, video_id: str, paths: Collection[Path]) -> Path:
    """Move files and folders to a new folder in the trash; return that folder."""
    folder = workspace.trash_dir / f"{video_id}-{secrets.token_hex(4)}"
    make_folder(folder)
    for path in paths:
        _move_into(folder, path)
    return folder


def video_to_trash(workspace: Workspace, record: VideoRecord) -> Path:
    """Move a video's file and all that was made of it to the trash; return the folder there."""
    source, made = source_path(workspace, record), workspace.video_dir(record.video_id)
    if record.segment is not None:  # the file is that of the whole video
        return to_trash(workspace, record.video_id, [made])
    is_folder = source.is_dir()  # it may have the very name of the folder of what was made
    files = [source] if source.is_file() else []
    paths = [*files, *([made] if made.exists() else [])]
    folder = to_trash(workspace, record.video_id, paths)
    if is_folder:
        make_folder(folder / PICTURES)
        _move_into(folder / PICTURES, source)
    return folder


def from_trash(workspace: Workspace, trash_id: str) -> VideoRecord:
    """Restore a deleted video. Raises NotFound, or Conflict if its names are taken.

    Its folder in the trash is left with nothing of the video in it.
    """
    folder, video_id = _trash_folder(workspace, trash_id)
    files = [path for path in folder.iterdir() if path.is_file() and path.name != RECORD]
    files += (folder / PICTURES).iterdir() if (folder / PICTURES).is_dir() else ()
    sources_dir = workspace.videos_dir / source_folder(folder / video_id / "video.json")
    for path, home in [(folder / video_id, workspace.outputs_dir)] + [
        (path, sources_dir) for path in files
    ]:
        if (home / path.name).exists():
            raise Conflict(
                f"There is another {path.name} now.", hint="Rename or delete it, then try again."
            )
    _move_into(workspace.outputs_dir, folder / video_id)  # first, else the file looks new
    for path in files:
        make_folder(sources_dir)
        _move_into(sources_dir, path)
    record = read_record(workspace, video_id)
    if record is None:
        raise StorageFailed(f"{video_id}: its video.json cannot be read.")
    return record


def last_changed(workspace: Workspace) -> str | None:
    """Return the video whose annotations were written last; None if there are none."""
    found = [
        (path.stat().st_mtime_ns, video_id)
        for video_id in recorded_ids(workspace)
        for path in _database_files(workspace, video_id)
        if path.is_file()
    ]
    return max(found, default=(0, None))[1]


def _database_files(workspace: Workspace, video_id: str) -> tuple[Path, Path]:
    """Return the database of a video, and the file of what is not in it yet."""
    path = workspace.database_path(video_id)
    return path, path.with_name(f"{path.name}-wal")


def _trash_folder(workspace: Workspace, trash_id: str) -> tuple[Path, str]:
    video_id = str(trash_id).rpartition("-")[0]
    if is_video_id(video_id) and is_video_id(trash_id):
        folder = workspace.trash_dir / trash_id
        if (folder / video_id / "video.json").is_file():
            return folder, video_id
    raise NotFound("This video is not in the trash.", hint="Upload it again.")


def _move_into(folder: Path, path: Path) -> None:
    if path.is_dir() or path.stat().st_dev == folder.stat().st_dev:
        move(path, folder / path.name)
    else:  # videos/ may be on another disk
        _move_across(path, folder / path.name)


def _move_across(source: Path, target: Path) -> None:
    try:
        shutil.move(source, target)
    except OSError as error:
        raise storage_failed(target, error) from error
    fsync_folder(target.parent)
