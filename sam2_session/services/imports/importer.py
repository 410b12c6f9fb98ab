"""Imports a file: reads it, prepares its frames and commits them; undoes a whole import."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sam2_session.core.errors import InvalidRequest, NothingToDo
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportPlan, Notes, VideoFacts
from sam2_session.services.decoding.decoders import Decoders
from sam2_session.services.decoding.json_index import large_documents
from sam2_session.services.imports.commit import ImportWriter, WrittenImport
from sam2_session.services.imports.contents import (
    ImportContents,
    WriteProtection,
    collect_contents,
)
from sam2_session.services.imports.import_job import ImportJob, MasksToDraw
from sam2_session.services.imports.options import ImportOptions, parse_mapping
from sam2_session.services.imports.preparation import Preparation
from sam2_session.services.imports.report import report_of
from sam2_session.services.imports.targets import Target, VideoPairs, find_targets, to_remember
from sam2_session.services.jobs.background import FramesDone
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.class_book import ClassBook
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.projects.run_guard import require_no_run
from sam2_session.services.prompts.after_commit import CommitFollower
from sam2_session.storage.database import Transaction
from sam2_session.storage.import_rows import (
    empty_instances,
    is_untouched,
    list_imports,
    save_import,
    save_undo,
)
from sam2_session.storage.instance_rows import list_instances, set_deleted
from sam2_session.storage.op_rows import next_rev

MAX_NOTES_KEPT = 100  # kinds of notes that the log keeps for an import


class Importer:
    """Reads files into videos whose frame tables are exact."""

    def __init__(
        self,
        projects: Projects,
        frame_masks: FrameMasks,
        staleness: Staleness,
        follower: CommitFollower,
        classes: ClassBook,
    ) -> None:
        self._decoders = Decoders()
        self._projects = projects
        self._frame_masks = frame_masks
        self._staleness = staleness
        self._follower = follower
        self._classes = classes

    def dry_run(self, project: Project, path: Path, options: ImportOptions) -> dict[str, Any]:
        """Report what an import of this file would do; changes nothing."""
        with self._planned(project, path, options) as plan:
            targets = self._targets(project, plan, options)
            notes = Notes()
            protection = WriteProtection(project, options.existing)
            contents = collect_contents(plan, targets, protection, notes)
            report = report_of(plan, targets, options, notes.all())
            return {**report, "taken": contents.counts()}

    def run(
        self, job: ImportJob, project: Project, path: Path, options: ImportOptions, name: str
    ) -> FramesDone:
        """Import a file; yields between frames until the commit, which cannot be cancelled.

        Raises `InvalidRequest` if the file leaves a choice open, `NothingToDo` if nothing fits, and
        `Conflict` if a run is making masks of one of its pairs.
        """
        with self._planned(project, path, options) as plan:
            if plan.needs:
                raise InvalidRequest(
                    f"The file leaves open which {plan.needs.replace('_', ' ')} is meant.",
                    hint=f"A dry run shows the choice; send the option {plan.needs}.",
                )
            notes = Notes()
            targets = self._targets(project, plan, options)
            protection = WriteProtection(project, options.existing)
            contents = collect_contents(plan, targets, protection, notes)
            if not contents.frames and not contents.keypoints:
                raise NothingToDo(
                    "Nothing of the file can be imported.", hint="A dry run shows the reason."
                )
            require_no_run(project, contents.pairs())
            self._projects.finish_masks(project.video_id)
            job.total = len(contents.frames) + contents.mask_frames  # read, then written
            import_ = _Import(job.job_id, name, plan, targets, options, notes, contents)
            preparation = Preparation(project, self._frame_masks, options.masks_as)
            committed = False
            try:
                yield from preparation.run(contents.frames, notes)
                written = self._commit(project, import_, preparation)
                committed = True
            finally:
                if not committed:
                    preparation.discard()
        self._classes.include(contents.classes.values())
        rows = [row for rows in written.rows.values() for row in rows]
        job.expect_masks(sum(not row.state.is_prompted for row in rows))
        self._follower.follow(project, written, job.count_written)
        job.to_draw = self._masks_to_draw(project, written)

    def _masks_to_draw(self, project: Project, written: WrittenImport) -> MasksToDraw | None:
        keys = [
            key for key, rows in written.rows.items() if any(row.state.is_prompted for row in rows)
        ]
        if not keys:
            return None
        return MasksToDraw(
            partial(self._follower.predictions.missing, project, keys),
            partial(self._follower.predictions.is_drawing, project.video_id),
        )

    def undo(self, project: Project, record: dict[str, Any]) -> dict[str, Any]:
        """Undo an import by its record, except where a later change replaced it.

        Returns ``{rev, import_id, frames, kept}``. Raises `Conflict` if a run is making masks of
        one of its pairs.
        """

        def write(tx: Transaction) -> tuple[int, WrittenImport]:
            rev = next_rev(tx)
            writer = ImportWriter(tx, rev, project.video_id, self._staleness)
            first, last = record["history"]
            written = writer.undo(first, last, record["rev"])
            writer.unclassify(record.get("classified", {}))
            save_undo(tx, rev, record["import_id"])
            for instance_id in empty_instances(tx, record["made"]):
                set_deleted(tx, instance_id, deleted=True)
            return rev, written

        with project.lock:
            require_no_run(project, map(tuple, record["pairs"]))
            rev, written = project.db.write(write)
        self._follower.follow(project, written)
        return {
            "rev": rev,
            "import_id": record["import_id"],
            "frames": written.frames,
            "kept": written.kept,
        }

    def _commit(
        self, project: Project, import_: _Import, preparation: Preparation
    ) -> WrittenImport:
        def write(tx: Transaction) -> WrittenImport:
            rev = next_rev(tx)
            writer = ImportWriter(tx, rev, project.video_id, self._staleness)
            masks_as = import_.options.masks_as
            written = writer.write(import_.contents, preparation.frames, masks_as)
            save_import(tx, rev, import_.record(written))
            return written

        with project.lock:
            require_no_run(project, import_.contents.pairs())
            preparation.refresh(import_.options.existing, import_.notes)
            return project.db.write(write)

    @contextmanager
    def _planned(
        self, project: Project, path: Path, options: ImportOptions
    ) -> Iterator[ImportPlan]:
        folder = project.workspace.video_dir(project.video_id)
        facts = self._facts(project)
        with (
            large_documents(self._decoders, path, folder) as large,
            read_import(path, facts, options.choices, large) as plan,
        ):
            yield plan

    def _facts(self, project: Project) -> VideoFacts:
        info = self._projects.videos.info(project.video_id)
        table = self._projects.videos.frames.times(project.video_id)
        times_s = tuple(row["time_s"] for row in table["frames"])
        size_hw = (info.height, info.width)
        names = (info.name, project.video_id)
        pictures = self._projects.videos.frames.picture_names(project.video_id)
        return VideoFacts(names, size_hw, info.num_frames, float(info.fps), times_s, pictures)

    def _targets(
        self, project: Project, plan: ImportPlan, options: ImportOptions
    ) -> dict[str, Target | None]:
        imports = project.db.read(list_imports)
        regions = tuple(region.name for region in self._projects.regions)
        remembered = parse_mapping(imports[-1]["mapping"], regions) if imports else {}
        instances = project.db.read(list_instances)
        video = VideoPairs(instances, regions, project.db.read(is_untouched))
        return find_targets(plan.subjects, video, remembered, options.mapping)


@dataclass(frozen=True, slots=True)
class _Import:
    """The data for the record of an import."""

    import_id: str
    name: str
    plan: ImportPlan
    targets: dict[str, Target | None]
    options: ImportOptions
    notes: Notes
    contents: ImportContents

    def record(self, written: WrittenImport) -> dict[str, Any]:
        """Describe the import for the log."""
        notes = [*self.plan.notes, *self.notes.all()]
        return {
            "import_id": self.import_id,
            "name": self.name,
            "format": self.plan.format,
            "created_at": time.time(),
            "counts": self.contents.counts(),
            "notes": [note.to_wire() for note in notes[:MAX_NOTES_KEPT]],
            "mapping": to_remember(self.targets, written.made),
            "masks_as": self.options.masks_as.value,
            "history": written.history,
            "made": sorted(written.made.values()),
            "classified": written.classified,
            "pairs": sorted([key.instance_id, key.region] for key in written.rows),
        }
