"""Clicks, boxes and masks by hand: durable first, then predicted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sam2_session.core.errors import Conflict
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Future
from sam2_session.services.masks.frame_mask import FrameMask
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.commands import Command, Repeated, apply_once
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.prompts import edits
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    FrameRow,
    drop_conditioned,
    newest_rev,
    prompted_frames,
    read_frame,
    save_frame,
)
from sam2_session.storage.mask_rows import break_runs


@dataclass(frozen=True, slots=True)
class PromptChange:
    """What a command did, and the mask that will follow."""

    answer: dict[str, Any]
    mask: Future[FrameMask | None]


class PromptService:
    """Changes what one (instance, region) holds on one frame."""

    def __init__(
        self,
        projects: Projects,
        masks: FrameMasks,
        predictions: PredictionService,
        staleness: Staleness,
        bus: EventBus,
    ) -> None:
        self._projects = projects
        self._masks = masks
        self._predictions = predictions
        self._staleness = staleness
        self._bus = bus

    def list(self, key: SessionKey) -> dict[str, Any]:
        """Every prompted frame of a pair."""
        rev, rows = self._projects.get(key.video_id).db.read(
            lambda tx: (newest_rev(tx, key), prompted_frames(tx, key))
        )
        prompts = [
            {
                "frame_idx": row.frame_idx,
                **row.state.prompt.to_wire(),
                "mask": row.state.has_mask_prompt,
                "rev": row.rev,
            }
            for row in rows
        ]
        return {"rev": rev, "prompts": prompts}

    def edit(
        self,
        key: SessionKey,
        frame_idx: int,
        edit: edits.Edit,
        *,
        command: Command | None = None,
        base_rev: int | None = None,
    ) -> PromptChange:
        """Apply an edit to the frame's state; it is on disk when this returns.

        Raises `Conflict` if `base_rev` is given and the frame changed after it.
        """

        def change(tx: Transaction, before: FrameState) -> FrameState:
            after = edit(before)
            place = (key.instance_id, key.region, frame_idx)
            history_rows.push(tx, place, before.to_json(), after.to_json())
            return after

        return self._change(key, frame_idx, change, command, base_rev)

    def undo(
        self, key: SessionKey, frame_idx: int, *, command: Command | None = None
    ) -> PromptChange:
        """Take the newest change of this frame back."""
        return self._step(history_rows.take_back, key, frame_idx, command)

    def redo(
        self, key: SessionKey, frame_idx: int, *, command: Command | None = None
    ) -> PromptChange:
        """Do again what was undone last on this frame."""
        return self._step(history_rows.do_again, key, frame_idx, command)

    def _step(
        self,
        step: Callable[[Transaction, history_rows.Place, Any], Any],
        key: SessionKey,
        frame_idx: int,
        command: Command | None,
    ) -> PromptChange:
        def change(tx: Transaction, before: FrameState) -> FrameState:
            place = (key.instance_id, key.region, frame_idx)
            return FrameState.from_json(step(tx, place, before.to_json()))

        return self._change(key, frame_idx, change, command, None)

    def _change(
        self,
        key: SessionKey,
        frame_idx: int,
        change: Callable[[Transaction, FrameState], FrameState],
        command: Command | None,
        base_rev: int | None,
    ) -> PromptChange:
        project = self._projects.get(key.video_id)
        project.instance(key.instance_id, for_change=True)
        self._projects.require_frame(key.video_id, frame_idx)
        with project.lock:
            try:
                row, answer = self._save(project, key, frame_idx, change, command, base_rev)
            except Repeated:
                self._predictions.send_again(key, frame_idx, command)
                raise
            project.write_points(key)
            self._announce(project, key, row, answer, command)
            return PromptChange(answer, self._follow(key, row, command))

    def _save(
        self,
        project: Project,
        key: SessionKey,
        frame_idx: int,
        change: Callable[[Transaction, FrameState], FrameState],
        command: Command | None,
        base_rev: int | None,
    ) -> tuple[FrameRow, dict[str, Any]]:
        before = self._masks.capture(project, key, frame_idx)
        after: list[FrameState] = []

        def transaction(tx: Transaction, rev: int) -> dict[str, Any]:
            _require_current(read_frame(tx, key, frame_idx), base_rev)
            state = change(tx, before)
            after.append(state)
            save_frame(tx, key, FrameRow(frame_idx, rev, state))
            if state.is_prompted:
                self._staleness.recondition(tx, key)
            elif drop_conditioned(tx, key, frame_idx):
                break_runs(tx, key)
            return history_rows.depth(tx, (key.instance_id, key.region, frame_idx))

        answer = apply_once(project, command, transaction)
        return FrameRow(frame_idx, answer["rev"], after[-1]), answer

    def _follow(
        self, key: SessionKey, row: FrameRow, command: Command | None
    ) -> Future[FrameMask | None]:
        """The mask of what is saved now."""
        if row.state.is_prompted:
            return self._predictions.request(key, row.frame_idx, command)
        return self._predictions.settle_unprompted(key, row, command)

    def _announce(
        self,
        project: Project,
        key: SessionKey,
        row: FrameRow,
        answer: dict[str, Any],
        command: Command | None,
    ) -> None:
        data = {
            "key": key.to_wire(),
            "frame_idx": row.frame_idx,
            "rev": row.rev,
            **row.state.prompt.to_wire(),
            "mask": row.state.has_mask_prompt,
            "undo": answer["undo"],
            "redo": answer["redo"],
            "stale_runs": self._staleness.stale_runs(project, key),
            "client_id": command.client_id if command else None,
        }
        self._bus.publish(Event(EventName.PROMPTS_CHANGED, data, video_id=key.video_id))


def _require_current(row: FrameRow | None, base_rev: int | None) -> None:
    if base_rev is not None and row is not None and row.rev > base_rev:
        raise Conflict(
            f"The frame changed since revision {base_rev}; it is at {row.rev} now.",
            hint="Read the prompts again, then repeat the change.",
        )
