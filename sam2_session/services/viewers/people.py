"""Knows the people on a video: their names, and who is changing which pair right now."""

from __future__ import annotations

import time
from collections.abc import Collection

from sam2_session.core.clients import Client
from sam2_session.core.errors import OthersChange
from sam2_session.services.projects.commands import Command, raise_if_repeated
from sam2_session.services.projects.projects import Projects
from sam2_session.services.viewers.presence import Pair, Presence, Viewer
from sam2_session.storage.client_rows import read_client, save_client
from sam2_session.storage.history_rows import changers_of

IN_USE_S = 30.0  # after a change its author may well be about to make the next one


class People:
    """Notes who has a video open, under which name, and what they work on."""

    def __init__(self, projects: Projects, presence: Presence) -> None:
        self._projects = projects
        self._presence = presence

    def enter(
        self, sid: str, video_id: str, client_id: str, person_id: str = "", name: str = ""
    ) -> None:
        """Note that a client opened a video, and the person it belongs to."""
        client = Client(client_id, person_id, name)
        self._save(video_id, client)
        self._presence.enter(sid, client, video_id)

    def look(
        self, sid: str, frame_idx: int, pair: Pair | None = None, name: str | None = None
    ) -> None:
        """Note the frame a client shows, the pair it works on, and its person's name if given."""
        renamed = self._presence.rename(sid, name) if name is not None else None
        if renamed:
            self._save(renamed.video_id, renamed.client)
        self._presence.look(sid, frame_idx, pair)

    def require_unused(
        self, video_id: str, pairs: Collection[Pair] | None, command: Command
    ) -> None:
        """Raise `OthersChange` if another person is changing one of these pairs; None: any pair.

        A pair is being changed while its last author still has it selected, for half a minute.
        """
        project = self._projects.get(video_id)
        raise_if_repeated(project, command)
        me, changed = project.db.read(
            lambda tx: (
                read_client(tx, command.client_id),
                changers_of(tx, time.time(), IN_USE_S),
            )
        )
        viewers = self._presence.viewers(video_id)
        for pair, client in changed:
            is_wanted = pairs is None or pair in pairs
            if is_wanted and not me.is_person_of(client) and _works_on(viewers, client, pair):
                raise OthersChange(
                    f"{client.shown_name} is changing {pair[0]} {pair[1]} right now.",
                    hint="Ask before you run it, or send any: true.",
                )

    def _save(self, video_id: str, client: Client) -> None:
        """Save a client's person and name in its video, if they are new."""
        db = self._projects.get(video_id).db
        if client != db.read(lambda tx: read_client(tx, client.client_id)):
            db.write(lambda tx: save_client(tx, client))


def _works_on(viewers: list[Viewer], client: Client, pair: Pair) -> bool:
    """Return whether a client is here, and has this pair selected as far as known."""
    return any(
        viewer.client.client_id == client.client_id and viewer.pair in (None, pair)
        for viewer in viewers
    )
