"""Receives files to import."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.services.imports.dry_run_files import DryRunFiles
from sam2_session.services.imports.options import ImportOptions, parse_options
from sam2_session.services.imports.service import ImportService
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.uploads import UploadStore


class ImportUploads:
    """Gives uploads to dry runs, which keep them for a while, and to imports, which remove them."""

    def __init__(self, projects: Projects, imports: ImportService, max_bytes: int) -> None:
        self._projects = projects
        self._imports = imports
        self._max_bytes = max_bytes
        self._uploads = UploadStore(projects.workspace)
        self._dry_run_files = DryRunFiles(self._uploads)
        self._importing: set[str] = set()

    def start_upload(self, video_id: str, name: str) -> dict[str, Any]:
        """Make an empty file to upload to; returns ``{upload_id, path, max_bytes}``."""
        self._projects.videos.info(video_id)
        if not isinstance(name, str):
            raise InvalidRequest("name must be a text.")
        self._dry_run_files.tidy()
        upload = self._uploads.start_hidden(name, self._max_bytes)
        return {
            "upload_id": upload.upload_id,
            "path": str(upload.path),
            "max_bytes": upload.max_bytes,
        }

    def import_file(
        self, video_id: str, upload_id: str, options: Any = None, dry_run: bool = False
    ) -> dict[str, Any]:
        """Import an upload; returns ``{import_id, job_id}``, or a dry run's report.

        The report's ``file_id`` is the upload's id: the next call need not send the file again.
        Raises `InvalidRequest`, and `NotFound` for an upload that is gone.
        """
        if not isinstance(upload_id, str):
            raise InvalidRequest("file_id must be a text.")
        checked = self._options(options)
        if dry_run:
            with self._dry_run_files.use(upload_id) as upload:
                report = self._imports.dry_run(video_id, upload.path, checked)
            return {**report, "file_id": upload_id}
        upload = self._uploads.find(upload_id)
        answer = self._imports.start(
            video_id,
            upload.path,
            checked,
            name=upload.name,
            clean_up=lambda: self._remove(upload_id),
        )
        self._importing.add(upload_id)
        self._dry_run_files.release(upload_id)
        return answer

    def close(self) -> None:
        """Remove all uploads, also of imports that the end of the process interrupts."""
        self._dry_run_files.close()
        for upload_id in list(self._importing):
            self._remove(upload_id)

    def _options(self, options: Any) -> ImportOptions:
        return parse_options(options, tuple(region.name for region in self._projects.regions))

    def _remove(self, upload_id: str) -> None:
        self._importing.discard(upload_id)
        self._uploads.abort(upload_id)
