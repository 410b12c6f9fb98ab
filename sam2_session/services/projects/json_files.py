"""Writes one video's points_<region>.json and keypoints.json, once for many changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from sam2_session.core.errors import InstanceNotFound
from sam2_session.core.types import FramePrompt, SessionKey
from sam2_session.formats.native.annotation_json import keypoints_document, points_document
from sam2_session.runtime import Lock, monotonic
from sam2_session.storage import atomic
from sam2_session.storage.database import Database
from sam2_session.storage.frame_rows import prompted_states
from sam2_session.storage.instance_rows import get_instance, list_instances
from sam2_session.storage.keypoint_rows import keypoint_of, keypoint_values
from sam2_session.storage.workspace import Workspace

Subject = SessionKey | int  # a pair's points, or an instance's keypoints


class JsonFiles:
    """Collects what changed; `write` brings those files up to the database.

    A file is marked after the commit and written whole, so a later one holds whatever a lost one
    would have. It takes no lock of the project: no click ever waits for a file. `head` gives the
    facts of the video that begin each file; `written` counts the files, `took_s` is how long the
    last batch took.
    """

    def __init__(
        self, video_id: str, workspace: Workspace, db: Database, head: Callable[[], dict[str, Any]]
    ) -> None:
        self._video_id = video_id
        self._workspace = workspace
        self._db = db
        self._head = head
        self._waiting: set[Subject] = set()
        self._waiting_lock = Lock()
        self._writing = Lock()  # held while files are written; outside `_folders`
        self._folders = Lock()  # so that no folder is made for an instance that is being hidden
        self.written = 0
        self.took_s = 0.0

    def mark(self, subject: Subject) -> None:
        """Note that the database has changed for a pair's points, or an instance's keypoints."""
        with self._waiting_lock:
            self._waiting.add(subject)

    def write(self) -> None:
        """Write every file that was marked before; it is durable when this returns.

        Raises `StorageFailed`; what is not written stays marked.
        """
        with self._writing:
            with self._waiting_lock:
                taken, self._waiting = self._waiting, set()
            if not taken:
                return
            began_s = monotonic()
            try:
                self._write_all(taken)
            except BaseException:
                with self._waiting_lock:
                    self._waiting |= taken
                raise
            self.took_s = monotonic() - began_s

    def hide_folder(self, instance_id: int) -> None:
        """Hide a deleted instance's folder from other programs that read ``instance*/``."""
        folder, hidden = self._folders_of(instance_id)
        with self._folders:
            if folder.exists() and not hidden.exists():
                atomic.move(folder, hidden)

    def show_folder(self, instance_id: int) -> None:
        """Undo `hide_folder`."""
        folder, hidden = self._folders_of(instance_id)
        with self._folders:
            if hidden.exists() and not folder.exists():
                atomic.move(hidden, folder)

    def make_folder(self, folder: Path, instance_id: int) -> bool:
        """Make a folder in an instance's; False if the instance was deleted."""
        if folder.exists():
            return True
        with self._folders:
            living = {row.instance_id for row in self._db.read(list_instances)}
            if instance_id in living:
                atomic.make_folder(folder)
        return instance_id in living

    def _write_all(self, subjects: set[Subject]) -> None:
        """Write files first, then sync them all, and each folder once."""
        paths = []
        for subject in subjects:
            path = self._path(subject)
            data = self._document(subject, is_wanted=path.exists())
            if data is not None and self._put(path, data, subject):
                paths.append(path)
        for path in paths:
            atomic.fsync_file(path)
        for folder in {path.parent for path in paths}:
            atomic.fsync_folder(folder)
        self.written += len(paths)

    def _put(self, path: Path, data: bytes, subject: Subject) -> bool:
        """Write one file; False if it holds this already, or its instance was deleted."""
        if path.exists() and path.read_bytes() == data:
            return False
        if not self.make_folder(path.parent, _instance_of(subject)):
            return False
        atomic.write_bytes(path, data, durable=False)
        return True

    def _path(self, subject: Subject) -> Path:
        if isinstance(subject, SessionKey):
            return self._workspace.points_path(subject)
        return self._workspace.keypoints_path(self._video_id, subject)

    def _document(self, subject: Subject, *, is_wanted: bool) -> bytes | None:
        """Read a file's content; None for a deleted instance, or for an empty one not there yet."""
        try:
            if isinstance(subject, SessionKey):
                document, rows = self._points(subject)
            else:
                document, rows = self._keypoints(subject)
        except InstanceNotFound:
            return None
        if not rows and not is_wanted:
            return None
        return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"

    def _points(self, key: SessionKey) -> tuple[dict[str, Any], int]:
        instance, states = self._db.read(  # no more than the rows: who clicks reads there, too
            lambda tx: (get_instance(tx, key.instance_id), prompted_states(tx, key))
        )
        found = ((idx, FramePrompt.from_wire(msgspec.json.decode(text))) for idx, text in states)
        prompts = [(idx, prompt) for idx, prompt in found if prompt]
        return points_document(self._head(), instance, key.region, prompts), len(prompts)

    def _keypoints(self, instance_id: int) -> tuple[dict[str, Any], int]:
        instance, rows = self._db.read(
            lambda tx: (get_instance(tx, instance_id), keypoint_values(tx, instance_id))
        )
        return keypoints_document(self._head(), instance, map(keypoint_of, rows)), len(rows)

    def _folders_of(self, instance_id: int) -> tuple[Path, Path]:
        return (
            self._workspace.instance_dir(self._video_id, instance_id),
            self._workspace.deleted_instance_dir(self._video_id, instance_id),
        )


def _instance_of(subject: Subject) -> int:
    return subject.instance_id if isinstance(subject, SessionKey) else subject
