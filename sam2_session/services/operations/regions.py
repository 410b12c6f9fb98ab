"""Operations on the regions that every instance has."""

from __future__ import annotations

from sam2_session.core.errors import Conflict, InvalidRequest, RegionNotFound
from sam2_session.services.fields.fields import ClientId, Fields, Nothing, PersonName, Text
from sam2_session.services.operations.annotation_answers import Region, RegionDeleted, Regions
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Operation,
    Pages,
    Route,
)
from sam2_session.services.operations.trash import BY, client_of


class AddRegion(Fields, frozen=True, kw_only=True):
    """A new region."""

    label: Text


class OfRegion(Fields, frozen=True, kw_only=True):
    """Names a region."""

    region: Text


class DeleteRegion(OfRegion, frozen=True, kw_only=True):
    """The region to delete, and who does it."""

    client_id: ClientId | None = None
    client_name: PersonName | None = None


class UpdateRegion(OfRegion, frozen=True, kw_only=True):
    """A region's new label, or its return."""

    label: Text | None = None
    deleted: bool | None = None


LIST_REGIONS = Operation(
    name="list_regions",
    text="The regions every instance has",
    access=Access.VIEW,
    fields=Nothing,
    answer=Regions,
    route=Route(method="GET", path="/api/regions", pages=Pages("regions", "name")),
    do=lambda services, _: services.regions.list(),
)

ADD_REGION = Operation(
    name="add_region",
    text="Add a region",
    access=Access.EDIT,
    fields=AddRegion,
    answer=Region,
    errors=(InvalidRequest, Conflict),
    route=Route(method="POST", path="/api/regions", status=201, body=Body.JSON),
    do=lambda services, call: services.regions.add(call.fields.label),
)

UPDATE_REGION = Operation(
    name="update_region",
    text="Give a region another label (files keep its name), or bring it back",
    access=Access.EDIT,
    fields=UpdateRegion,
    answer=Region,
    errors=(InvalidRequest, RegionNotFound, Conflict),
    route=Route(method="PATCH", path="/api/regions/{region}", body=Body.JSON),
    do=lambda services, call: services.regions.update(
        call.fields.region, call.fields.label, call.fields.deleted
    ),
)

DELETE_REGION = Operation(
    name="delete_region",
    text="Delete a region that no video uses; it can be brought back",
    access=Access.EDIT,
    fields=DeleteRegion,
    answer=RegionDeleted,
    errors=(RegionNotFound, Conflict),
    route=Route(method="DELETE", path="/api/regions/{region}", query=BY),
    do=lambda services, call: services.regions.delete(
        call.fields.region, client_of(call.fields.client_id, call.fields.client_name)
    ),
)
