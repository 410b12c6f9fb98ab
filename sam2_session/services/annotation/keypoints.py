"""Named points for the dataset: add, move, rename, hide, remove, undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sam2_session.core.errors import Conflict, InvalidPrompt, NotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import Keypoint
from sam2_session.services.annotation.commands import Command, apply_once, raise_if_repeated
from sam2_session.services.annotation.project import Project, Projects
from sam2_session.services.requests import optional_int, require_inside, require_int
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
    """Changes the keypoints of an instance on one frame; each change can be undone."""

    def __init__(self, projects: Projects, bus: EventBus) -> None:
        self._projects = projects
        self._bus = bus

    def list(self, video_id: str, instance_id: int) -> dict[str, Any]:
        """All keypoints of an instance."""
        project = self._projects.get(video_id)
        project.instance(instance_id)
        rev, rows = project.db.read(lambda tx: (current_rev(tx), list_keypoints(tx, instance_id)))
        return {"rev": rev, "keypoints": [one.to_wire() for one in rows]}

    def add(
        self,
        video_id: str,
        instance_id: int,
        data: Mapping[str, Any],
        command: Command | None = None,
    ) -> dict[str, Any]:
        """Put a keypoint on a frame; the answer holds its ``keypoint_id``."""
        frame_idx = require_int(data, "frame_idx")
        project = self._projects.get(video_id)
        self._projects.require_frame(video_id, frame_idx)

        def edit(tx: Transaction, here: list[Keypoint]) -> list[Keypoint]:
            keypoint_id = optional_int(data, "keypoint_id") or new_keypoint_id(tx)
            if find_keypoint(tx, keypoint_id):
                raise Conflict(f"There is a keypoint {keypoint_id} already.")
            return [*here, _parse(data, keypoint_id, frame_idx, project.size_hw)]

        return self._edit(project, instance_id, frame_idx, edit, command)

    def move(
        self,
        video_id: str,
        instance_id: int,
        data: Mapping[str, Any],
        command: Command | None = None,
    ) -> dict[str, Any]:
        """Change position, name or visibility of a keypoint."""
        project = self._projects.get(video_id)
        before = self._find(project, instance_id, data, command)

        def edit(_: Transaction, here: list[Keypoint]) -> list[Keypoint]:
            size_hw = project.size_hw
            return [_moved(one, data, size_hw) if _same(one, before) else one for one in here]

        return self._edit(project, instance_id, before.frame_idx, edit, command)

    def remove(
        self,
        video_id: str,
        instance_id: int,
        data: Mapping[str, Any],
        command: Command | None = None,
    ) -> dict[str, Any]:
        """Take a keypoint away."""
        project = self._projects.get(video_id)
        before = self._find(project, instance_id, data, command)

        def edit(_: Transaction, here: list[Keypoint]) -> list[Keypoint]:
            return [one for one in here if not _same(one, before)]

        return self._edit(project, instance_id, before.frame_idx, edit, command)

    def replace(
        self, video_id: str, instance_id: int, rows: Iterable[Any], base_rev: int | None
    ) -> dict[str, Any]:
        """Exchange all keypoints of an instance, frame by frame, each frame undoable."""
        project = self._projects.get(video_id)
        now = self.list(video_id, instance_id)
        if base_rev is not None and now["rev"] > base_rev:
            raise Conflict(
                f"The video changed since revision {base_rev}; it is at {now['rev']}.",
                hint="Read the keypoints again, then repeat the change.",
            )
        wanted = _by_frame(rows)
        for frame_idx, here in wanted.items():  # all are checked before any is changed
            self._projects.require_frame(video_id, frame_idx)
            project.db.read(
                partial(_parse_all, rows=here, frame_idx=frame_idx, size_hw=project.size_hw)
            )
        _require_different(row.get("keypoint_id") for here in wanted.values() for row in here)
        frame_of = {
            row["keypoint_id"]: frame_idx
            for frame_idx, here in wanted.items()
            for row in here
            if row.get("keypoint_id")
        }
        now_by_frame = _by_frame(now["keypoints"])
        for frame_idx, here in now_by_frame.items():  # first leave, then come: ids are unique
            staying = [r for r in here if frame_of.get(r["keypoint_id"], frame_idx) == frame_idx]
            if staying != here:
                self._put(project, instance_id, frame_idx, staying)
                now_by_frame[frame_idx] = staying
        for frame_idx in sorted({*now_by_frame, *wanted}):
            if wanted.get(frame_idx, []) != now_by_frame.get(frame_idx, []):
                self._put(project, instance_id, frame_idx, wanted.get(frame_idx, []))
        return self.list(video_id, instance_id)

    def _put(
        self, project: Project, instance_id: int, frame_idx: int, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        def edit(tx: Transaction, _: list[Keypoint]) -> list[Keypoint]:
            return _parse_all(tx, rows, frame_idx, project.size_hw)

        self._edit(project, instance_id, frame_idx, edit, None)

    def undo(
        self, video_id: str, instance_id: int, frame_idx: int, command: Command | None = None
    ) -> dict[str, Any]:
        """Take back the newest change of the frame's keypoints."""
        return self._step(history_rows.take_back, (video_id, instance_id, frame_idx), command)

    def redo(
        self, video_id: str, instance_id: int, frame_idx: int, command: Command | None = None
    ) -> dict[str, Any]:
        """Do again what was undone last on this frame."""
        return self._step(history_rows.do_again, (video_id, instance_id, frame_idx), command)

    def _step(
        self,
        step: Callable[[Transaction, history_rows.Place, Any], Any],
        place: tuple[str, int, int],
        command: Command | None,
    ) -> dict[str, Any]:
        video_id, instance_id, frame_idx = place

        def change(tx: Transaction, here: list[Keypoint]) -> list[Keypoint]:
            return _load(step(tx, (instance_id, None, frame_idx), _dump(here)))

        project = self._projects.get(video_id)
        return self._change(project, instance_id, frame_idx, change, command)

    def _find(
        self,
        project: Project,
        instance_id: int,
        data: Mapping[str, Any],
        command: Command | None,
    ) -> Keypoint:
        raise_if_repeated(project, command)  # what it names may be gone since the first time
        keypoint_id = require_int(data, "keypoint_id", least=1)
        found = project.db.read(lambda tx: find_keypoint(tx, keypoint_id))
        if found is None or found[0] != instance_id:
            raise NotFound(f"No keypoint {keypoint_id}.", hint="It may have been removed.")
        return found[1]

    def _edit(
        self,
        project: Project,
        instance_id: int,
        frame_idx: int,
        edit: FrameEdit,
        command: Command | None,
    ) -> dict[str, Any]:
        def change(tx: Transaction, here: list[Keypoint]) -> list[Keypoint]:
            after = edit(tx, here)
            place = (instance_id, None, frame_idx)
            history_rows.push(tx, place, _dump(here), _dump(after))
            return after

        return self._change(project, instance_id, frame_idx, change, command)

    def _change(
        self,
        project: Project,
        instance_id: int,
        frame_idx: int,
        change: FrameEdit,
        command: Command | None,
    ) -> dict[str, Any]:
        project.instance(instance_id, for_change=True)
        with project.lock:

            def transaction(tx: Transaction, rev: int) -> dict[str, Any]:
                before = keypoints_on_frame(tx, instance_id, frame_idx)
                after = change(tx, before)
                _require_free(tx, before, after)
                replace_on_frame(tx, instance_id, frame_idx, after)
                known = {one.keypoint_id for one in before}
                added = [one.keypoint_id for one in after if one.keypoint_id not in known]
                depth = history_rows.depth(tx, (instance_id, None, frame_idx))
                return {**depth, **({"keypoint_id": added[0]} if len(added) == 1 else {})}

            answer = apply_once(project, command, transaction)
            project.write_keypoints(instance_id)
            self._announce(project, instance_id, frame_idx, answer, command)
        return answer

    def _announce(
        self,
        project: Project,
        instance_id: int,
        frame_idx: int,
        answer: dict[str, Any],
        command: Command | None,
    ) -> None:
        here = project.db.read(lambda tx: keypoints_on_frame(tx, instance_id, frame_idx))
        data = {
            "video_id": project.video_id,
            "instance_id": instance_id,
            "frame_idx": frame_idx,
            "rev": answer["rev"],
            "keypoints": [one.to_wire() for one in here],
            "undo": answer["undo"],
            "redo": answer["redo"],
            "client_id": command.client_id if command else None,
        }
        self._bus.publish(Event(EventName.KEYPOINTS_CHANGED, data, video_id=project.video_id))


def _parse(
    data: Mapping[str, Any], keypoint_id: int, frame_idx: int, size_hw: tuple[int, int]
) -> Keypoint:
    visible = data.get("visible", True)
    if not isinstance(visible, bool):
        raise InvalidPrompt("visible must be true or false.")
    x, y, name = data.get("x"), data.get("y"), data.get("name")
    keypoint = Keypoint(keypoint_id, frame_idx, x, y, name, visible)  # type: ignore[arg-type]
    require_inside(keypoint.x, keypoint.y, size_hw)
    return keypoint


def _moved(before: Keypoint, data: Mapping[str, Any], size_hw: tuple[int, int]) -> Keypoint:
    fields = {name: data[name] for name in ("x", "y", "name", "visible") if name in data}
    if not fields:
        raise InvalidPrompt("Nothing to change.", hint="Send x, y, name or visible.")
    merged = {**before.to_wire(), **fields}
    return _parse(merged, before.keypoint_id, before.frame_idx, size_hw)


def _parse_all(
    tx: Transaction, rows: Sequence[Mapping[str, Any]], frame_idx: int, size_hw: tuple[int, int]
) -> list[Keypoint]:
    fresh = new_keypoint_id(tx)
    parsed = []
    for offset, row in enumerate(rows):
        keypoint_id = optional_int(row, "keypoint_id") or fresh + offset
        parsed.append(_parse(row, keypoint_id, frame_idx, size_hw))
    return parsed


def _by_frame(rows: Iterable[Any]) -> dict[int, list[Mapping[str, Any]]]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidPrompt("keypoints must be a list of objects.")
    grouped: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(require_int(row, "frame_idx"), []).append(row)
    return grouped


def _require_different(ids: Iterable[Any]) -> None:
    named = [one for one in ids if one]
    if len(set(map(repr, named))) < len(named):
        raise InvalidPrompt("A keypoint_id is there twice.", hint="Leave it out for new ones.")


def _require_free(tx: Transaction, before: list[Keypoint], after: list[Keypoint]) -> None:
    """An id lives once in a video: what undo brings back may be on another frame by now."""
    _require_different(one.keypoint_id for one in after)
    for keypoint_id in {one.keypoint_id for one in after} - {one.keypoint_id for one in before}:
        found = find_keypoint(tx, keypoint_id)
        if found is not None:
            raise Conflict(
                f"Keypoint {keypoint_id} is on frame {found[1].frame_idx} of instance {found[0]}.",
                hint="Take that change back first.",
            )


def _same(one: Keypoint, other: Keypoint) -> bool:
    return one.keypoint_id == other.keypoint_id


def _dump(keypoints: list[Keypoint]) -> list[dict[str, Any]]:
    return [one.to_wire() for one in keypoints]


def _load(rows: list[dict[str, Any]]) -> list[Keypoint]:
    return [Keypoint(**row) for row in rows]
