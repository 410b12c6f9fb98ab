"""An annotator who works one clip to the end, and the effort it took."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.annotator_clips import Clip
from sam2_session import Studio
from sam2_session.client.pairs import Pair
from sam2_session.client.videos import Video
from sam2_session.core.types import BoolMask
from sam2_session.errors import NothingToDo
from training.annotator import next_click
from training.clips import click_in

WAYS = ("list", "stride", "oracle")
MEAN, LOWEST = 0.85, 0.5  # the goals: mean J of all judged masks, and no judged mask below
FIX_BELOW = 0.75  # J under which the annotator corrects a mask on a visited frame
LEAST_PEAK = 0.1  # of the curves; lower ones say nothing
GOOD, CLICKS = 0.85, 4  # of one correction: J to be content with, and clicks at most
PAINTED = 10  # clicks that painting a mask by hand counts as, where clicks leave it below `LOWEST`
STRIDE = 16  # frames

Key = tuple[int, str]  # object and region
Scores = dict[Key, npt.NDArray[np.float64]]  # J by frame; NaN where it is not judged


@dataclass(slots=True)
class Cost:
    """Effort spent until a goal was reached."""

    visits: int
    clicks: int
    tracked: int
    cpu_s: float


@dataclass(slots=True)
class Effort:
    """The work on one clip in one way; a goal that was never reached costs all of it."""

    kind: str
    way: str
    spent: Cost
    mean: Cost | None = None
    lowest: Cost | None = None
    start: tuple[float, float] = (0.0, 0.0)  # mean and lowest J after the first run
    end: tuple[float, float] = (0.0, 0.0)
    unnamed: int = 0  # visits for which the list named no frame any more
    idle: int = 0  # visits to frames on which nothing was wrong
    seed: int = 0
    frames: list[int] = field(default_factory=list)  # visited, in order


def work(studio: Studio, video: Video, clip: Clip, way: str, *, most: int) -> Effort:
    """Annotate a clip until both goals are reached, or after `most` visits."""
    desk = _Desk(studio, video, clip, way)
    desk.begin()
    while not desk.is_done() and len(desk.effort.frames) < min(most, len(clip.frames_thwc)):
        desk.visit(desk.next_frame())
    return desk.effort


class _Desk:
    """One annotator before one clip."""

    def __init__(self, studio: Studio, video: Video, clip: Clip, way: str) -> None:
        self._studio = studio
        self._video = video
        self._clip = clip
        self._begun_s = time.process_time()
        self._judging_s = 0.0  # CPU of comparing with the truth, which no annotator spends
        self._pairs = _pairs(video, clip)
        self._masks: dict[Key, dict[int, BoolMask]] = {}
        self._scores: Scores = {}
        self.effort = Effort(clip.kind, way, Cost(0, 0, 0, 0.0))

    def begin(self) -> None:
        """Click on each object where it first appears, until its mask is good, and run."""
        for key, pair in self._pairs.items():
            truth_thw = self._clip.truths[key]
            first = _first(truth_thw)
            self._masks[key] = {first: pair.click(*click_in(truth_thw[first]), frame=first)}
            self.effort.spent.clicks += 1 + self._correct(key, first)
        self._run("full")
        self._judge()
        self.effort.start = self.effort.end

    def is_done(self) -> bool:
        """Return whether both goals have been reached."""
        return self.effort.mean is not None and self.effort.lowest is not None

    def next_frame(self) -> int:
        """Choose the frame to visit next."""
        if self.effort.way == "oracle":
            return self._worst()
        if self.effort.way == "stride":
            return self._by_stride()
        named = self._listed()
        if named is None:
            self.effort.unnamed += 1
            named = self._peak()
        return self._by_stride() if named is None else named

    def visit(self, frame_idx: int) -> None:
        """Correct each wrong mask of a frame, approve the others, and run if any was wrong."""
        clicks = 0
        for key, pair in self._pairs.items():
            made = self._correct(key, frame_idx)
            clicks += made
            if not made and frame_idx in self._masks[key]:
                pair.approve([(frame_idx, frame_idx)])
        self.effort.frames.append(frame_idx)
        self.effort.spent.visits += 1
        self.effort.spent.clicks += clicks
        if clicks:
            self._run("stretch")
        else:
            self.effort.idle += 1
        self._judge()

    def _worst(self) -> int:
        lowest = np.nanmin(np.stack([*self._scores.values()]), axis=0)
        lowest[self.effort.frames] = np.inf  # one look at a frame must do
        return int(np.nanargmin(lowest))

    def _by_stride(self) -> int:
        """The next frame of a walk through the clip at a stride, which is halved each time."""
        stride, count = STRIDE, len(self._clip.frames_thwc)
        while True:
            left = [idx for idx in range(stride, count, stride) if idx not in self.effort.frames]
            if left:
                return left[0]
            if stride == 1:
                return 0
            stride //= 2

    def _listed(self) -> int | None:
        """The worst place that the program names and that was not looked at before."""
        stops = self._studio.call("list_suspicions", video_id=self._video.video_id)["stops"]
        for stop in stops:
            frame_idx = int(stop["frame_idx"])
            if frame_idx not in self.effort.frames:
                return frame_idx
        return None

    def _peak(self) -> int | None:
        """The highest place of the curves that the program draws, once its list is empty."""
        curves = self._studio.call("list_suspicion_curves", video_id=self._video.video_id)["curves"]
        places = [(score, frame_idx) for curve in curves for frame_idx, score in curve["values"]]
        for score, frame_idx in sorted(places, reverse=True):
            if score >= LEAST_PEAK and frame_idx not in self.effort.frames:
                return int(frame_idx)
        return None

    def _correct(self, key: Key, frame_idx: int) -> int:
        """Click into the largest error while the mask is wrong; returns the number of clicks.

        What clicks cannot mend is painted.
        """
        pair, truth_hw = self._pairs[key], self._clip.truths[key][frame_idx]
        mask_hw, clicks = self._mask(key, frame_idx), 0
        least = FIX_BELOW
        if not truth_hw.any():
            if not mask_hw.any():
                return 0
            pair.mark_absent([(frame_idx, frame_idx)])
            return 1
        while clicks < CLICKS and _j(mask_hw, truth_hw) < least:
            click = next_click(mask_hw, truth_hw)
            if click is None:
                break
            mask_hw = pair.click(click.x, click.y, frame_idx, click.label)
            clicks, least = clicks + 1, GOOD
        if clicks and _j(mask_hw, truth_hw) < LOWEST:
            pair.put_mask(truth_hw, frame_idx)
            clicks += PAINTED
        return clicks

    def _run(self, mode: str) -> None:
        try:
            facts = self._video.propagate(mode=mode, direction="both").wait().facts
        except NothingToDo:
            return
        self.effort.spent.tracked += int(facts["tracked"] or 0)

    def _judge(self) -> None:
        begun_s = time.process_time()
        self._masks = {key: pair.masks() for key, pair in self._pairs.items()}
        for key, truth_thw in self._clip.truths.items():
            js = [_j(self._mask(key, idx), truth_hw) for idx, truth_hw in enumerate(truth_thw)]
            self._scores[key] = np.where(self._clip.judged(key), js, np.nan)
        every = np.concatenate([*self._scores.values()])
        self.effort.end = (float(np.nanmean(every)), float(np.nanmin(every)))
        self._judging_s += time.process_time() - begun_s
        self._note()

    def _note(self) -> None:
        """Note the cost of a goal once it is reached."""
        effort, spent = self.effort, self.effort.spent
        spent.cpu_s = time.process_time() - self._begun_s - self._judging_s
        mean, lowest = effort.end
        now = Cost(spent.visits, spent.clicks, spent.tracked, spent.cpu_s)
        if effort.mean is None and mean >= MEAN:
            effort.mean = now
        if effort.lowest is None and lowest >= LOWEST:
            effort.lowest = now

    def _mask(self, key: Key, frame_idx: int) -> BoolMask:
        empty = np.zeros(self._clip.truths[key].shape[1:], np.bool_)
        return self._masks.get(key, {}).get(frame_idx, empty)


def _pairs(video: Video, clip: Clip) -> dict[Key, Pair]:
    things = sorted({thing for thing, _ in clip.truths})
    instances = {thing: video.add_instance(f"thing {thing + 1}") for thing in things}
    return {(thing, region): instances[thing][region] for thing, region in clip.truths}


def _first(truth_thw: BoolMask) -> int:
    """The first frame on which most of an object is in sight."""
    areas = truth_thw.sum(axis=(1, 2))
    return int((areas >= 0.5 * np.median(areas[areas > 0])).argmax())


def _j(mask_hw: BoolMask, truth_hw: BoolMask) -> float:
    """The region IoU; 1 if both are empty."""
    union = int((mask_hw | truth_hw).sum())
    return int((mask_hw & truth_hw).sum()) / union if union else 1.0
