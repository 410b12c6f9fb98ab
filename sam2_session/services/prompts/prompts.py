"""Stores changes of a frame's prompts, then requests the mask they lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core import edits
from sam2_session.core.errors import FrameChanged
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import FramePrompt, SessionKey, require_inside
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.runtime import Future
from sam2_session.services.masks.frame_mask import FrameMask
from sam2_session.services.masks.frame_masks import FrameMasks, known_state
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.commands import Command, Repeated, apply_once
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.prompts.actions import ActionHistory
from sam2_session.services.prompts.history_step import DEPTH, HistoryStep, Way
from sam2_session.services.propagation.taking_back import Exchange
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    FrameRow,
    drop_conditioned,
    frame_rev,
    newest_rev,
    prompted_frames,
    read_frame,
    save_frame,
)
from sam2_session.storage.mask_rows import break_runs, reopen_runs


@dataclass(frozen=True, slots=True)
class PromptChange:
    """A stored change: its answer, and the mask that will follow."""

    answer: dict[str, Any]
    mask: Future[FrameMask | None]

    def with_mask(self, timeout_s: float) -> dict[str, Any]:
        """Wait for the mask, and add it to the answer; null if the frame has none now.

        Raises `ModelUnavailable` while no model is loaded: the change is stored all the same.
        """
        frame_mask = self.mask.result(timeout_s)
        row = frame_mask.row if frame_mask else None
        mask = {"rev": row.rev, "score": row.score, **row.facts.to_wire()} if row else None
        return {**self.answer, "mask": mask}


class _NoBase(Exception):
    """Raised in a transaction for a frame whose mask is to be captured as its base before."""


@dataclass(slots=True)
class _Saving:
    """A change of one frame on its way into the database; `before` only if it was captured."""

    key: SessionKey
    frame_idx: int
    change: Callable[[Transaction, FrameState], FrameState]
    command: Command | None
    base_rev: int | None
    before: FrameState | None = None
    row: FrameRow | None = None
    stale_runs: list[int] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)


class PromptService:
    """Changes the prompts of one pair on one frame; each change can be undone."""

    def __init__(
        self,
        projects: Projects,
        masks: FrameMasks,
        predictions: PredictionService,
        staleness: Staleness,
        actions: ActionHistory,
        bus: EventBus,
    ) -> None:
        self._projects = projects
        self._masks = masks
        self._predictions = predictions
        self._staleness = staleness
        self._actions = actions
        self._bus = bus

    def list(self, key: SessionKey) -> dict[str, Any]:
        """List the prompted frames of a pair, with their prompts."""
        rev, rows = self._projects.of(key).db.read(
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
        """Apply an edit to the frame's state; it is committed when this returns.

        Raises `Conflict` if `base_rev` is given and the frame changed after it.
        """
        size_hw = self._projects.get(key.video_id).size_hw

        def change(tx: Transaction, before: FrameState) -> FrameState:
            after = edit(before)
            _require_inside(before.prompt, after.prompt, size_hw)
            history_key = (key.instance_id, key.region, frame_idx)
            client_id = command.client_id if command else None
            history_rows.push(tx, history_key, before.to_json(), after.to_json(), client_id)
            return after

        return self._change(key, frame_idx, change, command, base_rev)

    def set_mask(
        self,
        key: SessionKey,
        frame_idx: int,
        png: bytes,
        *,
        command: Command | None = None,
        base_rev: int | None = None,
    ) -> PromptChange:
        """Replace the frame's prompts by a mask drawn by hand.

        Raises `InvalidPrompt` for an image that is not a mask of the video's size.
        """
        project = self._projects.of(key)
        base_id = self._masks.add_prompt_mask(project, decode_mask(png, project.size_hw))
        edit = edits.set_mask(base_id)
        return self.edit(key, frame_idx, edit, command=command, base_rev=base_rev)

    def copy(
        self,
        key: SessionKey,
        frame_idx: int,
        source: tuple[int, str, int],
        *,
        command: Command | None = None,
        base_rev: int | None = None,
    ) -> PromptChange:
        """Replace the frame's prompts by those of `source`: instance_id, region, frame_idx."""
        instance_id, region, source_idx = source
        source_key = SessionKey(key.video_id, instance_id, region)
        project = self._projects.of(source_key)
        row = project.db.read(lambda tx: read_frame(tx, source_key, source_idx))
        edit = edits.copy(row.state if row else FrameState())
        return self.edit(key, frame_idx, edit, command=command, base_rev=base_rev)

    def copy_mask(
        self,
        key: SessionKey,
        frame_idx: int,
        source_frame_idx: int,
        *,
        command: Command | None = None,
    ) -> PromptChange:
        """Replace the frame's prompts by the mask of another frame of the pair.

        Where that one is marked absent, so is this one. Raises `MaskNotFound`.
        """
        project = self._projects.of(key)
        self._projects.finish_masks(key.video_id)
        with project.lock.for_files():
            mask, png = self._masks.read_png(project, key, source_frame_idx)
        if mask.absent:
            return self.edit(key, frame_idx, edits.mark_absent, command=command)
        return self.set_mask(key, frame_idx, png, command=command)

    def step(
        self,
        way: Way,
        key: SessionKey,
        frame_idx: int,
        *,
        command: Command | None = None,
        takes_any: bool = False,
    ) -> PromptChange | dict[str, Any]:
        """Undo or redo a change of this frame; an action of many frames on all of them.

        Raises `OthersChange` for another person's change, unless `takes_any`.
        """
        step = HistoryStep(way, command, takes_any)
        action = self._actions.step(key, frame_idx, step)
        if action is not None:
            step.tell_other(self._bus, key.to_wire(), frame_idx)
            return action

        project = self._projects.of(key)
        exchanged: dict[str, Exchange] = {}

        def change(tx: Transaction, before: FrameState) -> FrameState:
            history_key = (key.instance_id, key.region, frame_idx)
            exchanged.clear()
            taking_back, found = self._actions.taking_back, None
            if way == "undo":
                found = taking_back.undo(tx, project, key, frame_idx)
            after = FrameState.from_json(step.take(tx, history_key, before.to_json()))
            if way == "redo":
                found = taking_back.redo(tx, project, key, (frame_idx, after))
            if found is not None:
                exchanged[way] = found
            return after

        def follow() -> None:
            for exchange in exchanged.values():
                self._actions.taking_back.follow(project, exchange)

        with project.lock:
            changed = self._change(key, frame_idx, change, command, None, follow)
        step.tell_other(self._bus, key.to_wire(), frame_idx)
        return changed

    def _change(
        self,
        key: SessionKey,
        frame_idx: int,
        change: Callable[[Transaction, FrameState], FrameState],
        command: Command | None,
        base_rev: int | None,
        committed: Callable[[], None] = lambda: None,
    ) -> PromptChange:
        project = self._projects.get(key.video_id)
        self._projects.require_region(key.region)
        project.instance(key.instance_id, for_change=True)
        self._projects.require_frame(key.video_id, frame_idx)
        saving = _Saving(key, frame_idx, change, command, base_rev)
        try:
            try:
                with project.lock.shared():
                    self._save(project, saving)
            except _NoBase:
                with project.lock:  # its file and row must not change while it is read
                    saving.before = self._masks.capture(project, key, frame_idx)
                    self._save(project, saving)
        except Repeated:
            self._predictions.send_again(key, frame_idx, command)
            raise
        assert saving.row is not None
        committed()
        return PromptChange(saving.answer, self._request_mask(key, saving.row, command))

    def _save(self, project: Project, saving: _Saving) -> None:
        """Commit a change, have its JSON follow, and announce it in the order of the commits.

        Raises `_NoBase` for a frame whose mask has to be captured first.
        """
        key, frame_idx = saving.key, saving.frame_idx

        def transaction(tx: Transaction, rev: int) -> dict[str, Any]:
            if saving.base_rev is not None:
                _require_current(frame_rev(tx, key, frame_idx), saving.base_rev)
            before = saving.before or known_state(tx, key, frame_idx)
            if before is None:
                raise _NoBase
            state = saving.change(tx, before)
            saving.row = FrameRow(frame_idx, rev, state)
            save_frame(tx, key, saving.row)
            if state.is_prompted:
                self._staleness.recondition(tx, key)
            elif drop_conditioned(tx, key, frame_idx):
                break_runs(tx, key)
            if state.absent != before.absent:
                reopen_runs(tx, key)
            saving.stale_runs = self._staleness.stale_runs_in(tx, key)
            return history_rows.depth(tx, (key.instance_id, key.region, frame_idx))

        def announce(answer: dict[str, Any]) -> None:
            self._announce(saving, answer)

        saving.answer = apply_once(project, saving.command, transaction, announce)
        project.write_points(key)

    def _request_mask(
        self, key: SessionKey, row: FrameRow, command: Command | None
    ) -> Future[FrameMask | None]:
        """Request the mask of the saved state; without prompts, put back the mask from before."""
        if row.state.is_prompted:
            return self._predictions.request(key, row.frame_idx, command)
        return self._predictions.settle_unprompted(key, row, command)

    def _announce(self, saving: _Saving, answer: dict[str, Any]) -> None:
        key, row = saving.key, saving.row
        assert row is not None
        data = {
            "key": key.to_wire(),
            "frame_idx": row.frame_idx,
            "rev": row.rev,
            **row.state.prompt.to_wire(),
            "mask": row.state.has_mask_prompt,
            "absent": row.state.absent,
            **{name: answer[name] for name in DEPTH},
            "stale_runs": saving.stale_runs,
            "client_id": saving.command.client_id if saving.command else None,
        }
        self._bus.publish(Event(EventName.PROMPTS_CHANGED, data, video_id=key.video_id))


def _require_current(rev: int | None, base_rev: int) -> None:
    if rev is not None and rev > base_rev:
        raise FrameChanged(
            f"The frame changed since revision {base_rev}; it is at {rev} now.",
            hint="Read the prompts again, then repeat the change.",
        )


def _require_inside(before: FramePrompt, after: FramePrompt, size_hw: tuple[int, int]) -> None:
    """Refuse new points and corners outside the frame; stored ones stay as they are."""
    coordinates = [(point.x, point.y) for point in after.points if point not in before.points]
    if after.box is not None and after.box != before.box:
        box = after.box
        coordinates += [(box.x0, box.y0), (box.x1, box.y1)]
    for x, y in coordinates:
        require_inside(x, y, size_hw)
