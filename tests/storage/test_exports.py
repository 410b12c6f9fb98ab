"""Exports on disk: only whole ones are found, in the order in which they were made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import ExportNotFound
from sam2_session.storage.exports import ExportStore
from sam2_session.storage.workspace import Workspace

IDS = [f"davis-2026010{day}-120000-0000000{day}" for day in (1, 2, 3)]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "videos", tmp_path / "outputs")


@pytest.fixture
def store(workspace: Workspace) -> ExportStore:
    return ExportStore(workspace)


def put(store: ExportStore, export_id: str, created_at: str) -> None:
    folder = store.stage("clip", export_id, request_of(export_id))
    (folder / "clip.zip").write_bytes(export_id.encode())
    record = {"export_id": export_id, "file": "clip.zip", "created_at": created_at}
    store.publish("clip", folder, {**record, "label": "DAVIS", "sha256": "0" * 64})


def request_of(export_id: str) -> dict[str, Any]:
    return {"job_id": export_id, "total": 3, "details": {}}


def test_exports_are_listed_by_the_day_they_were_made(store: ExportStore) -> None:
    for export_id, day in zip(IDS, ("2026-01-03", "2026-01-01", "2026-01-01"), strict=True):
        put(store, export_id, day)

    found = [files.record["export_id"] for files in store.all("clip")]
    assert found == [IDS[1], IDS[2], IDS[0]]
    assert store.all("another") == []


def test_an_export_is_found_with_its_file_and_manifest(
    store: ExportStore, workspace: Workspace
) -> None:
    put(store, IDS[0], "2026-01-01")

    files = store.find("clip", IDS[0])
    assert files.path.read_bytes() == IDS[0].encode()
    assert files.manifest_path == workspace.exports_dir("clip") / IDS[0] / "manifest.json"
    assert not (files.path.parent / "asked.json").exists()


@pytest.mark.parametrize("export_id", [IDS[1], "../clip", "", None, f"{IDS[0]}x"])
def test_what_is_not_there_is_not_found(store: ExportStore, export_id: str) -> None:
    put(store, IDS[0], "2026-01-01")

    with pytest.raises(ExportNotFound):
        store.find("clip", export_id)


def test_what_is_not_whole_is_passed_over(store: ExportStore, workspace: Workspace) -> None:
    for export_id in IDS:
        put(store, export_id, "2026-01-01")
    folder = workspace.exports_dir("clip")
    (folder / IDS[0] / "clip.zip").unlink()
    (folder / IDS[1] / "export.json").write_text("{broken")
    (folder / "notes").mkdir()

    assert [files.path.parent.name for files in store.all("clip")] == [IDS[2]]


def test_an_export_moved_out_is_gone_until_it_is_moved_back(
    store: ExportStore, tmp_path: Path
) -> None:
    for export_id in IDS[:2]:
        put(store, export_id, "2026-01-01")
    store.move_out("clip", IDS[0], tmp_path)

    assert [files.path.parent.name for files in store.all("clip")] == [IDS[1]]
    with pytest.raises(ExportNotFound):
        store.move_out("clip", IDS[0], tmp_path)
    store.move_back("clip", IDS[0], tmp_path)
    assert len(store.all("clip")) == 2
    with pytest.raises(ExportNotFound):
        store.move_back("clip", IDS[0], tmp_path)


def test_a_sweep_tells_what_was_being_made_and_clears_it(
    store: ExportStore, workspace: Workspace
) -> None:
    put(store, IDS[0], "2026-01-01")
    for export_id in IDS[1:]:
        (store.stage("clip", export_id, request_of(export_id)) / "half.zip").write_bytes(b"x")

    assert store.sweep("clip") == [request_of(export_id) for export_id in IDS[1:]]
    assert not (workspace.exports_dir("clip") / ".staging").exists()
    assert store.sweep("clip") == []
    assert len(store.all("clip")) == 1
