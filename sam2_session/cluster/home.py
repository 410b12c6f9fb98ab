"""Begins what only one member does: the trash, the lists, and the batches, spread over all."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sam2_session.cluster.connection import RayCluster
from sam2_session.cluster.item_spread import ItemSpread
from sam2_session.cluster.members import Members
from sam2_session.core.events import Event
from sam2_session.services.build import SessionServices
from sam2_session.settings import Settings


class Home:
    """Links the member that is home to all others, itself included, as a gateway is."""

    def __init__(
        self, settings: Settings, services: SessionServices, holds: Callable[[str], bool]
    ) -> None:
        self._elsewhere = services.batches.elsewhere
        self._holds = holds
        self._cluster = RayCluster(settings)
        name = f"home-{secrets.token_hex(8)}"
        self._members = Members(
            self._cluster, settings.outputs_dir, name, self._hear, self._elsewhere.forget
        )
        services.batches.service.start()
        services.start_home(ItemSpread(self._members, services.batches.item_runs))

    def close(self) -> None:
        """Leave the other members."""
        self._members.close()
        self._cluster.close()

    def _hear(self, event: Event) -> None:
        """Let the batches hear of the videos that other members have."""
        video_id = event.video_id or event.data.get("video_id")
        if isinstance(video_id, str) and not self._holds(video_id):
            self._elsewhere.hear(event)
