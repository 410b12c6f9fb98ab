"""Operations that only the web process uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sam2_session.services.fields.fields import Fields, Nothing
from sam2_session.services.operations.operation import Access, Call, Operation
from sam2_session.services.operations.work_answers import Done

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

EVENTS_PATH = "/api/events"  # a stream of the web process, and no operation


class ClientLeft(Fields, frozen=True, kw_only=True):
    """The socket id of a client that has left."""

    sid: str


def client_left(services: Services, call: Call[ClientLeft]) -> None:
    """Remove a client that has left from presence and prefetch."""
    services.presence.leave(call.fields.sid)
    services.prefetcher.leave(call.fields.sid)


CLIENT_LEFT = Operation(
    name="client_left",
    text="Forget a client that has left",
    access=Access.INTERNAL,
    fields=ClientLeft,
    answer=None,
    do=client_left,
)

SERVER_STATUS = Operation(
    name="server_status",
    text="Figures of the session process, for /metrics",
    access=Access.INTERNAL,
    fields=Nothing,
    answer=Done,
    do=lambda services, _: services.status(),
)
