"""Exports: asked for, made one at a time beside everything else, listed, downloaded, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sam2_session.core.errors import Conflict, InvalidRequest
from sam2_session.core.types import JobState
from sam2_session.formats.exporting.export import Export, ExportRequest
from sam2_session.formats.exporting.options import Values, read_options
from sam2_session.formats.exporting.source import SourceVideo
from sam2_session.formats.registry import EXPORTERS, IMPORTERS, Exporter, exporter
from sam2_session.services.exports.selection import FIELDS, Selection, parse_selection
from sam2_session.services.exports.source import ProjectSource, Readers, source_video
from sam2_session.services.jobs.side_jobs import SideJob, SideJobs, Steps
from sam2_session.services.projects.project import Project, Projects
from sam2_session.storage.atomic import storage_failed
from sam2_session.storage.exports import ExportFiles, ExportStore
from sam2_session.storage.extraction import require_space
from sam2_session.storage.video_record import hash_file

KIND = "export"
CHECK_SPACE_EVERY = 64  # steps
AGAIN = {
    "code": "cancelled",
    "message": "The server stopped before this export was whole.",
    "hint": "Ask for it again.",
}


@dataclass(frozen=True, slots=True)
class Order:
    """One export that was asked for and checked."""

    export_id: str
    project: Project
    video: SourceVideo
    row: Exporter
    values: Values
    selection: Selection
    created_at: str

    @property
    def total(self) -> int:
        """How many steps its writer takes."""
        return len(self.selection.frames) * (len(self.selection.pairs) if self.row.by_pair else 1)

    @property
    def file_name(self) -> str:
        return f"{self.video.video_id}-{self.row.name}{self.row.suffix}"

    def details(self) -> dict[str, Any]:
        """What its job says beside the figures."""
        pairs = [
            {"instance_id": one.instance_id, "region": one.region} for one in self.selection.pairs
        ]
        frames = {"start": self.selection.frames.start, "end": self.selection.frames.stop - 1}
        return {"format": self.row.name, "label": self.row.label, "pairs": pairs, **frames}


class ExportService:
    """What was made lies under outputs/<video>/exports/, whole or not at all."""

    def __init__(
        self,
        projects: Projects,
        jobs: SideJobs,
        readers: Readers,
        model: Callable[[], dict[str, Any] | None],
    ) -> None:
        self._projects = projects
        self._jobs = jobs
        self._readers = readers
        self._model = model
        self._store = ExportStore(projects.workspace)

    def formats(self) -> dict[str, Any]:
        """Every format that can be written, with its options, and every one that can be read."""
        exporters = [row.to_wire() for row in EXPORTERS.values()]
        return {"exporters": exporters, "importers": [row.to_wire() for row in IMPORTERS.values()]}

    def start(self, video_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for an export; answers ``{job_id}``, which is also the export's id."""
        order = self._order(video_id, data)
        asked = {"job_id": order.export_id, "total": order.total, "details": order.details()}
        folder = self._store.stage(video_id, order.export_id, asked)
        job = SideJob(
            order.export_id,
            KIND,
            video_id,
            order.total,
            work=lambda job: self._steps(job, order, folder),
            drop=lambda: self._store.discard(folder),
            details=order.details(),
        )
        try:
            self._jobs.submit(job)
        except Conflict:
            job.drop()
            raise
        return {"job_id": order.export_id}

    def list(self, video_id: str) -> dict[str, Any]:
        """Every whole export of a video, oldest first."""
        self._projects.videos.info(video_id)
        return {"exports": [_wire(video_id, one) for one in self._store.all(video_id)]}

    def find(self, video_id: str, export_id: str) -> dict[str, Any]:
        """Where the files of an export lie, for whoever sends them. Raises `ExportNotFound`."""
        files = self._store.find(video_id, export_id)
        return {
            "path": str(files.path),
            "manifest_path": str(files.manifest_path),
            "file_name": files.path.name,
            "sha256": files.record["sha256"],
        }

    def delete(self, video_id: str, export_id: str) -> dict[str, Any]:
        """Remove an export. Raises `ExportNotFound`."""
        self._store.delete(video_id, export_id)
        return {"deleted": True, "export_id": export_id}

    def recover(self, project: Project) -> None:
        """At start: what a stop left unfinished is cleared, and its job says so."""
        for asked in self._store.sweep(project.video_id):
            job = SideJob(
                str(asked.get("job_id")),
                KIND,
                project.video_id,
                int(asked.get("total", 0)),
                work=_nothing,
                details=asked.get("details", {}),
                state=JobState.FAILED,
                error=AGAIN,
            )
            self._jobs.remember(job)

    def _order(self, video_id: str, data: Mapping[str, Any]) -> Order:
        row = exporter(data.get("format"))
        options = data.get("options")
        options = {} if options is None else options
        if not isinstance(options, Mapping):
            raise InvalidRequest("options must be an object.", hint='Like {"digits": 8}.')
        own = {name: value for name, value in options.items() if name not in FIELDS}
        chosen = {name: value for name, value in options.items() if name in FIELDS}
        values = read_options(row.options, own)
        project = self._projects.get(video_id)
        video = source_video(self._projects.workspace, self._projects.videos, video_id)
        selection = parse_selection(self._projects, project, chosen, video.num_frames)
        now = datetime.now(UTC)
        export_id = f"{row.name}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        created_at = now.isoformat(timespec="milliseconds")
        return Order(export_id, project, video, row, values, selection, created_at)

    def _steps(self, job: SideJob, order: Order, folder: Path) -> Steps:
        """Write, hash, publish; whatever ends it early, nothing of it can be found."""
        order.project.busy += 1
        path = folder / order.file_name
        try:
            summary = yield from self._write(order, path)
            digest = yield from hash_file(path)
            record = _record(order, path, summary, digest)
            self._store.publish(order.video.video_id, folder, record)
        except OSError as error:
            raise storage_failed(path, error) from error
        finally:
            order.project.busy -= 1
            if not job.stopping:
                self._store.discard(folder)

    def _write(self, order: Order, path: Path) -> Generator[int | None, None, dict[str, Any]]:
        request = ExportRequest(
            order.row.name, order.values, order.selection.to_json(), order.created_at
        )
        source = ProjectSource(
            order.project, order.video, order.selection, self._model(), self._readers
        )
        with Export(source, request, path) as export, closing(order.row.write(export)) as steps:
            for at, frame_idx in enumerate(steps):
                if at % CHECK_SPACE_EVERY == 0:
                    require_space(path.parent)
                yield frame_idx
            export.finish()
            return export.summary()


def _nothing(_: SideJob) -> Steps:
    yield from ()


def _record(order: Order, path: Path, summary: dict[str, Any], digest: str) -> dict[str, Any]:
    return {
        "export_id": order.export_id,
        "format": order.row.name,
        "label": order.row.label,
        "file": path.name,
        "bytes": path.stat().st_size,
        "sha256": digest,
        "created_at": order.created_at,
        "options": dict(order.values),
        "selection": order.selection.to_json(),
        **summary,
    }


def _wire(video_id: str, files: ExportFiles) -> dict[str, Any]:
    """As the list has it; `url` is the file, `manifest_url` the manifest."""
    base = f"/api/videos/{video_id}/exports/{files.record['export_id']}"
    return {**files.record, "url": base, "manifest_url": f"{base}/manifest.json"}
