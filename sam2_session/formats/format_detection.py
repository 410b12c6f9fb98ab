"""Detects the format of a file to import from its content, and reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sam2_session.core.errors import TooLarge, UnsupportedImport
from sam2_session.formats.arrays.reader import has_arrays, read_arrays
from sam2_session.formats.coco.reader import is_coco, read_coco
from sam2_session.formats.coco.sa_v_reader import is_sa_v, read_sa_v
from sam2_session.formats.cvat.elements import is_xml
from sam2_session.formats.cvat.reader import read_cvat_files
from sam2_session.formats.foreign_files import refuse_by_name
from sam2_session.formats.importing.clips import note_other_video
from sam2_session.formats.importing.file_tree import FileTree, FolderTree, is_zip, open_zip
from sam2_session.formats.importing.json_documents import DocumentRows, Documents, Opened
from sam2_session.formats.importing.json_input import (
    MAX_JSON_BYTES,
    THE_FILE,
    UTF_16,
    load_json,
    mapping,
)
from sam2_session.formats.importing.json_rows import LargeDocuments, open_document
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
NOTHING: Mapping[str, Any] = MappingProxyType({})
LOOKS_LIKE: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "sa_v": is_sa_v,
        "labelme": is_labelme,
        "label_studio": is_label_studio,
        "coco": is_coco,
        "points": is_points,
    }
)
KINDS = (
    "Label Studio JSON, COCO or YouTube-VIS JSON, LabelMe JSON, SA-V JSON, CVAT XML, points JSON,"
    " or a ZIP of mask PNGs, of NumPy arrays, of YOLO's label files or of these"
)


@contextmanager
def read_import(
    path: Path, facts: VideoFacts, choices: ImportChoices, large: LargeDocuments = NOTHING
) -> Iterator[ImportPlan]:
    """Plan the import of a file or folder; masks can be read while the context is open.

    `large` are its JSON documents whose rows are read one at a time. Raises `UnsupportedImport`
    for an unknown format, `TooLarge` for a file over a limit.
    """
    with ExitStack() as files:
        opened = {name: files.enter_context(open_document(large[name])) for name in large}
        if path.is_dir():
            yield read_tree(FolderTree(path), facts, choices, opened)
        elif is_zip(path):
            yield read_tree(files.enter_context(open_zip(path)), facts, choices, opened)
        elif "" in opened:
            yield read_document(opened[""], facts, choices)
        elif is_xml(data := _bytes_of(path)):
            yield read_cvat_files({THE_FILE: data}, PlanBuilder(facts, choices))
        else:
            yield read_document(_parse(data), facts, choices)


def document_paths(tree: FileTree) -> list[str]:
    """List the JSON documents of an archive that may be annotations."""
    return [path for path in tree.paths if _is_document(tree, path)]


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


def read_tree(
    tree: FileTree, facts: VideoFacts, choices: ImportChoices, opened: Opened = NOTHING
) -> ImportPlan:
    """Plan the import of many files: documents first, then masks. Raises `UnsupportedImport`."""
    manifest = read_manifest(tree)
    builder = PlanBuilder(
        facts,
        choices,
        base=manifest.base,
        instance_names=manifest.instance_names,
        classes=manifest.classes,
    )
    note_other_video(manifest.video[0], builder, manifest.video[1])
    paths = document_paths(tree)
    if len(paths) > MAX_DOCUMENTS:
        raise TooLarge(f"There are more than {MAX_DOCUMENTS} JSON files.", hint="Send a part.")
    documents = Documents(tree, paths, opened)
    by_kind = _by_kind(documents)
    if len(by_kind["sa_v"]) == 1:
        return read_sa_v(documents[by_kind["sa_v"][0]], builder, manifest.first_frame)
    plan = _read_datasets(tree, documents, by_kind, builder)
    if plan is not None:
        return plan
    _read_points(documents, by_kind["points"], builder)
    if has_arrays(tree):
        return read_arrays(tree, builder, manifest.mask_ids)
    if is_yolo(tree):
        return read_yolo(tree, builder, manifest.lines)
    if manifest.format == SURGICAL or (not manifest.format and is_surgical(tree, facts.size_hw)):
        return read_surgical(tree, builder, manifest.values, manifest.value_regions)
    if has_masks(tree):
        return read_mask_folders(tree, builder, manifest.numbers)
    if not by_kind["points"]:
        for path, document in documents.items():
            refuse_by_name(document, path)
        raise _unknown("The archive")
    return builder.build(POINTS)


def _by_kind(documents: Documents) -> dict[str, list[str]]:
    """List the paths of the documents that look like each kind; one may look like several."""
    found: dict[str, list[str]] = {kind: [] for kind in LOOKS_LIKE}
    for path, document in documents.items():
        for kind, looks_like in LOOKS_LIKE.items():
            if looks_like(document):
                found[kind].append(path)
    return found


def _read_datasets(
    tree: FileTree, documents: Documents, by_kind: Mapping[str, list[str]], builder: PlanBuilder
) -> ImportPlan | None:
    """Read all documents of the first kind found that holds whole annotations; None without."""
    if by_kind["labelme"]:
        return read_labelme(documents.only(by_kind["labelme"]), builder)
    others = {*by_kind["points"], *by_kind["coco"]}
    tasks = [path for path in by_kind["label_studio"] if path not in others]
    if tasks:  # one file, or one for each task
        rows = DocumentRows(documents.only(tasks))
        return read_label_studio(rows, builder.facts, builder.choices)
    if by_kind["coco"]:  # instances and keypoints may be in two files
        return [read_coco(documents[path], builder) for path in by_kind["coco"]][-1]
    xml = [path for path in tree.paths if path.lower().endswith(".xml")]
    if xml:  # CVAT packs one for each job, perhaps with the frames beside it
        return read_cvat_files({path: tree.read(path) for path in xml}, builder)
    return None


def _read_points(documents: Documents, points: Sequence[str], builder: PlanBuilder) -> None:
    """Read all documents of points, or of ours alone; a program may have added others."""
    own = [path for path in points if mapping(documents[path]).get("schema_version")]
    for path in documents:
        if path not in points:
            builder.skip("It is in no known format.", path)
        elif own and path not in own:
            builder.notes.add(Outcome.NOTE, "The same prompts are in other files.", path)
        else:
            read_points(documents[path], builder, path)


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
