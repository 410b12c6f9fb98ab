"""Moves what older versions kept of stretch runs into the store of all replaced masks.

They had a folder `.replaced_<region>/run-<n>` beside a pair's masks, and the rows in the run's job.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sam2_session.core.frame_files import frame_idx_of
from sam2_session.core.types import SessionKey
from sam2_session.services.masks.replaced_masks import size_on_disk
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.job_rows import JobRow, list_jobs, save_job
from sam2_session.storage.mask_rows import list_masks
from sam2_session.storage.replaced_rows import ReplacedRow, add_replaced, read_replaced
from sam2_session.storage.workspace import KeptMask

PARAM = "replaced"  # of a job: the rows of the masks that its run replaced, by "instance/region"
KINDS: Mapping[str, KeptMask] = {".before": "before", ".after": "after"}


def adopt_old_replaced(project: Project) -> None:
    """Move the old folders of every pair; a stop in between is taken up at the next start."""
    for key in project.pairs():
        folder = project.workspace.old_replaced_dir(key)
        if not folder.is_dir():
            continue
        jobs = {job.run: job for job in project.db.read(list_jobs)}
        for of_run in sorted(folder.glob("run-*")):
            number = of_run.name.removeprefix("run-")
            if number.isascii() and number.isdecimal() and int(number) in jobs:
                _adopt_run(project, key, jobs[int(number)], of_run)
        shutil.rmtree(folder, ignore_errors=True)


def _adopt_run(project: Project, key: SessionKey, job: JobRow, folder: Path) -> None:
    for path in sorted(folder.glob("*.png")):
        number = Path(path.stem)
        frame_idx = frame_idx_of(number.with_suffix(".png"))
        if frame_idx is None or number.suffix not in KINDS:
            continue
        target = project.workspace.replaced_path(key, job.run, frame_idx, KINDS[number.suffix])
        if not target.exists():
            atomic.make_folder(target.parent)
            atomic.move(path, target)
    project.db.write(lambda tx: _adopt_rows(tx, project, key, job))


def _adopt_rows(tx: Transaction, project: Project, key: SessionKey, job: JobRow) -> None:
    """Add the rows that the store lacks, and take them out of the job."""
    name, params = f"{key.instance_id}/{key.region}", job.params
    facts = {wire["frame_idx"]: wire for wire in params.get(PARAM, {}).get(name, ())}
    taken: Sequence[Mapping[str, Any]] = params.get("taken_back", {}).get(name, {}).get("rows", ())
    made = {row.frame_idx for row in list_masks(tx, key) if row.run == job.run}
    made |= {wire["frame_idx"] for wire in taken}
    known = read_replaced(tx, job.run, key, 0, project.num_frames)
    rows = []
    for frame_idx in sorted((made | facts.keys()) - known.keys()):
        path = project.workspace.replaced_path(key, job.run, frame_idx)
        before = facts.get(frame_idx) if path.exists() else None
        size = size_on_disk(path) if before else 0
        rows.append(ReplacedRow(job.run, key, frame_idx, before, size, None))
    add_replaced(tx, rows)
    left = {pair: wires for pair, wires in params.get(PARAM, {}).items() if pair != name}
    save_job(tx, replace(job, params={**params, PARAM: left}))
