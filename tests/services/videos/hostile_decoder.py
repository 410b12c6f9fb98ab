"""A fork server whose decoders hang on files of certain names, and may take little memory."""

from __future__ import annotations

import ctypes
import time
from pathlib import Path

from sam2_session.services.decoding import decoder_process, fork_server, limits
from sam2_session.services.decoding.sources import probe_source
from sam2_session.storage.probe import VideoProbe

HANG_S = 600
MEMORY_BYTES = 200 * 1024 * 1024


def probe_or_hang(path: Path, name: str) -> VideoProbe:
    """Probe a source, unless its name says that it hangs."""
    if name.startswith("sleeps"):
        time.sleep(HANG_S)
    if name.startswith("keeps_the_interpreter"):
        ctypes.PyDLL(None).sleep(HANG_S)  # no other thread of that process runs meanwhile
    return probe_source(path, name)


if __name__ == "__main__":
    vars(decoder_process)["probe_source"] = probe_or_hang
    vars(limits)["memory_limit"] = lambda: MEMORY_BYTES
    fork_server.main()
