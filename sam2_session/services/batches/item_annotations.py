"""Changes the annotations of a whole item: clears, restores, approves, carries names over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from sam2_session.core import edits
from sam2_session.core.errors import NothingToDo
from sam2_session.core.types import Instance, SessionKey
from sam2_session.services.batches.records import ClearedFrame
from sam2_session.services.batches.states import ItemView
from sam2_session.services.projects.instances import InstanceService
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.review.approvals import ApprovalService
from sam2_session.storage.frame_rows import prompted_frames
from sam2_session.storage.instance_rows import list_instances


class ItemAnnotations:
    """Uses the services of prompts, instances and approvals, so every change is announced."""

    def __init__(
        self,
        projects: Projects,
        prompts: PromptService,
        instances: InstanceService,
        approvals: ApprovalService,
    ) -> None:
        self._projects = projects
        self._prompts = prompts
        self._instances = instances
        self._approvals = approvals

    def clear(self, video_id: str) -> Iterator[ClearedFrame]:
        """Clear every prompted frame, one by one; each can be undone on its frame, too."""
        project = self._projects.get(video_id)
        for key in _open_pairs(project):
            for row in project.db.read(partial(prompted_frames, key=key)):
                self._prompts.edit(key, row.frame_idx, edits.clear)
                yield ClearedFrame(
                    instance_id=key.instance_id, region=key.region, frame_idx=row.frame_idx
                )

    def restore(self, video_id: str, cleared: Sequence[ClearedFrame]) -> None:
        """Undo the clearing of these frames, where nobody has set new prompts."""
        project = self._projects.get(video_id)
        for frame in cleared:
            key = SessionKey(video_id, frame.instance_id, frame.region)
            rows = project.db.read(partial(prompted_frames, key=key))
            if frame.frame_idx not in {row.frame_idx for row in rows}:
                with suppress(NothingToDo):  # its history was undone by hand
                    self._prompts.step("undo", key, frame.frame_idx)

    def approve(self, view: ItemView) -> None:
        """Approve every mask of an item. Raises `NothingToDo` if it has none."""
        if not view.facts.masks:
            raise NothingToDo(
                f"Item {view.number} has no mask to approve.", hint="Click on the object first."
            )
        self._set_approved(view, approved=True)

    def take_approval_back(self, view: ItemView) -> None:
        """Take the approval of every mask of an item back."""
        self._set_approved(view, approved=False)

    def carry_names(self, from_video: str, to_video: str) -> None:
        """Give a video without annotations the instances of another: names and colours."""
        if from_video == to_video:
            return
        before, after = self._projects.get(from_video), self._projects.get(to_video)
        if after.pairs():
            return
        wanted, there = _instances_of(before), _instances_of(after)
        for at, instance in enumerate(wanted):
            look = {"name": instance.name, "colour": instance.colour}
            if at >= len(there):
                self._instances.create(to_video, look)
            elif (there[at].name, there[at].colour) != (instance.name, instance.colour):
                self._instances.update(to_video, there[at].instance_id, look)

    def start_from_last_mask(self, from_video: str, to_video: str) -> None:
        """Set the masks on the last frame of a video as prompts on the first of another.

        Raises `NothingToDo` if that frame has no mask, or the other video has prompts already.
        """
        before, after = self._projects.get(from_video), self._projects.get(to_video)
        if any(after.db.read(partial(prompted_frames, key=key)) for key in after.pairs()):
            raise NothingToDo("This item has points already.", hint="Reset it first.")
        self._projects.finish_masks(from_video)
        last = before.num_frames - 1
        paths = {key: before.workspace.mask_path(key, last) for key in before.pairs()}
        masks = {key: path.read_bytes() for key, path in paths.items() if path.is_file()}
        if not masks:
            raise NothingToDo(
                "The last frame of the item before has no mask.", hint="Process that item first."
            )
        self.carry_names(from_video, to_video)
        instance_ids = [row.instance_id for row in _instances_of(after)]
        order = [row.instance_id for row in _instances_of(before)]
        for key, png in masks.items():
            instance_id = instance_ids[order.index(key.instance_id)]
            self._prompts.set_mask(SessionKey(to_video, instance_id, key.region), 0, png)

    def _set_approved(self, view: ItemView, *, approved: bool) -> None:
        project = self._projects.get(view.video_id)
        span = (0, max(0, project.num_frames - 1))
        for key in _open_pairs(project):
            with suppress(NothingToDo):  # they are as wanted already
                self._approvals.set(key, [span], approved)


def _open_pairs(project: Project) -> list[SessionKey]:
    """List the pairs whose instance is not locked."""
    return [key for key in project.pairs() if not project.instance(key.instance_id).locked]


def _instances_of(project: Project) -> list[Instance]:
    return project.db.read(list_instances)
