"""Adds, moves, renames, hides and removes keypoints: named points for the dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sam2_session.core.errors import Conflict, InvalidPrompt, NotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import Keypoint, require_inside
from sam2_session.services.projects.commands import Command, apply_once, raise_if_repeated
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.prompts.history_step import DEPTH, HistoryStep, Way
from sam2_session.services.prompts.keypoint_actions import step_action
from sam2_session.services.prompts.keypoint_corrections import (
    Correction,
    names_corrected,
    span_after,
)
from sam2_session.services.prompts.keypoint_states import dump, ids_of, load, require_free
from sam2_session.services.prompts.keypoint_steps import (
    Keypoints,
    by_frame,
    number_new,
    require_different,
    steps_between,
    without_derived,
)
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.keypoint_rows import (
    find_keypoint,
    keypoints_on_frame,
    list_keypoints,
    new_keypoint_id,
    replace_on_frame,
)
from sam2_session.storage.op_rows import current_rev

FrameEdit = Callable[[Transaction, list[Keypoint]], list[Keypoint]]


class KeypointService:
    """Changes the keypoints of an instance on one frame; each change can be undone.

    `corrected` is told of a change after which keypoints have to be carried anew.
    """

    def __init__(
        self, projects: Projects, bus: EventBus, corrected: Callable[[Correction], None]
    ) -> None:
        self._projects = projects
        self._bus = bus
        self._corrected = corrected

    def list(self, video_id: str, instance_id: int) -> dict[str, Any]:
        """List all keypoints of an instance."""
        project = self._projects.get(video_id)
        project.instance(instance_id)
        rev, rows = project.db.read(lambda tx: (current_rev(tx), list_keypoints(tx, instance_id)))
        return {"rev": rev, "keypoints": [row.to_wire() for row in rows]}

    def add(
        self,
        video_id: str,
        instance_id: int,
        keypoint: Keypoint,
        command: Command | None = None,
    ) -> dict[str, Any]:
        """Put a keypoint on its frame; the answer holds its ``keypoint_id``.

        A derived one of its name makes way. Raises `Conflict` for an id that is taken.
        """
        project = self._projects.get(video_id)
        self._projects.require_frame(video_id, keypoint.frame_idx)
        require_inside(keypoint.x, keypoint.y, project.size_hw)

        def edit(tx: Transaction, before: list[Keypoint]) -> list[Keypoint]:
            (added,) = number_new([keypoint], new_keypoint_id(tx))
            if find_keypoint(tx, added.keypoint_id):
                raise Conflict(f"There is a keypoint {added.keypoint_id} already.")
            return [*without_derived(before, {added.name}), added]

        return self._edit(project, instance_id, keypoint.frame_idx, edit, command)

    def move(
        self,
        video_id: str,
        instance_id: int,
        keypoint_id: int,
        changes: Mapping[str, Any],
        command: Command | None = None,
    ) -> dict[str, Any]:
        """Change `x`, `y`, `name` or `visible` of a keypoint, which makes a derived one placed."""
        if not changes:
            raise InvalidPrompt("Nothing to change.", hint="Send x, y, name or visible.")
        project = self._projects.get(video_id)

        def edit(before: Keypoint) -> Sequence[Keypoint]:
            after = replace(before, **changes, derived=False)
            require_inside(after.x, after.y, project.size_hw)
            return [after]

        return self._edit_keypoint(project, (instance_id, keypoint_id), edit, command)

    def remove(
        self, video_id: str, instance_id: int, keypoint_id: int, command: Command | None = None
    ) -> dict[str, Any]:
        """Remove a keypoint."""
        project = self._projects.get(video_id)
        return self._edit_keypoint(project, (instance_id, keypoint_id), lambda _: [], command)

    def replace(
        self, video_id: str, instance_id: int, keypoints: Keypoints, base_rev: int | None
    ) -> dict[str, Any]:
        """Replace all keypoints of an instance, frame by frame, each frame undoable."""
        project = self._projects.get(video_id)
        project.instance(instance_id)
        rev, before = project.db.read(lambda tx: (current_rev(tx), list_keypoints(tx, instance_id)))
        if base_rev is not None and rev > base_rev:
            raise Conflict(
                f"The video changed since revision {base_rev}; it is at {rev}.",
                hint="Read the keypoints again, then repeat the change.",
            )
        self._require_valid(project, keypoints)  # all are checked before any is changed
        for frame_idx, wanted in steps_between(by_frame(before), by_frame(keypoints)):
            self._put(project, instance_id, frame_idx, wanted)
        return self.list(video_id, instance_id)

    def _require_valid(self, project: Project, keypoints: Keypoints) -> None:
        for keypoint in keypoints:
            self._projects.require_frame(project.video_id, keypoint.frame_idx)
            require_inside(keypoint.x, keypoint.y, project.size_hw)
        require_different(keypoints)

    def _put(self, project: Project, instance_id: int, frame_idx: int, wanted: Keypoints) -> None:
        """Replace a frame's keypoints as told, derived ones included: nothing is carried anew."""

        def change(tx: Transaction, before: list[Keypoint]) -> list[Keypoint]:
            after = number_new(wanted, new_keypoint_id(tx))
            history_rows.push(tx, (instance_id, None, frame_idx), dump(before), dump(after))
            return after

        self._change(project, instance_id, frame_idx, change, None)

    def step(
        self,
        way: Way,
        place: tuple[str, int, int],
        *,
        command: Command | None = None,
        takes_any: bool = False,
    ) -> dict[str, Any]:
        """Undo or redo a change of keypoints at a place: video_id, instance_id, frame_idx.

        Raises `OthersChange` for another person's change, unless `takes_any`.
        """
        video_id, instance_id, frame_idx = place
        step = HistoryStep(way, command, takes_any)
        pressed = (instance_id, None, frame_idx)

        def change(tx: Transaction, before: list[Keypoint]) -> list[Keypoint]:
            return load(step.take(tx, pressed, dump(before)))

        project = self._projects.get(video_id)
        undone = way == "redo"
        if project.db.read(lambda tx: history_rows.action_of(tx, pressed, undone=undone)):
            answer = self._step_action(project, pressed, step)
        else:
            answer = self._change(project, instance_id, frame_idx, change, command)
        key = {"video_id": video_id, "instance_id": instance_id, "region": None}
        step.tell_other(self._bus, key, frame_idx)
        return answer

    def _step_action(
        self, project: Project, pressed: history_rows.HistoryKey, step: HistoryStep
    ) -> dict[str, Any]:
        """Take an action of many frames back, or do it again, and have clients read the video."""
        instance_id, _, frame_idx = pressed
        project.instance(instance_id, for_change=True)
        after: list[Keypoint] = []

        def change(tx: Transaction, rev: int) -> dict[str, Any]:
            answer = step_action(tx, rev, pressed, step)
            after[:] = keypoints_on_frame(tx, instance_id, frame_idx)
            return answer

        def announce(answer: dict[str, Any]) -> None:
            self._announce(project, instance_id, frame_idx, after, answer, step.command)
            if answer["frames"] > 1:
                data = {"video_id": project.video_id}
                self._bus.publish(Event(EventName.RESYNC, data, video_id=project.video_id))

        with project.lock:
            answer = apply_once(project, step.command, change, announce)
            project.write_keypoints(instance_id)
        return answer

    def _edit_keypoint(
        self,
        project: Project,
        named: tuple[int, int],
        edit: Callable[[Keypoint], Sequence[Keypoint]],
        command: Command | None,
    ) -> dict[str, Any]:
        """Replace one keypoint, named by (instance_id, keypoint_id), by the result of `edit`."""
        raise_if_repeated(project, command)  # the keypoint may be gone since the first time
        instance_id, keypoint_id = named
        wanted = _find(project, instance_id, keypoint_id)

        def change(_: Transaction, before: list[Keypoint]) -> list[Keypoint]:
            after: list[Keypoint] = []
            for keypoint in before:
                after += edit(keypoint) if keypoint.keypoint_id == keypoint_id else [keypoint]
            return after

        return self._edit(project, instance_id, wanted.frame_idx, change, command)

    def _edit(
        self,
        project: Project,
        instance_id: int,
        frame_idx: int,
        edit: FrameEdit,
        command: Command | None,
    ) -> dict[str, Any]:
        corrections: list[Correction] = []
        client_id = command.client_id if command else None

        def change(tx: Transaction, before: list[Keypoint]) -> list[Keypoint]:
            corrections.clear()
            after = edit(tx, before)
            at = (instance_id, None, frame_idx)
            names = names_corrected(before, after)
            span, action = span_after(tx, instance_id, frame_idx, names), None
            if span:
                action = current_rev(tx)  # of this change: what follows is undone with it
                corrections.append(
                    Correction(project.video_id, instance_id, names, *span, action, client_id)
                )
            history_rows.push(tx, at, dump(before), dump(after), client_id, action=action)
            return after

        answer = self._change(project, instance_id, frame_idx, change, command)
        for correction in corrections:
            self._corrected(correction)
        return answer

    def _change(
        self,
        project: Project,
        instance_id: int,
        frame_idx: int,
        change: FrameEdit,
        command: Command | None,
    ) -> dict[str, Any]:
        project.instance(instance_id, for_change=True)
        after: list[Keypoint] = []

        def transaction(tx: Transaction, rev: int) -> dict[str, Any]:
            before = keypoints_on_frame(tx, instance_id, frame_idx)
            after[:] = change(tx, before)
            require_free(tx, before, after)
            replace_on_frame(tx, instance_id, frame_idx, after)
            added = sorted(ids_of(after) - ids_of(before))
            depth = history_rows.depth(tx, (instance_id, None, frame_idx))
            return {**depth, **({"keypoint_id": added[0]} if len(added) == 1 else {})}

        def announce(answer: dict[str, Any]) -> None:
            self._announce(project, instance_id, frame_idx, after, answer, command)

        with project.lock.shared():
            answer = apply_once(project, command, transaction, announce)
            project.write_keypoints(instance_id)
        return answer

    def _announce(
        self,
        project: Project,
        instance_id: int,
        frame_idx: int,
        after: Keypoints,
        answer: dict[str, Any],
        command: Command | None,
    ) -> None:
        data = {
            "video_id": project.video_id,
            "instance_id": instance_id,
            "frame_idx": frame_idx,
            "rev": answer["rev"],
            "keypoints": dump(sorted(after, key=lambda keypoint: keypoint.keypoint_id)),
            **{name: answer[name] for name in DEPTH},
            "client_id": command.client_id if command else None,
        }
        video_id = project.video_id
        self._bus.publish(Event(EventName.KEYPOINTS_CHANGED, data, video_id=video_id))


def _find(project: Project, instance_id: int, keypoint_id: int) -> Keypoint:
    found = project.db.read(lambda tx: find_keypoint(tx, keypoint_id))
    if found is None or found[0] != instance_id:
        raise NotFound(f"No keypoint {keypoint_id}.", hint="It may have been removed.")
    return found[1]
