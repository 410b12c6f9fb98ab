"""The client events of the socket: each becomes one call, and one acknowledgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sam2_session.core.errors import InvalidRequest, SessionError
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import Point, SessionKey
from sam2_session.formats.pictures.mask_images import decode_mask
from sam2_session.services.opening import OpeningService
from sam2_session.services.parts import Parts
from sam2_session.services.projects.commands import Command, Repeated
from sam2_session.services.projects.project import Project
from sam2_session.services.prompts import edits
from sam2_session.services.requests import (
    optional_int,
    parse_box,
    parse_point,
    require_int,
    require_object,
    require_text,
)
from sam2_session.services.review.approvals import parse_approved, parse_spans
from sam2_session.storage.frame_rows import read_frame

Handler = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class ClientEvents:
    """Answers every client event with an ack; what is refused is refused in the ack."""

    def __init__(self, parts: Parts, opening: OpeningService) -> None:
        self._parts = parts
        self._handlers: dict[str, Handler] = {
            "open_video": opening.open,
            "close_video": self._close_video,
            "look_at": self._look_at,
            "add_point": partial(self._edit, "add_point", self._add_point),
            "move_point": partial(self._edit, "move_point", self._move_point),
            "remove_point": partial(self._edit, "remove_point", self._remove_point),
            "set_box": partial(self._edit, "set_box", self._set_box),
            "set_mask": partial(self._edit, "set_mask", self._set_mask),
            "clear_frame": partial(self._edit, "clear_frame", lambda *_: edits.clear),
            "approve": self._approve,
            "copy_prompts": partial(self._edit, "copy_prompts", self._copy_prompts),
            "drop_masks": self._drop_masks,
            "restore_masks": self._restore_masks,
            "undo": partial(self._step, "undo"),
            "redo": partial(self._step, "redo"),
            "add_keypoint": partial(self._keypoint, "add"),
            "move_keypoint": partial(self._keypoint, "move"),
            "remove_keypoint": partial(self._keypoint, "remove"),
            "propagate": self._propagate,
            "cancel": self._cancel,
        }

    def apply(self, event: str, sid: str, data: Any) -> dict[str, Any]:
        """The ack of one event."""
        if not isinstance(data, Mapping):
            data = {}
        head = {"seq": data.get("seq"), "rev": None}
        try:
            if event not in self._handlers:
                raise InvalidRequest(f"There is no event {event!r}.")
            return {**head, "status": "applied", **self._handlers[event](sid, data)}
        except Repeated as repeated:
            return {**head, **repeated.answer, "status": "duplicate"}
        except SessionError as error:
            return {**head, "status": "rejected", "error": error.to_wire()}

    def client_left(self, sid: str) -> None:
        """A connection ended."""
        self._parts.presence.leave(sid)
        self._parts.prefetcher.leave(sid)

    def _close_video(self, sid: str, _: Mapping[str, Any]) -> dict[str, Any]:
        self.client_left(sid)
        return {}

    def _look_at(self, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        video_id, frame_idx = require_text(data, "video_id"), require_int(data, "frame_idx")
        self._parts.presence.look(sid, frame_idx)
        self._parts.prefetcher.look(sid, video_id, frame_idx)
        return {}

    def _edit(
        self,
        kind: str,
        make: Callable[[Project, Mapping[str, Any]], edits.Edit],
        sid: str,
        data: Mapping[str, Any],
    ) -> dict[str, Any]:
        command = Command.parse(kind, sid, data)
        project, key = self._key(data)
        change = self._parts.prompts.edit(
            key,
            require_int(data, "frame_idx"),
            make(project, data),
            command=command,
            base_rev=optional_int(data, "base_rev"),
        )
        return change.answer

    def _add_point(self, project: Project, data: Mapping[str, Any]) -> edits.Edit:
        point: Point = parse_point(data, project.size_hw)
        return edits.add_point(point)

    def _move_point(self, project: Project, data: Mapping[str, Any]) -> edits.Edit:
        to = parse_point({**data, "label": 1}, project.size_hw)
        return edits.move_point(require_int(data, "point_idx"), to.x, to.y)

    def _remove_point(self, _: Project, data: Mapping[str, Any]) -> edits.Edit:
        return edits.remove_point(require_int(data, "point_idx"))

    def _set_box(self, project: Project, data: Mapping[str, Any]) -> edits.Edit:
        return edits.set_box(parse_box(data.get("box"), project.size_hw))

    def _set_mask(self, project: Project, data: Mapping[str, Any]) -> edits.Edit:
        png = data.get("mask", data.get("png"))
        if not isinstance(png, bytes):
            raise InvalidRequest("set_mask carries the bytes of a PNG in `mask`.")
        mask_hw = decode_mask(png, project.size_hw)
        return edits.set_mask(self._parts.frame_masks.add_prompt_mask(project, mask_hw))

    def _approve(self, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        command = Command.parse("approve", sid, data)
        _, key = self._key(data)
        spans, approved = parse_spans(data.get("frames")), parse_approved(data.get("approved"))
        return self._parts.approvals.set(key, spans, approved, command)

    def _copy_prompts(self, _: Project, data: Mapping[str, Any]) -> edits.Edit:
        source = require_object(data, "source")
        project, key = self._key({"key": {**require_object(data, "key"), **source}})
        frame_idx = require_int(source, "frame_idx")
        row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
        return edits.copy(row.state if row else FrameState())

    def _drop_masks(self, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        command = Command.parse("drop_masks", sid, data)
        return self._parts.mask_drops.drop(self._key(data)[1], command)

    def _restore_masks(self, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        command = Command.parse("restore_masks", sid, data)
        drop_id = require_text(data, "drop_id")
        return self._parts.mask_drops.restore(self._key(data)[1], drop_id, command)

    def _step(self, kind: str, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        command = Command.parse(kind, sid, data)
        frame_idx = require_int(data, "frame_idx")
        if data.get("scope") == "keypoints":
            video_id, instance_id = _instance(require_object(data, "key"))
            do = self._parts.keypoints.undo if kind == "undo" else self._parts.keypoints.redo
            return do(video_id, instance_id, frame_idx, command)
        _, key = self._key(data)
        step = self._parts.prompts.undo if kind == "undo" else self._parts.prompts.redo
        return step(key, frame_idx, command=command).answer

    def _keypoint(self, kind: str, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        command = Command.parse(f"{kind}_keypoint", sid, data)
        video_id, instance_id = _instance(data)
        do = {
            "add": self._parts.keypoints.add,
            "move": self._parts.keypoints.move,
            "remove": self._parts.keypoints.remove,
        }
        return do[kind](video_id, instance_id, data, command)

    def _propagate(self, sid: str, data: Mapping[str, Any]) -> dict[str, Any]:
        command = Command.parse("propagate", sid, data)
        return self._parts.jobs.propagate(require_text(data, "video_id"), data, command)

    def _cancel(self, _: str, data: Mapping[str, Any]) -> dict[str, Any]:
        job_id = require_text(data, "job_id")
        return {"job": self._parts.models.cancel_job(job_id) or self._parts.jobs.cancel(job_id)}

    def _key(self, data: Mapping[str, Any]) -> tuple[Project, SessionKey]:
        key = require_object(data, "key")
        video_id, instance_id = _instance(key)
        return self._parts.projects.key(video_id, instance_id, require_text(key, "region"))


def _instance(data: Mapping[str, Any]) -> tuple[str, int]:
    return require_text(data, "video_id"), require_int(data, "instance_id", least=1)
