"""One frame of one pair, and its mask as a client gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sam2_session.core.types import SessionKey
from sam2_session.storage.mask_rows import MaskRow


class PairFrame(NamedTuple):
    """One frame of one (instance, region)."""

    key: SessionKey
    frame_idx: int


@dataclass(frozen=True, slots=True)
class FrameMask:
    """The mask of a frame at revision `rev`: its row and its 1-bit PNG; None: no mask now."""

    rev: int
    row: MaskRow | None
    png: bytes | None
