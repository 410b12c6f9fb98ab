"""Operations on the list of classes that an instance may have."""

from __future__ import annotations

from sam2_session.core.errors import ClassNotFound, Conflict, InvalidRequest
from sam2_session.services.fields.fields import Fields, Name, Nothing
from sam2_session.services.operations.annotation_answers import (
    ClassDeleted,
    InstanceClass,
    InstanceClasses,
)
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Operation,
    Pages,
    Route,
)


class OfClass(Fields, frozen=True, kw_only=True):
    """Names a class."""

    name: Name


LIST_CLASSES = Operation(
    name="list_classes",
    text="The classes an instance may have",
    access=Access.VIEW,
    fields=Nothing,
    answer=InstanceClasses,
    route=Route(method="GET", path="/api/classes", pages=Pages("classes", "name")),
    do=lambda services, _: services.classes.list(),
)

ADD_CLASS = Operation(
    name="add_class",
    text="Add a class to the list, or bring a removed one back",
    access=Access.EDIT,
    fields=OfClass,
    answer=InstanceClass,
    errors=(InvalidRequest, Conflict),
    route=Route(method="POST", path="/api/classes", status=201, body=Body.JSON),
    do=lambda services, call: services.classes.add(call.fields.name),
)

DELETE_CLASS = Operation(
    name="delete_class",
    text="Take a class off the list; instances that have it keep it",
    access=Access.EDIT,
    fields=OfClass,
    answer=ClassDeleted,
    errors=(ClassNotFound,),
    route=Route(method="DELETE", path="/api/classes/{name}"),
    do=lambda services, call: services.classes.remove(call.fields.name),
)
