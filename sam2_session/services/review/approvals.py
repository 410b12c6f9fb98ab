"""Approves and rejects masks for a person; a mask that changes loses either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from sam2_session.core.errors import InvalidRequest, NothingToDo
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import SessionKey
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.commands import Command, apply_once
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.database import Transaction
from sam2_session.storage.mask_rows import approve_masks, masks_between, reject_masks

Span = tuple[int, int]  # first and last frame, both included


class ApprovalService:
    """Sets and takes back the approval or rejection of one pair's masks."""

    def __init__(self, projects: Projects, staleness: Staleness, bus: EventBus) -> None:
        self._projects = projects
        self._staleness = staleness
        self._bus = bus

    def set(
        self, key: SessionKey, spans: Sequence[Span], approved: bool, command: Command | None = None
    ) -> dict[str, Any]:
        """Approve the masks in these spans of frames, or take the approval back.

        Returns the spans that changed; sending these with the opposite value undoes the change.
        """

        def change(tx: Transaction, span: Span) -> list[int]:
            return approve_masks(tx, key, span, approved)

        told = {"approved": approved, "rejected": False, "reason": None}
        why_nothing = f"is {'waiting for approval' if approved else 'approved'}"
        return self._change(key, spans, change, command, told, why_nothing)

    def reject(
        self,
        key: SessionKey,
        spans: Sequence[Span],
        reason: str | None,
        command: Command | None = None,
    ) -> dict[str, Any]:
        """Reject the masks in these spans, to be made again, or with None take that back.

        Returns the spans that changed. `reason` may be empty. A rejected mask is not approved.
        """

        def change(tx: Transaction, span: Span) -> list[int]:
            return reject_masks(tx, key, span, reason)

        told = {"approved": False, "rejected": reason is not None, "reason": reason}
        why_nothing = "is rejected" if reason is None else "is there to be rejected for this reason"
        return self._change(key, spans, change, command, told, why_nothing)

    def _change(
        self,
        key: SessionKey,
        spans: Sequence[Span],
        change_span: Callable[[Transaction, Span], list[int]],
        command: Command | None,
        told: dict[str, Any],
        why_nothing: str,
    ) -> dict[str, Any]:
        """Change masks span by span, and announce what they are now (`told`)."""
        project = self._projects.of(key)
        if any(first > last for first, last in spans):
            raise InvalidRequest("A span of frames is [first, last], in this order.")
        project.instance(key.instance_id, for_change=True)
        self._projects.finish_masks(key.video_id)

        def change(tx: Transaction, _: int) -> dict[str, Any]:
            changed = [frame_idx for span in spans for frame_idx in change_span(tx, span)]
            if not changed:
                raise NothingToDo(f"No mask on these frames {why_nothing}.")
            return {"frames": spans_of(changed), "count": len(changed)}

        with project.lock:
            answer = apply_once(project, command, change)
            frames = answer["frames"]
            data = {
                "key": key.to_wire(),
                "rev": answer["rev"],
                "frames": frames,
                **told,
                "stale": [] if told["approved"] else self._stale_spans(project, key, frames),
                "client_id": command.client_id if command else None,
            }
            # announced under the lock, so that a mask saved right after is announced after it
            self._bus.publish(Event(EventName.MASKS_APPROVED, data, video_id=key.video_id))
        return answer

    def _stale_spans(
        self, project: Project, key: SessionKey, spans: Sequence[Sequence[int]]
    ) -> list[list[int]]:
        """Return the spans of masks that are stale once their approval is taken back."""
        stale = self._staleness.stale_runs(project, key)
        rows = [
            row
            for first, last in spans
            for row in project.db.read(partial(masks_between, key=key, first=first, last=last))
        ]
        return spans_of(row.frame_idx for row in rows if self._staleness.is_stale(row, stale))


def spans_of(frames: Iterable[int]) -> list[list[int]]:
    """Join neighbouring frames to spans, in order; each frame counts once."""
    spans: list[list[int]] = []
    for frame_idx in sorted(set(frames)):
        if spans and spans[-1][1] == frame_idx - 1:
            spans[-1][1] = frame_idx
        else:
            spans.append([frame_idx, frame_idx])
    return spans
