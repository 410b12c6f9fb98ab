"""Names what a run starts from, so that a later change of it is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

STRETCHED = "~"  # ends the conditioning of masks that a stretch run made, or left as they agreed


def conditioning(frames: Sequence[tuple[int, str]], signature: str) -> str:
    """Hash the prompts (frame_idx, digest) and the network that a run starts from."""
    text = signature + repr(sorted(tuple(frame) for frame in frames))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def stretched(conditioning: str) -> str:
    """Mark a conditioning: not every frame was tracked with it, only what a correction changed."""
    return conditioning.removesuffix(STRETCHED) + STRETCHED


def is_from(conditioning: str, now: str) -> bool:
    """Tell if a run, in full or by stretches, is made from the prompts and network of now."""
    return conditioning.removesuffix(STRETCHED) == now
