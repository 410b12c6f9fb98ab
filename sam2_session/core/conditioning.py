"""Names what a run starts from, so that a later change of it is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def conditioning(frames: Sequence[tuple[int, str]], signature: str) -> str:
    """Hash the prompts (frame_idx, digest) and the network that a run starts from."""
    text = signature + repr(sorted(tuple(frame) for frame in frames))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
