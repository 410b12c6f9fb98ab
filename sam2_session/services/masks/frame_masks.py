"""Mask files of single frames: kept before the first prompt, put back after the last."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.masks.frame_mask import FrameMask
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import BaseRow, FrameRow, add_base, read_base, read_frame
from sam2_session.storage.mask_rows import (
    MaskRow,
    drop_mask,
    mask_of_wire,
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
        row, mask = project.db.read(
            lambda tx: (read_frame(tx, key, frame_idx), read_mask(tx, key, frame_idx))
        )
        state = row.state if row else FrameState()
        if state.is_prompted:
            return state
        if mask is None:
            return FrameState()
        if state.base is not None:
            base_id = state.base.base_id
            facts = project.db.read(lambda tx: read_base(tx, base_id)).facts
            if (facts["run"], facts["approved"]) == (mask.run, mask.approved):
                return state
        try:
            base_id = self._add_base(project, key, mask)
        except (FileNotFoundError, InvalidPrompt):  # deleted or broken from outside: no mask
            log.warning("%s: the mask file of frame %d is lost", key, frame_idx)
            project.db.write(lambda tx: drop_mask(tx, key, frame_idx))
            return FrameState()
        return FrameState(base=Base(base_id))

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
        if row.state.base is None:
            return self._remove(project, key, row)
        base_id = row.state.base.base_id
        base = project.db.read(lambda tx: read_base(tx, base_id))
        mask = mask_of_wire({"flags": [], **base.facts})
        mask = replace(mask, frame_idx=row.frame_idx, rev=row.rev)
        self.save(project, key, mask, base.png)
        return FrameMask(row.rev, mask, encode_bits(decode_mask(base.png, project.size_hw)))

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

    def _add_base(self, project: Project, key: SessionKey, mask: MaskRow) -> int:
        png = project.workspace.mask_path(key, mask.frame_idx).read_bytes()
        decode_mask(png, project.size_hw)
        tracked = self._track_logs.read(key, mask.frame_idx, run=mask.run)
        prediction, signature = tracked if tracked else (None, None)
        base = BaseRow(png, mask.to_wire(), prediction, signature)
        return project.db.write(lambda tx: add_base(tx, base))


def _saved(key: SessionKey, mask: MaskRow) -> Event:
    data = {"key": key.to_wire(), **mask.to_wire()}
    return Event(EventName.MASK_SAVED, data, video_id=key.video_id)
