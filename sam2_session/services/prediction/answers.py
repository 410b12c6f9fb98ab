"""What the one who acted is told about the mask that follows: `queued`, then `mask`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sam2_session.core.errors import error_fields
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Future
from sam2_session.services.projects.commands import Command
from sam2_session.storage.mask_rows import MaskRow

Place = tuple[SessionKey, int]  # one frame of one pair


@dataclass(frozen=True, slots=True)
class MaskAnswer:
    """The mask a change led to: facts for the wire and the 1-bit PNG; no PNG: no mask now."""

    rev: int
    mask: MaskRow | None
    png: bytes | None


class Answers:
    """Publishes one `mask` event for every command.

    Several commands may be answered at once: each client's newest gets the mask, those before it
    are called superseded and carry no pixels.
    """

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus

    def drawn(
        self,
        place: Place,
        answer: MaskAnswer,
        commands: Sequence[Command],
        timings: Mapping[str, float],
    ) -> None:
        """The mask is there, or there is none any more."""
        mask = answer.mask
        data = {
            "rev": answer.rev,
            "score": mask.score if mask else None,
            **(mask.facts.to_wire() if mask else {"area": 0, "box": None}),
            "source": mask.source.value if mask else None,
            "timings": dict(timings),
            "state": "removed" if answer.png is None else "drawn",
            "png": answer.png,
        }
        newest = newest_of_each(commands)
        self.superseded(place, answer.rev, [one for one in commands if one not in newest])
        for command in newest:
            self._tell(place, command, data)

    def superseded(self, place: Place, rev: int | None, commands: Sequence[Command]) -> None:
        """What these asked for was overtaken; the mask of revision `rev` answers them, too."""
        data = {"rev": rev, "state": "superseded", "png": None}
        for command in commands:
            self._tell(place, command, data)

    def failed(self, place: Place, error: BaseException, commands: Sequence[Command]) -> None:
        """The prompts are saved, the model could not answer."""
        fields = error_fields(error)
        fields.pop("status")
        for command in commands:
            self._tell(place, command, {"state": "failed", "error": fields})

    def queued(
        self, place: Place, commands: Sequence[Command], position: int, waiting_s: float
    ) -> None:
        """They wait for the device; position 1 is served next. The `mask` event ends it."""
        data = {"position": position, "waiting_s": round(waiting_s, 3)}
        for command in newest_of_each(commands):
            self._tell(place, command, data, EventName.QUEUED)

    def _tell(
        self,
        place: Place,
        command: Command,
        data: Mapping[str, Any],
        name: EventName = EventName.MASK,
    ) -> None:
        key, frame_idx = place
        about = {"key": key.to_wire(), "frame_idx": frame_idx, "seq": command.seq}
        self._bus.publish(Event(name, {**about, **data}, video_id=key.video_id, to=command.sid))


def newest_of_each(commands: Sequence[Command]) -> list[Command]:
    """The last command of every client."""
    return list({command.sid: command for command in commands}.values())


def answered(answer: MaskAnswer) -> Future[MaskAnswer | None]:
    """A future that is there already."""
    future: Future[MaskAnswer | None] = Future()
    future.set_result(answer)
    return future


def failed(error: Exception) -> Future[Any]:
    """A future that is there to raise."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future
