"""Makes dry runs, runs imports as background jobs, and undoes imports."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sam2_session.core.errors import NotFound, NothingToDo, VideoNotReady
from sam2_session.core.types import UNFINISHED
from sam2_session.services.imports.adoption import adopt_found_files
from sam2_session.services.imports.import_job import ImportJob
from sam2_session.services.imports.importer import Importer
from sam2_session.services.imports.options import ImportOptions, parse_options
from sam2_session.services.jobs.background import BackgroundJob, FramesDone
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.import_rows import list_imports

KIND = "import"
SHOWN = (
    *("import_id", "name", "format", "created_at", "counts", "notes", "rev", "undone"),
    "pairs",
)


class ImportService:
    """Imports each file as a whole or not at all, and undoes it as a whole."""

    def __init__(self, projects: Projects, queue: JobQueue, importer: Importer) -> None:
        self._projects = projects
        self._queue = queue
        self._importer = importer

    def dry_run(self, video_id: str, path: Path, options: ImportOptions) -> dict[str, Any]:
        """Report what an import of this file would do; changes nothing. Raises `VideoNotReady`."""
        return self._importer.dry_run(self._ready(video_id), path, options)

    def start(
        self,
        video_id: str,
        path: Path,
        options: ImportOptions,
        *,
        name: str,
        clean_up: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """Queue an import; returns ``{import_id, job_id}``, which are the same.

        `clean_up` is called when the job is over, however it ended. Raises `VideoNotReady`, or
        `Conflict` if too many jobs wait.
        """
        self._ready(video_id)
        import_id = secrets.token_hex(8)

        def steps(_: BackgroundJob) -> FramesDone:
            return self._importer.run(job, self._ready(video_id), path, options, name)

        details = {"import_id": import_id, "label": name}
        job = ImportJob(import_id, KIND, video_id, 0, steps, clean_up, details)
        self._queue.submit(job)
        return {"import_id": import_id, "job_id": import_id}

    def adopt(self, project: Project) -> None:
        """Queue an import of files that another tool left in the video's folder, if any."""
        jobs = self._queue.registry.jobs(project.video_id)
        if not project.workspace.found_dir(project.video_id).exists() or any(
            job.kind == KIND and job.state in UNFINISHED for job in jobs
        ):
            return
        plain = parse_options(None, tuple(region.name for region in self._projects.regions))

        def import_folder(path: Path, name: str) -> FramesDone:
            return self._importer.run(job, self._ready(project.video_id), path, plain, name)

        def steps(_: BackgroundJob) -> FramesDone:
            return adopt_found_files(project, self._projects.videos, job, import_folder)

        job_id = secrets.token_hex(8)
        job = ImportJob(job_id, KIND, project.video_id, 0, steps)
        self._queue.submit(job)

    def list(self, video_id: str) -> dict[str, Any]:
        """List imports, oldest first, and the mapping that the next import starts from."""
        records = self._projects.get(video_id).db.read(list_imports)
        return {
            "imports": [{field: record.get(field) for field in SHOWN} for record in records],
            "mapping": records[-1]["mapping"] if records else {},
        }

    def undo(self, video_id: str, import_id: str) -> dict[str, Any]:
        """Undo an import as a whole; later changes by people or runs stay.

        Returns ``{rev, import_id, frames, kept}``. Raises `NotFound`, `NothingToDo` or `Conflict`.
        """
        project = self._projects.get(video_id)
        record = _find(project, import_id)
        if record["undone"]:
            raise NothingToDo("This import has been undone before.")
        return self._importer.undo(project, record)

    def _ready(self, video_id: str) -> Project:
        """Return a project whose frame table is exact; otherwise extract the video, and raise."""
        videos = self._projects.videos
        info = videos.info(video_id)
        if info.error is not None:
            raise info.error
        if info.state is not VideoState.READY:
            videos.open(video_id)
            raise VideoNotReady(info.name)
        return self._projects.get(video_id)


def _find(project: Project, import_id: str) -> dict[str, Any]:
    for record in project.db.read(list_imports):
        if record["import_id"] == import_id:
            return record
    raise NotFound("This video has no such import.", hint="GET …/imports lists them.")
