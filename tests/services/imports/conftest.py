"""Imports into the moving clip of 12 frames, 160 x 96."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.annotating import Annotator
from tests.formats.archives import make_zip


class Importer:
    """Sends files as the wire does, and waits for what comes of them."""

    def __init__(self, ada: Annotator, folder: Path) -> None:
        self.ada = ada
        self._folder = folder

    def send(self, data: bytes, *, dry_run: bool = False, **options: Any) -> dict[str, Any]:
        place = self.ada.call("start_import", video_id="clip", name="notes.json")
        Path(place["path"]).write_bytes(data)
        call = {"video_id": "clip", "file_id": place["upload_id"], "options": options or None}
        return self.ada.call("import_file", **call, dry_run=dry_run)

    def look(self, document: Any, **options: Any) -> dict[str, Any]:
        return self.send(_bytes(document), dry_run=True, **options)

    def take(self, document: Any, **options: Any) -> dict[str, Any]:
        """Import and wait; the job."""
        return self.ended(self.send(_bytes(document), **options)["job_id"])

    def ended(self, job_id: str) -> dict[str, Any]:
        over = ("done", "failed", "cancelled")
        self.ada.until(lambda: self.ada.call("get_job", job_id=job_id)["state"] in over)
        return self.ada.call("get_job", job_id=job_id)

    def zip(self, files: dict[str, bytes]) -> bytes:
        return make_zip(self._folder / "files.zip", files).read_bytes()

    def undo(self, job: dict[str, Any]) -> dict[str, Any]:
        return self.ada.call("undo_import", video_id="clip", import_id=job["job_id"])


@pytest.fixture
def importer(ada: Annotator, tmp_path: Path) -> Importer:
    return Importer(ada, tmp_path)


@pytest.fixture
def drawn(ada: Annotator) -> Callable[[int], None]:
    """Waits until a frame's prompt has its mask."""

    def wait(frame_idx: int) -> None:
        key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
        ada.until(
            lambda: any(m["frame_idx"] == frame_idx for m in ada.call("list_masks", **key)["masks"])
        )

    return wait


def _bytes(document: Any) -> bytes:
    return document if isinstance(document, bytes) else orjson.dumps(document)
