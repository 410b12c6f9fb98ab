"""Compares memory modes on look-alikes: ``python -m benchmarks.memory_modes``.

Each drawn clip has one click on its first frame and one run in each mode. For each mode and kind of
clip: J&F where the thing is seen, the share of frames with the right presence, the swaps (frames in
which another thing than the clicked one is covered most), CPU milliseconds a step without the
image encoder, and the mean difference of J&F to `plain` with its standard error.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.clip_engine import engine_over, load
from benchmarks.look_alikes import KINDS, LookAlikes, draw_look_alikes
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask, FramePrompt, MemoryMode, Point, SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.masks import to_mask
from sam2_session.inference.network import AttentionRules, Network
from sam2_session.inference.scheduler import Priority
from training.clips import click_in
from training.scoring import boundary_f, region_iou

KEY = SessionKey("clip", 1, "overall")
LEAST_SEEN = 12  # pixels: with fewer the thing is not there


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one mode on one clip."""

    kind: str
    seed: int
    memory: str
    jf: float
    presence: float
    swaps: float
    step_ms: float


def main() -> None:
    """Track the clips in every mode and print the table."""
    args = _arguments()
    network = load(args.model, args.device, args.precision, args.input)
    network.attend_by(AttentionRules(4))
    results = []
    for seed in range(args.seed, args.seed + args.clips):
        for kind in KINDS:
            clip = draw_look_alikes(kind, seed, args.frames)
            with tempfile.TemporaryDirectory() as folder:
                results += _compare(network, clip, seed, Path(folder))
    _report(results)
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in results]) + "\n")


def _compare(network: Network, clip: LookAlikes, seed: int, folder: Path) -> list[Result]:
    with engine_over(network, clip.frames_thwc, folder) as engine:
        return [_track(engine, clip, seed, memory) for memory in MemoryMode]


def _track(engine: Engine, clip: LookAlikes, seed: int, memory: MemoryMode) -> Result:
    size_hw = clip.frames_thwc.shape[1:3]
    point = Point(*click_in(clip.target_thw[0]), 1)

    def begin() -> None:
        session = engine.session(KEY)
        session.set_prompted(0, session.predict(0, FramePrompt((point,)), None))
        session.condition()

    def step(frame_idx: int) -> Prediction:
        return engine.step([KEY], frame_idx, reverse=False, run=1, memory=memory)[KEY]

    engine.submit(Priority.STEP, begin).result()
    begun = time.process_time()
    frames = range(len(clip.frames_thwc))
    found = [engine.submit(Priority.STEP, partial(step, idx)).result() for idx in frames]
    step_ms = 1000 * (time.process_time() - begun) / len(frames)
    engine.submit(Priority.STEP, partial(engine.drop_session, KEY)).result()
    masks = [to_mask(prediction, size_hw) for prediction in found]
    return Result(clip.kind, seed, memory.value, *_score(clip, masks), step_ms)


def _score(clip: LookAlikes, masks: list[BoolMask]) -> tuple[float, float, float]:
    """Return J&F, the share of right presences and the share of swaps."""
    jf, present, swapped = [], [], []
    for frame_idx, mask_hw in enumerate(masks[1:], start=1):
        truth_hw = clip.target_thw[frame_idx]
        seen = int(truth_hw.sum()) >= LEAST_SEEN
        present.append(seen == bool(mask_hw.any()))
        if seen:
            jf.append((region_iou(mask_hw, truth_hw) + boundary_f(mask_hw, truth_hw)) / 2)
        covered = [int((mask_hw & other[frame_idx]).sum()) for other in clip.masks_nthw]
        swapped.append(max(covered) > 0 and int(np.argmax(covered)) != 0)
    return float(np.mean(jf)), float(np.mean(present)), float(np.mean(swapped))


def _report(results: list[Result]) -> None:
    plain = {(row.kind, row.seed): row for row in results if row.memory == MemoryMode.PLAIN}
    groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for row in results:
        groups[row.kind, row.memory].append(row)
    print("| clips | memory | J&F | against plain | presence | swaps | ms a step |")
    print("|---|---|---|---|---|---|---|")
    for (kind, memory), rows in sorted(groups.items()):
        more = np.array([row.jf - plain[kind, row.seed].jf for row in rows])
        error = more.std(ddof=1) / len(more) ** 0.5 if len(more) > 1 else 0.0
        names = ("jf", "presence", "swaps")
        means = [float(np.mean([getattr(row, name) for row in rows])) for name in names]
        cost = np.mean([row.step_ms for row in rows])
        against = "" if memory == "plain" else f"{more.mean():+.4f} ± {error:.4f}"
        print(
            f"| {kind} | {memory} | {means[0]:.4f} | {against} | {means[1]:.3f} | {means[2]:.3f} "
            f"| {cost:.0f} |"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Memory modes on clips of look-alikes.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--input", type=int, help="of the network, instead of the model's own")
    parser.add_argument("--clips", type=int, default=6, help="of each kind")
    parser.add_argument("--frames", type=int, default=80)
    parser.add_argument("--seed", type=int, default=1_700_000_000, help="of the first clips")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
