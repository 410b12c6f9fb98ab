"""Creates, renames, recolours, hides, locks and deletes instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import Instance, require_name
from sam2_session.services.projects.project import Project, Projects
from sam2_session.storage.database import Transaction
from sam2_session.storage.instance_rows import (
    add_instance,
    get_instance,
    list_instances,
    save_instance,
    set_deleted,
)
from sam2_session.storage.op_rows import next_rev

FIELDS = ("name", "colour", "hidden", "locked")


class InstanceService:
    """Changes the instances of a video, and announces each change to its viewers."""

    def __init__(self, projects: Projects, bus: EventBus) -> None:
        self._projects = projects
        self._bus = bus

    def list(self, video_id: str) -> dict[str, Any]:
        """List the instances that are not deleted."""
        instances = self._projects.get(video_id).db.read(list_instances)
        return {"instances": [instance.to_wire() for instance in instances]}

    def create(self, video_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create an instance; without a name or colour it gets the next in line."""
        given = {name: fields[name] for name in FIELDS if fields.get(name) is not None}

        def make(tx: Transaction) -> tuple[Instance, int]:
            instance = _changed(add_instance(tx, None, None), given)
            save_instance(tx, instance)
            return instance, next_rev(tx)

        project = self._projects.get(video_id)
        instance, rev = project.db.write(make)
        self._announce(project, rev)
        return instance.to_wire()

    def update(self, video_id: str, instance_id: int, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields; ``deleted: false`` brings a deleted instance back."""
        if not changes:
            raise InvalidRequest(
                "Nothing to change.", hint="Send name, colour, hidden, locked or deleted."
            )
        if changes.get("deleted"):
            raise InvalidRequest("PATCH brings instances back.", hint="Use DELETE to delete one.")

        def change(tx: Transaction) -> tuple[Instance, int]:
            if "deleted" in changes:
                set_deleted(tx, instance_id, deleted=False)
            instance = _changed(get_instance(tx, instance_id), changes)
            save_instance(tx, instance)
            return instance, next_rev(tx)

        project = self._projects.get(video_id)
        with project.lock:
            instance, rev = project.db.write(change)
            project.show_folder(instance_id)
        self._rewrite_files(project, instance_id)
        self._announce(project, rev)
        return instance.to_wire()

    def delete(self, video_id: str, instance_id: int) -> dict[str, Any]:
        """Hide an instance and its folder; nothing is lost, and PATCH brings both back."""

        def change(tx: Transaction) -> int:
            get_instance(tx, instance_id)
            set_deleted(tx, instance_id, deleted=True)
            return next_rev(tx)

        project = self._projects.get(video_id)
        project.instance(instance_id, for_change=True)
        with project.lock:
            rev = project.db.write(change)
            project.hide_folder(instance_id)
        self._announce(project, rev)
        return {"deleted": True, "instance_id": instance_id}

    def _rewrite_files(self, project: Project, instance_id: int) -> None:
        with project.lock:
            for key in project.pairs():
                if key.instance_id == instance_id:
                    project.write_points(key)
            project.write_keypoints(instance_id)

    def _announce(self, project: Project, rev: int) -> None:
        with project.lock:  # so that the newest list is announced last
            instances = [row.to_wire() for row in project.db.read(list_instances)]
            data = {"video_id": project.video_id, "rev": rev, "instances": instances}
            self._bus.publish(Event(EventName.INSTANCES_CHANGED, data, video_id=project.video_id))
            listed = self._projects.videos.to_wire(project.video_id)
            self._bus.publish(Event(EventName.VIDEO_PROGRESS, listed))  # counts of everybody's list


def _changed(instance: Instance, changes: Mapping[str, Any]) -> Instance:
    if "name" in changes:
        require_name("name", changes["name"])
    return replace(instance, **{name: changes[name] for name in FIELDS if name in changes})
