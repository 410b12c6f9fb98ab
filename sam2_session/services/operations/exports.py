"""Operations on exports: list formats, start, list, download, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sam2_session.core.errors import (
    Conflict,
    ExportNotFound,
    InstanceNotFound,
    RegionNotFound,
    VideoNotFound,
    VideoNotReady,
)
from sam2_session.services.fields.fields import ClientId, Nothing, OfVideo, PersonName, Text
from sam2_session.services.operations.exchange_answers import ExportDeleted, Exports, Formats
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Call,
    Operation,
    Pages,
    Route,
    StoredFile,
)
from sam2_session.services.operations.trash import BY, client_of
from sam2_session.services.operations.work_answers import JobStarted

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

EXPORTS = "/api/videos/{video_id}/exports"


class StartExport(OfVideo, frozen=True, kw_only=True):
    """A format and its options, which the format checks itself; see docs/exports.md."""

    format: Text
    options: dict[str, Any] | None = None


class OfExport(OfVideo, frozen=True, kw_only=True):
    """Names an export."""

    export_id: Text


class DeleteExport(OfExport, frozen=True, kw_only=True):
    """The export to delete, and who does it."""

    client_id: ClientId | None = None
    client_name: PersonName | None = None


def find_file(services: Services, call: Call[OfExport]) -> dict[str, Any]:
    """Find the exported file."""
    found = services.exports.find(call.fields.video_id, call.fields.export_id)
    return {"path": found["path"], "file_name": found["file_name"], "etag": found["sha256"]}


def find_manifest(services: Services, call: Call[OfExport]) -> dict[str, Any]:
    """Find the manifest of an export."""
    found = services.exports.find(call.fields.video_id, call.fields.export_id)
    return {
        "path": found["manifest_path"],
        "file_name": f"{call.fields.export_id}-manifest.json",
        "etag": f"manifest-{found['sha256']}",
    }


LIST_FORMATS = Operation(
    name="list_formats",
    text="The formats for export, with their options, and for import",
    access=Access.VIEW,
    fields=Nothing,
    answer=Formats,
    route=Route(method="GET", path="/api/formats"),
    do=lambda services, _: services.exports.formats(),
)

START_EXPORT = Operation(
    name="start_export",
    text="Start an export",
    access=Access.EXPORT,
    fields=StartExport,
    answer=JobStarted,
    errors=(VideoNotFound, VideoNotReady, InstanceNotFound, RegionNotFound, Conflict),
    route=Route(method="POST", path=EXPORTS, status=202, body=Body.JSON),
    do=lambda services, call: services.exports.start(
        call.fields.video_id, call.fields.format, call.fields.options or {}
    ),
)

LIST_EXPORTS = Operation(
    name="list_exports",
    text="The finished exports of a video",
    access=Access.VIEW,
    fields=OfVideo,
    answer=Exports,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=EXPORTS, pages=Pages("exports", "export_id")),
    do=lambda services, call: services.exports.list(call.fields.video_id),
)

READ_EXPORT = Operation(
    name="find_export",
    text="Download an export; supports ranges",
    access=Access.VIEW,
    fields=OfExport,
    answer=StoredFile("application/octet-stream"),
    errors=(ExportNotFound,),
    route=Route(method="GET", path=f"{EXPORTS}/{{export_id}}"),
    do=find_file,
)

READ_MANIFEST = Operation(
    name="find_manifest",
    text="The manifest of an export: where each mask comes from",
    access=Access.VIEW,
    fields=OfExport,
    answer=StoredFile("application/json"),
    errors=(ExportNotFound,),
    route=Route(method="GET", path=f"{EXPORTS}/{{export_id}}/manifest.json"),
    do=find_manifest,
)

DELETE_EXPORT = Operation(
    name="delete_export",
    text="Delete an export; it can be brought back",
    access=Access.EDIT,
    fields=DeleteExport,
    answer=ExportDeleted,
    errors=(ExportNotFound,),
    route=Route(method="DELETE", path=f"{EXPORTS}/{{export_id}}", query=BY),
    do=lambda services, call: services.exports.delete(
        call.fields.video_id,
        call.fields.export_id,
        client_of(call.fields.client_id, call.fields.client_name),
    ),
)
