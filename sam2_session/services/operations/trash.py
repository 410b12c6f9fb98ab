"""Operations on the trash: list it, bring things back, empty it."""

from __future__ import annotations

from sam2_session.core.clients import Client
from sam2_session.core.errors import Conflict, NotFound, NothingToDo
from sam2_session.services.fields.fields import ClientId, Fields, Nothing, PersonName, Text
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Operation,
    Pages,
    Route,
)
from sam2_session.services.operations.trash_answers import TrashEmptied, TrashList, TrashRestored

TRASH = "/api/trash"
BY = ("client_id", "client_name")  # in the query of a DELETE


class EmptyTrash(Fields, frozen=True, kw_only=True):
    """The client that does it, for the list and for the others."""

    client_id: ClientId | None = None
    client_name: PersonName | None = None

    @property
    def client(self) -> Client | None:
        """The client, if it said who it is."""
        return client_of(self.client_id, self.client_name)


class OfTrash(EmptyTrash, frozen=True, kw_only=True):
    """Names a deleted thing."""

    trash_id: Text


def client_of(client_id: str | None, name: str | None) -> Client | None:
    """Make the client that a REST call names; None if it names none."""
    return Client(client_id or "", name=name or "") if client_id or name else None


LIST_TRASH = Operation(
    name="list_trash",
    text="Everything deleted that can still be brought back: what, who, when, how large",
    access=Access.VIEW,
    fields=Nothing,
    answer=TrashList,
    route=Route(method="GET", path=TRASH, pages=Pages("items", "trash_id")),
    do=lambda services, _: services.trash.list(),
)

RESTORE_TRASHED = Operation(
    name="restore_trashed",
    text="Bring a deleted thing back",
    access=Access.EDIT,
    fields=OfTrash,
    answer=TrashRestored,
    errors=(NotFound, Conflict, NothingToDo),
    route=Route(method="POST", path=f"{TRASH}/{{trash_id}}/restore", body=Body.JSON),
    do=lambda services, call: services.trash.restore(call.fields.trash_id, call.fields.client),
)

DELETE_TRASHED = Operation(
    name="delete_trashed",
    text="Remove a deleted thing for good",
    access=Access.EDIT,
    fields=OfTrash,
    answer=TrashEmptied,
    errors=(NotFound, Conflict),
    route=Route(method="DELETE", path=f"{TRASH}/{{trash_id}}", query=BY),
    do=lambda services, call: services.trash.delete(call.fields.trash_id, call.fields.client),
)

EMPTY_TRASH = Operation(
    name="empty_trash",
    text="Remove everything in the trash for good",
    access=Access.EDIT,
    fields=EmptyTrash,
    answer=TrashEmptied,
    route=Route(method="DELETE", path=TRASH, query=BY),
    do=lambda services, call: services.trash.empty(call.fields.client),
)
