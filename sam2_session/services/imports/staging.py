"""Before anything is seen of an import: its masks go into the database, what is there is noted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from sam2_session.core.errors import Conflict, InvalidPrompt, SessionError
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import UNFINISHED, MaskSource, SessionKey
from sam2_session.formats.importing.plan import Notes, Outcome
from sam2_session.services.imports.drafts import Draft, Place, Staged, base_of
from sam2_session.services.imports.options import Existing, MasksAs
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import BaseRow, add_base, read_frame
from sam2_session.storage.job_rows import list_jobs
from sam2_session.storage.mask_rows import read_mask

BATCH = 32  # masks that share a commit


class Staging:
    """Decodes the drafts' masks and keeps them as rows that nothing refers to yet."""

    def __init__(self, project: Project, frame_masks: FrameMasks, masks_as: MasksAs) -> None:
        self._project = project
        self._frame_masks = frame_masks
        self._source = MaskSource.HUMAN if masks_as is MasksAs.PROMPTS else MaskSource.IMPORTED
        self.staged: list[Staged] = []
        self.bases: list[int] = []

    def run(self, drafts: dict[Place, Draft], notes: Notes) -> Iterator[int]:
        """Yield each frame; a broken mask is noted, and what else its frame holds stays."""
        waiting: list[tuple[Staged, BaseRow]] = []
        for place, draft in drafts.items():
            base = self._base(place, draft, notes)
            if base is not None or draft.prompt:
                one = Staged(place, draft.prompt, None)
                self.look_at(one)
                self.staged.append(one)
                if base is not None:
                    waiting.append((one, base))
            if len(waiting) >= BATCH:
                self._write(waiting)
                waiting.clear()
            yield place[2]
        self._write(waiting)

    def look_at(self, one: Staged) -> None:
        """Note the state of a frame now; a mask that no prompt made is kept to come back."""
        key = key_of(self._project, one.place)
        if key is None:
            one.before = FrameState()
            return
        with self._project.lock:
            one.revs = self._project.db.read(partial(revs_of, key=key, frame_idx=one.place[2]))
            there = any(rev is not None for rev in one.revs)
            one.before = (
                self._frame_masks.capture(self._project, key, one.place[2])
                if there
                else FrameState()
            )

    def look_again(self, existing: Existing, notes: Notes) -> None:
        """Before the commit, with the project's lock held: what changed meanwhile is read anew."""
        kept = []
        for one in self.staged:
            key = key_of(self._project, one.place)
            if key is not None:
                now = self._project.db.read(partial(revs_of, key=key, frame_idx=one.place[2]))
                if now != one.revs:
                    self.look_at(one)
            before = one.before or FrameState()
            if existing is Existing.KEEP and before.is_prompted:
                notes.add(Outcome.SKIPPED, "Somebody prompted the frame meanwhile.", str(one.place))
            else:
                kept.append(one)
        self.staged = kept

    def forget(self) -> None:
        """The import does not come about: its masks are removed."""
        ids = [(base_id,) for base_id in self.bases]
        if ids:
            self._project.db.write(
                lambda tx: tx.executemany("DELETE FROM bases WHERE base_id = ?", ids)
            )

    def _base(self, place: Place, draft: Draft, notes: Notes) -> BaseRow | None:
        where = f"frame {place[2]}, {place[1]}"
        try:
            mask_hw = draft.read_mask()
        except SessionError as error:
            if not isinstance(error, InvalidPrompt):
                raise
            notes.add(Outcome.SKIPPED, error.message, where)
            return None
        if mask_hw is None:
            return None
        if mask_hw.shape != self._project.size_hw:
            notes.add(Outcome.SKIPPED, "The mask is not of the video's size.", where)
            return None
        return base_of(mask_hw, self._source)

    def _write(self, waiting: Sequence[tuple[Staged, BaseRow]]) -> None:
        ids = self._project.db.write(lambda tx: [add_base(tx, base) for _, base in waiting])
        for (one, _), base_id in zip(waiting, ids, strict=True):
            one.base_id = base_id
        self.bases += ids


def key_of(project: Project, place: Place) -> SessionKey | None:
    """The pair of a place; None while its instance is yet to be made."""
    slot, region, _ = place
    return SessionKey(project.video_id, slot, region) if isinstance(slot, int) else None


def require_no_run(project: Project, places: Sequence[Place]) -> None:
    """Raise `Conflict` if a run is making masks of one of these pairs."""
    pairs = {(slot, region) for slot, region, _ in places}
    for job in project.db.read(list_jobs):
        at_work = {(one["instance_id"], one["region"]) for one in job.params.get("pairs", ())}
        if job.state in UNFINISHED and pairs & at_work:
            raise Conflict(
                "A run is making masks of a pair that the import writes to.",
                hint="Wait for its end, or stop it first.",
            )


def revs_of(tx: Transaction, key: SessionKey, frame_idx: int) -> tuple[int | None, int | None]:
    """The revisions of a frame's state and of its mask."""
    frame, mask = read_frame(tx, key, frame_idx), read_mask(tx, key, frame_idx)
    return (frame.rev if frame else None, mask.rev if mask else None)
