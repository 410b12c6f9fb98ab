"""Documents of an archive, and rows of the flat form, never all lie in memory at once."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.file_tree import open_zip
from sam2_session.formats.importing.json_documents import KEPT_BYTES, DocumentRows, Documents
from sam2_session.formats.importing.json_rows import LargeDocument, LargeDocuments
from sam2_session.services.decoding.json_index import joined
from sam2_session.services.decoding.json_rows import find_rows
from tests.formats.archives import make_zip
from tests.formats.label_studio.documents import CHOICES, drawn, facts, image_task

COUNT = 50
PADDING = "x" * (KEPT_BYTES // COUNT + 20_000)
BOX = drawn("rectangle", x=10, y=20, width=30, height=40)
ROW = {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": ["shaft"]}


def padded_task(at: int) -> dict[str, Any]:
    task = image_task(BOX, image=f"{at:05d}.jpg", task_id=at + 1)
    return {**task, "data": {**task["data"], "text": PADDING}}


def minimal(at: int) -> dict[str, Any]:
    return {"id": at + 1, "image": f"{at:05d}.jpg", "label": [ROW], "annotator": 1, "text": PADDING}


def labelme(at: int) -> dict[str, Any]:
    shape = {"label": "shaft", "shape_type": "rectangle", "points": [[16, 18], [64, 54]]}
    return {"imagePath": f"{at:05d}.jpg", "shapes": [shape], "imageData": PADDING}


def frames_read(path: Path, large: LargeDocuments) -> tuple[list[int], int]:
    """Frames of the items in a file, and the most memory that reading it took."""
    tracemalloc.start()
    try:
        with read_import(path, facts(num_frames=COUNT), CHOICES, large) as plan:
            assert {item.kind for item in plan.items} == {"box"}
            return [item.frame_idx for item in plan.items], tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("row", [padded_task, minimal, labelme])
def test_many_documents_are_parsed_one_after_another(tmp_path: Path, row: Any) -> None:
    files = {f"{at}.json": json.dumps(row(at)).encode() for at in range(COUNT)}
    frames, most_bytes = frames_read(make_zip(tmp_path / "a.zip", files), {})

    assert frames == list(range(COUNT))
    assert most_bytes < KEPT_BYTES / 2


@pytest.mark.parametrize("row", [padded_task, minimal])
@pytest.mark.parametrize("zipped", [True, False])
def test_rows_of_one_document_are_parsed_one_after_another(
    tmp_path: Path, row: Any, zipped: bool
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(json.dumps([row(at) for at in range(COUNT)]).encode())
    document = LargeDocument(path, joined(list(find_rows(path))))
    archive = make_zip(tmp_path / "a.zip", {"x/a.json": path.read_bytes()})
    frames, most_bytes = frames_read(
        *((archive, {"x/a.json": document}) if zipped else (path, {"": document}))
    )

    assert frames == list(range(COUNT))
    assert most_bytes < KEPT_BYTES / 2


def test_documents_are_what_their_files_hold(tmp_path: Path) -> None:
    files = {"a.json": b"[1, [2]]", "b.json": b'{"x": 3}', "c.json": b"[]"}
    with open_zip(make_zip(tmp_path / "a.zip", files)) as tree:
        documents = Documents(tree, list(files), {"c.json": [4]})

        assert dict(documents) == {"a.json": [1, [2]], "b.json": {"x": 3}, "c.json": [4]}
        assert list(DocumentRows(documents)) == [1, [2], {"x": 3}, 4]
        assert list(documents.only(["b.json"]).values()) == [{"x": 3}]
        with pytest.raises(KeyError):
            documents["d.json"]
