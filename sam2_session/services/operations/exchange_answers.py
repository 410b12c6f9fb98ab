"""Shapes of answers for the API documents: exports, imports and uploads.

Services build their answers as plain dictionaries, which nothing checks against these at run time;
further fields may come at any time.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType


class FormatOption(Struct):
    """One option of a format; the page draws its field from it."""

    name: str
    kind: str
    default: Any
    help: str


class Exporter(Struct):
    """A format that can be written."""

    name: str
    label: str
    suffix: str
    group: str
    purpose: str
    holds: list[str]
    options: list[FormatOption]


class Importer(Struct):
    """A format that can be read."""

    name: str
    label: str
    suffixes: list[str]
    holds: list[str]
    reads: str


class Formats(Struct):
    """Every format."""

    exporters: list[Exporter]
    importers: list[Importer]


class Export(Struct):
    """A finished export; `rev` counts the changes of its video until then."""

    export_id: str
    format: str
    label: str
    file: str
    bytes: int
    sha256: str
    created_at: str
    rev: int | UnsetType = UNSET
    url: str | UnsetType = UNSET
    manifest_url: str | UnsetType = UNSET


class Exports(Struct):
    """The finished exports of a video, oldest first."""

    exports: list[Export]


class ExportDeleted(Struct):
    """A deleted export, and its id in the trash."""

    deleted: bool
    export_id: str
    trash_id: str


class Choice(Struct):
    """One of several parts of a file, to choose for import."""

    value: str
    label: str


class Note(Struct):
    """A remark on an import, with examples."""

    outcome: Literal["clamped", "skipped", "warning", "note"]
    why: str
    count: int
    examples: list[str]


class ImportAnswer(Struct):
    """The job of an import, or the report of a dry run."""

    import_id: str | UnsetType = UNSET
    job_id: str | UnsetType = UNSET
    file_id: str | UnsetType = UNSET
    format: str | UnsetType = UNSET
    needs: str | None | UnsetType = UNSET
    tasks: list[Choice] | UnsetType = UNSET
    annotators: list[Choice] | UnsetType = UNSET
    frame_offset: int | None | UnsetType = UNSET
    first_file: str | None | UnsetType = UNSET
    subjects: list[dict[str, Any]] | UnsetType = UNSET
    items: list[dict[str, Any]] | UnsetType = UNSET
    counts: dict[str, int] | UnsetType = UNSET
    notes: list[Note] | UnsetType = UNSET


class ImportRecord(Struct):
    """A past import."""

    import_id: str
    name: str
    format: str
    undone: bool


class Imports(Struct):
    """The past imports, and the label mapping that the next import starts from."""

    imports: list[ImportRecord]
    mapping: dict[str, Any]


class ImportUndone(Struct):
    """The number of frames undone, and of frames kept because they changed after the import."""

    rev: int
    import_id: str
    frames: int
    kept: int


class UploadStarted(Struct):
    """The path to write an uploaded file to, and its largest size."""

    upload_id: str
    path: str
    max_bytes: int
