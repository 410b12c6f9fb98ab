"""Operations on the instances of a video."""

from __future__ import annotations

from sam2_session.core.errors import (
    ClassNotFound,
    Conflict,
    InstanceNotFound,
    InvalidRequest,
    VideoNotFound,
)
from sam2_session.services.fields.fields import (
    UNSET,
    ClientId,
    Colour,
    Name,
    OfInstance,
    OfVideo,
    PersonName,
    UnsetType,
    given,
)
from sam2_session.services.operations.annotation_answers import Instance, InstanceDeleted, Instances
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Operation,
    Pages,
    Route,
)
from sam2_session.services.operations.trash import BY, client_of

LOOK = ("name", "colour", "hidden", "locked", "class_name")


class CreateInstance(OfVideo, frozen=True, kw_only=True):
    """A new instance; without a name or colour it gets the next in line."""

    name: Name | None = None
    colour: Colour | None = None
    hidden: bool | None = None
    locked: bool | None = None
    class_name: Name | None = None


class UpdateInstance(OfInstance, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields of an instance to change; ``deleted: false`` brings it back."""

    name: Name | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    hidden: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    class_name: Name | None | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET


class DeleteInstance(OfInstance, frozen=True, kw_only=True):
    """The instance to delete, and who does it."""

    client_id: ClientId | None = None
    client_name: PersonName | None = None


LIST_INSTANCES = Operation(
    name="list_instances",
    text="The instances of a video",
    access=Access.VIEW,
    fields=OfVideo,
    answer=Instances,
    errors=(VideoNotFound,),
    route=Route(
        method="GET",
        path="/api/videos/{video_id}/instances",
        pages=Pages("instances", "instance_id"),
    ),
    do=lambda services, call: services.instances.list(call.fields.video_id),
)

CREATE_INSTANCE = Operation(
    name="create_instance",
    text="Add an instance",
    access=Access.EDIT,
    fields=CreateInstance,
    answer=Instance,
    errors=(InvalidRequest, VideoNotFound, ClassNotFound, Conflict),
    route=Route(method="POST", path="/api/videos/{video_id}/instances", status=201, body=Body.JSON),
    do=lambda services, call: services.instances.create(
        call.fields.video_id, given(call.fields, *LOOK)
    ),
)

UPDATE_INSTANCE = Operation(
    name="update_instance",
    text="Rename, recolour, hide, lock, classify or bring back an instance",
    access=Access.EDIT,
    fields=UpdateInstance,
    answer=Instance,
    errors=(InvalidRequest, InstanceNotFound, ClassNotFound),
    route=Route(
        method="PATCH", path="/api/videos/{video_id}/instances/{instance_id}", body=Body.JSON
    ),
    do=lambda services, call: services.instances.update(
        call.fields.video_id, call.fields.instance_id, given(call.fields, *LOOK, "deleted")
    ),
)

DELETE_INSTANCE = Operation(
    name="delete_instance",
    text="Delete an instance; it can be brought back",
    access=Access.EDIT,
    fields=DeleteInstance,
    answer=InstanceDeleted,
    errors=(InstanceNotFound, Conflict),
    route=Route(method="DELETE", path="/api/videos/{video_id}/instances/{instance_id}", query=BY),
    do=lambda services, call: services.instances.delete(
        call.fields.video_id,
        call.fields.instance_id,
        client_of(call.fields.client_id, call.fields.client_name),
    ),
)
