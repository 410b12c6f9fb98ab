"""Reads a video's annotations for exporters, one by one."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.errors import InvalidPrompt, MaskNotFound, VideoNotReady
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import FramePrompt, Keypoint, MaskSource, RGBImage, SessionKey
from sam2_session.formats.exporting.source import (
    Alpha,
    MaskNote,
    MaskRead,
    Pair,
    SourceVideo,
)
from sam2_session.formats.images.frame_images import decode_frame
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.formats.rendered.soft_edges import alpha_of_logits
from sam2_session.formats.shapes.cleaning import clean_mask
from sam2_session.services.exports.selection import Selection
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.projects.project import Project
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.cleaning_rows import read_rule
from sam2_session.storage.frame_rows import prompted_frames, read_frame, read_prediction
from sam2_session.storage.keypoint_rows import list_keypoints
from sam2_session.storage.mask_rows import MaskRow, list_masks
from sam2_session.storage.video_record import read_record, read_table
from sam2_session.storage.workspace import Workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readers:
    """The services that read masks, logits and frames."""

    videos: VideoService
    frame_masks: FrameMasks
    track_logs: TrackLogs
    staleness: Staleness
    missing_masks: Callable[[Project, Collection[SessionKey]], int]  # of prompted frames


def source_video(workspace: Workspace, videos: VideoService, video_id: str) -> SourceVideo:
    """Collect a video's facts; raises `VideoNotReady` (and opens it) before its table is exact."""
    info, table = videos.info(video_id), read_table(workspace, video_id)
    record = read_record(workspace, video_id)
    if table is None or record is None or not table.pts:
        videos.open(video_id)
        raise VideoNotReady(info.name)
    return SourceVideo(
        video_id,
        info.name,
        (info.height, info.width),
        info.fps,
        table.time_base,
        table.pts,
        table.source_numbers,
        record.source.sha256,
        info.pixel_aspect,
    )


class ProjectSource:
    """The annotations an export selects; holds four bytes for each masked frame, no masks.

    Which runs are stale is settled when the export begins; every mask is read with its row when it
    is written.
    """

    def __init__(
        self,
        project: Project,
        video: SourceVideo,
        selection: Selection,
        model: dict[str, Any] | None,
        readers: Readers,
    ) -> None:
        self.video = video
        self.model = model
        self.pairs = selection.pairs
        self.frames = selection.frames
        self._project = project
        self._selection = selection
        self._readers = readers
        self._stale = {
            pair: readers.staleness.stale_runs(project, self._key(pair)) for pair in self.pairs
        }
        self._rules = {pair: self._rule(pair) for pair in self.pairs}
        self._masked = {pair: self._select(pair) for pair in self.pairs}

    def masked_frames(self, pair: Pair) -> Sequence[int]:
        return self._masked[pair]

    def read_mask(self, pair: Pair, frame_idx: int) -> MaskRead | None:
        key = self._key(pair)
        try:
            with (
                self._project.lock.for_files()
            ):  # a saved mask between reading row and file would mix two masks
                row, png = self._readers.frame_masks.read_png(self._project, key, frame_idx)
            mask_hw = decode_mask(png, self.video.size_hw)
        except MaskNotFound:
            return None
        except InvalidPrompt:
            log.warning("%s: the mask of frame %d is broken", key, frame_idx)
            return None
        if not self._selection.takes(row, stale=self._is_stale(pair, row)):
            return None
        rule = self._rules[pair]
        if not rule or row.cleaned or _is_painted(row):
            return MaskRead(self._note(pair, row), mask_hw, png)
        cleaned_hw = clean_mask(mask_hw, rule)
        row = replace(row, facts=mask_facts(cleaned_hw), cleaned=True)
        return MaskRead(self._note(pair, row), cleaned_hw, encode_gray8(cleaned_hw))

    def soft_edge(self, pair: Pair, read: MaskRead) -> Alpha | None:
        prediction = self._prediction(self._key(pair), read.note)
        return alpha_of_logits(prediction.logits_hw, read.mask_hw) if prediction else None

    def read_frame(self, frame_idx: int) -> RGBImage:
        return decode_frame(self.read_frame_file(frame_idx))

    def read_frame_file(self, frame_idx: int) -> bytes:
        return self._readers.videos.frames.read(self.video.video_id, frame_idx)

    def prompts(self, pair: Pair) -> Sequence[tuple[int, FramePrompt]]:
        rows = self._project.db.read(partial(prompted_frames, key=self._key(pair)))
        return [
            (row.frame_idx, row.state.prompt)
            for row in rows
            if row.state.prompt and row.frame_idx in self.frames
        ]

    def keypoints(self, instance_id: int) -> Sequence[Keypoint]:
        rows = self._project.db.read(partial(list_keypoints, instance_id=instance_id))
        return [keypoint for keypoint in rows if keypoint.frame_idx in self.frames]

    def _key(self, pair: Pair) -> SessionKey:
        return SessionKey(self.video.video_id, pair.instance_id, pair.region)

    def _rule(self, pair: Pair) -> Cleaning:
        return self._project.db.read(partial(read_rule, key=self._key(pair)))

    def _select(self, pair: Pair) -> Sequence[int]:
        rows = self._project.db.read(partial(list_masks, key=self._key(pair)))
        taken = (row for row in rows if self._selection.takes(row, stale=self._is_stale(pair, row)))
        return array("I", (row.frame_idx for row in taken))

    def _is_stale(self, pair: Pair, row: MaskRow) -> bool:
        return self._readers.staleness.is_stale(row, self._stale[pair])

    def _note(self, pair: Pair, row: MaskRow) -> MaskNote:
        return MaskNote(
            row.frame_idx,
            row.rev,
            row.source,
            row.facts,
            row.run,
            row.score,
            row.flags,
            row.approved,
            self._is_stale(pair, row),
            row.absent,
            row.cleaned,
        )

    def _prediction(self, key: SessionKey, note: MaskNote) -> Prediction | None:
        """Read the prediction behind a mask, if the model in use made it."""
        if note.run is not None:
            logs = self._readers.track_logs
            found = logs.read(key, note.frame_idx, run=note.run, score=note.score)
            return found[0] if found else None
        signature = self._readers.staleness.signature()
        row = self._project.db.read(lambda tx: read_frame(tx, key, note.frame_idx))
        if row is None or not row.state.prompt or not signature:
            return None  # painted by hand: the logits do not describe its edge
        digest = row.state.digest
        return self._project.db.read(
            lambda tx: read_prediction(tx, key, note.frame_idx, digest, signature)
        )


def _is_painted(row: MaskRow) -> bool:
    """Return whether a person drew the mask pixel by pixel; no rule changes such a mask."""
    return row.source is MaskSource.HUMAN and row.network is None
