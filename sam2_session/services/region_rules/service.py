"""Counts what breaks a rule between regions, frame by frame, and starts its mending."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sam2_session.core.errors import NothingToDo
from sam2_session.core.region_rules import RegionRules, Violations, violations
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Lock
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.region_rules.mending import MendRegions
from sam2_session.services.region_rules.reading import read_masks
from sam2_session.services.region_rules.rule_book import RuleBook
from sam2_session.services.repairs.service import RepairService
from sam2_session.services.review.approvals import Span
from sam2_session.storage.mask_rows import MaskRow, masks_between

MOST_KNOWN = 100_000  # frames of instances whose counts are remembered

Revisions = tuple[RegionRules, tuple[tuple[str, int], ...]]


class RuleService:
    """Finds and mends what breaks the rules of `book`; without any, nothing breaks one."""

    def __init__(
        self,
        projects: Projects,
        repairs: RepairService,
        frame_masks: FrameMasks,
        book: RuleBook,
    ) -> None:
        self._projects = projects
        self._repairs = repairs
        self._frame_masks = frame_masks
        self.book: RuleBook = book
        self._known: dict[tuple[str, int, int], tuple[Revisions, Violations]] = {}
        self._lock = Lock()

    def list(self, video_id: str, start: int | None, end: int | None) -> dict[str, Any]:
        """List the frames of each instance that break a rule, with the pixels that do."""
        project = self._projects.get(video_id)
        last = project.num_frames - 1 if end is None else end
        rows = [
            {
                "instance_id": instance_id,
                "frame_idx": frame_idx,
                "outside": found.outside,
                "shared": found.shared,
                "missing": found.missing,
            }
            for instance_id, frame_idx, found in self.broken(project, range(start or 0, last + 1))
        ]
        return {"on": self.book.rules is not None, "violations": rows}

    def broken(self, project: Project, frames: range) -> Iterator[tuple[int, int, Violations]]:
        """Find each instance and frame that breaks a rule, by instance, of these frames."""
        for instance_id in sorted({key.instance_id for key in self._keys(project)}):
            for frame_idx, found in self._broken(project, instance_id, frames):
                yield instance_id, frame_idx, found

    def mend(
        self, video_id: str, spans: Sequence[Span], instance_ids: Sequence[int] | None
    ) -> dict[str, Any]:
        """Queue the mending of these frames; returns ``{job_id}``. See `MendRegions`."""
        project = self._projects.get(video_id)
        keys = [
            key
            for key in self._keys(project)
            if instance_ids is None or key.instance_id in instance_ids
        ]
        rules = self.book.rules
        if rules is None or not keys:
            raise NothingToDo(
                "There is no rule to keep.", hint="Choose some: Rules in the menu of regions."
            )
        return self._repairs.start(MendRegions(tuple(keys), rules), spans)

    def _keys(self, project: Project) -> Sequence[SessionKey]:
        """Pairs with masks whose region a rule names."""
        named = self.book.rules.regions if self.book.rules else ()
        return [key for key in project.pairs() if key.region in named]

    def _broken(
        self, project: Project, instance_id: int, wanted: range
    ) -> Sequence[tuple[int, Violations]]:
        frames: dict[int, dict[str, MaskRow]] = defaultdict(dict)
        for key in self._keys(project):
            if key.instance_id != instance_id:
                continue
            read = partial(masks_between, key=key, first=wanted.start, last=wanted.stop - 1)
            for row in project.db.read(read):
                frames[row.frame_idx][key.region] = row
        counted = [
            (idx, self._count(project, instance_id, idx, rows))
            for idx, rows in sorted(frames.items())
            if len(rows) > 1 and idx in wanted
        ]
        return [(idx, found) for idx, found in counted if found]

    def _count(
        self, project: Project, instance_id: int, frame_idx: int, rows: dict[str, MaskRow]
    ) -> Violations:
        """Count one frame, unless its masks are those counted last."""
        rules = self.book.rules
        if rules is None:  # removed a moment ago
            return Violations()
        place = (project.video_id, instance_id, frame_idx)
        revisions = (rules, tuple(sorted((region, row.rev) for region, row in rows.items())))
        with self._lock:
            known = self._known.pop(place, None)
        if known is None or known[0] != revisions:
            masks = read_masks(project, self._frame_masks, instance_id, rows)
            known = (revisions, violations(rules, masks))
        with self._lock:
            self._known[place] = known
            while len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return known[1]
