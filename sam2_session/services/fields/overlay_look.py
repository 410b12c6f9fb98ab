"""The look of a drawn frame; plain data, which the web process may import, too."""

from __future__ import annotations

from dataclasses import dataclass

from sam2_session.services.fields.fields import PairName


@dataclass(frozen=True, slots=True)
class OverlayLook:
    """The pairs to draw (None: all of visible instances), and how."""

    pairs: list[PairName] | None = None
    opacity: float = 0.5
    outline: bool = True
    prompts: bool = False
