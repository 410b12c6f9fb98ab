"""Operations on imports: preview a file, import it, list imports, undo one."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import (
    Conflict,
    InstanceNotFound,
    InvalidRequest,
    NotFound,
    NothingToDo,
    StorageFailed,
    TooLarge,
    UnsupportedImport,
    VideoNotFound,
    VideoNotReady,
)
from sam2_session.services.fields.fields import OfVideo, Text
from sam2_session.services.operations.exchange_answers import (
    ImportAnswer,
    Imports,
    ImportUndone,
    UploadStarted,
)
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Operation,
    Pages,
    Route,
)

IMPORTS = "/api/videos/{video_id}/imports"
OF_IMPORT = (
    InvalidRequest,
    InstanceNotFound,
    VideoNotFound,
    VideoNotReady,
    UnsupportedImport,
    NothingToDo,
    Conflict,
)


class StartImport(OfVideo, frozen=True, kw_only=True):
    """The name of a file to upload for import."""

    name: str


class ImportFile(OfVideo, frozen=True, kw_only=True):
    """A file that was sent, and the choices for its import; see docs/imports.md."""

    file_id: Text
    options: dict[str, Any] | None = None
    dry_run: bool | None = None


class OfOneImport(OfVideo, frozen=True, kw_only=True):
    """Names an import."""

    import_id: Text


LIST_IMPORTS = Operation(
    name="list_imports",
    text="The past imports, and the label mapping for the next",
    access=Access.VIEW,
    fields=OfVideo,
    answer=Imports,
    errors=(VideoNotFound,),
    route=Route(method="GET", path=IMPORTS, pages=Pages("imports", "import_id")),
    do=lambda services, call: services.imports.list(call.fields.video_id),
)

START_IMPORT = Operation(
    name="start_import",
    text="Say where to write the bytes of a file to import",
    access=Access.INTERNAL,
    fields=StartImport,
    answer=UploadStarted,
    errors=(InvalidRequest, VideoNotFound),
    do=lambda services, call: services.import_uploads.start_upload(
        call.fields.video_id, call.fields.name
    ),
)

IMPORT_FILE = Operation(
    name="import_file",
    text="Import the part `file` with the JSON in the part `options`, or a file sent before by"
    " `{file_id, options}`; `dry_run=1` only reports",
    access=Access.EDIT,
    fields=ImportFile,
    answer=ImportAnswer,
    errors=(NotFound, TooLarge, StorageFailed, *OF_IMPORT),
    route=Route(
        method="POST",
        path=IMPORTS,
        status=202,
        query=("dry_run",),
        body=Body.FILE,
        upload="start_import",
    ),
    do=lambda services, call: services.import_uploads.import_file(
        call.fields.video_id, call.fields.file_id, call.fields.options, bool(call.fields.dry_run)
    ),
)

UNDO_IMPORT = Operation(
    name="undo_import",
    text="Undo an import as a whole",
    access=Access.EDIT,
    fields=OfOneImport,
    answer=ImportUndone,
    errors=(NotFound, NothingToDo, Conflict, VideoNotFound),
    route=Route(method="POST", path=f"{IMPORTS}/{{import_id}}/undo"),
    do=lambda services, call: services.imports.undo(call.fields.video_id, call.fields.import_id),
)
