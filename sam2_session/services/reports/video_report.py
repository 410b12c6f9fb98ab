"""Gathers all that the report of one video shows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sam2_session.core.errors import FrameNotExtracted, InvalidPrompt, MaskNotFound
from sam2_session.core.types import SessionKey
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.formats.shapes.islands import islands_of
from sam2_session.services.exports.overlays import OverlayService
from sam2_session.services.exports.selection import parse_selection
from sam2_session.services.fields.fields import PairName
from sam2_session.services.fields.overlay_look import OverlayLook
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.region_rules.service import RuleService
from sam2_session.services.reports.broken_rules import BrokenRules, by_instance
from sam2_session.services.reports.curves import Curve, curve_of
from sam2_session.services.reports.deeds import Deeds, RunDone, read_deeds, read_runs
from sam2_session.services.reports.pair_figures import Island, PairFigures, PairRows
from sam2_session.services.reports.worst_masks import WorstMask, worst_masks
from sam2_session.services.videos.info import VideoInfo
from sam2_session.storage.exports import ExportStore
from sam2_session.storage.frame_rows import prompted_digests
from sam2_session.storage.mask_rows import MaskRow, list_masks
from sam2_session.storage.op_rows import current_rev

PICTURE_WIDTH = 320


@dataclass(frozen=True, slots=True)
class Picture:
    """A mask of the contact sheet, drawn over its frame; `data` is a JPEG in base64, or empty."""

    mask: WorstMask
    data: str


@dataclass(frozen=True, slots=True)
class VideoReport:
    """The report of a video; of `every` so many masks the pixels of one were looked at.

    `broken` holds the instances that break a rule between regions; None if there are no rules.
    """

    info: VideoInfo
    pairs: Sequence[PairFigures] = ()
    curves: Sequence[Curve] = ()
    pictures: Sequence[Picture] = ()
    deeds: Sequence[Deeds] = ()
    runs: Sequence[RunDone] = ()
    exports: Sequence[dict[str, Any]] = ()
    rev: int = 0
    every: int = 1
    broken: Sequence[BrokenRules] | None = None

    @property
    def masks(self) -> int:
        """The masks of all pairs."""
        return sum(len(pair.rows.masks) for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class Depth:
    """Bounds of a report: masks whose pixels are read, and pictures."""

    masks: int
    pictures: int


class VideoReporter:
    """Reads what a report needs; holds no more than one mask at a time."""

    def __init__(
        self,
        projects: Projects,
        frame_masks: FrameMasks,
        staleness: Staleness,
        overlays: OverlayService,
        rules: RuleService,
    ) -> None:
        self._projects = projects
        self._frame_masks = frame_masks
        self._staleness = staleness
        self._overlays = overlays
        self._rules = rules
        self._exports = ExportStore(projects.workspace)

    def read(self, video_id: str, depth: Depth) -> VideoReport:
        """Gather the report. Raises `VideoNotFound`."""
        info = self._projects.videos.info(video_id)
        exports = [files.record for files in self._exports.all(video_id)]
        has_work = self._projects.workspace.database_path(video_id).exists()
        if not has_work or not info.num_frames:
            return VideoReport(info, exports=exports)
        project = self._projects.get(video_id)
        with project.kept_open():
            pairs = parse_selection(self._projects, project, {}, info.num_frames).pairs
            rows = [self._rows(project, pair, info.num_frames) for pair in pairs]
            total = sum(len(pair.masks) for pair in rows)
            every = max(1, -(-total // depth.masks))
            figures = [PairFigures.of(pair, self._islands(project, pair, every)) for pair in rows]
            labels = {(pair.instance_id, pair.region): pair.label for pair in pairs}
            return VideoReport(
                info,
                figures,
                [curve_of(pair) for pair in rows],
                self._pictures(video_id, worst_masks(figures, depth.pictures)),
                project.db.read(read_deeds),
                project.db.read(partial(read_runs, labels=labels)),
                exports,
                project.db.read(current_rev),
                every,
                self._broken(project, pairs, range(0, info.num_frames, every)),
            )

    def _broken(
        self, project: Project, pairs: Sequence[Pair], frames: range
    ) -> list[BrokenRules] | None:
        if self._rules.book.rules is None:
            return None
        names = {pair.instance_id: pair.instance.name for pair in pairs}
        return by_instance(self._rules.broken(project, frames), names)

    def _rows(self, project: Project, pair: Pair, num_frames: int) -> PairRows:
        key = _key(project, pair)
        masks: list[MaskRow] = project.db.read(partial(list_masks, key=key))
        prompted = project.db.read(partial(prompted_digests, key=key))
        stale_runs = self._staleness.stale_runs(project, key)
        stale = {row.frame_idx for row in masks if self._staleness.is_stale(row, stale_runs)}
        return PairRows(
            pair,
            {row.frame_idx: row for row in masks},
            frozenset(frame_idx for frame_idx, _ in prompted),
            frozenset(stale),
            num_frames,
        )

    def _islands(self, project: Project, rows: PairRows, every: int) -> list[Island]:
        found = []
        for frame_idx in list(rows.masks)[::every]:
            try:
                key = _key(project, rows.pair)
                _, png = self._frame_masks.read_png(project, key, frame_idx)
                pieces, area = islands_of(decode_mask(png, project.size_hw))
            except (MaskNotFound, InvalidPrompt):  # deleted, or broken from outside
                continue
            if pieces:
                found.append(Island(frame_idx, pieces, area))
        return found

    def _pictures(self, video_id: str, masks: Sequence[WorstMask]) -> list[Picture]:
        ordered = sorted(masks, key=lambda mask: -mask.badness)
        return [Picture(mask, self._drawn(video_id, mask)) for mask in ordered]

    def _drawn(self, video_id: str, mask: WorstMask) -> str:
        name = PairName(instance_id=mask.pair.instance_id, region=mask.pair.region)
        look = OverlayLook([name], opacity=0.45, outline=True, prompts=True)
        frame = (video_id, mask.frame_idx)
        try:
            jpeg = self._overlays.draw(frame, look, kind="jpeg", width=PICTURE_WIDTH)
        except FrameNotExtracted:
            return ""
        return b64encode(jpeg).decode()


def _key(project: Project, pair: Pair) -> SessionKey:
    return SessionKey(project.video_id, pair.instance_id, pair.region)
