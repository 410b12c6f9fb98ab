"""Checks that bf16 loses no small object: ``python -m benchmarks.small_objects``.

A drawn disc of some pixels, at the network's input, is clicked on and tracked once in fp32 and once
in bf16. Ends with an error if bf16 loses one that fp32 keeps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from benchmarks.scenes import ROOT
from sam2_session.core.frame_files import file_number
from sam2_session.core.types import FramePrompt, Point, SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.loading import load_network
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.session import SessionSeed
from sam2_session.models.registry import Registry
from sam2_session.storage.layered_log import LayeredLog

KEY = SessionKey("clip", 1, "overall")
COLOURS = ((220, 40, 40), (40, 190, 70), (60, 90, 230), (230, 200, 60))


def main() -> None:
    """Track discs of all sizes in both precisions, print the table, and fail on a loss."""
    args = _arguments()
    networks = {name: _load(args, name) for name in ("fp32", "bf16")}
    rows = []
    for size in args.sizes:
        for seed in range(args.seed, args.seed + args.clips):
            with tempfile.TemporaryDirectory() as folder:
                centres = _draw(Path(folder), networks["fp32"].image_size, size, seed, args.frames)
                kept = {
                    name: _kept(network, Path(folder), centres, args.frames)
                    for name, network in networks.items()
                }
            rows.append({"size": size, "seed": seed, **kept})
    print("| size, px | clips | kept in fp32 | kept in bf16 | lost by bf16 alone |")
    print("|---|---|---|---|---|")
    for size in args.sizes:
        own = [row for row in rows if row["size"] == size]
        lost = sum(row["bf16"] < row["fp32"] - args.slack for row in own)
        means = [float(np.mean([row[name] for row in own])) for name in ("fp32", "bf16")]
        print(f"| {size} | {len(own)} | {means[0]:.3f} | {means[1]:.3f} | {lost} |")
    if args.json:
        args.json.write_text(json.dumps(rows) + "\n")
    sys.exit(any(row["bf16"] < row["fp32"] - args.slack for row in rows))


def _load(args: argparse.Namespace, precision: str) -> Network:
    spec = Registry.load(ROOT / "configs").get(args.model)
    return load_network(
        spec.own_config or spec.config,
        ROOT / "checkpoints" / spec.checkpoint,
        image_size=spec.image_size,
        name=spec.name,
        device=args.device,
        precision=precision,
    )


def _draw(
    folder: Path, side: int, size: int, seed: int, frames: int
) -> Sequence[tuple[float, float]]:
    """Write a disc that wanders over a ground; returns its centres."""
    rng = np.random.default_rng((size, seed))
    ground = cv2.resize(
        rng.normal(100, 22, (side // 16, side // 16, 3)).astype(np.float32), (side, side)
    )
    colour = COLOURS[int(rng.integers(len(COLOURS)))]
    start, pace = rng.uniform(0.3, 0.7, 2) * side, rng.uniform(-0.8, 0.8, 2)
    centres = []
    for frame_idx in range(frames):
        x, y = start + pace * frame_idx
        image = (ground + rng.normal(0, 4, (side, side, 1))).clip(0, 255).astype(np.uint8)
        at = (int(round(x * 16)), int(round(y * 16)))
        cv2.circle(image, at, size * 8, colour, -1, cv2.LINE_AA, shift=4)
        quality = [cv2.IMWRITE_JPEG_QUALITY, 97]
        cv2.imwrite(str(folder / f"{file_number(frame_idx)}.jpg"), image[:, :, ::-1], quality)
        centres.append((float(x), float(y)))
    return centres


def _kept(
    network: Network, folder: Path, centres: Sequence[tuple[float, float]], frames: int
) -> float:
    """Return the share of frames whose mask lies on the disc."""
    side = network.image_size

    def seed(_: SessionKey) -> SessionSeed:
        shape = (network.signature, network.logits_hw, network.pointer_channels)
        log = LayeredLog(folder / f"log-{network.precision}", *shape)
        return SessionSeed((side, side), frames, log)

    engine = Engine(
        network,
        seed=seed,
        frame_path=lambda _, frame_idx: folder / f"{file_number(frame_idx)}.jpg",
        feature_cache_bytes=1 << 28,
        session_memory_bytes=1 << 28,
    )

    def begin() -> None:
        session = engine.session(KEY)
        prompt = FramePrompt((Point(*centres[0], 1),))
        session.set_prompted(0, session.predict(0, prompt, None))
        session.condition()

    try:
        engine.submit(Priority.STEP, begin).result()
        kept = 0
        for frame_idx in range(frames):
            task = partial(engine.step, [KEY], frame_idx, reverse=False, run=1)
            found = engine.submit(Priority.STEP, task).result()[KEY]
            x, y = (int(value) // 4 for value in centres[frame_idx])
            kept += bool(found.score > 0 and found.logits_hw[y, x] > 0)
        return kept / frames
    finally:
        engine.close()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Small objects in bf16 against fp32.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    sizes = "6,8,10,12,14,16"
    parser.add_argument("--sizes", type=_numbers, default=sizes, help="diameters in px")
    parser.add_argument("--clips", type=int, default=3, help="of each size")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1_900_000_000, help="of the first clips")
    parser.add_argument("--slack", type=float, default=0.1, help="share of frames")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
