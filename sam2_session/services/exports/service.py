"""Makes exports as background jobs, and lists, finds and deletes finished exports."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sam2_session.core.clients import Client
from sam2_session.core.errors import Conflict, InvalidRequest
from sam2_session.core.types import JobState, SessionKey
from sam2_session.formats.exporting.export import NOT_DRAWN, Export, ExportRequest
from sam2_session.formats.exporting.options import Values, read_options
from sam2_session.formats.exporting.source import SourceVideo
from sam2_session.formats.registry import EXPORTERS, IMPORTERS, Exporter, exporter
from sam2_session.services.exports.selection import (
    FIELDS,
    Selection,
    SelectionFields,
    parse_selection,
)
from sam2_session.services.exports.source import ProjectSource, Readers, source_video
from sam2_session.services.fields.fields import read_fields
from sam2_session.services.jobs.background import BackgroundJob, FramesDone, no_work
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.models.service import ModelService
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.trash.trash import Trash
from sam2_session.storage.atomic import storage_failed
from sam2_session.storage.exports import ExportStore
from sam2_session.storage.extraction import require_space
from sam2_session.storage.op_rows import current_rev
from sam2_session.storage.trash import TrashItem, TrashKind
from sam2_session.storage.video_record import hash_file

KIND = "export"
CHECK_SPACE_EVERY = 64  # frames
CUT_OFF = {
    "code": "cancelled",
    "message": "The server stopped before this export was whole.",
    "hint": "Ask for it again.",
}


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """An export to make, with its checked options and selection."""

    export_id: str
    project: Project
    video: SourceVideo
    row: Exporter
    values: Values
    selection: Selection
    created_at: str
    rev: int  # the video's, when the export was asked for
    number_offset: int = 0

    @property
    def total(self) -> int:
        """The number of frames that the writer yields."""
        return len(self.selection.frames) * (len(self.selection.pairs) if self.row.by_pair else 1)

    @property
    def file_name(self) -> str:
        """The file's name in a download."""
        return f"{self.video.video_id}-{self.row.name}{self.row.suffix}"

    def details(self) -> dict[str, Any]:
        """Describe the export in its job: format, pairs and range."""
        pairs = [
            {"instance_id": pair.instance_id, "region": pair.region}
            for pair in self.selection.pairs
        ]
        frames = {"start": self.selection.frames.start, "end": self.selection.frames.stop - 1}
        return {"format": self.row.name, "label": self.row.label, "pairs": pairs, **frames}


class ExportService:
    """Keeps finished exports under outputs/<video>/exports/; an unfinished one is never listed."""

    def __init__(
        self,
        projects: Projects,
        queue: JobQueue,
        readers: Readers,
        models: ModelService,
        trash: Trash,
    ) -> None:
        self._trash = trash
        trash.register(TrashKind.EXPORT, self)
        self._projects = projects
        self._queue = queue
        self._readers = readers
        self._models = models
        self._store = ExportStore(projects.workspace)

    def formats(self) -> dict[str, Any]:
        """List the formats for export, with their options, and the formats for import."""
        exporters = [row.to_wire() for row in EXPORTERS.values()]
        return {"exporters": exporters, "importers": [row.to_wire() for row in IMPORTERS.values()]}

    def has_option(self, format_name: Any, name: str) -> bool:
        """Return whether a format has an option of this name."""
        return name in {option.name for option in exporter(format_name).options}

    def check(self, format_name: Any, options: Any) -> None:
        """Raise `InvalidRequest` for an unknown format, option or selection."""
        _read_choices(exporter(format_name), options)

    def start(
        self, video_id: str, format_name: Any, options: Any = None, *, number_offset: int = 0
    ) -> dict[str, Any]:
        """Queue an export; returns ``{job_id}``, which is also the export's id.

        `number_offset` is added to the number of every frame in file names. Raises
        `InvalidRequest`, `VideoNotReady`, or `Conflict` if too many jobs wait.
        """
        plan = replace(self._plan(video_id, format_name, options), number_offset=number_offset)
        started = {"job_id": plan.export_id, "total": plan.total, "details": plan.details()}
        folder = self._store.stage(video_id, plan.export_id, started)
        job = BackgroundJob(
            plan.export_id,
            KIND,
            video_id,
            plan.total,
            lambda job: self._make(plan, folder, job),
            clean_up=lambda: self._store.discard(folder),
            details=plan.details(),
        )
        try:
            self._queue.submit(job)
        except Conflict:
            self._store.discard(folder)
            raise
        return {"job_id": plan.export_id}

    def list(self, video_id: str) -> dict[str, Any]:
        """List the finished exports of a video, oldest first."""
        self._projects.videos.info(video_id)
        return {"exports": [files.record for files in self._store.all(video_id)]}

    def find(self, video_id: str, export_id: str) -> dict[str, Any]:
        """Find the files of an export. Raises `ExportNotFound`."""
        files = self._store.find(video_id, export_id)
        return {
            "path": str(files.path),
            "manifest_path": str(files.manifest_path),
            "file_name": files.path.name,
            "sha256": files.record["sha256"],
        }

    def delete(self, video_id: str, export_id: str, client: Client | None = None) -> dict[str, Any]:
        """Move an export to the trash. Raises `ExportNotFound`."""
        label = str(self._store.find(video_id, export_id).record["label"])
        self._projects.get(video_id)  # another server may have it
        folder = self._trash.store.new_folder(video_id)
        self._store.move_out(video_id, export_id, folder)
        item = self._trash.put(
            folder, TrashKind.EXPORT, label, video_id=video_id, client=client, export_id=export_id
        )
        return {"deleted": True, "export_id": export_id, "trash_id": item.trash_id}

    def restore_trashed(self, item: TrashItem, client: Client | None) -> dict[str, Any]:
        """Bring a deleted export back, for the trash."""
        video_id, export_id = str(item.video_id), item.details["export_id"]
        self._projects.get(video_id)  # another server may have it
        self._store.move_back(video_id, export_id, self._trash.store.folder(item.trash_id))
        self._trash.forget(item, client)
        return {"export_id": export_id}

    def purge_trashed(self, item: TrashItem) -> None:
        """Do nothing: a deleted export lies in the trash."""

    def trashed_folder(self, item: TrashItem) -> Path | None:
        """Return None: a deleted export lies in the trash."""
        return None

    def recover(self, project: Project) -> None:
        """Remove unfinished exports of an earlier process, and list their jobs as failed."""
        for asked in self._store.sweep(project.video_id):
            job = BackgroundJob(
                asked["job_id"],
                KIND,
                project.video_id,
                asked["total"],
                no_work,
                details=asked["details"],
            )
            job.end(JobState.FAILED, CUT_OFF)
            self._queue.submit(job)

    def _plan(self, video_id: str, format_name: Any, options: Any) -> ExportPlan:
        row = exporter(format_name)
        values, chosen = _read_choices(row, options)
        project = self._projects.get(video_id)
        video = source_video(self._projects.workspace, self._projects.videos, video_id)
        selection = parse_selection(self._projects, project, chosen, video.num_frames)
        now = datetime.now(UTC)
        export_id = f"{row.name}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        created_at = now.isoformat(timespec="milliseconds")
        rev = project.db.read(current_rev)
        return ExportPlan(export_id, project, video, row, values, selection, created_at, rev)

    def _make(self, plan: ExportPlan, folder: Path, job: BackgroundJob) -> FramesDone:
        """Write, hash and publish an export; before that, nothing of it can be found."""
        self._projects.finish_masks(plan.video.video_id)
        path = folder / plan.file_name
        with plan.project.kept_open():
            try:
                summary = yield from self._write(plan, path, job)
                digest = yield from hash_file(path)
                record = _record(plan, path, summary, digest)
                self._store.publish(plan.video.video_id, folder, record)
            except OSError as error:
                raise storage_failed(path, error) from error

    def _write(
        self, plan: ExportPlan, path: Path, job: BackgroundJob
    ) -> Generator[int | None, None, dict[str, Any]]:
        request = ExportRequest(
            plan.row.name,
            plan.values,
            plan.selection.to_json(),
            plan.created_at,
            plan.number_offset,
        )
        source = ProjectSource(
            plan.project, plan.video, plan.selection, self._models.current, self._readers
        )
        missing = self._readers.missing_masks(plan.project, _keys(plan))
        with (
            Export(source, request, path, job.check) as export,
            closing(plan.row.write(export)) as frames,
        ):
            if missing:
                export.remarks.add(NOT_DRAWN, missing)
            for count, frame_idx in enumerate(frames):
                if count % CHECK_SPACE_EVERY == 0:
                    require_space(path.parent, self._projects.workspace.min_free_bytes)
                yield frame_idx
            export.finish()
            return export.summary()


def _keys(plan: ExportPlan) -> list[SessionKey]:
    video_id = plan.video.video_id
    return [SessionKey(video_id, pair.instance_id, pair.region) for pair in plan.selection.pairs]


def _read_choices(row: Exporter, options: Any) -> tuple[Values, dict[str, Any]]:
    """Check the options of a format; return them, and the fields that select what to export."""
    options = {} if options is None else options
    if not isinstance(options, Mapping):
        raise InvalidRequest("options must be an object.", hint='Like {"digits": 8}.')
    own = {name: value for name, value in options.items() if name not in FIELDS}
    chosen = {name: value for name, value in options.items() if name in FIELDS}
    read_fields(SelectionFields, chosen)
    return read_options(row.options, own), chosen


def _record(plan: ExportPlan, path: Path, summary: dict[str, Any], digest: str) -> dict[str, Any]:
    return {
        "export_id": plan.export_id,
        "format": plan.row.name,
        "label": plan.row.label,
        "file": path.name,
        "bytes": path.stat().st_size,
        "sha256": digest,
        "created_at": plan.created_at,
        "rev": plan.rev,
        "options": dict(plan.values),
        "selection": plan.selection.to_json(),
        **summary,
    }
