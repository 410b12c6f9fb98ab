"""Approves masks that a person found good; a mask that changes loses its approval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sam2_session.core.errors import InvalidRequest, NothingToDo
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import SessionKey
from sam2_session.services.projects.commands import Command, apply_once
from sam2_session.services.projects.project import Projects
from sam2_session.storage.database import Transaction
from sam2_session.storage.mask_rows import approve_masks

Span = tuple[int, int]  # first and last frame, both included


class ApprovalService:
    """Sets and takes back the approval of one pair's masks."""

    def __init__(self, projects: Projects, bus: EventBus) -> None:
        self._projects = projects
        self._bus = bus

    def set(
        self, key: SessionKey, spans: Sequence[Span], approved: bool, command: Command | None = None
    ) -> dict[str, Any]:
        """Approve the masks in these spans of frames, or take the approval back.

        Returns the spans that changed; sending these with the opposite value undoes the change.
        """
        project = self._projects.of(key)
        if any(first > last for first, last in spans):
            raise InvalidRequest("A span of frames is [first, last], in this order.")
        project.instance(key.instance_id, for_change=True)

        def change(tx: Transaction, _: int) -> dict[str, Any]:
            changed = [
                frame_idx for span in spans for frame_idx in approve_masks(tx, key, span, approved)
            ]
            if not changed:
                raise NothingToDo(_why_nothing(approved))
            return {"frames": spans_of(changed), "count": len(changed)}

        with project.lock:
            answer = apply_once(project, command, change)
            data = {
                "key": key.to_wire(),
                "rev": answer["rev"],
                "frames": answer["frames"],
                "approved": approved,
                "client_id": command.client_id if command else None,
            }
            # announced under the lock, so that a mask saved right after is announced after it
            self._bus.publish(Event(EventName.MASKS_APPROVED, data, video_id=key.video_id))
        return answer


def spans_of(frames: Iterable[int]) -> list[list[int]]:
    """Join neighbouring frames to spans, in order; each frame counts once."""
    spans: list[list[int]] = []
    for frame_idx in sorted(set(frames)):
        if spans and spans[-1][1] == frame_idx - 1:
            spans[-1][1] = frame_idx
        else:
            spans.append([frame_idx, frame_idx])
    return spans


def _why_nothing(approved: bool) -> str:
    return f"No mask on these frames is {'waiting for approval' if approved else 'approved'}."
