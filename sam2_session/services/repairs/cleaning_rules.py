"""Previews cleanings, and keeps the rule by which runs and exports clean a pair's masks."""

from __future__ import annotations

from typing import Any

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.png import encode_bits
from sam2_session.core.types import SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.formats.shapes.cleaning import clean_mask
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.commands import apply_once
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.cleaning_rows import read_rule, save_rule
from sam2_session.storage.database import Transaction
from sam2_session.storage.mask_rows import reopen_runs


class CleaningRules:
    """Cleans single masks without storing them, and stores the rules of pairs."""

    def __init__(self, projects: Projects, frame_masks: FrameMasks, bus: EventBus) -> None:
        self._projects = projects
        self._frame_masks = frame_masks
        self._bus = bus

    def preview(self, key: SessionKey, frame_idx: int, cleaning: Cleaning) -> dict[str, Any]:
        """Return the cleaned mask of a frame as a 1-bit PNG. Raises `MaskNotFound`."""
        project = self._projects.of(key)
        row, png = self._frame_masks.read_png(project, key, frame_idx)
        cleaned_hw = clean_mask(decode_mask(png, project.size_hw), cleaning)
        return {"data": encode_bits(cleaned_hw), "content_type": "image/png", "rev": row.rev}

    def rule(self, key: SessionKey) -> dict[str, Any]:
        """Return the rule of a pair; all steps are 0 while there is none."""
        rule = self._projects.of(key).db.read(lambda tx: read_rule(tx, key))
        return {"cleaning": rule.to_json(), "on": bool(rule)}

    def set_rule(self, key: SessionKey, rule: Cleaning) -> dict[str, Any]:
        """Set the rule of a pair; all steps 0 take it away.

        Masks that are there stay until the next run, which makes them again.
        """
        project = self._projects.of(key)
        project.instance(key.instance_id, for_change=True)

        def change(tx: Transaction, _: int) -> dict[str, Any]:
            save_rule(tx, key, rule)
            reopen_runs(tx, key)
            return {"cleaning": rule.to_json(), "on": bool(rule)}

        with project.lock:
            answer = apply_once(project, None, change)
        data = {"key": key.to_wire(), **answer}
        self._bus.publish(Event(EventName.CLEANING_CHANGED, data, video_id=key.video_id))
        return answer
