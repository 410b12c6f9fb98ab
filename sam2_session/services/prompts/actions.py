"""Undo and redo of actions that changed many frames at once."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import NothingToDo
from sam2_session.core.types import SessionKey
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.commands import apply_once
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.projects.run_guard import require_no_run
from sam2_session.services.prompts.after_commit import CommitFollower
from sam2_session.services.prompts.frame_batch import FrameBatch, Written
from sam2_session.services.prompts.history_step import HistoryStep
from sam2_session.services.propagation.taking_back import TakingBack
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction


class ActionHistory:
    """Takes an action back on every frame that it changed, and does it again."""

    def __init__(
        self,
        projects: Projects,
        staleness: Staleness,
        follower: CommitFollower,
        taking_back: TakingBack,
    ) -> None:
        self.taking_back = taking_back
        self._projects = projects
        self._staleness = staleness
        self._follower = follower

    def step(self, key: SessionKey, frame_idx: int, step: HistoryStep) -> dict[str, Any] | None:
        """Undo the action that changed this frame last, or redo one.

        Returns ``{rev, undo, redo, undo_by, redo_by, frames, kept}``, or None if the frame's next
        step is a change of its own. Raises `OthersChange`, or `Conflict` if a run is making masks
        of one of the action's pairs.
        """
        project = self._projects.of(key)
        undone, command = step.way == "redo", step.command
        pressed = (key.instance_id, key.region, frame_idx)
        action = project.db.read(lambda tx: history_rows.action_of(tx, pressed, undone=undone))
        if action is None:
            return None
        written = Written()

        def change(tx: Transaction, rev: int) -> dict[str, Any]:
            step.require_own(tx, pressed)
            client_id = command.client_id if command else None
            batch = FrameBatch(tx, rev, self._staleness, written, client_id)
            batch.step(action, undone=undone, video_id=key.video_id, pressed=pressed)
            if not written.rows:
                raise NothingToDo("Every frame of this action was changed again since.")
            counts = {"frames": written.frames, "kept": written.kept}
            return {**history_rows.depth(tx, pressed), **counts}

        with project.lock:
            self._require_free(project, action, undone=undone)
            answer = apply_once(project, command, change)
        self._follower.follow(project, written)
        return answer

    def _require_free(self, project: Project, action: int, *, undone: bool) -> None:
        frames = project.db.read(
            lambda tx: history_rows.frames_of_action(tx, action, undone=undone)
        )
        pairs = {(instance_id, str(region)) for (instance_id, region, _), _ in frames}
        for instance_id, _ in pairs:
            project.instance(instance_id, for_change=True)
        require_no_run(project, pairs)
