"""Detects the format of a file to import from its content, and reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sam2_session.core.errors import TooLarge, UnsupportedImport
from sam2_session.formats.arrays.reader import has_arrays, read_arrays
from sam2_session.formats.coco.reader import is_coco, read_coco
from sam2_session.formats.coco.sa_v_reader import is_sa_v, read_sa_v
from sam2_session.formats.cvat.elements import is_xml
from sam2_session.formats.cvat.reader import read_cvat_files
from sam2_session.formats.foreign_files import refuse_by_name
from sam2_session.formats.importing.file_tree import FileTree, FolderTree, is_zip, open_zip
from sam2_session.formats.importing.json_input import (
    MAX_JSON_BYTES,
    THE_FILE,
    UTF_16,
    load_json,
    mapping,
)
from sam2_session.formats.importing.json_rows import RowIndex, open_document
from sam2_session.formats.importing.plan import (
    ImportChoices,
    ImportPlan,
    Outcome,
    VideoFacts,
)
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.label_studio.reader import read_label_studio
from sam2_session.formats.label_studio.tasks import is_label_studio
from sam2_session.formats.labelme.reader import is_labelme, read_labelme
from sam2_session.formats.native.manifest import MANIFEST, read_manifest
from sam2_session.formats.native.points_json import NAME as POINTS
from sam2_session.formats.native.points_json import is_points, read_points
from sam2_session.formats.png_masks.reader import has_masks, read_mask_folders
from sam2_session.formats.surgical.reader import NAME as SURGICAL
from sam2_session.formats.surgical.reader import is_surgical, read_surgical
from sam2_session.formats.yolo.reader import is_yolo, read_yolo

MAX_DOCUMENTS = 5000
BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"
OTHER_JSON = frozenset({MANIFEST, "video.json"})
KINDS = (
    "Label Studio JSON, COCO or YouTube-VIS JSON, LabelMe JSON, SA-V JSON, CVAT XML, points JSON,"
    " or a ZIP of mask PNGs, of NumPy arrays, of YOLO's label files or of these"
)


@contextmanager
def read_import(
    path: Path, facts: VideoFacts, choices: ImportChoices, index: RowIndex | None = None
) -> Iterator[ImportPlan]:
    """Plan the import of a file or folder; masks can be read while the context is open.

    With `index` the file is large JSON, whose rows are read one at a time. Raises
    `UnsupportedImport` for an unknown format, `TooLarge` for a file over a limit.
    """
    if path.is_dir():
        yield read_tree(FolderTree(path), facts, choices)
    elif is_zip(path):
        with open_zip(path) as tree:
            yield read_tree(tree, facts, choices)
    elif index is not None:
        with open_document(path, index) as document:
            yield read_document(document, facts, choices)
    elif is_xml(data := _bytes_of(path)):
        yield read_cvat_files({THE_FILE: data}, PlanBuilder(facts, choices))
    else:
        yield read_document(_parse(data), facts, choices)


def read_document(document: Any, facts: VideoFacts, choices: ImportChoices) -> ImportPlan:
    """Plan the import of one JSON document. Raises `UnsupportedImport`."""
    builder = PlanBuilder(facts, choices)
    if is_coco(document):
        return read_coco(document, builder)
    if is_points(document):
        read_points(document, builder)
        return builder.build(POINTS)
    if is_sa_v(document):
        return read_sa_v(document, builder)
    if is_labelme(document):
        return read_labelme({"": document}, builder)
    if is_label_studio(document):
        return read_label_studio(document, facts, choices)
    refuse_by_name(document)
    raise _unknown("The JSON")


def read_tree(tree: FileTree, facts: VideoFacts, choices: ImportChoices) -> ImportPlan:
    """Plan the import of many files: documents first, then masks. Raises `UnsupportedImport`."""
    manifest = read_manifest(tree)
    builder = PlanBuilder(
        facts,
        choices,
        base=manifest.base,
        instance_names=manifest.instance_names,
        classes=manifest.classes,
    )
    documents = [path for path in tree.paths if _is_document(tree, path)]
    if len(documents) > MAX_DOCUMENTS:
        raise TooLarge(f"There are more than {MAX_DOCUMENTS} JSON files.", hint="Send a part.")
    loaded = {path: load_json(tree.read(path), path) for path in documents}
    masklets = [doc for doc in loaded.values() if is_sa_v(doc)]
    if len(masklets) == 1:
        return read_sa_v(masklets[0], builder, manifest.first_frame)
    plan = _read_datasets(tree, loaded, builder)
    if plan is not None:
        return plan
    _read_points(loaded, builder)
    if has_arrays(tree):
        return read_arrays(tree, builder, manifest.mask_ids)
    if is_yolo(tree):
        return read_yolo(tree, builder, manifest.lines)
    if manifest.format == SURGICAL or (not manifest.format and is_surgical(tree, facts.size_hw)):
        return read_surgical(tree, builder, manifest.values, manifest.value_regions)
    if has_masks(tree):
        return read_mask_folders(tree, builder, manifest.numbers)
    if not any(is_points(document) for document in loaded.values()):
        for path, document in loaded.items():
            refuse_by_name(document, path)
        raise _unknown("The archive")
    return builder.build(POINTS)


def _read_datasets(
    tree: FileTree, loaded: Mapping[str, Any], builder: PlanBuilder
) -> ImportPlan | None:
    """Read all documents of the first kind found that holds whole annotations; None without."""
    drawn = {path: doc for path, doc in loaded.items() if is_labelme(doc)}
    if drawn:
        return read_labelme(drawn, builder)
    tasks = [
        doc
        for doc in loaded.values()
        if is_label_studio(doc) and not is_points(doc) and not is_coco(doc)
    ]
    if tasks:  # one file, or one for each task
        rows = [row for doc in tasks for row in (doc if isinstance(doc, list) else [doc])]
        return read_label_studio(rows, builder.facts, builder.choices)
    datasets = [doc for doc in loaded.values() if is_coco(doc)]
    if datasets:  # instances and keypoints may be in two files
        return [read_coco(dataset, builder) for dataset in datasets][-1]
    xml = [path for path in tree.paths if path.lower().endswith(".xml")]
    if xml:  # CVAT packs one for each job, perhaps with the frames beside it
        return read_cvat_files({path: tree.read(path) for path in xml}, builder)
    return None


def _read_points(loaded: Mapping[str, Any], builder: PlanBuilder) -> None:
    own = [path for path, doc in loaded.items() if mapping(doc).get("schema_version")]
    for path, document in loaded.items():
        if not is_points(document):
            builder.skip("It is in no known format.", path)
        elif own and path not in own:
            builder.notes.add(Outcome.NOTE, "The same prompts are in other files.", path)
        else:
            read_points(document, builder, path)


def _is_document(tree: FileTree, path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    if name.isascii() and name.isdecimal():  # in a storage Label Studio names files by a number
        return tree.read(path, 1) in (b"{", b"[")
    return name.lower().endswith(".json") and name not in OTHER_JSON


def _bytes_of(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_JSON_BYTES:
        raise TooLarge(f"The file is over {MAX_JSON_BYTES} bytes.", hint="Export fewer tasks.")
    return path.read_bytes()


def _parse(data: bytes) -> Any:
    if not data.startswith(UTF_16) and data.lstrip(BEFORE_JSON)[:1] not in (b"{", b"["):
        raise _unknown("The file")
    return load_json(data)


def _unknown(what: str) -> UnsupportedImport:
    return UnsupportedImport(f"{what} is in no known format.", hint=f"Known are {KINDS}.")
