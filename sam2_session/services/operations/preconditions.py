"""Compares the entity tags of `If-Match` with what a client would read now.

A tag belongs to the answer of the GET route on the path of a change, or on the nearest path above.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sam2_session.core.errors import FrameChanged, PreconditionFailed, SessionError
from sam2_session.runtime import Lock
from sam2_session.services.fields.fields import read_fields
from sam2_session.services.operations.operation import Cache, Call, Media, Operation, StoredFile

if TYPE_CHECKING:
    from sam2_session.services.operations.services import Services

CONDITIONAL_CALL = "call_if_match"  # the call that carries If-Match: {operation, params, tags}
ANY = "*"
READ_AGAIN = "Read it again, then repeat the change with its new ETag."
Readers = Mapping[str, Operation[Any]]  # by path


def tag_of(operation: Operation[Any], answer: Mapping[str, Any]) -> str:
    """Return the entity tag of an answer: its revision, or the hash of its content."""
    route = operation.route
    match operation.answer:
        case Media():
            if route is not None and route.cache is Cache.BY_REVISION:
                return str(answer["rev"])
            return hashlib.sha256(answer["data"]).hexdigest()[:32]
        case StoredFile():
            return str(answer["etag"])
    return hashlib.sha256(msgspec.json.encode(answer, order="sorted")).hexdigest()[:32]


def reader_of(operation: Operation[Any], readers: Readers) -> Operation[Any] | None:
    """Find the operation that reads what this one changes; None if there is none."""
    path = operation.route.path if operation.route else ""
    while path:
        if path in readers:
            return readers[path]
        path = path.rpartition("/")[0]
    return None


class Preconditions:
    """Runs changes that name the version they are based on, one at a time.

    Changes of a frame's prompts compare its revision in the transaction that stores them. For all
    others, a change that names no version may still come between the comparison and the change.
    """

    def __init__(self, services: Services, readers: Readers) -> None:
        self._services = services
        self._readers = readers
        self._lock = Lock()

    def run(self, operation: Operation[Any], params: Mapping[str, Any], tags: Sequence[str]) -> Any:
        """Run an operation if a tag matches. Raises PreconditionFailed."""
        revision = _revision(operation, tags)
        with self._lock:
            reader = reader_of(operation, self._readers)
            if revision is None or _is_of_same_path(reader, operation):
                self._require_match(reader, params, tags)
            fields = {**params, "base_rev": revision} if revision is not None else params
            try:
                return operation.do(self._services, Call(read_fields(operation.fields, fields)))
            except FrameChanged as error:
                raise PreconditionFailed(error.message, hint=READ_AGAIN) from error

    def _require_match(
        self, reader: Operation[Any] | None, params: Mapping[str, Any], tags: Sequence[str]
    ) -> None:
        if reader is None:
            raise PreconditionFailed("Nothing can be read here.", hint="Leave If-Match out.")
        named = {name: params[name] for name in reader.path_names}
        try:
            answer = reader.do(self._services, Call(read_fields(reader.fields, named)))
        except SessionError as error:
            raise PreconditionFailed(error.message, hint=error.hint) from error
        if ANY not in tags and tag_of(reader, answer) not in tags:
            raise PreconditionFailed("It changed since it was read.", hint=READ_AGAIN)


def _revision(operation: Operation[Any], tags: Sequence[str]) -> int | None:
    """Return the revision that a single tag names, for operations that take one."""
    if "base_rev" not in operation.field_names or len(tags) != 1 or not tags[0].isdecimal():
        return None
    return int(tags[0][:16])


def _is_of_same_path(reader: Operation[Any] | None, operation: Operation[Any]) -> bool:
    paths = [known.route.path for known in (reader, operation) if known and known.route]
    return len(paths) == 2 and paths[0] == paths[1]
