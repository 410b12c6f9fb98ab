"""Compares rules for many corrected frames: ``python -m benchmarks.attention_rules``.

An annotator clicks on something in a drawn scene, lets it be tracked, corrects it on every n-th
frame by clicks into the largest error, and runs again. For each rule of attention: the IoU with the
truth over the frames nobody clicked on, that of the first frames after a correction, and the CPU
seconds of a step of the second run, without the image encoder.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.clip_engine import engine_over, load
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask, FramePrompt, Point, SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.masks import to_mask
from sam2_session.inference.network import AttentionRules
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.session import InferenceSession
from training.clips import REGIONS, ClipSpec, click_in, make_clip
from training.scenes import Scene, SceneSpec, draw_scene
from training.scenes import Target as SceneTarget

SIZE_HW = (256, 256)
SHORTLY_AFTER = 6  # frames
TARGETS = 2  # of a scene
HARDNESS = 0.7  # of scenes


@dataclass(slots=True)
class Scores:
    """Results of one rule."""

    rule: str
    ious: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    step_s: list[float] = field(default_factory=list)

    def line(self) -> str:
        """Format a row of the table."""
        figures = self.summary()
        return (
            f"| {self.rule} | {figures['iou']:.4f} | {figures['after']:.4f} "
            f"| {figures['step_ms']:.0f} |"
        )

    def summary(self) -> dict[str, float]:
        """Mean of each figure."""
        figures = (self.ious, self.after, self.step_s)
        ious, after, step_s = (float(np.mean(values)) for values in figures)
        return {"iou": ious, "after": after, "step_ms": step_s * 1000}


@dataclass(frozen=True, slots=True)
class Target:
    """One part to annotate, and its true masks."""

    key: SessionKey
    truth_thw: BoolMask


def main() -> None:
    """Draw the clips, annotate them by each rule and print the table."""
    args = _arguments()
    network = load(args.model, args.device, args.precision)
    scores = [Scores(_name(rules)) for rules in _RULES]
    for seed in range(args.seed, args.seed + args.clips):
        clip = _draw(args.source, seed, args.frames)
        with (
            tempfile.TemporaryDirectory() as folder,
            engine_over(network, clip.frames_thwc, Path(folder)) as live,
        ):
            for target in _targets(clip, seed):
                for rules, score in zip(_RULES, scores, strict=True):
                    network.attend_by(rules)
                    _annotate(live, target, args.every, score)
                    live.submit(Priority.STEP, partial(live.drop_session, target.key)).result()
    print(f"{network.name}, {network.precision} on {network.device}, {len(scores[0].ious)} tracks")
    print(f"| rule | IoU | IoU, {SHORTLY_AFTER} frames after | ms a step |\n|---|---|---|---|")
    print("\n".join(score.line() for score in scores))
    if args.json:
        args.json.write_text(json.dumps([asdict(score) for score in scores]) + "\n")


def _draw(source: str, seed: int, num_frames: int) -> Scene:
    """Draw a scene of many kinds of things, or the two tools of the demo clip."""
    if source == "scenes":
        return draw_scene(SceneSpec(seed=seed, num_frames=num_frames, hardness=HARDNESS))
    clip = make_clip(ClipSpec(seed=seed, num_frames=num_frames, size_hw=SIZE_HW))
    parts = [(tool, region) for tool in range(clip.spec.num_tools) for region in REGIONS]
    targets = tuple(SceneTarget(region, clip.masks_thw(tool, region)) for tool, region in parts)
    return Scene(SceneSpec(seed, num_frames), clip.frames_thwc, targets)


_RULES = (
    *(AttentionRules(near) for near in (2, 3, 4, 6, 8, 0)),
    *(AttentionRules(near, clear_around_prompts=True) for near in (2, 4, 0)),
)


def _annotate(engine: Engine, target: Target, every: int, score: Scores) -> None:
    """Click, run, correct, run again."""
    frames = range(len(target.truth_thw))
    session = engine.submit(Priority.STEP, lambda: engine.session(target.key)).result()
    _click(engine, session, 0, target.truth_thw[0], None)
    first = _run(engine, target.key, frames, 1)
    corrected = [idx for idx in frames[every::every] if target.truth_thw[idx].any()]
    for idx in corrected:
        _click(engine, session, idx, target.truth_thw[idx], first[idx])
    begun = time.process_time()
    second = _run(engine, target.key, frames, 2)
    score.step_s.append((time.process_time() - begun) / len(frames))
    free = [i for i in frames if i and i not in corrected and target.truth_thw[i].any()]
    ious = {idx: _iou(to_mask(second[idx], SIZE_HW), target.truth_thw[idx]) for idx in free}
    score.ious.append(float(np.mean(list(ious.values()))))
    near = [ious[i] for i in free if any(0 < i - c <= SHORTLY_AFTER for c in corrected)]
    score.after.append(float(np.mean(near)))


def _click(
    engine: Engine,
    session: InferenceSession,
    frame_idx: int,
    truth_hw: BoolMask,
    tracked: Prediction | None,
) -> None:
    """Click twice, each time at the deepest point of the error."""
    before, points = tracked, list[Point]()
    for _ in range(2):
        mask_hw = np.zeros_like(truth_hw) if before is None else to_mask(before, SIZE_HW)
        missing, surplus = truth_hw & ~mask_hw, mask_hw & ~truth_hw
        wrong, label = (missing, 1) if missing.sum() >= surplus.sum() else (surplus, 0)
        if not wrong.any():
            break
        points.append(Point(*click_in(wrong), label))
        prompt = FramePrompt(tuple(points))

        def predict(prompt: FramePrompt = prompt, before: Prediction | None = before) -> Prediction:
            return session.predict(frame_idx, prompt, before)

        before = engine.submit(Priority.STEP, predict).result()
    session.set_prompted(frame_idx, before)


def _run(engine: Engine, key: SessionKey, frames: range, run: int) -> dict[int, Prediction]:
    engine.submit(Priority.STEP, lambda: engine.session(key).condition()).result()

    def step(frame_idx: int) -> Prediction:
        return engine.step([key], frame_idx, reverse=False, run=run)[key]

    return {idx: engine.submit(Priority.STEP, partial(step, idx)).result() for idx in frames}


def _targets(clip: Scene, seed: int) -> list[Target]:
    """Choose some of the targets that are visible most of the time, by the seed."""
    seen = [
        Target(SessionKey("clip", idx + 1, target.kind), target.masks_thw)
        for idx, target in enumerate(clip.targets)
        if target.masks_thw.any((1, 2)).mean() > 0.8
    ]
    order = np.random.default_rng(seed).permutation(len(seen))[:TARGETS]
    return [seen[idx] for idx in order]


def _iou(mask_hw: BoolMask, truth_hw: BoolMask) -> float:
    return float((mask_hw & truth_hw).sum() / max((mask_hw | truth_hw).sum(), 1))


def _name(rules: AttentionRules) -> str:
    return str(rules.max_conditioning or "all") + ", cleared" * rules.clear_around_prompts


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Rules of attention after many corrections.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--clips", type=int, default=6)
    parser.add_argument("--frames", type=int, default=96)
    parser.add_argument("--every", type=int, default=6, help="a corrected frame each so many")
    parser.add_argument("--source", default="scenes", choices=["scenes", "tools"])
    parser.add_argument("--seed", type=int, default=1_500_000_000, help="of the first scene")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
