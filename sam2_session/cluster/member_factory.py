"""Makes the services of an actor; apart from the gateway, which never needs torch."""

from __future__ import annotations

import ray

from sam2_session.cluster.member import Member
from sam2_session.settings import Settings


def build_member(settings: Settings) -> Member:
    """Make the services of the actor that this process is."""
    return Member(settings, str(ray.get_runtime_context().get_actor_name()))
