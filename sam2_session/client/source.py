"""A video as its instances and pairs know it: the connection, and the facts of the source."""

from __future__ import annotations

from sam2_session.client.connection import Connection, Json


class VideoSource:
    """A video's connection and facts; `Video` adds what can be done with it."""

    def __init__(self, connection: Connection, facts: Json) -> None:
        self.connection = connection
        self.facts = facts  # as REST answers them: docs/socket.md lists the fields

    @property
    def video_id(self) -> str:
        return str(self.facts["video_id"])

    @property
    def name(self) -> str:
        """The name of its file."""
        return str(self.facts["name"])

    @property
    def num_frames(self) -> int:
        return int(self.facts["num_frames"])

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width of the source in pixels: the shape of every mask."""
        return (int(self.facts["height"]), int(self.facts["width"]))

    @property
    def fps(self) -> float:
        return float(self.facts["fps"])
