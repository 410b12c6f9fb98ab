"""A fork server whose decoders hang or halt on files of certain names, with little memory."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Any

from sam2_session.services.decoding import decoder_process, fork_server, limits
from sam2_session.services.decoding.sources import probe_source
from sam2_session.storage.probe import VideoProbe

HANG_S = 600
HALTS_AT = 8  # frames
MEMORY_BYTES = 200 * 1024 * 1024


def probe_or_hang(path: Path, name: str) -> VideoProbe:
    """Probe a source, unless its name says that it hangs."""
    if name.startswith("sleeps"):
        time.sleep(HANG_S)
    if name.startswith("keeps_the_interpreter"):
        ctypes.PyDLL(None).sleep(HANG_S)  # no other thread of that process runs meanwhile
    return probe_source(path, name)


def extract_and_halt(request: dict[str, Any]) -> decoder_process.Messages:
    """Extract frames; a source whose name says that it halts once stops its process midway."""
    halted = Path(request["folder"]).with_name("halted")
    halts = request["name"].startswith("halts") and not halted.exists()
    for message in EXTRACT(request):
        yield message
        if halts and message.get("ready") == HALTS_AT:
            halted.touch()
            os.kill(os.getpid(), signal.SIGSTOP)


EXTRACT = decoder_process.HANDLERS["extract"]

if __name__ == "__main__":
    vars(decoder_process)["probe_source"] = probe_or_hang
    decoder_process.HANDLERS["extract"] = extract_and_halt
    vars(limits)["memory_limit"] = lambda: MEMORY_BYTES
    fork_server.main()
