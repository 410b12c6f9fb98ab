"""Declares an operation once, for REST, Socket.IO, the command line and the documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

from sam2_session.core.errors import (
    HostUnavailable,
    InvalidRequest,
    ServerBusy,
    SessionError,
    StorageFailed,
)
from sam2_session.services.fields.fields import Fields, field_names

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services
    from sam2_session.services.projects.commands import Command

F = TypeVar("F", bound=Fields)

# Every operation can give these; they need not be named again.
COMMON_ERRORS: tuple[type[SessionError], ...] = (
    InvalidRequest,
    StorageFailed,
    HostUnavailable,
    ServerBusy,
)


class Access(StrEnum):
    """Decides who may use an operation."""

    PUBLIC = "public"  # everybody
    VIEW = "view"  # people with either token; changes nothing
    EXPORT = "export"  # people with either token; writes a file of its own, changes no annotation
    EDIT = "edit"  # people with the token, not with the one for looking
    INTERNAL = "internal"  # the web process and the command line; no route, no event

    def covers(self, wanted: Access) -> bool:
        """Return whether who has this access may use what is declared with the wanted one."""
        return _ORDER.index(wanted) <= _ORDER.index(self)


_ORDER = (Access.PUBLIC, Access.VIEW, Access.EXPORT, Access.EDIT)  # INTERNAL has no door


class Body(StrEnum):
    """The kind of body that a REST route takes."""

    NONE = "none"
    JSON = "application/json"
    PNG = "image/png"
    FILE = "multipart/form-data"  # the part `file` is streamed to disk first


class Cache(StrEnum):
    """Says how long a browser may keep an answer."""

    NONE = "none"
    BY_REVISION = "by_revision"  # for ever, if the URL holds the current `rev`
    BY_CONTENT = "by_content"  # as long as the server, asked each time, says it is the same
    ONE_DAY = "one_day"


@dataclass(frozen=True, slots=True)
class Media:
    """An answer of bytes: `do` returns ``{data, content_type}`` and, to be cached, `rev`."""

    content_type: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An answer that is a file on disk: `do` returns ``{path, file_name, etag}``."""

    content_type: str


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer of any length, made while it is sent: `do` returns ``{stream_id, file_name}``."""

    content_type: str


@dataclass(frozen=True, slots=True)
class Pages:
    """A list that `limit` and `after` cut into pages: its field in the answer, its items' id."""

    rows: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The REST route of an operation.

    Fields named in the path and in `query` come from there, all others from the JSON body.
    """

    method: str
    path: str
    status: int = 200
    query: tuple[str, ...] = ()
    body: Body = Body.NONE
    raw_field: str = ""  # the field that a PNG body fills
    upload: str = ""  # the operation that chooses where to write the part `file`
    cache: Cache = Cache.NONE
    pages: Pages | None = None
    picture: str = ""  # a field of PNG bytes: in base64, or by `Accept` the whole answer


@dataclass(frozen=True, slots=True)
class Call(Generic[F]):
    """One use of an operation: its checked fields, and the client behind a Socket.IO event.

    `command` identifies a stored operation, so that a repetition is found; None for REST.
    """

    fields: F
    command: Command | None = None
    sid: str = ""  # the socket that sent it


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[F]):
    """One action; its Socket.IO event, REST route, documents and command follow from this.

    `do` returns a JSON object, or a `PromptChange`: REST waits for its mask, Socket.IO does not.
    `stored` operations are applied once for each `client_id, seq` of a Socket.IO client.
    """

    name: str
    text: str
    access: Access
    fields: type[F]
    answer: type[Any] | Media | StoredFile | Stream | None
    do: Callable[[Services, Call[F]], Any]
    errors: tuple[type[SessionError], ...] = ()
    stored: bool = False
    event: bool = False  # it is also a Socket.IO event
    route: Route | None = None
    ack_field: str = ""  # the name under which the acknowledgement holds the answer
    aliases: dict[str, str] = field(default_factory=dict)  # other names of fields in events

    @property
    def method(self) -> str:
        """The method of its route. Raises ValueError without one."""
        return self._require_route().method

    @property
    def path_names(self) -> tuple[str, ...]:
        """The fields that the path of its route names. Raises ValueError without one."""
        return tuple(re.findall(r"{(\w+)}", self._require_route().path))

    def address(self, **fields: object) -> str:
        """Fill these fields into the path of its route. Raises ValueError without one."""
        quoted = {name: quote(str(value), safe="") for name, value in fields.items()}
        return self._require_route().path.format(**quoted)

    def _require_route(self) -> Route:
        if self.route is None:
            raise ValueError(f"{self.name} has no route")
        return self.route

    def declares(self, code: str) -> bool:
        """Tell if an error of this code is declared, by its own class or a more general one."""
        return any(code in _codes_of(error) for error in (*self.errors, *COMMON_ERRORS))

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of its fields, as on the wire."""
        return field_names(self.fields)


def _codes_of(error: type[SessionError]) -> set[str]:
    """The code of an error class and of every class derived from it."""
    return {error.code}.union(*(_codes_of(derived) for derived in error.__subclasses__()))
