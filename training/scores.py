"""Summarises the results of many targets: ten figures, and the details behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from training.trial import CLICK_COUNTS, JUDGED_ABSENCE, PROMPTS, TargetResult

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Presence:
    """Counts frames after 0 with and without the target, and those decided right.

    From three clicks on frame 0.
    """

    frames_absent: int
    frames_present: int
    right_absent: int
    right_present: int

    @property
    def right(self) -> float:
        """Share of all frames that were decided right."""
        return (self.right_absent + self.right_present) / (self.frames_absent + self.frames_present)

    def as_json(self) -> dict[str, int | float | None]:
        """Convert counts and shares to JSON; a share is None without such frames."""
        return {
            **asdict(self),
            "right_when_absent": _share(self.right_absent, self.frames_absent),
            "right_when_present": _share(self.right_present, self.frames_present),
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over targets, all with the same weight, and the results they come from."""

    results: tuple[TargetResult, ...]

    def __post_init__(self) -> None:
        if not self.results:
            raise ValueError("nothing was judged: the clips hold no target")

    @property
    def figures(self) -> Figures:
        """`iou_1 iou_2 iou_3 iou_5 iou_box jf_1 jf_3 jf_box jf_mask absent_acc`, each 0 to 1."""
        return {**figures_of(self.results), "absent_acc": self.presence.right}

    @property
    def presence(self) -> Presence:
        """Counts of presence and absence, and how often they were decided right."""
        tracks = [result.tracks[JUDGED_ABSENCE] for result in self.results]
        return Presence(
            frames_absent=sum(result.absent for result in self.results),
            frames_present=sum(result.present for result in self.results),
            right_absent=sum(track.right_absent for track in tracks),
            right_present=sum(track.right_present for track in tracks),
        )

    @property
    def num_clips(self) -> int:
        """Number of clips that the targets come from."""
        return len({result.clip for result in self.results})

    def details(self) -> dict[str, Any]:
        """Convert to JSON: J, F, presence and absence apart, by kind and by target."""
        return {
            "targets": len(self.results),
            "clips": self.num_clips,
            "counted_frames": "all but 0, which has the prompt; DAVIS leaves out the last as well",
            "j": _by_prompt(self.results, lambda track: track.region_j),
            "f": _by_prompt(self.results, lambda track: track.boundary_f),
            "presence": self.presence.as_json(),
            "kinds": {kind: self._kind(kind) for kind in sorted({r.kind for r in self.results})},
            "each": [_row(result) for result in self.results],
        }

    def _kind(self, kind: str) -> Figures:
        chosen = [result for result in self.results if result.kind == kind]
        return {"targets": len(chosen), **figures_of(chosen)}


def figures_of(results: Iterable[TargetResult]) -> Figures:
    """Mean IoUs on frame 0 and mean J&F on the frames after it."""
    chosen = list(results)
    ious = {f"iou_{n}": fmean(result.ious[n] for result in chosen) for n in CLICK_COUNTS}
    jf = _by_prompt(chosen, lambda track: track.jf)
    carried = {f"jf_{prompt}": value for prompt, value in jf.items()}
    return {**ious, "iou_box": fmean(result.iou_box for result in chosen), **carried}


def _by_prompt(results: Iterable[TargetResult], figure: Callable[[Any], float]) -> Figures:
    chosen = list(results)
    return {p: fmean(figure(result.tracks[p]) for result in chosen) for p in PROMPTS}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _row(result: TargetResult) -> dict[str, Any]:
    return {"clip": result.clip, "kind": result.kind, **figures_of([result])}
