"""Files of a dry run are there for the next one; nothing stays for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from sam2_session.core.errors import InvalidRequest, NotFound
from sam2_session.services.imports.dry_run_files import MAX_FILES, DryRunFiles
from sam2_session.settings import Settings
from sam2_session.storage.uploads import UploadStore
from sam2_session.storage.workspace import Workspace
from tests.annotating import Annotator, annotating
from tests.services.imports.conftest import Importer

PLAIN = {"prompts": [{"frame_index": 2, "x": 40, "y": 30, "label": 1}]}


def again(ada: Annotator, file_id: Any, *, dry_run: bool, **options: Any) -> Any:
    call = {"video_id": "clip", "file_id": file_id, "options": options or None}
    return ada.call("import_file", **call, dry_run=dry_run)


def uploads(settings: Settings) -> list[Path]:
    return list(settings.videos_dir.glob(".upload-*"))


def test_a_file_is_looked_into_again_and_imported_without_sending_it(
    ada: Annotator, importer: Importer, settings: Settings
) -> None:
    first = importer.look(PLAIN)
    second = again(ada, first["file_id"], dry_run=True, frame_offset=3)
    assert [one["items"][0]["frame_idx"] for one in (first, second)] == [2, 5]
    assert second["file_id"] == first["file_id"]

    job = importer.ended(again(ada, first["file_id"], dry_run=False)["job_id"])

    assert job["state"] == "done"
    ada.until(lambda: not uploads(settings))
    with pytest.raises(NotFound):
        again(ada, first["file_id"], dry_run=True)


def test_a_look_that_fails_keeps_what_was_kept(ada: Annotator, importer: Importer) -> None:
    file_id = importer.look(PLAIN)["file_id"]
    with pytest.raises(InvalidRequest):
        again(ada, file_id, dry_run=True, frame_offset="x")

    assert again(ada, file_id, dry_run=True)["file_id"] == file_id


@pytest.mark.parametrize("file_id", [None, 3, "", "../../clip", "0" * 32])
def test_a_name_that_is_no_file_is_refused(ada: Annotator, file_id: Any) -> None:
    with pytest.raises((InvalidRequest, NotFound)):
        again(ada, file_id, dry_run=True)


def test_only_the_last_few_are_kept_and_none_behind_the_end(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ids = []
        for _ in range(MAX_FILES + 1):
            place = ada.call("start_import", video_id="clip", name="notes.json")
            Path(place["path"]).write_bytes(orjson.dumps(PLAIN))
            ids.append(again(ada, place["upload_id"], dry_run=True)["file_id"])
        with pytest.raises(NotFound):
            again(ada, ids[0], dry_run=True)
        assert again(ada, ids[1], dry_run=True)
    assert not uploads(settings)


def test_a_file_nobody_comes_back_to_goes(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    store = UploadStore(Workspace(tmp_path / "videos", tmp_path / "outputs"))
    upload = store.start_hidden("notes.json", 1000)
    kept = DryRunFiles(store, keep_s=0.0)
    with kept.use(upload.upload_id) as found:
        assert found.path.exists()
    kept.tidy()

    assert list((tmp_path / "videos").iterdir()) == []
