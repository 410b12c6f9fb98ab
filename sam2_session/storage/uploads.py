"""Receives uploads as hidden files in videos/; a video gets its name once complete."""

from __future__ import annotations

import re
import secrets
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sam2_session.core.errors import NotFound, TooLarge, UnsupportedVideo
from sam2_session.core.frame_files import ARCHIVE_SUFFIXES, IMAGE_SUFFIXES, VIDEO_SUFFIXES
from sam2_session.storage.atomic import fsync_file, move, write_json
from sam2_session.storage.catalog import MAX_STEM_BYTES
from sam2_session.storage.documents import parse_document
from sam2_session.storage.extraction import require_space
from sam2_session.storage.probe import CONVERT
from sam2_session.storage.workspace import Workspace, is_id_char

UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
STALE_S = 3600.0  # after this an upload without writes is given up
CUT_S = 300.0  # the same at the start: a slow client is cut off long before


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload: its name, the file that receives its bytes, and its size limit."""

    upload_id: str
    name: str
    path: Path
    max_bytes: int


class UploadStore:
    """Starts, finds and finishes uploads; notes beside each file let it survive a restart."""

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.videos_dir
        self._min_free_bytes = workspace.min_free_bytes

    def start(self, name: str, max_bytes: int) -> Upload:
        """Start the upload of a video.

        Raises UnsupportedVideo for another kind of file, StorageFailed if the disk is full.
        """
        return self._start(safe_file_name(name), max_bytes)

    def start_hidden(self, name: str, max_bytes: int) -> Upload:
        """Start the upload of a file to import, which stays hidden and is removed later."""
        shown = "".join(char if char.isprintable() else "_" for char in name)
        return self._start(shown[:MAX_STEM_BYTES], max_bytes)

    def find(self, upload_id: str) -> Upload:
        """Find an upload. Raises NotFound, or TooLarge if it is over its limit."""
        upload = self._find(upload_id)
        if upload.path.stat().st_size > upload.max_bytes:
            raise TooLarge(
                f"{upload.name} is over the limit of {upload.max_bytes} bytes.",
                hint="Send it in parts.",
            )
        return upload

    def finish(self, upload_id: str, check: Callable[[Path, str], object]) -> Path:
        """Check the file and give it its name; after an error it stays, to be aborted.

        `check` gets the file and its future name, and raises UnsupportedVideo if it is no video.
        """
        upload = self._find(upload_id)
        if upload.path.stat().st_size > upload.max_bytes:
            raise TooLarge(
                f"{upload.name} is over the limit of {upload.max_bytes} bytes.",
                hint="Cut or compress the video, or put the file into videos/ by hand.",
            )
        try:
            check(upload.path, upload.name)
        except UnsupportedVideo as error:  # the message has our temporary name
            message = error.message.replace(upload.path.name, upload.name)
            raise UnsupportedVideo(message, hint=error.hint) from error
        fsync_file(upload.path)
        target = self._free_path(upload.name)
        move(upload.path, target)
        self._notes(upload_id).unlink(missing_ok=True)
        return target

    def abort(self, upload_id: str) -> None:
        """Delete an upload; one that does not exist is fine."""
        if UPLOAD_ID.fullmatch(upload_id):
            self._part(upload_id).unlink(missing_ok=True)
            self._notes(upload_id).unlink(missing_ok=True)

    def sweep(self, stale_s: float = STALE_S) -> None:
        """Delete uploads without writes for `stale_s`, with the notes beside them."""
        for part in self._folder.glob(".upload-*.part"):
            with suppress(OSError):  # finished at this moment, or not ours to remove
                if part.stat().st_mtime < time.time() - stale_s:
                    part.unlink()
        for notes in self._folder.glob(".upload-*.json"):
            with suppress(OSError):
                is_old = notes.stat().st_mtime < time.time() - stale_s
                if is_old and not notes.with_suffix(".part").exists():
                    notes.unlink()

    def _start(self, name: str, max_bytes: int) -> Upload:
        limit = min(max_bytes, require_space(self._folder, self._min_free_bytes))
        upload = self._make(secrets.token_hex(16), name, limit)
        write_json(self._notes(upload.upload_id), {"name": name, "max_bytes": limit})
        upload.path.touch(exist_ok=False)
        return upload

    def _find(self, upload_id: str) -> Upload:
        found = None
        if UPLOAD_ID.fullmatch(upload_id) and self._part(upload_id).is_file():
            found = parse_document(
                self._notes(upload_id),
                lambda notes: self._make(upload_id, str(notes["name"]), int(notes["max_bytes"])),
            )
        if found is None:
            raise NotFound("No such upload.", hint="Start the upload again.")
        return found

    def _make(self, upload_id: str, name: str, max_bytes: int) -> Upload:
        return Upload(upload_id, name, self._part(upload_id), max_bytes)

    def _part(self, upload_id: str) -> Path:
        return self._folder / f".upload-{upload_id}.part"

    def _notes(self, upload_id: str) -> Path:
        return self._folder / f".upload-{upload_id}.json"

    def _free_path(self, name: str) -> Path:
        used = {path.name.casefold() for path in self._folder.iterdir()}
        stem, suffix = Path(name).stem, Path(name).suffix
        number = 1
        while name.casefold() in used:
            number += 1
            name = f"{stem} ({number}){suffix}"
        return self._folder / name


def safe_file_name(name: str) -> str:
    """Make a file name safe: letters and digits of any script, spaces and ``_-.()`` stay.

    Raises UnsupportedVideo for another kind of file.
    """
    base = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    stem, dot, suffix = base.rpartition(".")
    taken = VIDEO_SUFFIXES | ARCHIVE_SUFFIXES | IMAGE_SUFFIXES
    if not dot or f".{suffix.lower()}" not in taken:
        raise UnsupportedVideo(
            "This kind of file is not taken.",
            hint=f"Send a video, a ZIP of numbered pictures, or a picture. {CONVERT}",
        )
    kept = "".join(char if is_id_char(char) or char in " ()" else "_" for char in stem)
    while len(kept.encode()) > MAX_STEM_BYTES:
        kept = kept[:-1]
    return f"{kept.strip(' .-') or 'video'}.{suffix.lower()}"
