"""Refuses changes of masks that a run is making."""

from __future__ import annotations

from collections.abc import Iterable

from sam2_session.core.errors import Conflict
from sam2_session.core.types import UNFINISHED
from sam2_session.services.projects.project import Project
from sam2_session.storage.job_rows import list_jobs


def require_no_run(project: Project, pairs: Iterable[tuple[int | str, str]]) -> None:
    """Raise `Conflict` if a run is making masks of one of these (instance, region) pairs."""
    wanted = set(pairs)
    for job in project.db.read(list_jobs):
        tracked = {(pair["instance_id"], pair["region"]) for pair in job.params.get("pairs", ())}
        if job.state in UNFINISHED and wanted & tracked:
            raise Conflict(
                "A run is making masks of this pair.",
                hint="Wait until it ends, or stop it first.",
            )
