"""A gateway whose members run the small services of the host tests."""

from __future__ import annotations

from sam2_session.cluster.gateway import Gateway
from sam2_session.settings import Settings


def build(settings: Settings) -> Gateway:
    return Gateway(settings, "tests.hosts.echo:build")
