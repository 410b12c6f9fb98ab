"""Measures carried keypoints against known tool tips: ``python -m benchmarks.keypoints``.

Tools are drawn at 640x360, flat ones as in the demo clip and textured ones with pointed jaws. The
tip of a jaw is placed on the first frame and carried over the next ones by the program's own
operation, once inside the drawn masks and once inside those of a run. For each: the distance from
the true tip where one was found, and on how many frames the tip is seen, was found, and was found
though it is covered.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.model_folders import model_folders
from benchmarks.tip_clips import KINDS, TipClip, draw_tips
from sam2_session import Studio
from sam2_session.client.pairs import Pair
from sam2_session.core.types import BoolMask, Keypoint
from sam2_session.errors import NothingToDo
from training.annotator import next_click
from training.clips import click_in
from training.video import write_video

MASKS = ("drawn", "tracked")
GOOD, MORE_CLICKS = 0.9, 6  # IoU of the first mask, and clicks at most to get there
MEDIAN_PX = 2.0  # the bar


@dataclass(slots=True)
class Found:
    """Results for the tips of one kind of clip inside one kind of masks."""

    kind: str
    masks: str
    errors_px: list[float] = field(default_factory=list)
    seen: int = 0  # frames on which the tip is seen, the first one left out
    found: int = 0
    covered: int = 0  # frames on which it was found, though it is covered or out of the frame

    @property
    def median_px(self) -> float:
        """The median distance from the true tip."""
        return float(np.median(self.errors_px)) if self.errors_px else float("nan")


def main() -> None:
    """Carry the tips, print the table, and fail if a median misses the bar."""
    args = _arguments()
    results = {(kind, masks): Found(kind, masks) for kind in KINDS for masks in MASKS}
    for kind in KINDS:
        for seed in range(args.seed, args.seed + args.clips):
            clip = draw_tips(kind, seed, args.frames + 1)
            for masks in MASKS:
                _carry(clip, results[kind, masks], args)
    found = list(results.values())
    sys.stdout.write(_table(found))
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in found]) + "\n")
    sys.exit(not _worst(found) <= MEDIAN_PX)


def _carry(clip: TipClip, result: Found, args: argparse.Namespace) -> None:
    """Place each tip on the first frame, carry them, and note where they are found."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_video(folder / "clip.mp4", clip.frames_thwc, clip.fps, crf=16)
        options = model_folders(folder, args.model, args.input)
        with Studio(folder, model=args.model, device=args.device, **options) as studio:
            video = studio.video(folder / "clip.mp4")
            for tool, masks_thw in enumerate(clip.masks_nthw):
                tips = [tip for tip in clip.tips if tip.tool == tool and tip.seen_t[0]]
                if not tips:
                    continue
                instance = video.add_instance(f"tool {tool}")
                pair = instance["overall"]
                if result.masks == "drawn":
                    _put(pair, masks_thw)
                else:
                    _click(pair, masks_thw[0])
                    video.propagate([pair]).wait()
                instance.set_keypoints(
                    Keypoint(0, 0, float(tip.xy_t[0, 0]), float(tip.xy_t[0, 1]), f"tip {number}")
                    for number, tip in enumerate(tips)
                )
                with suppress(NothingToDo):  # not one tip could be followed
                    instance.carry_keypoints().wait()
                points = instance.keypoints()
                for number, tip in enumerate(tips):
                    at = {
                        row.frame_idx: (row.x, row.y)
                        for row in points
                        if row.name == f"tip {number}"
                    }
                    _note(result, at, tip.xy_t, tip.seen_t)


def _click(pair: Pair, truth_hw: BoolMask) -> None:
    """Click until the first mask is good, as a person who wants keypoints would."""
    mask_hw = pair.click(*click_in(truth_hw), frame=0)
    for _ in range(MORE_CLICKS):
        click = next_click(mask_hw, truth_hw)
        union = (mask_hw | truth_hw).sum()
        if click is None or (mask_hw & truth_hw).sum() >= GOOD * union:
            break
        mask_hw = pair.click(click.x, click.y, 0, click.label)


def _put(pair: Pair, masks_thw: BoolMask) -> None:
    for frame_idx, mask_hw in enumerate(masks_thw):
        if mask_hw.any():
            pair.put_mask(mask_hw, frame_idx)


def _note(
    result: Found,
    at: dict[int, tuple[float, float]],
    xy_t: npt.NDArray[np.float64],
    seen_t: npt.NDArray[np.bool_],
) -> None:
    for frame_idx in range(1, len(xy_t)):
        if seen_t[frame_idx]:
            result.seen += 1
        if frame_idx not in at:
            continue
        if not seen_t[frame_idx]:
            result.covered += 1
            continue
        result.found += 1
        result.errors_px.append(float(np.hypot(*(xy_t[frame_idx] - at[frame_idx]))))


def _table(found: list[Found]) -> str:
    lines = ["| clips | masks | median, px | p90, px | found of seen | found though covered |"]
    lines.append("|---|---|---|---|---|---|")
    for row in found:
        p90 = float(np.quantile(row.errors_px, 0.9)) if row.errors_px else float("nan")
        lines.append(
            f"| {row.kind} | {row.masks} | {row.median_px:.2f} | {p90:.1f}"
            f" | {row.found} of {row.seen} | {row.covered} |"
        )
    worst = _worst(found)
    verdict = "met" if worst <= MEDIAN_PX else "missed"
    return "\n".join(lines) + f"\n\nworst median: {worst:.2f} px (at most {MEDIAN_PX}): {verdict}\n"


def _worst(found: list[Found]) -> float:
    """The worst median of the clips and masks in which a tip was found."""
    return max((row.median_px for row in found if row.errors_px), default=float("inf"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How exactly keypoints are carried.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--clips", type=int, default=6, help="of each kind")
    parser.add_argument("--frames", type=int, default=30, help="to carry to")
    parser.add_argument("--input", type=int, help="of the network, instead of the model's own")
    parser.add_argument("--seed", type=int, default=3_000, help="of the first clip")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
