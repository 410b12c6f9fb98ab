"""Reads and writes `video.json`: the properties of a video, and its source file."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Generator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from zlib import crc32

from sam2_session.core.errors import SessionError, StorageFailed, error_from_wire
from sam2_session.core.numbers import count_of, pixel_aspect_of, rate_of, time_base_of
from sam2_session.storage.atomic import make_folder, storage_failed, write_json
from sam2_session.storage.documents import SHAPE_ERRORS, parse_document
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.probe import MAX_FRAMES, MAX_SIDE, SQUARE, VideoProbe
from sam2_session.storage.workspace import Workspace, is_video_id

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1
HASH_CHUNK_BYTES = 8 * 1024 * 1024
MAX_NAME_BYTES = 255
MAX_WHOLE = 2**63


@dataclass(frozen=True, slots=True)
class Source:
    """The source file of a video; `sha256` is known once its frames are extracted.

    `name` is the path below videos/: a file's own name, or ``folder/name``.
    """

    name: str
    bytes: int
    mtime_ns: int
    sha256: str | None = None

    @classmethod
    def of(cls, path: Path, name: str) -> Source:
        """Read a file's size and time; for a folder, the total size and latest time."""
        try:
            stats = [file.stat() for file in (path, *_files_in(path))]
        except OSError as error:
            raise storage_failed(path, error) from error
        sizes = [stat.st_size for stat in stats]
        total = sum(sizes[1:]) if path.is_dir() else sizes[0]
        return cls(name, total, max(stat.st_mtime_ns for stat in stats))


@dataclass(frozen=True, slots=True)
class Segment:
    """The frames of its source that a video consists of, both included, from 0.

    They count as `source_numbers` do: damaged frames count, too.
    """

    video_id: str  # the video of the whole source
    first_frame: int
    last_frame: int

    @property
    def num_frames(self) -> int:
        """Number of frames, if none is damaged."""
        return self.last_frame - self.first_frame + 1

    def to_wire(self) -> dict[str, Any]:
        """``{video_id, first_frame, last_frame}``."""
        return {
            "video_id": self.video_id,
            "first_frame": self.first_frame,
            "last_frame": self.last_frame,
        }


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """One video. Once `complete`, `probe` is exact and every frame is durable on disk.

    A `segment` shares its source file with the video of the whole source.
    """

    video_id: str
    source: Source
    probe: VideoProbe | None = None
    complete: bool = False
    note: str | None = None  # remarks for the user: damage of the file, and `frame_note`
    frame_note: str | None = None  # the difference of each frame from the file
    problem: SessionError | None = None  # its frames cannot be extracted
    segment: Segment | None = None
    edition: str = field(default_factory=lambda: secrets.token_hex(4))  # of these frames and masks
    cut_id: str = ""  # of a segment: the cut that made it

    @property
    def version(self) -> str:
        """Tell these frames and masks from any others that ever had this video_id."""
        source = self.source
        return self.edition or f"{crc32(f'{source.bytes} {source.mtime_ns}'.encode()):08x}"

    @property
    def name(self) -> str:
        """The source's name, for people; a segment's has its frames."""
        if self.segment is None:
            return self.source.name
        return f"{self.source.name} {self.segment.first_frame}-{self.segment.last_frame}"


def write_record(
    workspace: Workspace,
    record: VideoRecord,
    table: FrameTable | None,
    *,
    durable: bool = True,
) -> None:
    """Write `video.json`, durably unless the caller syncs many at once."""
    path = workspace.video_json_path(record.video_id)
    if durable:
        make_folder(path.parent)
    else:
        path.parent.mkdir(exist_ok=True)
    write_json(path, _to_json(record, table), durable=durable, indent=None)


def read_record(workspace: Workspace, video_id: str) -> VideoRecord | None:
    """Read the record without its table; None if missing, or another program's file."""
    path = workspace.video_json_path(video_id)
    return parse_document(path, lambda data: _from_json(video_id, data))


def read_table(workspace: Workspace, video_id: str) -> FrameTable | None:
    """Read the frame table of a complete video; None if it is not complete.

    Raises StorageFailed if it is not what this program writes.
    """
    path = workspace.video_json_path(video_id)
    data = parse_document(path, lambda data: data)
    if not data or not data.get("complete"):
        return None
    try:
        return _table(data)
    except SHAPE_ERRORS as error:
        raise StorageFailed(
            f"The frame times in {video_id}/video.json cannot be read.",
            hint="Remove that file: it is made anew from the video, and annotations are kept.",
        ) from error


def _table(data: dict[str, Any]) -> FrameTable:
    time_base, start = time_base_of(data["time_base"]), data.get("source_start")
    pts, numbers = _whole_numbers(data["pts"]), data["source_numbers"]
    rows = _whole_numbers(numbers) if numbers else tuple(range(len(pts)))
    if time_base is None or not len(rows) == len(pts) == data["num_frames"]:
        raise ValueError("A frame has a time and a number.")
    first = None if start is None else _whole_numbers([start])[0]
    return FrameTable(time_base, pts, rows, first)


def _whole_numbers(values: list[Any]) -> tuple[int, ...]:
    for value in values:
        if not isinstance(value, int) or not -MAX_WHOLE < value < MAX_WHOLE:
            raise ValueError("A time is a whole number.")
    return tuple(values)


def is_source_name(name: str) -> bool:
    """Return whether this is the path of a visible file below videos/, at most one folder down."""
    steps = name.split("/")
    fit = all(0 < len(step.encode()) <= MAX_NAME_BYTES and step[0] != "." for step in steps)
    return len(steps) <= 2 and fit and "\0" not in name


def source_folder(video_json: Path) -> str:
    """Read in which folder of videos/ a video's source lies; empty for videos/ itself."""
    name = parse_document(video_json, lambda data: str(data["source"]["name"])) or ""
    return name.rpartition("/")[0] if is_source_name(name) else ""


def recorded_ids(workspace: Workspace) -> list[str]:
    """List the folders in outputs/ that have a `video.json`."""
    return sorted(
        folder.name
        for folder in workspace.outputs_dir.iterdir()
        if is_video_id(folder.name) and _has_record(folder)
    )


def _has_record(folder: Path) -> bool:
    try:
        return (folder / "video.json").is_file()
    except OSError as error:
        log.warning("%s cannot be read and is left alone: %s", folder, error)
        return False


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
        "edition": record.edition,
    }
    if record.frame_note:
        data["frame_note"] = record.frame_note
    if record.problem:
        data["problem"] = record.problem.to_wire()
    if probe:
        data |= {
            "width": probe.width,
            "height": probe.height,
            "rotation": probe.rotation,
            "fps": fraction_text(probe.fps),
            "time_base": fraction_text(probe.time_base),
            "num_frames": probe.num_frames,
            "pixel_aspect": fraction_text(probe.pixel_aspect),
        }
    if record.segment:
        data["segment"] = record.segment.to_wire()
        data["cut_id"] = record.cut_id
    if table:
        unbroken = table.source_numbers == tuple(range(len(table.pts)))
        data["pts"] = table.pts
        data["source_numbers"] = None if unbroken else table.source_numbers
        if table.source_start is not None:
            data["source_start"] = table.source_start
    return data


def _from_json(video_id: str, data: dict[str, Any]) -> VideoRecord:
    source = Source(**{key: data["source"][key] for key in ("name", "bytes", "mtime_ns", "sha256")})
    if not isinstance(source.mtime_ns, int) or count_of(source.bytes, MAX_WHOLE) is None:
        raise TypeError("A source has a size and a time.")
    if not isinstance(source.sha256, str | None):
        raise TypeError("A sha256 is a text.")
    if not is_source_name(source.name):
        raise ValueError("A source is a file in videos/, or in a folder there.")
    probe = _probe(data) if "num_frames" in data else None
    note, frame_note = (_text(data.get(name)) for name in ("note", "frame_note"))
    segment = _segment(data["segment"]) if data.get("segment") else None
    edition = str(data.get("edition", ""))  # empty: registered before there were any
    cut_id, complete = str(data.get("cut_id", "")), bool(data["complete"])
    if complete and (probe is None or not probe.num_frames):
        raise ValueError("A complete video has frames.")
    problem = data.get("problem")
    error = error_from_wire(dict(problem)) if problem else None
    return VideoRecord(
        video_id, source, probe, complete, note, frame_note, error, segment, edition, cut_id
    )


def _segment(data: dict[str, Any]) -> Segment:
    first, last = (count_of(data[name], MAX_WHOLE) for name in ("first_frame", "last_frame"))
    if first is None or last is None or last < first or not is_video_id(data["video_id"]):
        raise ValueError("A segment has a video, a first and a last frame.")
    return Segment(data["video_id"], first, last)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _probe(data: dict[str, Any]) -> VideoProbe:
    fps, time_base = rate_of(data["fps"]), time_base_of(data["time_base"])
    sizes = [count_of(data[name], MAX_SIDE) for name in ("width", "height", "rotation")]
    num_frames = count_of(data["num_frames"], MAX_FRAMES)
    width, height, rotation = sizes
    if None in (fps, time_base, width, height, rotation, num_frames):
        raise ValueError("A number is missing, or out of range.")
    aspect = pixel_aspect_of(data.get("pixel_aspect")) or SQUARE  # older files have none
    return VideoProbe(width, height, rotation, fps, time_base, num_frames, aspect)  # type: ignore[arg-type]
