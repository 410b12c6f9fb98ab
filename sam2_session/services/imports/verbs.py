"""The verbs of imports: files that came in over the wire, and what is asked of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.services.imports.kept_files import KeptFiles
from sam2_session.services.imports.options import parse_options
from sam2_session.services.imports.service import ImportService
from sam2_session.services.projects.project import Projects
from sam2_session.storage.uploads import UploadStore


class ImportVerbs:
    """Uploads are hidden files: a dry run keeps its own for a while, an import is their end."""

    def __init__(self, projects: Projects, imports: ImportService, max_bytes: int) -> None:
        self._projects = projects
        self._imports = imports
        self._max_bytes = max_bytes
        self._uploads = UploadStore(projects.workspace)
        self._kept = KeptFiles(self._uploads)

    def start(self, video_id: str, name: Any) -> dict[str, Any]:
        """Where to write the bytes of a file to import, and how many there may be."""
        self._projects.videos.info(video_id)
        if not isinstance(name, str):
            raise InvalidRequest("name must be a text.")
        self._kept.tidy()
        upload = self._uploads.start_hidden(name, self._max_bytes)
        return {
            "upload_id": upload.upload_id,
            "path": str(upload.path),
            "max_bytes": upload.max_bytes,
        }

    def import_file(
        self, video_id: str, upload_id: str, options: Any = None, dry_run: bool = False
    ) -> dict[str, Any]:
        """The report of a dry run with its ``file_id``, or ``{import_id, job_id}``.

        The id is an `upload_id` like any: it saves sending the file again.
        """
        if not isinstance(upload_id, str):
            raise InvalidRequest("file_id must be a text.")
        regions = tuple(region.name for region in self._projects.regions)
        chosen = parse_options(options, regions)
        if dry_run:
            with self._kept.looking(upload_id) as upload:
                report = self._imports.look(video_id, upload.path, chosen)
            return {**report, "file_id": upload_id}
        upload = self._uploads.find(upload_id)
        forget = partial(self._uploads.abort, upload_id)
        answer = self._imports.start(
            video_id, upload.path, chosen, name=upload.name, when_over=forget
        )
        self._kept.release(upload_id)
        return answer

    def close(self) -> None:
        """Remove what is kept for another look."""
        self._kept.close()

    def import_path(
        self, video_id: str, path: str, options: Any = None, dry_run: bool = False
    ) -> dict[str, Any]:
        """The same for a file or folder of this machine; no route leads here."""
        regions = tuple(region.name for region in self._projects.regions)
        chosen, source = parse_options(options, regions), Path(path)
        if dry_run:
            return self._imports.look(video_id, source, chosen)
        return self._imports.start(video_id, source, chosen, name=source.name)

    def table(self) -> dict[str, Any]:
        """The verbs by name."""
        return {
            "start_import": self.start,
            "import_file": self.import_file,
            "import_path": self.import_path,
            "list_imports": self._imports.list,
            "undo_import": self._imports.undo,
        }
