"""Own JSON files with values that this program never wrote: they are left out, or read in part."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import SessionError, UnsupportedVideo
from sam2_session.core.events import EventBus
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.jobs.journal import JobJournal
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.projects.class_book import ClassBook
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.projects.regions import Region
from sam2_session.services.region_rules.rule_book import RuleBook
from sam2_session.services.videos.video_row import describe
from sam2_session.services.videos.video_table import VideoTable
from sam2_session.storage.batch_files import BatchFiles
from sam2_session.storage.catalog import from_trash
from sam2_session.storage.exports import ExportStore
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.probe import VideoProbe
from sam2_session.storage.rebuilds import RebuildStore
from sam2_session.storage.trash import TrashStore
from sam2_session.storage.uploads import UploadStore
from sam2_session.storage.video_record import (
    Segment,
    Source,
    VideoRecord,
    read_table,
    write_record,
)
from sam2_session.storage.workspace import Workspace
from tests.documents import RUBBISH, changed
from tests.siege.damage import KINDS

REGIONS = (Region("overall", "Overall"), Region("tip", "Tip"))
EXPORT_ID = "coco-20261130-120000-0123abcd"
REBUILD_ID = "rebuild-0123456789ab"
UPLOAD_ID = "0" * 32
Read = Callable[[Workspace], object]


def read_videos(workspace: Workspace) -> object:
    table = VideoTable(workspace)
    table.load()
    table.scan()
    with suppress(SessionError):
        read_table(workspace, "clip")
    table.segments_of("whole")
    return [describe(table.row(video_id)).to_wire() for video_id in table.ids()]


def read_deleted_video(workspace: Workspace) -> object:
    with suppress(SessionError):
        return describe_all([from_trash(workspace, "clip-00000000")])
    return None


def describe_all(records: list[VideoRecord]) -> object:
    return [record.name for record in records]


def read_trash(workspace: Workspace) -> object:
    return [item.to_wire() for item in TrashStore(workspace).items()]


def read_batches(workspace: Workspace) -> object:
    book = BatchBook(BatchFiles(workspace))
    book.load()
    return [batch.name for batch in book.all()]


def read_jobs(workspace: Workspace) -> object:
    registry = JobRegistry(EventBus())
    JobJournal(workspace).restore(registry, lambda video_id: video_id == "clip")
    return registry.list()


def read_exports(workspace: Workspace) -> object:
    store = ExportStore(workspace)
    found = store.all("clip")
    with suppress(SessionError):
        store.find("clip", EXPORT_ID)
    return [files.record for files in found]


def read_requests(workspace: Workspace) -> object:
    return ExportStore(workspace).sweep("clip")


def read_books(workspace: Workspace) -> object:
    regions = RegionBook(workspace, REGIONS)
    rules = RuleBook(workspace, None, regions, EventBus())
    return [regions.list(), ClassBook(workspace, ()).list(), rules.to_wire()]


def read_rebuilds(workspace: Workspace) -> object:
    return RebuildStore(workspace).all("clip")


def read_upload(workspace: Workspace) -> object:
    store = UploadStore(workspace)
    with suppress(SessionError):
        return store.find(UPLOAD_ID).name
    return None


def jobs_document() -> dict[str, Any]:
    job = {"job_id": "j1", "kind": "export", "state": "done", "video_id": "clip", "position": None}
    return {"jobs": [{**job, "done": 3, "total": 3, "eta_s": None, "error": None, "format": "x"}]}


def trash_document() -> dict[str, Any]:
    client = {"client_id": "c", "name": "Ada", "connection_id": None}
    times = {"deleted_at": 1.5, "kept_from": 1.5}
    named = {"kind": "masks", "name": "3 masks", "video_id": "clip", "client": client}
    return {**named, **times, "details": {"instance_id": 1, "region": "tip", "masks": 3}}


def batch_document() -> dict[str, Any]:
    marks = {"saved": True, "rejected": "why", "note": "n", "error": {"code": "x"}}
    item = {"video_id": "clip", "marks": marks, "before_reset": {}, "cleared": []}
    export = {"format": "coco", "options": {}}
    processing = {"job_id": "j", "video_ids": ["clip"], "ended": [], "state": "done"}
    return {
        "schema_version": 1,
        "batch_id": "b",
        "name": "b",
        "created_at": 1.5,
        "items": [item],
        "settings": {"offset": 1, "background": "#00ff00", "start_item": 1},
        "processing": {**processing, "export": export},
        "cut_video_id": "clip",
        "cut_frames": [3],
    }


def export_document() -> dict[str, Any]:
    names = {"format": "coco", "label": "COCO", "file": "a.json", "sha256": "0" * 64}
    numbers = {"bytes": 2, "created_at": "2026-11-30", "rev": 3}
    return {"export_id": EXPORT_ID, **names, **numbers, "options": {}, "selection": {}}


def rules_document() -> dict[str, Any]:
    rules = {"whole": "overall", "parts": ["tip"], "inside": True, "exclusive": True}
    return {"schema_version": 1, "rules": {**rules, "union": False}}


DOCUMENTS: dict[str, tuple[str, Callable[[], dict[str, Any]] | None, Read]] = {
    "video": ("outputs/clip/video.json", None, read_videos),
    "deleted video": ("outputs/.trash/clip-00000000/clip/video.json", None, read_deleted_video),
    "trash": ("outputs/.trash/clip-00000000/trash.json", trash_document, read_trash),
    "dropped masks": (
        "outputs/.trash/clip-00000000/rows.json",
        lambda: {"key": {"instance_id": 1, "region": "tip"}, "masks": [{}]},
        read_trash,
    ),
    "deleted batch": (
        "outputs/.trash/both-00000000/both/batch.json",
        batch_document,
        read_trash,
    ),
    "deleted export": (
        f"outputs/.trash/clip-00000000/{EXPORT_ID}/export.json",
        export_document,
        read_trash,
    ),
    "batch": ("outputs/batches/both/batch.json", batch_document, read_batches),
    "jobs": ("outputs/clip/jobs.json", jobs_document, read_jobs),
    "old jobs": ("outputs/.jobs.json", jobs_document, read_jobs),
    "export": (f"outputs/clip/exports/{EXPORT_ID}/export.json", export_document, read_exports),
    "request of an export": (
        f"outputs/clip/exports/.staging/{EXPORT_ID}/asked.json",
        lambda: {"job_id": EXPORT_ID, "total": 3, "details": {"format": "coco"}},
        read_requests,
    ),
    "regions": (
        "outputs/regions.json",
        lambda: {"schema_version": 1, "regions": {"shaft": "Shaft"}, "deleted": ["tip"]},
        read_books,
    ),
    "classes": (
        "outputs/classes.json",
        lambda: {"schema_version": 1, "classes": ["tongs"], "removed": ["needle"]},
        read_books,
    ),
    "region rules": ("outputs/region_rules.json", rules_document, read_books),
    "rebuild": (
        f"outputs/clip/rebuilds/{REBUILD_ID}/report.json",
        lambda: {"rebuild_id": REBUILD_ID, "rows": [{"frame_idx": 0, "iou": 0.5}]},
        read_rebuilds,
    ),
    "upload": (
        f"videos/.upload-{UPLOAD_ID}.json",
        lambda: {"name": "a.mp4", "max_bytes": 100},
        read_upload,
    ),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    found = Workspace(tmp_path / "videos", tmp_path / "outputs")
    for folder in (found.videos_dir, found.outputs_dir):
        folder.mkdir()
    (found.videos_dir / f".upload-{UPLOAD_ID}.part").write_bytes(b"x")
    return found


def video_document(workspace: Workspace) -> dict[str, Any]:
    source = Source("clip.mp4", 3, 4, "0" * 64)
    probe = VideoProbe(64, 48, 0, Fraction(30), Fraction(1, 90_000), 2)
    record = VideoRecord("clip", source, probe, complete=True, note="n", frame_note="f")
    record = replace(record, segment=Segment("whole", 1, 2), problem=UnsupportedVideo("It broke."))
    write_record(workspace, record, FrameTable(Fraction(1, 90_000), (0, 3000), (1, 2), 0))
    return dict(json.loads(workspace.video_json_path("clip").read_bytes()))


def written(workspace: Workspace, name: str) -> tuple[Path, Any]:
    """A document as this program writes it, and its path."""
    relative, make, _ = DOCUMENTS[name]
    document = make() if make else video_document(workspace)
    path = workspace.outputs_dir.parent / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name("a.json").write_text("{}")  # the file of an export
    path.write_text(json.dumps(document))
    return path, document


def fault_in(workspace: Workspace, name: str) -> str:
    """Read a document with all that its kind is read with; the error, if there is one."""
    try:
        json.dumps(DOCUMENTS[name][2](workspace), allow_nan=False)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{type(error).__name__}: {error}"[:100]
    return ""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_changed_document_breaks_nothing(workspace: Workspace, name: str) -> None:
    path, document = written(workspace, name)
    found = {}
    for text in [json.dumps(document), *RUBBISH, *changed(document)]:
        path.parent.mkdir(parents=True, exist_ok=True)  # a video may have left the trash
        path.write_text(text)
        found.setdefault(fault_in(workspace, name), text[:300])

    assert list(found) == [""], found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_damaged_document_breaks_nothing(workspace: Workspace, name: str) -> None:
    found = {}
    for kind, damage in KINDS.items():
        path, _ = written(workspace, name)
        damage(path, random.Random(1))
        found[kind] = fault_in(workspace, name)
        shutil.rmtree(path.parent, ignore_errors=True)

    assert set(found.values()) == {""}, found


is_file = Path.is_file


def test_what_may_not_be_read_stops_no_other_video(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("locked", "frames_locked", "open"):
        write_record(workspace, VideoRecord(name, Source(f"{name}.mp4", 3, 4)), None)
    probe = VideoProbe(64, 48, 0, Fraction(30), Fraction(1, 30), 1)
    record = VideoRecord("frames_locked", Source("frames_locked.mp4", 3, 4), probe, complete=True)
    write_record(workspace, record, FrameTable(Fraction(1, 30), (0,), (0,)))
    frame = workspace.frame_path("frames_locked", 0)

    def refuse(path: Path) -> bool:
        if path == frame or path.parent.name == "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    table = VideoTable(workspace)
    table.load()
    table.scan()

    assert table.ids() == ["frames_locked", "open"]
    assert str(describe(table.row("frames_locked")).error).startswith("frames_locked.mp4 is gone")


def test_leftovers_that_cannot_be_removed_stop_nothing(workspace: Workspace) -> None:
    leftover = workspace.videos_dir / f".upload-{'1' * 32}.part"
    leftover.mkdir()

    UploadStore(workspace).sweep(0)

    assert leftover.is_dir()
    assert not (workspace.videos_dir / f".upload-{UPLOAD_ID}.part").exists()
