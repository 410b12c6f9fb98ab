"""Reads Label Studio's JSON_MIN: brings its flat rows into the shape of the full JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from sam2_session.core.errors import UnsupportedImport
from sam2_session.formats.importing.json_input import mappings
from sam2_session.formats.importing.json_rows import LazyList
from sam2_session.formats.importing.plan import Notes, Outcome, safe_text

Row = Mapping[str, Any]
LOST = (
    "This is Label Studio's JSON_MIN. It leaves out which points are negative, the texts on shapes "
    "and whether a picture was turned: export as JSON to have them."
)
WAY_OUT = "Export again and choose JSON."
SEVERAL_IMAGES = "This is Label Studio's JSON_MIN, which leaves out on which image a shape is."
NO_KIND = "This is Label Studio's JSON_MIN, and of no shape in it the kind can be told."
FACTS = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "id")
KINDS = (  # by the fields that only this kind has, the first that is there
    ("rle", "brush"),
    ("imageDataURL", "bitmask"),
    ("radiusX", "ellipse"),
    ("points", "polygon"),
    ("vertices", "vector"),
    ("ranges", "timeline"),
    ("height", "rectangle"),
    ("x", "keypoint"),
)
SIZE = ("original_width", "original_height")


class MinimalTasks(LazyList):
    """Tasks with annotations, made from rows, one for each annotation, when they are asked for.

    Raises `UnsupportedImport` if the kinds of all shapes, or their images, cannot be told.
    """

    def __init__(self, rows: Sequence[Any], notes: Notes) -> None:
        super().__init__()
        self._rows = rows
        by_task: dict[str, list[int]] = {}
        shapes = kinds = 0
        for at, row in enumerate(rows):
            if not isinstance(row, dict):
                continue
            if any(_is_several_images(value) for value in row.values()):
                raise UnsupportedImport(SEVERAL_IMAGES, hint=WAY_OUT)
            found = _shapes(row)
            shapes += len(found)
            kinds += sum(kind_of_value(value) is not None for value in found)
            by_task.setdefault(safe_text(row.get("id", at + 1), 40), []).append(at)
        if shapes and not kinds:
            raise UnsupportedImport(NO_KIND, hint=WAY_OUT)
        if by_task:
            notes.add(Outcome.WARNING, LOST)
        self._tasks = list(by_task.values())

    def __len__(self) -> int:
        return len(self._tasks)

    def __getitem__(self, at: Any) -> Any:
        rows = [(row_at, self._rows[row_at]) for row_at in self._tasks[at]]
        first_at, first = rows[0]
        return {
            "id": first.get("id", first_at + 1),
            "data": {name: value for name, value in first.items() if name not in FACTS},
            "annotations": [_annotation(row, row_at) for row_at, row in rows],
        }


def _annotation(row: Row, at: int) -> dict[str, Any]:
    return {
        "id": row.get("annotation_id", at + 1),
        "completed_by": row.get("annotator"),
        "created_at": row.get("created_at"),
        "updated_at": row.get("updated_at"),
        "result": list(_results(row)),
    }


def kind_of_value(value: Row) -> str | None:
    """Tell the kind of a shape from its fields; None for anything else."""
    for name in value:
        if name.endswith("labels") and name != "labels":
            return name.removesuffix("labels")
    if isinstance(value.get("sequence"), list):
        first: Row = next(mappings(value["sequence"]), {})
        return "videovector" if "vertices" in first else "videorectangle"
    return next((kind for field, kind in KINDS if field in value), None)


def _shapes(row: Row) -> list[Row]:
    return [value for name, found in row.items() if name not in FACTS for value in mappings(found)]


def _results(row: Row) -> Iterator[dict[str, Any]]:
    """Yield a result for each shape; labels of one shape stand at several names of the row."""
    merged: dict[bytes, dict[str, Any]] = {}
    for value in _shapes(row):
        kind = kind_of_value(value)
        if kind is not None:
            geometry = {name: v for name, v in value.items() if not name.endswith("labels")}
            key = orjson.dumps(geometry, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
            merged[key] = {**merged.get(key, {}), **value}
    for at, value in enumerate(merged.values(), start=1):
        kind = kind_of_value(value)
        labelled = f"{kind}labels" in value
        size = {name: value[name] for name in SIZE if name in value}
        kind_name = f"{kind}labels" if labelled else kind
        yield {"id": f"shape {at}", "type": kind_name, **size, "value": value}


def _is_several_images(value: object) -> bool:
    texts = value if isinstance(value, list) else []
    return len(texts) > 1 and all(isinstance(text, str) and "/" in text for text in texts)
