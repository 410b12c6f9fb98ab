"""Creates, renames, recolours, hides, locks and deletes instances."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sam2_session.core.clients import Client
from sam2_session.core.errors import InvalidRequest
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import Instance, require_name
from sam2_session.services.projects.class_book import ClassBook
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.trash.trash import Trash
from sam2_session.storage.database import Transaction
from sam2_session.storage.instance_rows import (
    add_instance,
    get_instance,
    list_instances,
    purge_instance,
    save_instance,
    set_deleted,
)
from sam2_session.storage.op_rows import next_rev
from sam2_session.storage.trash import TrashItem, TrashKind

FIELDS = ("name", "colour", "hidden", "locked", "class_name")


class InstanceService:
    """Changes the instances of a video, and announces each change to its viewers."""

    def __init__(self, projects: Projects, classes: ClassBook, bus: EventBus, trash: Trash) -> None:
        self._projects = projects
        self._classes = classes
        self._bus = bus
        self._trash = trash
        trash.register(TrashKind.INSTANCE, self)

    def list(self, video_id: str) -> dict[str, Any]:
        """List the instances that are not deleted."""
        instances = self._projects.get(video_id).db.read(list_instances)
        return {"instances": [instance.to_wire() for instance in instances]}

    def create(self, video_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Create an instance; without a name or colour it gets the next in line."""
        given = {name: fields[name] for name in FIELDS if fields.get(name) is not None}
        self._check_class(given)

        def make(tx: Transaction) -> tuple[Instance, int]:
            instance = _changed(add_instance(tx, None, None), given)
            save_instance(tx, instance)
            return instance, next_rev(tx)

        project = self._projects.get(video_id)
        instance, rev = project.db.write(make)
        self._announce(project, rev)
        return instance.to_wire()

    def update(
        self,
        video_id: str,
        instance_id: int,
        changes: Mapping[str, Any],
        client: Client | None = None,
    ) -> dict[str, Any]:
        """Change fields; ``deleted: false`` brings a deleted instance back."""
        if not changes:
            raise InvalidRequest("Nothing to change.", hint=f"Send {', '.join(FIELDS)} or deleted.")
        if changes.get("deleted"):
            raise InvalidRequest("PATCH brings instances back.", hint="Use DELETE to delete one.")
        self._check_class(changes)

        def change(tx: Transaction) -> tuple[Instance, int]:
            if "deleted" in changes:
                set_deleted(tx, instance_id, deleted=False)
            instance = _changed(get_instance(tx, instance_id), changes)
            save_instance(tx, instance)
            return instance, next_rev(tx)

        project = self._projects.get(video_id)
        with project.lock:
            instance, rev = project.db.write(change)
            project.files.show_folder(instance_id)
        self._rewrite_files(project, instance_id)
        self._announce(project, rev)
        if "deleted" in changes:
            self._came_back(video_id, instance_id, client)
        return instance.to_wire()

    def delete(
        self, video_id: str, instance_id: int, client: Client | None = None
    ) -> dict[str, Any]:
        """Hide an instance and its folder; nothing is lost, and the trash brings both back."""

        def change(tx: Transaction) -> tuple[Instance, int]:
            instance = get_instance(tx, instance_id)
            set_deleted(tx, instance_id, deleted=True)
            return instance, next_rev(tx)

        project = self._projects.get(video_id)
        project.instance(instance_id, for_change=True)
        self._projects.finish_files(video_id)
        with project.lock:
            instance, rev = project.db.write(change)
            project.files.hide_folder(instance_id)
        self._announce(project, rev)
        item = self._trash.put(
            self._trash.store.new_folder(video_id),
            TrashKind.INSTANCE,
            f"{instance_id} · {instance.name.removesuffix(f' {instance_id}') or instance.name}",
            video_id=video_id,
            client=client,
            instance_id=instance_id,
        )
        return {"deleted": True, "instance_id": instance_id, "trash_id": item.trash_id}

    def restore_trashed(self, item: TrashItem, client: Client | None) -> dict[str, Any]:
        """Bring a deleted instance back, for the trash."""
        changes = {"deleted": False}
        instance_id = item.details["instance_id"]
        return {"instance": self.update(str(item.video_id), instance_id, changes, client)}

    def purge_trashed(self, item: TrashItem) -> None:
        """Remove a deleted instance's rows and files for good; its number is never used again."""
        project = self._projects.get(str(item.video_id))
        instance_id = item.details["instance_id"]
        with project.lock:
            project.db.write(lambda tx: purge_instance(tx, instance_id))
            shutil.rmtree(
                project.workspace.deleted_instance_dir(project.video_id, instance_id),
                ignore_errors=True,
            )

    def trashed_folder(self, item: TrashItem) -> Path | None:
        """Return the hidden folder of a deleted instance."""
        workspace, instance_id = self._projects.workspace, item.details["instance_id"]
        return workspace.deleted_instance_dir(str(item.video_id), instance_id)

    def _came_back(self, video_id: str, instance_id: int, client: Client | None) -> None:
        """Take an instance off the trash; who opened the video meanwhile reads it again."""
        item = self._trash.find_of(TrashKind.INSTANCE, video_id, instance_id=instance_id)
        self._trash.forget(item, client)
        self._bus.publish(Event(EventName.RESYNC, {"video_id": video_id}, video_id=video_id))

    def _check_class(self, fields: Mapping[str, Any]) -> None:
        """Raise `ClassNotFound` for a class that is not in the list; None takes a class away."""
        if fields.get("class_name") is not None:
            self._classes.require(fields["class_name"])

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
