"""Mask files of single frames: kept before the first prompt, put back after the last."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.masks.frame_mask import FrameMask
from sam2_session.services.masks.mask_files import lags_behind, mask_of_state
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    BaseRow,
    FrameRow,
    add_base,
    read_base,
    read_base_facts,
    read_frame,
)
from sam2_session.storage.mask_rows import (
    MaskRow,
    approved_as,
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
        states, fresh = {}, {}

        def read(tx: Transaction) -> list[tuple[int, FrameState | None, MaskRow | None]]:
            return [(idx, known_state(tx, key, idx), read_mask(tx, key, idx)) for idx in frames]

        for frame_idx, state, mask in project.db.read(read):
            if state is not None:
                states[frame_idx] = state
            elif mask is not None:
                fresh[frame_idx] = self._base_of(project, key, mask)
        if fresh:
            above = project.db.write(lambda tx: _add_bases(tx, key, fresh))
            states |= above
            if added is not None:
                added += [state.base.base_id for state in above.values() if state.base]
        return states

    def below_prompts(self, project: Project, key: SessionKey, frame_idx: int) -> BaseRow | None:
        """Read the mask that prompts on this frame would refine; nothing is stored."""
        state, mask = project.db.read(
            lambda tx: (known_state(tx, key, frame_idx), read_mask(tx, key, frame_idx))
        )
        if state is not None:
            base = state.base
            return project.db.read(lambda tx: read_base(tx, base.base_id)) if base else None
        return self._base_of(project, key, mask) if mask else None

    def erase_tracked(self, key: SessionKey, frames: Sequence[int]) -> None:
        """Erase what runs found on these frames; no live session may hold the pair's log."""
        self._track_logs.erase(key, frames)

    def prediction(self, key: SessionKey, mask: MaskRow) -> Prediction | None:
        """Read what the network in use found when it made a mask, if a run left it."""
        if mask.run is None:
            return None
        tracked = self._track_logs.read(key, mask.frame_idx, run=mask.run, score=mask.score)
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

    def brings_approval(
        self, project: Project, key: SessionKey, row: FrameRow, network: str | None
    ) -> bool:
        """Return whether undo or redo went back to a mask that was approved, by the same network.

        Only when it is drawn first: an approval that is taken back later does not come again.
        """
        stored = project.db.read(lambda tx: read_mask(tx, key, row.frame_idx))
        is_first = stored is None or stored.rev < row.rev
        return is_first and row.state.approved_as == (network or "")

    def is_approved_as(
        self, project: Project, frame: tuple[SessionKey, int], mask_hw: BoolMask
    ) -> bool:
        """Return whether the stored mask is approved, and the same to the pixel."""
        try:
            row, png = self.read_png(project, *frame)
            return row.approved and bool((decode_mask(png, project.size_hw) == mask_hw).all())
        except (MaskNotFound, InvalidPrompt):  # deleted or broken from outside
            return False

    def of_state(self, project: Project, row: FrameRow) -> tuple[FrameMask, bytes]:
        """Return the mask of a frame without prompts by its state, and its file's PNG."""
        base = row.state.base
        below = project.db.read(lambda tx: read_base(tx, base.base_id)) if base else None
        found = mask_of_state(row, below, project.size_hw)
        if found is None:
            return FrameMask(row.rev, None, None), b""
        mask, png = found
        return FrameMask(row.rev, mask, encode_bits(decode_mask(png, project.size_hw))), png

    def settle_unprompted(self, project: Project, key: SessionKey, row: FrameRow) -> None:
        """Bring file and row to what they were before the first prompt, and announce it."""
        mask, png = self.of_state(project, row)
        if mask.row is None:
            self._remove(project, key, row)
        else:
            self._save(project, key, mask.row, png)

    def _save(self, project: Project, key: SessionKey, mask: MaskRow, png: bytes) -> None:
        """Write the file, then its row, then announce it."""
        path = project.workspace.mask_path(key, mask.frame_idx)
        atomic.make_folder(path.parent)
        atomic.write_bytes(path, png)
        project.db.write(lambda tx: save_mask(tx, key, mask))
        self._bus.publish(mask_saved(key, mask))

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

    def decoded(
        self, project: Project, key: SessionKey, frame_idx: int
    ) -> tuple[MaskRow, BoolMask] | None:
        """Return a mask's row and pixels; None if there is none, or it is broken from outside.

        Takes the project's lock itself.
        """
        try:
            with project.lock.for_files():  # saved between row and file it would be of two masks
                row, png = self.read_png(project, key, frame_idx)
            return row, decode_mask(png, project.size_hw)
        except (MaskNotFound, InvalidPrompt):
            return None

    def _remove(self, project: Project, key: SessionKey, row: FrameRow) -> None:
        if project.db.write(lambda tx: drop_mask(tx, key, row.frame_idx)):
            path = project.workspace.mask_path(key, row.frame_idx)
            atomic.remove(path)
            atomic.fsync_folder(path.parent)
            self._bus.publish(mask_deleted(key, row.frame_idx, row.rev))

    def _base_of(self, project: Project, key: SessionKey, mask: MaskRow) -> BaseRow | None:
        """Read a mask file as a base; None if it was deleted or broken from outside."""
        try:
            png = project.workspace.mask_path(key, mask.frame_idx).read_bytes()
            decode_mask(png, project.size_hw)
        except (FileNotFoundError, InvalidPrompt):
            log.warning("%s: the mask file of frame %d is lost", key, mask.frame_idx)
            return None
        tracked = self._track_logs.read(key, mask.frame_idx, run=mask.run, score=mask.score)
        prediction, signature = tracked if tracked else (None, None)
        return BaseRow(png, mask.to_wire(), prediction, signature)


def with_approval(row: FrameRow, mask: MaskRow | None) -> FrameState:
    """Return the state of a frame, with the approval of its mask as it is now.

    Until that mask is drawn, with the one that undo or redo brings back.
    """
    if mask is None or mask.rev < row.rev:
        return row.state
    return replace(row.state, approved_as=approved_as(mask, row.rev))


def known_state(tx: Transaction, key: SessionKey, frame_idx: int) -> FrameState | None:
    """Read a frame's state; None if it has a mask by no prompt that is to become its base.

    While the mask of a state is still on its way to the disk, the state counts.
    """
    row, mask = read_frame(tx, key, frame_idx), read_mask(tx, key, frame_idx)
    state = row.state if row else FrameState()
    if row is not None and state.is_human:
        return with_approval(row, mask)
    if row is not None and lags_behind(mask, row):
        return state
    if mask is None:
        return FrameState()
    return state if _is_base(tx, state.base, mask) else None


def _is_base(tx: Transaction, base: Base | None, mask: MaskRow) -> bool:
    """Return whether a stored base is this mask."""
    if base is None:
        return False
    facts = read_base_facts(tx, base.base_id)
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


def mask_saved(key: SessionKey, mask: MaskRow) -> Event:
    """Make the event for a mask that is on disk with its row."""
    data = {"key": key.to_wire(), **mask.to_wire()}
    return Event(EventName.MASK_SAVED, data, video_id=key.video_id)


def mask_deleted(key: SessionKey, frame_idx: int, rev: int) -> Event:
    """Make the event for a frame that has no mask any more."""
    data = {"key": key.to_wire(), "frame_idx": frame_idx, "rev": rev}
    data |= {"source": None, "score": None, "area": 0, "box": None, "run": None}
    return Event(EventName.MASK_DELETED, data, video_id=key.video_id)
