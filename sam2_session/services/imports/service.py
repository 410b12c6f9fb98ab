"""Imports: look first, then all at once; each can be taken back as a whole."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam2_session.core.errors import InvalidRequest, NotFound, NothingToDo, VideoNotReady
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import UNFINISHED
from sam2_session.formats.importing.import_plan import ImportPlan, Notes, VideoFacts
from sam2_session.formats.importing.reading import read_import
from sam2_session.services.imports.adoption import adoption_steps
from sam2_session.services.imports.commit import Change, Writer
from sam2_session.services.imports.drafts import Drafts, Guard, make_drafts, taken_of
from sam2_session.services.imports.mask_files import settle
from sam2_session.services.imports.options import ImportOptions, parse_mapping, parse_options
from sam2_session.services.imports.report import report_of
from sam2_session.services.imports.staging import Staging, require_no_run
from sam2_session.services.imports.targets import Setting, Target, find_targets, to_remember
from sam2_session.services.jobs.side_jobs import SideJob, SideJobs, Steps
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.videos.info import VideoState
from sam2_session.storage.database import Transaction
from sam2_session.storage.import_rows import list_imports, save_import, save_undo
from sam2_session.storage.instance_rows import deleted_instances, list_instances, set_deleted
from sam2_session.storage.op_rows import next_rev

KIND = "import"
MAX_NOTES_KEPT = 100  # kinds of remarks that the log keeps of an import


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What imports work with."""

    projects: Projects
    frame_masks: FrameMasks
    predictions: PredictionService
    staleness: Staleness
    jobs: SideJobs
    bus: EventBus
    has_model: Callable[[], bool]


class ImportService:
    """Dry runs, imports as jobs, and their undo."""

    def __init__(self, parts: ImportParts) -> None:
        self._parts = parts

    def look(self, video_id: str, path: Path, options: ImportOptions) -> dict[str, Any]:
        """What would become of a file; nothing is changed."""
        project = self._ready(video_id)
        with read_import(path, self._facts(project), options.choices) as plan:
            targets = self._targets(project, plan, options)
            notes = Notes()
            drafts = make_drafts(plan, targets, self._guard(project, options), notes)
            report = report_of(video_id, plan, targets, options, notes.all())
            return {**report, "taken": taken_of(drafts)}

    def start(
        self,
        video_id: str,
        path: Path,
        options: ImportOptions,
        *,
        name: str,
        when_over: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """Import a file in a job of its own; `when_over` is called at its end, whatever that is."""
        self._ready(video_id)
        import_id = secrets.token_hex(8)

        def work(job: SideJob) -> Steps:
            try:
                yield from self._steps(job, path, options, name)
            finally:
                when_over()

        job = SideJob(import_id, KIND, video_id, 0, work, drop=when_over)
        job.details |= {"import_id": import_id, "label": name}
        self._parts.jobs.submit(job)
        return {"import_id": import_id, "job_id": import_id}

    def adopt(self, project: Project) -> None:
        """Import what another tool had left in the video's folder, once its frames are there."""
        running = self._parts.jobs.list(project.video_id)
        if not project.workspace.found_dir(project.video_id).exists() or any(
            one["kind"] == KIND and one["state"] in UNFINISHED for one in running
        ):
            return
        plain = parse_options(None, tuple(one.name for one in self._parts.projects.regions))

        def bring_in(job: SideJob, path: Path, name: str) -> Steps:
            return self._steps(job, path, plain, name)

        def work(job: SideJob) -> Steps:
            return adoption_steps(project, self._parts.projects.videos, job, bring_in)

        self._parts.jobs.submit(SideJob(secrets.token_hex(8), KIND, project.video_id, 0, work))

    def list(self, video_id: str) -> dict[str, Any]:
        """What came in, oldest first, and the mapping that the next file starts from."""
        imports = self._parts.projects.get(video_id).db.read(list_imports)
        shown = ("import_id", "name", "format", "created_at", "counts", "notes", "rev", "undone")
        mapping = imports[-1]["mapping"] if imports else {}
        return {
            "imports": [{field: one.get(field) for field in shown} for one in imports],
            "mapping": mapping,
        }

    def undo(self, video_id: str, import_id: str) -> dict[str, Any]:
        """Take an import back, all at once; what people or runs did after it stays."""
        project = self._parts.projects.get(video_id)
        record = _find(project, import_id)
        if record["undone"]:
            raise NothingToDo("This import was taken back before.")

        def change(tx: Transaction) -> tuple[int, Change]:
            rev = next_rev(tx)
            writer = Writer(tx, rev, video_id, self._parts.staleness)
            first, last = record["history"]
            changed = writer.take_back(first, last, record["rev"])
            save_undo(tx, rev, import_id)
            for instance_id in _empty(tx, record["made"]):
                set_deleted(tx, instance_id, deleted=True)
            return rev, changed

        with project.lock:
            places = [(pair[0], pair[1], 0) for pair in record["pairs"]]
            require_no_run(project, places)
            rev, changed = project.db.write(change)
        self._bring_up(project, changed)
        taken_back = sum(map(len, changed.rows.values()))
        return {"rev": rev, "import_id": import_id, "frames": taken_back, "kept": changed.kept}

    def _steps(self, job: SideJob, path: Path, options: ImportOptions, name: str) -> Steps:
        """Yields between frames until the commit; behind it nothing is cancelled any more."""
        project = self._ready(job.video_id)
        with read_import(path, self._facts(project), options.choices) as plan:
            if plan.needs:
                raise InvalidRequest(
                    f"The file leaves open which {plan.needs} is meant.",
                    hint=f"A dry run lists them; send the option {plan.needs}.",
                )
            notes = Notes()
            targets = self._targets(project, plan, options)
            drafts = make_drafts(plan, targets, self._guard(project, options), notes)
            if not drafts.frames and not drafts.keypoints:
                raise NothingToDo(
                    "Nothing of the file can be imported.", hint="A dry run tells why."
                )
            require_no_run(project, list(drafts.frames))
            job.total = len(drafts.frames)
            staging = Staging(project, self._parts.frame_masks, options.masks_as)
            committed = False
            try:
                yield from staging.run(drafts.frames, notes)
                change = self._commit(
                    project,
                    _Import(job.job_id, name, plan, targets, options, notes),
                    drafts,
                    staging,
                )
                committed = True
            finally:
                if not committed:
                    staging.forget()
        self._bring_up(project, change)

    def _commit(self, project: Project, one: _Import, drafts: Drafts, staging: Staging) -> Change:
        def write(tx: Transaction) -> Change:
            rev = next_rev(tx)
            writer = Writer(tx, rev, project.video_id, self._parts.staleness)
            change = writer.write(drafts, staging.staged, one.options.masks_as)
            save_import(tx, rev, one.record(change, drafts))
            return change

        with project.lock:
            require_no_run(project, list(drafts.frames))
            staging.look_again(one.options.existing, one.notes)
            return project.db.write(write)

    def _bring_up(self, project: Project, change: Change) -> None:
        """Files, live sessions and clients follow what was committed."""
        for key, frame_idx in change.unprompted:
            self._parts.predictions.forget(key, frame_idx)
        for key, rows in change.rows.items():
            settle(project, key, [row for row in rows if not row.state.is_prompted])
        with project.lock:
            gone = set(project.db.read(deleted_instances))
            for key in change.rows:
                if key.instance_id not in gone:
                    project.write_points(key)
            for instance_id in change.keypoints_of - gone:
                project.write_keypoints(instance_id)
            for instance_id in gone:
                project.hide_folder(instance_id)
        if self._parts.has_model():
            self._parts.predictions.catch_up(project)
        data = {"video_id": project.video_id}
        self._parts.bus.publish(Event(EventName.RESYNC, data, video_id=project.video_id))

    def _ready(self, video_id: str) -> Project:
        """The project of a video whose frame table is exact; else it is opened for the next try."""
        videos = self._parts.projects.videos
        info = videos.info(video_id)
        if info.error is not None:
            raise info.error
        if info.state is not VideoState.READY:
            videos.open(video_id)
            raise VideoNotReady(info.name)
        return self._parts.projects.get(video_id)

    def _facts(self, project: Project) -> VideoFacts:
        info = self._parts.projects.videos.info(project.video_id)
        table = self._parts.projects.videos.frame_table(project.video_id)
        times_s = tuple(row["time_s"] for row in table["frames"])
        size_hw = (info.height, info.width)
        names = (info.name, project.video_id)
        return VideoFacts(names, size_hw, info.num_frames, float(info.fps), times_s)

    def _guard(self, project: Project, options: ImportOptions) -> Guard:
        return Guard(project, options.existing)

    def _targets(
        self, project: Project, plan: ImportPlan, options: ImportOptions
    ) -> dict[str, Target | None]:
        imports = project.db.read(list_imports)
        regions = tuple(one.name for one in self._parts.projects.regions)
        remembered = parse_mapping(imports[-1]["mapping"], regions) if imports else {}
        setting = Setting(project.db.read(list_instances), regions, project.db.read(_is_untouched))
        return find_targets(plan.subjects, setting, remembered, options.mapping)


@dataclass(frozen=True, slots=True)
class _Import:
    """One import under way, as far as its record tells of it."""

    import_id: str
    name: str
    plan: ImportPlan
    targets: dict[str, Target | None]
    options: ImportOptions
    notes: Notes

    def record(self, change: Change, drafts: Drafts) -> dict[str, Any]:
        """What the log keeps."""
        notes = [*self.plan.notes, *self.notes.all()]
        return {
            "import_id": self.import_id,
            "name": self.name,
            "format": self.plan.format,
            "created_at": time.time(),
            "counts": taken_of(drafts),
            "notes": [note.to_wire() for note in notes[:MAX_NOTES_KEPT]],
            "mapping": to_remember(self.targets, change.made),
            "masks_as": self.options.masks_as.value,
            "history": change.history,
            "made": sorted(change.made.values()),
            "pairs": sorted([key.instance_id, key.region] for key in change.rows),
        }


def _find(project: Project, import_id: str) -> dict[str, Any]:
    for one in project.db.read(list_imports):
        if one["import_id"] == import_id:
            return one
    raise NotFound("This video has no such import.", hint="GET …/imports lists them.")


def _is_untouched(tx: Transaction) -> bool:
    tables = ("frames", "masks", "keypoints")
    return not any(tx.execute(f"SELECT 1 FROM {one} LIMIT 1").fetchone() for one in tables)


def _empty(tx: Transaction, instances: list[int]) -> list[int]:
    """Those of the instances that hold nothing any more."""
    query = (
        "SELECT EXISTS (SELECT 1 FROM frames WHERE instance_id = ?1 AND prompted)"
        " OR EXISTS (SELECT 1 FROM keypoints WHERE instance_id = ?1)"
        " OR EXISTS (SELECT 1 FROM history WHERE instance_id = ?1 AND NOT undone)"
    )
    return [one for one in instances if not tx.execute(query, (one,)).fetchone()[0]]
