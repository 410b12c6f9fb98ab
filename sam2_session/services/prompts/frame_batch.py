"""Changes the states of many frames in one transaction; an action is undone as one change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import SessionKey
from sam2_session.services.masks.frame_masks import with_approval
from sam2_session.services.masks.staleness import Staleness
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import FrameRow, drop_conditioned, read_frame, save_frame
from sam2_session.storage.mask_rows import break_runs, read_mask, reopen_runs


@dataclass(slots=True)
class Written:
    """The changes of one transaction, which files and live sessions have yet to follow."""

    rows: dict[SessionKey, list[FrameRow]] = field(default_factory=dict)
    unprompted: list[tuple[SessionKey, int]] = field(default_factory=list)  # had prompts before
    keypoints_of: set[int] = field(default_factory=set)  # instances
    classified: dict[int, str] = field(default_factory=dict)  # instances that got a class
    rev: int = 0
    kept: int = 0  # changes that were not undone, since a later change replaced them

    @property
    def frames(self) -> int:
        """The number of changed frames, of all pairs together."""
        return sum(map(len, self.rows.values()))


class FrameBatch:
    """Saves states of frames at one revision; `written` collects them.

    `client_id` made the changes or takes the step; None for a script or a job.
    """

    def __init__(
        self,
        tx: Transaction,
        rev: int,
        staleness: Staleness,
        written: Written,
        client_id: str | None = None,
    ) -> None:
        self._tx = tx
        self._rev = rev
        self._staleness = staleness
        self.written = written
        written.rev = rev
        self._client_id = client_id

    def change(
        self, key: SessionKey, frame_idx: int, before: FrameState, after: FrameState, **action: int
    ) -> None:
        """Save a state with a change to undo; `action` joins it to others."""
        at = (key.instance_id, key.region, frame_idx)
        states = (before.to_json(), after.to_json())
        history_rows.push(self._tx, at, *states, self._client_id, **action)
        self.save(key, frame_idx, before, after)

    def save(self, key: SessionKey, frame_idx: int, before: FrameState, after: FrameState) -> None:
        """Save a state."""
        row = FrameRow(frame_idx, self._rev, after)
        save_frame(self._tx, key, row)
        self.written.rows.setdefault(key, []).append(row)
        if before.is_prompted and not after.is_prompted:
            self.written.unprompted.append((key, frame_idx))
            if drop_conditioned(self._tx, key, frame_idx):
                break_runs(self._tx, key)

    def recondition(self) -> None:
        """Let frames attend to the prompts of now; call it after the last change."""
        for key, rows in self.written.rows.items():
            if any(row.state.is_prompted for row in rows):
                self._staleness.recondition(self._tx, key)

    def reopen_runs(self) -> None:
        """Let runs of the changed pairs be made again, though no prompt changed."""
        for key in self.written.rows:
            reopen_runs(self._tx, key)

    def step(
        self, action: int, *, undone: bool, video_id: str, pressed: history_rows.HistoryKey
    ) -> None:
        """Undo an action, or redo one that is `undone`, and name it after this revision.

        A frame that a later change, or a run, has replaced since stays as it is, unless it is the
        `pressed` one.
        """
        move: Callable[..., Any] = history_rows.redo if undone else history_rows.undo
        for at, is_next in history_rows.frames_of_action(self._tx, action, undone=undone):
            instance_id, region, frame_idx = at
            assert region is not None  # keypoints change one frame at a time
            key = SessionKey(video_id, instance_id, region)
            row = read_frame(self._tx, key, frame_idx)
            if not is_next or (at != pressed and self._is_replaced(key, row, frame_idx, action)):
                self.written.kept += 1
                continue
            now_state = self._state_now(key, row, at, undone=undone)
            then = FrameState.from_json(move(self._tx, at, now_state.to_json(), self._client_id))
            history_rows.rename_action(self._tx, at, action, self._rev)
            self.save(key, frame_idx, now_state, then)
        self.recondition()
        self.reopen_runs()

    def _state_now(
        self, key: SessionKey, row: FrameRow | None, at: history_rows.HistoryKey, *, undone: bool
    ) -> FrameState:
        if row is None:
            return FrameState.from_json(history_rows.state_now(self._tx, at, undone=undone))
        return with_approval(row, read_mask(self._tx, key, row.frame_idx))

    def _is_replaced(
        self, key: SessionKey, row: FrameRow | None, frame_idx: int, action: int
    ) -> bool:
        """Return whether a run has written a mask there since."""
        mask = read_mask(self._tx, key, frame_idx)
        if mask is None or (row is not None and row.state.is_prompted):
            return False
        return mask.rev > (row.rev if row else action)
