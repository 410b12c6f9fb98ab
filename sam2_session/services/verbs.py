"""Every verb a door can call, by name: checked parameters in, JSON values and bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import SessionKey
from sam2_session.formats.pictures.mask_images import decode_mask
from sam2_session.services.client_events import ClientEvents
from sam2_session.services.imports.verbs import ImportVerbs
from sam2_session.services.opening import OpeningService
from sam2_session.services.parts import Parts
from sam2_session.services.prompts import edits
from sam2_session.services.prompts.prompts import PromptChange
from sam2_session.services.requests import optional_int, parse_prompt, require_int
from sam2_session.services.review.approvals import parse_approved, parse_spans

Table = dict[str, Callable[..., Any]]

MASK_WAIT_S = 120.0  # how long a REST call waits for the model


class Verbs:
    """The methods whose names are the verbs; see docs/wire.md for what they answer."""

    def __init__(
        self,
        parts: Parts,
        opening: OpeningService,
        events: ClientEvents,
        status: Callable[[], dict[str, Any]],
        max_upload_bytes: int,
    ) -> None:
        self._parts = parts
        self._imports = ImportVerbs(parts.projects, parts.imports, max_upload_bytes)
        self._table: Table = {
            **self._video_verbs(opening, max_upload_bytes),
            **self._annotation_verbs(),
            **self._work_verbs(),
            **self._imports.table(),
            "server_status": status,
            "apply_op": events.apply,
            "client_left": events.client_left,
        }

    def handle(self, verb: str, params: dict[str, Any]) -> Any:
        """Call a verb; raises `SessionError`."""
        if verb not in self._table:
            raise InvalidRequest(f"There is no verb {verb!r}.")
        return self._table[verb](**params)

    def close(self) -> None:
        """Leave nothing behind that was kept for the next call."""
        self._imports.close()

    def _video_verbs(self, opening: OpeningService, max_upload_bytes: int) -> Table:
        parts = self._parts
        return {
            "list_videos": lambda: {"videos": parts.videos.list()},
            "get_video": opening.video,
            "delete_video": self._delete_video,
            "restore_video": lambda trash_id: parts.videos.restore(_text(trash_id)),
            "start_upload": lambda name: parts.videos.start_upload(_text(name), max_upload_bytes),
            "finish_upload": parts.videos.finish_upload,
            "abort_upload": parts.videos.abort_upload,
            "read_frame": self._read_frame,
            "get_frame_table": parts.videos.frame_table,
        }

    def _annotation_verbs(self) -> Table:
        parts = self._parts
        return {
            "list_regions": parts.regions.list,
            "add_region": parts.regions.add,
            "update_region": parts.regions.update,
            "delete_region": parts.regions.delete,
            "list_instances": parts.instances.list,
            "create_instance": self._create_instance,
            "update_instance": parts.instances.update,
            "delete_instance": parts.instances.delete,
            "get_prompts": lambda **key: parts.prompts.list(self._key(**key)),
            "replace_prompts": self._replace_prompts,
            "delete_prompts": self._delete_prompts,
            "read_mask": self._read_mask,
            "stat_mask": lambda frame_idx, **key: parts.masks.stat(self._key(**key), frame_idx),
            "put_mask": self._put_mask,
            "delete_mask": self._delete_mask,
            "list_masks": lambda **key: parts.masks.list(self._key(**key)),
            "approve_masks": self._approve_masks,
            "drop_masks": lambda **key: parts.mask_drops.drop(self._key(**key)),
            "restore_masks": self._restore_masks,
            "get_keypoints": parts.keypoints.list,
            "replace_keypoints": self._replace_keypoints,
            "undo": lambda **place: self._step("undo", **place),
            "redo": lambda **place: self._step("redo", **place),
        }

    def _work_verbs(self) -> Table:
        parts = self._parts
        return {
            "propagate": lambda video_id, **data: parts.jobs.propagate(video_id, data),
            "list_jobs": self._list_jobs,
            "get_job": self._get_job,
            "cancel_job": self._cancel_job,
            "list_formats": parts.exports.formats,
            "start_export": lambda video_id, **data: parts.exports.start(video_id, data),
            "list_exports": parts.exports.list,
            "find_export": parts.exports.find,
            "delete_export": parts.exports.delete,
            "list_models": parts.models.list,
            "select_model": lambda name: parts.models.select(_text(name)),
        }

    def _key(self, video_id: str, instance_id: int, region: str) -> SessionKey:
        return self._parts.projects.key(video_id, instance_id, region)[1]

    def _create_instance(
        self, video_id: str, fields: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        return self._parts.instances.create(video_id, fields or {})

    def _list_jobs(self) -> dict[str, Any]:
        return {"jobs": self._parts.jobs.list()["jobs"] + self._parts.side_jobs.list()}

    def _get_job(self, job_id: str) -> dict[str, Any]:
        job = self._parts.side_jobs.find(job_id)
        return job.to_wire() if job else self._parts.jobs.get(job_id)

    def _cancel_job(self, job_id: str) -> dict[str, Any]:
        parts = self._parts
        found = parts.models.cancel_job(job_id) or parts.side_jobs.cancel(job_id)
        return found or parts.jobs.cancel(job_id)

    def _delete_video(self, video_id: str) -> dict[str, Any]:
        self._parts.videos.info(video_id)
        self._parts.jobs.cancel_video(video_id)
        self._parts.side_jobs.cancel_video(video_id)
        close = partial(self._parts.projects.close_one, video_id)
        trash_id = self._parts.videos.delete(video_id, close)
        return {"deleted": True, "video_id": video_id, "trash_id": trash_id}

    def _read_frame(
        self, video_id: str, frame_idx: int, width: int | None = None
    ) -> dict[str, Any]:
        data = self._parts.videos.read_frame(video_id, frame_idx, width)
        return {"data": data, "content_type": "image/jpeg"}

    def _replace_prompts(
        self,
        frame_idx: int,
        points: Any = None,
        box: Any = None,
        base_rev: int | None = None,
        **key: Any,
    ) -> dict[str, Any]:
        project, checked = self._parts.projects.key(**key)
        prompt = parse_prompt({"points": points, "box": box}, project.size_hw)
        optional_int({"base_rev": base_rev}, "base_rev")
        change = self._parts.prompts.edit(
            checked, frame_idx, edits.set_prompt(prompt), base_rev=base_rev
        )
        return self._wait(checked, change)

    def _delete_prompts(
        self, frame_idx: int, base_rev: int | None = None, **key: Any
    ) -> dict[str, Any]:
        checked = self._key(**key)
        optional_int({"base_rev": base_rev}, "base_rev")
        change = self._parts.prompts.edit(checked, frame_idx, edits.clear, base_rev=base_rev)
        return self._wait(checked, change)

    def _read_mask(
        self,
        frame_idx: int,
        format: str | None = None,  # noqa: A002 - the wire's name
        colour: str | None = None,
        alpha: float | None = None,
        **key: Any,
    ) -> dict[str, Any]:
        return self._parts.masks.read(
            self._key(**key),
            frame_idx,
            form=format,
            colour="ffffff" if colour is None else colour,
            alpha=1.0 if alpha is None else alpha,
        )

    def _put_mask(self, frame_idx: int, png: bytes, **key: Any) -> dict[str, Any]:
        project, checked = self._parts.projects.key(**key)
        base_id = self._parts.frame_masks.add_prompt_mask(
            project, decode_mask(png, project.size_hw)
        )
        return self._wait(
            checked, self._parts.prompts.edit(checked, frame_idx, edits.set_mask(base_id))
        )

    def _delete_mask(self, frame_idx: int, **key: Any) -> dict[str, Any]:
        checked = self._key(**key)
        return self._wait(checked, self._parts.prompts.edit(checked, frame_idx, edits.remove_mask))

    def _approve_masks(
        self, frames: Any = None, approved: Any = None, **key: Any
    ) -> dict[str, Any]:
        spans, value = parse_spans(frames), parse_approved(approved)
        return self._parts.approvals.set(self._key(**key), spans, value)

    def _restore_masks(self, drop_id: Any = None, **key: Any) -> dict[str, Any]:
        return self._parts.mask_drops.restore(self._key(**key), drop_id)

    def _replace_keypoints(
        self, video_id: str, instance_id: int, keypoints: Any, base_rev: int | None = None
    ) -> dict[str, Any]:
        optional_int({"base_rev": base_rev}, "base_rev")
        return self._parts.keypoints.replace(video_id, instance_id, keypoints, base_rev)

    def _step(
        self,
        kind: str,
        video_id: str,
        instance_id: int,
        frame_idx: int,
        region: str | None = None,
        scope: str | None = None,
    ) -> dict[str, Any]:
        place = {"frame_idx": frame_idx}
        require_int(place, "frame_idx")
        if scope == "keypoints":
            do = self._parts.keypoints.undo if kind == "undo" else self._parts.keypoints.redo
            return do(video_id, instance_id, frame_idx)
        key = self._key(video_id, instance_id, region or "")
        step = self._parts.prompts.undo if kind == "undo" else self._parts.prompts.redo
        return self._wait(key, step(key, frame_idx))

    def _wait(self, key: SessionKey, change: PromptChange) -> dict[str, Any]:
        mask = change.mask.result(MASK_WAIT_S)
        row = mask.row if mask else None
        return {**change.answer, "mask": self._parts.masks.wire_of(key, row) if row else None}


def _text(name: Any) -> str:
    if not isinstance(name, str):
        raise InvalidRequest("name must be a text.")
    return name
