"""Staleness of masks: prompts or network changed since they were made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from sam2_session.core.conditioning import conditioning, is_from
from sam2_session.core.types import SessionKey
from sam2_session.inference.slot import EngineSlot
from sam2_session.services.projects.project import Project
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import prompted_digests, set_conditioned
from sam2_session.storage.mask_columns import MaskColumns
from sam2_session.storage.mask_rows import MaskRow, drawn_by_others, list_runs


class Staleness:
    """Compares the prompts and network of a pair's runs with those of now."""

    def __init__(self, slot: EngineSlot) -> None:
        self._slot = slot

    def signature(self) -> str:
        """Return the signature of the network in use; empty before the first."""
        engine = self._slot.peek()
        return engine.network.signature if engine else ""

    def conditioning_now(self, project: Project, key: SessionKey) -> str:
        """Return the conditioning a run of this pair would have now; see `conditioning`."""
        return conditioning(project.db.read(lambda tx: prompted_digests(tx, key)), self.signature())

    def recondition(self, tx: Transaction, key: SessionKey) -> None:
        """Let frames attend to the prompts again if they are again those of the newest run."""
        runs = list_runs(tx, key)
        if not runs:
            return
        frames = prompted_digests(tx, key)
        if is_from(runs[0].conditioning, conditioning(frames, self.signature())):
            set_conditioned(tx, key, frames)

    def stale_runs(self, project: Project, key: SessionKey) -> list[int]:
        """Return the runs of a pair whose masks are stale: made from other prompts than now.

        Of these masks, approved ones are not stale: see `is_stale`.

        Empty while no network is loaded: it will most likely be the same one.
        """
        return project.db.read(lambda tx: self.stale_runs_in(tx, key))

    def stale_runs_in(self, tx: Transaction, key: SessionKey) -> list[int]:
        """Return what `stale_runs` does, as it is within a transaction."""
        runs = list_runs(tx, key)
        if not runs or not self.signature():
            return []
        now = conditioning(prompted_digests(tx, key), self.signature())
        return [run.run for run in runs if not is_from(run.conditioning, now)]

    def is_stale(self, mask: MaskRow, stale_runs: Sequence[int]) -> bool:
        """Return whether a mask comes from other prompts than now, or from another network.

        A prompted mask is never predicted again unasked: the frame's next change does that. An
        approved mask is never stale: a person found it good, whatever it was made from.
        """
        return self._staleness_test(stale_runs)(mask.approved, mask.run, mask.network)

    def stale_column(self, masks: MaskColumns, stale_runs: Sequence[int]) -> list[bool]:
        """Return what `is_stale` does, for each mask of a pair."""
        is_stale = self._staleness_test(stale_runs)
        return list(map(cache(is_stale), masks.approved, masks.runs, masks.networks))

    def _staleness_test(
        self, stale_runs: Sequence[int]
    ) -> Callable[[bool | int, int | None, str | None], bool]:
        """Return a test of a mask by its approval, run and network."""
        now = self.signature()

        def is_stale(approved: bool | int, run: int | None, network: str | None) -> bool:
            return not approved and (
                run in stale_runs or (bool(now) and network not in (None, now))
            )

        return is_stale

    def has_stale(self, project: Project) -> bool:
        """Return whether any pair of a video has stale masks."""
        now = self.signature()
        if now and project.db.read(lambda tx: drawn_by_others(tx, now)):
            return True
        return any(self.stale_runs(project, key) for key in project.pairs())
