"""Decoders of the hostile kind, and their processes."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from sam2_session.services.decoding.fork_client import ForkClient
from sam2_session.services.videos.service import VideoService
from tests import processes
from tests.services.videos.hostile_decoder import HALTS_AT
from tests.video_steps import wait_until

HOSTILE = (sys.executable, "-m", "tests.services.videos.hostile_decoder")


def end_decoder(client: ForkClient) -> None:
    """Start a decoder, and let it see that nobody talks to it."""
    _, peer = client.fork(0)
    peer.close()


def server_pids() -> set[int]:
    return {pid for pid, line in processes.children().items() if "hostile_decoder" in line}


def decoder_pids() -> set[int]:
    return {pid for server in server_pids() for pid in processes.child_pids(server)}


def wait_until_halted(service: VideoService, *names: str) -> None:
    """Wait until the decoders of these videos have stopped themselves in their midst."""
    wait_until(lambda: all(service.info(name).extracted >= HALTS_AT for name in names))
    wait_until(lambda: sum(map(processes.is_stopped, decoder_pids())) == len(names))


def signal_decoders(number: signal.Signals) -> None:
    """Send a signal to every decoder there is; one that has just ended misses it."""
    for pid in decoder_pids():
        with suppress(ProcessLookupError):
            os.kill(pid, number)
