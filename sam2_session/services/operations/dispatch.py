"""Runs operations in the session process, for REST calls and for Socket.IO events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from sam2_session.core.errors import (
    InvalidRequest,
    ReadOnlyOutputs,
    SessionError,
    VideoClosed,
    VideoElsewhere,
)
from sam2_session.services.fields.fields import (
    ClientId,
    Fields,
    Positive,
    read_fields,
    without_key,
)
from sam2_session.services.operations.operation import Access, Call, Operation
from sam2_session.services.operations.preconditions import CONDITIONAL_CALL, Preconditions
from sam2_session.services.operations.services import Services
from sam2_session.services.operations.table import EVENTS, READERS, find
from sam2_session.services.projects.commands import Command, Repeated
from sam2_session.services.prompts.prompts import PromptChange

APPLY_EVENT = "apply_op"  # the call that carries a Socket.IO event: {event, sid, data}
UPLOADS = ("start_upload", "start_import")  # refused before their bytes are sent
WRITE_NOTHING = ("cancel", "select_model", "extract_video")  # needed to look at a read-only folder
MASK_WAIT_S = 120.0  # a REST call's wait for the model
MOST_REPEATS = 20  # of a call whose video is closed again and again

T = TypeVar("T")


class Envelope(Fields, frozen=True, kw_only=True):
    """The sender of a stored client event, and the event's number."""

    client_id: ClientId
    seq: Positive


class Dispatcher:
    """Looks an operation up, checks its fields, and calls its function."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._preconditions = Preconditions(services, READERS)

    def handle(self, name: str, params: Mapping[str, Any]) -> Any:
        """Run an operation, and wait until its files are on disk; raises `SessionError`.

        A change of prompts waits for its mask, too.
        """
        if name == APPLY_EVENT:
            return self.acknowledge(**params)
        if name == CONDITIONAL_CALL:
            return self._run_if_match(**params)
        operation = self._allowed(find(name))
        call = Call(read_fields(operation.fields, params))
        run = partial(operation.do, self._services, call)
        answer = _repeating(run) if operation.access is Access.VIEW else run()
        return self._with_files(operation, params, answer)

    def acknowledge(self, event: str, sid: str, data: object) -> dict[str, Any]:
        """Apply a client event once; returns its acknowledgement, also if it is rejected.

        The mask of a changed frame follows as an event to the socket `sid`.
        """
        sent = data if isinstance(data, Mapping) else {}
        head = {"seq": sent.get("seq"), "rev": None}
        try:
            if event not in EVENTS:
                raise InvalidRequest(f"There is no event {event!r}.")
            return {**head, "status": "applied", **self._apply(EVENTS[event], sid, sent)}
        except Repeated as repeated:
            return {**head, **repeated.answer, "status": "duplicate"}
        except VideoElsewhere:
            raise  # nothing was applied: the gateway sends it to the process that has the video
        except SessionError as error:
            return {**head, "status": "rejected", "error": error.to_wire()}

    def _run_if_match(self, operation: str, params: Mapping[str, Any], tags: list[str]) -> Any:
        row = self._allowed(find(operation))
        return self._with_files(row, params, self._preconditions.run(row, params, tags))

    def _allowed(self, operation: Operation[Any]) -> Operation[Any]:
        """Return an operation, unless it would write to a folder that is read-only."""
        changes = operation.access in (Access.EDIT, Access.EXPORT)
        writes = changes and operation.name not in WRITE_NOTHING
        if (writes or operation.name in UPLOADS) and self._services.projects.is_read_only:
            raise ReadOnlyOutputs
        return operation

    def _with_files(self, operation: Operation[Any], params: Mapping[str, Any], answer: Any) -> Any:
        """Return the answer once what a call changed is in the files, too."""
        if isinstance(answer, PromptChange):
            answer = answer.with_mask(MASK_WAIT_S)
        if operation.access is not Access.VIEW:
            self._services.projects.write_files(params.get("video_id"))
        return answer

    def _apply(self, operation: Operation[Any], sid: str, sent: Mapping[str, Any]) -> Any:
        self._allowed(operation)
        command = _read_command(operation, sid, sent) if operation.stored else None
        values = without_key(sent)
        for alias, name in operation.aliases.items():
            if alias in values:
                values.setdefault(name, values[alias])
        fields = read_fields(operation.fields, values)
        run = partial(operation.do, self._services, Call(fields, command, sid))
        answer = _repeating(run) if command else run()  # a command is applied once at most
        if isinstance(answer, PromptChange):
            return answer.answer
        return {operation.ack_field: answer} if operation.ack_field else answer


def _repeating(run: Callable[[], T]) -> T:
    """Run a call anew if its video was closed meanwhile: that opens it again, or finds it gone."""
    for _ in range(MOST_REPEATS):
        with suppress(VideoClosed):
            return run()
    return run()


def _read_command(operation: Operation[Any], sid: str, sent: Mapping[str, Any]) -> Command:
    envelope = read_fields(Envelope, sent)
    return Command(envelope.client_id, envelope.seq, sid, operation.name, sent)
