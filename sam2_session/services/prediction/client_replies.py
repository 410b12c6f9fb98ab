"""Events to the clients who acted: `queued` while they wait for the device, then `mask`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sam2_session.core.errors import error_fields
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.services.masks.frame_mask import FrameMask, PairFrame
from sam2_session.services.projects.commands import Command


class ClientReplies:
    """Publishes one `mask` event for every command.

    Several commands may get their reply at once: each client's newest carries the mask, the
    earlier ones are called superseded and carry no pixels.
    """

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus

    def drawn(
        self,
        frame: PairFrame,
        mask: FrameMask,
        commands: Sequence[Command],
        timings: Mapping[str, float],
    ) -> None:
        """Send the mask, or that there is none any more; `timings` are seconds by stage."""
        row = mask.row
        data = {
            "rev": mask.rev,
            "score": row.score if row else None,
            **(row.facts.to_wire() if row else {"area": 0, "box": None}),
            "source": row.source.value if row else None,
            "timings": dict(timings),
            "state": "removed" if mask.png is None else "drawn",
            "png": mask.png,
        }
        newest = newest_of_each(commands)
        earlier = [command for command in commands if command not in newest]
        self.superseded(frame, mask.rev, earlier)
        for command in newest:
            self._send(EventName.MASK, frame, command, data)

    def superseded(self, frame: PairFrame, rev: int | None, commands: Sequence[Command]) -> None:
        """Say that a newer change overtook these; the mask of revision `rev` is theirs, too."""
        data = {"rev": rev, "state": "superseded", "png": None}
        for command in commands:
            self._send(EventName.MASK, frame, command, data)

    def failed(self, frame: PairFrame, error: BaseException, commands: Sequence[Command]) -> None:
        """Say why there is no mask; the prompts are saved."""
        fields = error_fields(error)
        fields.pop("status")
        for command in commands:
            self._send(EventName.MASK, frame, command, {"state": "failed", "error": fields})

    def queued(
        self, frame: PairFrame, commands: Sequence[Command], position: int, waiting_s: float
    ) -> None:
        """Say how long a client waits and at which position; 1 is served next."""
        data = {"position": position, "waiting_s": round(waiting_s, 3)}
        for command in newest_of_each(commands):
            self._send(EventName.QUEUED, frame, command, data)

    def _send(
        self, name: EventName, frame: PairFrame, command: Command, data: Mapping[str, Any]
    ) -> None:
        key, frame_idx = frame
        about = {"key": key.to_wire(), "frame_idx": frame_idx, "seq": command.seq}
        self._bus.publish(Event(name, {**about, **data}, video_id=key.video_id, to=command.sid))


def newest_of_each(commands: Sequence[Command]) -> list[Command]:
    """Return the last command of every client."""
    return list({command.sid: command for command in commands}.values())
