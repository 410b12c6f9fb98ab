"""Counts how often reading a video crashed the process, since some bytes crash a decoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.storage.atomic import write_json
from sam2_session.storage.documents import read_document
from sam2_session.storage.probe import CONVERT
from sam2_session.storage.video_record import VideoRecord
from sam2_session.storage.workspace import Workspace

MAX_CRASHES = 5  # in a row, without a new frame


@contextmanager
def reading(workspace: Workspace, video_id: str, extracted: int) -> Iterator[None]:
    """Mark a video while its file is read; the mark stays only if the process dies."""
    path = workspace.attempt_path(video_id)
    begun, reached = _read_mark(path)
    attempt = begun + 1 if extracted <= reached else 1
    # not durable: a power cut is not the file's fault
    write_json(path, {"begun": attempt, "extracted": extracted}, durable=False)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def crash_problem(workspace: Workspace, record: VideoRecord) -> UnsupportedVideo | None:
    """Explain why a file is not read again, if reading it crashed the process too often."""
    path = workspace.attempt_path(record.video_id)
    begun, _ = _read_mark(path)
    if begun < MAX_CRASHES:
        return None
    return UnsupportedVideo(
        f"Reading {record.source.name} ended the program {begun} times; it is left alone.",
        hint=f"{CONVERT} To try this file again, delete {path.name} in its outputs folder.",
    )


def _read_mark(path: Path) -> tuple[int, int]:
    """Read how many attempts crashed, and how many frames were extracted by then."""
    try:
        mark = read_document(path)
        return int(mark["begun"]), int(mark["extracted"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, -1
