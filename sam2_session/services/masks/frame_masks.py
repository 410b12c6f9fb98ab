"""Mask files of single frames: kept before the first prompt, put back after the last."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.masks.frame_mask import FrameMask
from sam2_session.services.masks.mask_files import mask_of_state
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import BaseRow, FrameRow, add_base, read_base, read_frame
from sam2_session.storage.mask_rows import (
    MaskRow,
    drop_mask,
    read_mask,
    save_mask,
)

log = logging.getLogger(__name__)


class FrameMasks:
    """Reads and writes single mask files together with their rows; hold the project's lock."""

    def __init__(self, track_logs: TrackLogs, bus: EventBus) -> None:
        self._track_logs = track_logs
        self._bus = bus

    def capture(self, project: Project, key: SessionKey, frame_idx: int) -> FrameState:
        """Return the frame's state; a mask that no prompt made becomes its base."""
        return self.capture_all(project, key, [frame_idx])[frame_idx]

    def capture_all(
        self,
        project: Project,
        key: SessionKey,
        frames: Sequence[int],
        added: list[int] | None = None,
    ) -> dict[int, FrameState]:
        """Return the states of these frames, by frame_idx; see `capture`.

        The ids of bases that are stored for it go into `added`.
        """
        stored = project.db.read(
            lambda tx: [(idx, read_frame(tx, key, idx), read_mask(tx, key, idx)) for idx in frames]
        )
        states, fresh = {}, {}
        for frame_idx, row, mask in stored:
            states[frame_idx] = row.state if row else FrameState()
            if states[frame_idx].is_human:
                continue
            if mask is None:
                states[frame_idx] = FrameState()
            elif not _is_base(project, states[frame_idx].base, mask):
                fresh[frame_idx] = self._base_of(project, key, mask)
        if fresh:
            above = project.db.write(lambda tx: _add_bases(tx, key, fresh))
            states |= above
            if added is not None:
                added += [state.base.base_id for state in above.values() if state.base]
        return states

    def below_prompts(self, project: Project, key: SessionKey, frame_idx: int) -> BaseRow | None:
        """Read the mask that prompts on this frame would refine; nothing is stored."""
        row, mask = project.db.read(
            lambda tx: (read_frame(tx, key, frame_idx), read_mask(tx, key, frame_idx))
        )
        base = row.state.base if row else None
        if (row and row.state.is_human) or (mask and _is_base(project, base, mask)):
            return project.db.read(lambda tx: read_base(tx, base.base_id)) if base else None
        return self._base_of(project, key, mask) if mask else None

    def erase_tracked(self, key: SessionKey, frames: Sequence[int]) -> None:
        """Erase what runs found on these frames; no live session may hold the pair's log."""
        self._track_logs.erase(key, frames)

    def prediction(self, key: SessionKey, mask: MaskRow) -> Prediction | None:
        """Read what the network in use found when it made a mask, if a run left it."""
        tracked = (
            None if mask.run is None else self._track_logs.read(key, mask.frame_idx, run=mask.run)
        )
        return tracked[0] if tracked else None

    def add_prompt_mask(self, project: Project, mask_hw: BoolMask) -> int:
        """Keep a mask made by hand; return the id of its base."""
        row = MaskRow(0, 0, MaskSource.HUMAN, mask_facts(mask_hw))
        base = BaseRow(encode_gray8(mask_hw), row.to_wire(), None, None)
        return project.db.write(lambda tx: add_base(tx, base))

    def painted(self, project: Project, state: FrameState) -> BoolMask | None:
        """Return the mask made by hand that is the frame's only prompt; else None."""
        base = state.base
        if base is None or not base.is_prompt or state.prompt:
            return None  # later prompts are the model's to draw
        stored = project.db.read(lambda tx: read_base(tx, base.base_id))
        return decode_mask(stored.png, project.size_hw)

    def is_approved_as(
        self, project: Project, frame: tuple[SessionKey, int], mask_hw: BoolMask
    ) -> bool:
        """Return whether the stored mask is approved, and the same to the pixel."""
        try:
            row, png = self.read_png(project, *frame)
            return row.approved and bool((decode_mask(png, project.size_hw) == mask_hw).all())
        except (MaskNotFound, InvalidPrompt):  # deleted or broken from outside
            return False

    def settle_unprompted(self, project: Project, key: SessionKey, row: FrameRow) -> FrameMask:
        """Bring file and row to what they were before the first prompt, and announce it."""
        base = row.state.base
        below = project.db.read(lambda tx: read_base(tx, base.base_id)) if base else None
        found = mask_of_state(row, below, project.size_hw)
        if found is None:
            return self._remove(project, key, row)
        mask, png = found
        self.save(project, key, mask, png)
        return FrameMask(row.rev, mask, encode_bits(decode_mask(png, project.size_hw)))

    def save(
        self,
        project: Project,
        key: SessionKey,
        mask: MaskRow,
        png: bytes,
        also: Callable[[Transaction], None] = lambda _: None,
    ) -> None:
        """Write the file, then its row and `also` in one transaction, then announce it."""
        path = project.workspace.mask_path(key, mask.frame_idx)
        atomic.make_folder(path.parent)
        atomic.write_bytes(path, png)

        def rows(tx: Transaction) -> None:
            save_mask(tx, key, mask)
            also(tx)

        project.db.write(rows)
        self._bus.publish(_saved(key, mask))

    def read_png(self, project: Project, key: SessionKey, frame_idx: int) -> tuple[MaskRow, bytes]:
        """Return a mask's row and file. Raises `MaskNotFound`."""
        path = project.workspace.mask_path(key, frame_idx)
        mask = project.db.read(lambda tx: read_mask(tx, key, frame_idx))
        if mask is None:
            raise MaskNotFound(frame_idx)
        try:
            return mask, path.read_bytes()
        except FileNotFoundError:
            raise MaskNotFound(frame_idx) from None

    def _remove(self, project: Project, key: SessionKey, row: FrameRow) -> FrameMask:
        if project.db.write(lambda tx: drop_mask(tx, key, row.frame_idx)):
            path = project.workspace.mask_path(key, row.frame_idx)
            path.unlink(missing_ok=True)
            atomic.fsync_folder(path.parent)
            data = {"key": key.to_wire(), "frame_idx": row.frame_idx, "rev": row.rev}
            data |= {"source": None, "score": None, "area": 0, "box": None, "run": None}
            self._bus.publish(Event(EventName.MASK_DELETED, data, video_id=key.video_id))
        return FrameMask(row.rev, None, None)

    def _base_of(self, project: Project, key: SessionKey, mask: MaskRow) -> BaseRow | None:
        """Read a mask file as a base; None if it was deleted or broken from outside."""
        try:
            png = project.workspace.mask_path(key, mask.frame_idx).read_bytes()
            decode_mask(png, project.size_hw)
        except (FileNotFoundError, InvalidPrompt):
            log.warning("%s: the mask file of frame %d is lost", key, mask.frame_idx)
            return None
        tracked = self._track_logs.read(key, mask.frame_idx, run=mask.run)
        prediction, signature = tracked if tracked else (None, None)
        return BaseRow(png, mask.to_wire(), prediction, signature)


def _is_base(project: Project, base: Base | None, mask: MaskRow) -> bool:
    """Whether a stored base is this mask."""
    if base is None:
        return False
    facts = project.db.read(lambda tx: read_base(tx, base.base_id)).facts
    known = (facts["run"], facts["approved"], facts.get("cleaned", False), facts.get("reason"))
    return bool(known == (mask.run, mask.approved, mask.cleaned, mask.rejection))


def _add_bases(
    tx: Transaction, key: SessionKey, fresh: Mapping[int, BaseRow | None]
) -> dict[int, FrameState]:
    """Store bases; return the states above them. A frame whose file is lost loses its mask."""
    states = {}
    for frame_idx, base in fresh.items():
        if base is None:
            drop_mask(tx, key, frame_idx)
        states[frame_idx] = FrameState(base=Base(add_base(tx, base)) if base else None)
    return states


def _saved(key: SessionKey, mask: MaskRow) -> Event:
    data = {"key": key.to_wire(), **mask.to_wire()}
    return Event(EventName.MASK_SAVED, data, video_id=key.video_id)
