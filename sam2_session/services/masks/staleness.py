"""Which propagated masks no longer follow from today's prompts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import EngineSlot
from sam2_session.services.projects.project import Project
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import prompted_digests, set_conditioned
from sam2_session.storage.mask_rows import MaskRow, drawn_by_others, list_runs


class Staleness:
    """Compares what a pair's runs were conditioned on with its prompts and network of today."""

    def __init__(self, slot: EngineSlot) -> None:
        self._slot = slot

    def signature(self) -> str:
        """The network in use; empty before the first."""
        engine = self._slot.peek()
        return engine.network.signature if engine else ""

    def conditioning_now(self, project: Project, key: SessionKey) -> str:
        """A name for what a run of this pair would start from now."""
        return conditioning(project.db.read(lambda tx: prompted_digests(tx, key)), self.signature())

    def recondition(self, tx: Transaction, key: SessionKey) -> None:
        """If the prompts are again those of the newest run, what follows attends to them again."""
        runs, frames = list_runs(tx, key), prompted_digests(tx, key)
        if runs and runs[0].conditioning == conditioning(frames, self.signature()):
            set_conditioned(tx, key, frames)

    def stale_runs(self, project: Project, key: SessionKey) -> list[int]:
        """The runs of a pair whose prompts are not those of today: their masks are stale.

        While the network is still being loaded nothing is: it will most likely be the same one.
        """
        runs = project.db.read(lambda tx: list_runs(tx, key))
        if not runs or not self.signature():
            return []
        now = self.conditioning_now(project, key)
        return [run.run for run in runs if run.conditioning != now]

    def is_stale(self, mask: MaskRow, stale_runs: Sequence[int]) -> bool:
        """Whether a mask follows from other prompts than today's, or another network drew it.

        What a person prompted is never drawn anew unasked: the frame's next change does it.
        """
        now = self.signature()
        return mask.run in stale_runs or (bool(now) and mask.network not in (None, now))

    def has_stale(self, project: Project) -> bool:
        """Whether any pair of a video has stale masks."""
        now = self.signature()
        if now and project.db.read(lambda tx: drawn_by_others(tx, now)):
            return True
        return any(self.stale_runs(project, key) for key in project.pairs())


def conditioning(frames: Sequence[tuple[int, str]], signature: str) -> str:
    """A name for the prompts (frame_idx, digest) and the network a run starts from."""
    text = signature + repr(sorted(tuple(frame) for frame in frames))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
