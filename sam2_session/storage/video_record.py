"""Reads and writes `video.json`: the properties of a video, and its source file."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from sam2_session.core.errors import StorageFailed
from sam2_session.core.numbers import count_of, rate_of, time_base_of
from sam2_session.storage.atomic import make_folder, storage_failed, write_json
from sam2_session.storage.documents import read_document
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.probe import MAX_FRAMES, MAX_SIDE, VideoProbe
from sam2_session.storage.workspace import Workspace, is_video_id

SCHEMA_VERSION = 1
HASH_CHUNK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """The source file of a video; `sha256` is known once its frames are extracted."""

    name: str
    bytes: int
    mtime_ns: int
    sha256: str | None = None

    @classmethod
    def of(cls, path: Path) -> Source:
        """Read a file's name, size and time; for a folder, the total size and latest time."""
        try:
            stats = [file.stat() for file in (path, *_files_in(path))]
        except OSError as error:
            raise storage_failed(path, error) from error
        sizes = [stat.st_size for stat in stats]
        total = sum(sizes[1:]) if path.is_dir() else sizes[0]
        return cls(path.name, total, max(stat.st_mtime_ns for stat in stats))


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """One video. Once `complete`, `probe` is exact and every frame is durable on disk."""

    video_id: str
    source: Source
    probe: VideoProbe | None = None
    complete: bool = False
    note: str | None = None  # damage of the file, described to the user


def write_record(workspace: Workspace, record: VideoRecord, table: FrameTable | None) -> None:
    """Write `video.json` durably."""
    path = workspace.video_json_path(record.video_id)
    make_folder(path.parent)
    write_json(path, _to_json(record, table), indent=None)


def read_record(workspace: Workspace, video_id: str) -> VideoRecord | None:
    """Read the record without its table; None if missing, or another program's file."""
    data = _read_json(workspace.video_json_path(video_id))
    try:
        return _from_json(video_id, data) if data else None
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def read_table(workspace: Workspace, video_id: str) -> FrameTable | None:
    """Read the frame table of a complete video; None if it is not complete."""
    data = _read_json(workspace.video_json_path(video_id))
    if not data or not data.get("complete"):
        return None
    time_base = time_base_of(data["time_base"])
    pts, numbers = _whole_numbers(data["pts"]), data["source_numbers"]
    rows = _whole_numbers(numbers) if numbers else tuple(range(len(pts)))
    if time_base is None or len(rows) != len(pts):
        raise StorageFailed(
            f"The frame times in {video_id}/video.json cannot be read.",
            hint="Remove that file: it is made anew from the video, and annotations are kept.",
        )
    return FrameTable(time_base, pts, rows)


def _whole_numbers(values: Any) -> tuple[int, ...]:
    return tuple(value for value in values if isinstance(value, int))


def recorded_ids(workspace: Workspace) -> list[str]:
    """List the folders in outputs/ that have a `video.json`."""
    return sorted(
        folder.name
        for folder in workspace.outputs_dir.iterdir()
        if is_video_id(folder.name) and (folder / "video.json").is_file()
    )


def hash_file(path: Path) -> Generator[None, None, str]:
    """Hash a file, yielding after each chunk so that the caller can stop; returns its sha256.

    For a folder, hash its files one after another in the order of their names.
    """
    digest = hashlib.sha256()
    try:
        for source in _files_in(path) or [path]:
            with source.open("rb") as file:
                while chunk := file.read(HASH_CHUNK_BYTES):
                    digest.update(chunk)
                    yield
    except OSError as error:
        raise storage_failed(path, error) from error
    return digest.hexdigest()


def _files_in(folder: Path) -> list[Path]:
    """List the plain files directly in a folder; empty for a file."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def fraction_text(value: Fraction) -> str:
    """Write a fraction as ``30000/1001`` or ``30/1``."""
    return f"{value.numerator}/{value.denominator}"


def _to_json(record: VideoRecord, table: FrameTable | None) -> dict[str, Any]:
    source, probe = record.source, record.probe
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "video_id": record.video_id,
        "source": {
            "name": source.name,
            "sha256": source.sha256,
            "bytes": source.bytes,
            "mtime_ns": source.mtime_ns,
        },
        "complete": record.complete,
        "note": record.note,
    }
    if probe:
        data |= {
            "width": probe.width,
            "height": probe.height,
            "rotation": probe.rotation,
            "fps": fraction_text(probe.fps),
            "time_base": fraction_text(probe.time_base),
            "num_frames": probe.num_frames,
        }
    if table:
        unbroken = table.source_numbers == tuple(range(len(table.pts)))
        data["pts"] = table.pts
        data["source_numbers"] = None if unbroken else table.source_numbers
    return data


def _from_json(video_id: str, data: dict[str, Any]) -> VideoRecord:
    source = Source(**{key: data["source"][key] for key in ("name", "bytes", "mtime_ns", "sha256")})
    if not isinstance(source.name, str) or not isinstance(source.mtime_ns, int):
        raise TypeError("A source has a name and a time.")
    if Path(source.name).name != source.name or source.name.startswith("."):
        raise ValueError("A source is a plain file in videos/.")
    probe = _probe(data) if "num_frames" in data else None
    note = data.get("note")
    return VideoRecord(
        video_id, source, probe, bool(data["complete"]), str(note) if note is not None else None
    )


def _probe(data: dict[str, Any]) -> VideoProbe:
    fps, time_base = rate_of(data["fps"]), time_base_of(data["time_base"])
    sizes = [count_of(data[name], MAX_SIDE) for name in ("width", "height", "rotation")]
    num_frames = count_of(data["num_frames"], MAX_FRAMES)
    width, height, rotation = sizes
    if None in (fps, time_base, width, height, rotation, num_frames):
        raise ValueError("A number is missing, or out of range.")
    return VideoProbe(width, height, rotation, fps, time_base, num_frames)  # type: ignore[arg-type]


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        return read_document(path)
    except (OSError, ValueError):
        return None
