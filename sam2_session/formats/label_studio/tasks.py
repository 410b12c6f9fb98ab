"""Reads the envelope of Label Studio's JSON: tasks, annotations and their regions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sam2_session.formats.importing.json_input import mapping, mappings, text, whole
from sam2_session.formats.importing.plan import Notes, Outcome, safe_text
from sam2_session.formats.label_studio.minimal import MinimalTasks

VIDEO_SUFFIXES = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".ogv", ".mpg", ".mpeg")
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif")
SHAPES = frozenset(
    ("rectangle", "videorectangle", "videovector", "keypoint", "polygon", "brush", "bitmask")
    + ("ellipse",)
)
LEFT_OUT = "Predictions nobody confirmed are not read, unless predictions is take."
TAKEN = "The predictions of a model were read, which nobody has confirmed."
SHAPE_FIELDS = frozenset({"x", "points", "sequence", "rle", "imageDataURL"})
VIDEO_KINDS = ("videorectangle", "videovector", "timeline")


@dataclass(frozen=True, slots=True)
class Region:
    """One drawn shape: its geometry, and the labels of all results that share its id."""

    region_id: str
    kind: str  # one of SHAPES
    value: Mapping[str, Any]
    labels: tuple[str, ...]
    size_hw: tuple[int, int] | None  # size of the image it was drawn on
    item_index: int
    image_rotation: float
    is_positive: bool | None
    text: str | None  # the text an annotator wrote on it
    meta: Mapping[str, Any]  # the whole of what is written beside it


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's results for a task."""

    annotation_id: str
    by: str
    updated_at: str
    ground_truth: bool
    results: Sequence[Any]  # of a large file, each is read anew when asked for


@dataclass(frozen=True, slots=True)
class Task:
    """One video, one image, or several images."""

    task_id: str
    video: str | None
    images: tuple[str, ...]
    frame_idx: int | None  # if the task's data names its frame
    read_annotations: Callable[[], tuple[Annotation, ...]]

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Read the annotations, from the file if it is large."""
        return self.read_annotations()

    @property
    def is_video(self) -> bool:
        """Return whether the task is a video, whose regions name their frames."""
        return self.video is not None


def is_label_studio(document: Any) -> bool:
    """Return whether this looks like Label Studio's tasks, in any of its JSON forms."""
    first = next(mappings(document if isinstance(document, list) else [document]), {})
    if _is_storage_row(first):
        return True
    return "data" in first or "annotations" in first and "id" in first or _is_minimal(first)


def _is_storage_row(row: Mapping[str, Any]) -> bool:
    """Return whether this is an annotation as written to a storage, with its task inside."""
    return isinstance(row.get("result"), list) and "data" in mapping(row.get("task"))


def _as_task(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring a row of a storage, or of a version before 1.0, into today's shape."""
    if _is_storage_row(row):
        return {**mapping(row["task"]), "annotations": [row]}
    if "annotations" not in row and isinstance(row.get("completions"), list):
        return {**row, "annotations": row["completions"]}
    return row


def read_tasks(document: Any, notes: Notes, *, take_predictions: bool = False) -> list[Task]:
    """Read all tasks; predictions only of tasks that nobody has annotated.

    Raises `UnsupportedImport` for a JSON_MIN of whose shapes the kinds cannot be told.
    """
    rows = document if isinstance(document, list) else [document]
    if all("annotations" not in row and _is_minimal(row) for row in mappings(rows)):
        rows = MinimalTasks(rows, notes)

    def annotations_of(at: int, row: Any, noted: Notes) -> tuple[Annotation, ...]:
        return _annotations(_as_task(row), at, noted, take_predictions=take_predictions)

    def read(at: int) -> tuple[Annotation, ...]:
        return annotations_of(at, rows[at], Notes())

    tasks = []
    for at, row in enumerate(rows):
        if isinstance(row, dict):  # nothing of a large file is kept but where it is
            found = annotations_of(at, row, notes)
            tasks.append(_task(_as_task(row), at, found, partial(read, at)))
    return tasks


def regions_of(annotation: Annotation, notes: Notes, where: str) -> Iterator[Region]:
    """Yield the drawn shapes, each with the labels of all results of its id."""
    labels: dict[str, dict[str, None]] = {}
    for region_id, result in _with_ids(annotation):
        labels.setdefault(region_id, {}).update(dict.fromkeys(_labels(result)))
    for region_id, result in _with_ids(annotation):
        kind = kind_of(result)
        if kind in SHAPES:
            yield _region(region_id, kind, result, tuple(labels[region_id]))
        elif kind:
            notes.add(Outcome.SKIPPED, f"{kind} is not read.", f"{where}, {region_id}")


def _with_ids(annotation: Annotation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for position, result in enumerate(annotation.results):
        if isinstance(result, dict):
            yield text(result.get("id")) or f"result {position + 1}", result


def kind_of(result: Mapping[str, Any]) -> str:
    """Kind of shape: ``rectangle`` for ``rectanglelabels``; empty for a result of labels alone."""
    return safe_text(result.get("type") or "unknown", 40).removesuffix("labels")


def _is_minimal(row: Mapping[str, Any]) -> bool:
    media = (*VIDEO_SUFFIXES, *IMAGE_SUFFIXES)
    texts = [value for value in row.values() if isinstance(value, str)]
    has_media = any(_bare(text).endswith(media) for text in texts)
    has_shapes = any(
        isinstance(first := next(mappings(value), {}), dict) and bool(SHAPE_FIELDS & first.keys())
        for value in row.values()
    )
    return "data" not in row and has_media and (has_shapes or "annotator" in row)


def _task_id(row: Mapping[str, Any], position: int) -> str:
    return safe_text(row.get("id", position + 1), 40)


def _annotations(
    row: Mapping[str, Any], position: int, notes: Notes, *, take_predictions: bool
) -> tuple[Annotation, ...]:
    task_id, found = _task_id(row, position), list[Annotation]()
    for annotation in mappings(row.get("annotations")):
        if annotation.get("was_cancelled") is True:
            why = "The annotation was cancelled by its annotator."
            notes.add(Outcome.SKIPPED, why, f"task {task_id}")
        else:
            found.append(_annotation(annotation, len(found)))
    predictions = [row for row in mappings(row.get("predictions")) if row.get("result")]
    if not found and predictions and take_predictions:
        notes.add(Outcome.WARNING, TAKEN, f"task {task_id}")
        found = [_annotation(row, at) for at, row in enumerate(predictions)]
    elif not found and predictions:
        notes.add(Outcome.SKIPPED, LEFT_OUT, f"task {task_id}")
    return tuple(found)


def _task(
    row: Mapping[str, Any],
    position: int,
    annotations: tuple[Annotation, ...],
    read: Callable[[], tuple[Annotation, ...]],
) -> Task:
    data = mapping(row.get("data"))
    kinds = (kind_of(result) for found in annotations for _, result in _with_ids(found))
    video, images = _media(data, any(kind in VIDEO_KINDS for kind in kinds))
    frame_idx = whole(data.get("frame_index", data.get("frame_idx", data.get("frame"))))
    return Task(_task_id(row, position), video, images, frame_idx, read)


def _media(data: Mapping[str, Any], draws_on_video: bool) -> tuple[str | None, tuple[str, ...]]:
    texts = [value for value in data.values() if isinstance(value, str)]
    video = text(data.get("video"))
    if video is None:
        video = next((text for text in texts if _bare(text).endswith(VIDEO_SUFFIXES)), None)
    if video is not None or draws_on_video:
        return video or next(iter(texts), ""), ()
    lists = [value for value in data.values() if isinstance(value, list)]
    for images in lists:
        names = tuple(name for name in images if isinstance(name, str))
        if names and len(names) == len(images):
            return None, names
    image = text(data.get("image"))
    if image is None:
        image = next((text for text in texts if _bare(text).endswith(IMAGE_SUFFIXES)), None)
    return None, (image,) if image is not None else ()


def _bare(name: str) -> str:
    return name.split("?", 1)[0].lower()


def _annotation(row: Mapping[str, Any], position: int) -> Annotation:
    by = row.get("completed_by")
    if by is None:
        by = row.get("model_version")  # of a prediction
    who = mapping(by).get("email") or mapping(by).get("id") if isinstance(by, dict) else by
    return Annotation(
        safe_text(row.get("id", position + 1), 40),
        safe_text(who if who is not None else "unknown"),
        safe_text(row.get("updated_at") or row.get("created_at") or "", 40),
        row.get("ground_truth") is True,
        results if isinstance(results := row.get("result"), list) else (),
    )


def _labels(result: Mapping[str, Any]) -> Iterator[str]:
    value = mapping(result.get("value"))
    for name in (result.get("type"), "labels"):
        found = value.get(name) if isinstance(name, str) else None
        if name in ("choices", "textarea"):
            continue
        if isinstance(found, list):
            yield from (
                safe_text(label) for label in found if isinstance(label, str) and label.strip()
            )


def _region(
    region_id: str, kind: str, result: Mapping[str, Any], labels: tuple[str, ...]
) -> Region:
    value = mapping(result.get("value"))
    height, width = whole(result.get("original_height")), whole(result.get("original_width"))
    positive = result.get("is_positive", value.get("positive"))
    said = mapping(result.get("meta")).get("text")
    words = said[0] if isinstance(said, list) and said else said
    return Region(
        region_id,
        kind,
        value,
        labels,
        (height, width) if height is not None and width is not None else None,
        whole(result.get("item_index")) or 0,
        float(whole(result.get("image_rotation")) or 0),
        positive if isinstance(positive, bool) else None,
        text(words),
        mapping(result.get("meta")),
    )
