"""Marks frames on which the object is not there: an empty mask that a person made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sam2_session.core import edits
from sam2_session.core.errors import NothingToDo
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import SessionKey
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.commands import Command, apply_once, raise_if_repeated
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.prompts.after_commit import CommitFollower
from sam2_session.services.prompts.frame_batch import FrameBatch, Written
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.repairs.frame_edits import MarkAbsent
from sam2_session.services.repairs.service import RepairService
from sam2_session.services.repairs.spans import frames_in
from sam2_session.services.review.approvals import Span, spans_of
from sam2_session.storage.database import Transaction

MOST_AT_ONCE = 256  # frames that change before the answer; about a second


class AbsenceService:
    """Marks a pair absent on frames, or takes that back; one change to undo."""

    def __init__(
        self,
        projects: Projects,
        frame_masks: FrameMasks,
        prompts: PromptService,
        repairs: RepairService,
        staleness: Staleness,
        follower: CommitFollower,
    ) -> None:
        self._projects = projects
        self._frame_masks = frame_masks
        self._prompts = prompts
        self._repairs = repairs
        self._staleness = staleness
        self._follower = follower

    def set(
        self, key: SessionKey, spans: Sequence[Span], absent: bool, command: Command | None = None
    ) -> dict[str, Any]:
        """Mark the frames of these spans absent, prompted ones included, or take that back.

        Returns ``{rev, frames, count, job_id}``: the spans that changed. More than `MOST_AT_ONCE`
        frames change in a job, and none before it ends. Raises `NothingToDo` if none would.
        """
        project = self._projects.of(key)
        project.instance(key.instance_id, for_change=True)
        frames = frames_in(spans, project.num_frames)
        if len(frames) == 1:
            return self._set_one(key, frames[0], absent, command)
        if len(frames) > MOST_AT_ONCE:
            return self._start(project, MarkAbsent(key, absent), spans, command)
        written = Written()
        with project.lock:
            raise_if_repeated(project, command)
            before = self._frame_masks.capture_all(project, key, frames)
            changed = [idx for idx in frames if before[idx].absent is not absent]
            if not changed:
                raise NothingToDo(MarkAbsent(key, absent).why_nothing(0))

            def change(tx: Transaction, rev: int) -> dict[str, Any]:
                client_id = command.client_id if command else None
                batch = FrameBatch(tx, rev, self._staleness, written, client_id)
                for frame_idx in changed:
                    after = _edited(before[frame_idx], absent)
                    batch.change(key, frame_idx, before[frame_idx], after, action=rev)
                batch.reopen_runs()
                return {"frames": spans_of(changed), "count": len(changed), "job_id": None}

            answer = apply_once(project, command, change)
        self._follower.follow(project, written)
        return answer

    def _set_one(
        self, key: SessionKey, frame_idx: int, absent: bool, command: Command | None
    ) -> dict[str, Any]:
        """Change one frame, which clients follow without reading the video again."""
        edit = edits.mark_absent if absent else edits.unmark_absent
        change = self._prompts.edit(key, frame_idx, edit, command=command)
        frames = [[frame_idx, frame_idx]]
        return {**change.answer, "frames": frames, "count": 1, "job_id": None}

    def _start(
        self, project: Project, repair: MarkAbsent, spans: Sequence[Span], command: Command | None
    ) -> dict[str, Any]:
        """Queue the change as a repair, which shows its progress and can be cancelled."""
        raise_if_repeated(project, command)
        client_id = command.client_id if command else None
        started = self._repairs.start(repair, spans, client_id)
        return apply_once(project, command, lambda *_: {"frames": [], "count": 0, **started})


def _edited(before: FrameState, absent: bool) -> FrameState:
    return edits.mark_absent(before) if absent else edits.unmark_absent(before)
