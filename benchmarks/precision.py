"""Measures what bf16 changes: ``python -m benchmarks.precision``.

On the demo clip, whose every mask is known: one click into the middle of each part of each tool, on
several frames, then a run from the first frame, once in fp32 and once in bf16. Printed are the IoU
of the two with each other, and of each with the truth.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scenes import ROOT
from sam2_session.core.frame_files import file_number
from sam2_session.core.types import BoolMask, FramePrompt, Point, SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.loading import load_network
from sam2_session.inference.masks import to_mask
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.seeds import SessionSeed
from sam2_session.models.registry import Registry
from sam2_session.storage.extraction import Extraction
from sam2_session.storage.layered_log import LayeredLog
from training.clips import DEMO, REGIONS, Clip, click_in, make_clip
from training.scoring import region_iou

CLIP_PATH = ROOT / "videos" / "demo.mp4"
CLICKED_FRAMES = 4  # spread over the clip
LEAST_PIXELS = 100  # a smaller part is not clicked
CACHE_BYTES = 256 << 20

MaskKey = tuple[int, str, int]  # tool, region, frame_idx
Masks = dict[MaskKey, BoolMask]


@dataclass(slots=True)
class Agreement:
    """IoUs over several masks: of the two precisions, and of each with the truth."""

    between: list[float] = field(default_factory=list)
    fp32: list[float] = field(default_factory=list)
    bf16: list[float] = field(default_factory=list)

    def add(self, fp32_hw: BoolMask, bf16_hw: BoolMask, truth_hw: BoolMask) -> None:
        """Add one mask of each precision."""
        self.between.append(region_iou(fp32_hw, bf16_hw))
        self.fp32.append(region_iou(fp32_hw, truth_hw))
        self.bf16.append(region_iou(bf16_hw, truth_hw))

    def summary(self) -> dict[str, float]:
        """Figures of a row."""
        mean = {name: float(np.mean(getattr(self, name))) for name in ("between", "fp32", "bf16")}
        lowest = {
            "between_min": min(self.between),
            "between_p5": float(np.quantile(self.between, 0.05)),
        }
        return {"masks": len(self.between), **mean, **lowest}


@dataclass(frozen=True, slots=True)
class Bench:
    """The clip's frames on disk, its true masks, and where to click."""

    folder: Path
    truth: Clip
    num_frames: int

    def frame(self, frame_idx: int) -> Path:
        """File of one frame."""
        return self.folder / f"{file_number(frame_idx)}.jpg"

    def pairs(self) -> list[tuple[int, str]]:
        """List every region of every tool."""
        return [(tool, region) for tool in range(DEMO.num_tools) for region in REGIONS]

    def click(self, key: MaskKey) -> Point | None:
        """Choose where a careful user would click; None if the part is too small."""
        tool, region, frame_idx = key
        truth_hw = self.truth.mask_hw(frame_idx, tool, region)
        return Point(*click_in(truth_hw), 1) if np.count_nonzero(truth_hw) > LEAST_PIXELS else None


def main() -> None:
    """Run both precisions, print the table and write the figures."""
    args = _arguments()
    with tempfile.TemporaryDirectory() as name:
        bench = prepare(Path(name), args.frames)
        fp32, bf16 = (
            run(bench, load(args.model, args.device, precision)) for precision in ("fp32", "bf16")
        )
    figures = {kind: agreements(bench, fp32[kind], bf16[kind]) for kind in fp32}
    print(f"{args.model} on {args.device}, {bench.num_frames} frames, IoU")
    for kind, rows in figures.items():
        _print(kind, rows)
    if args.json:
        facts = {"model": args.model, "device": args.device, "frames": bench.num_frames}
        args.json.write_text(json.dumps({**facts, **figures}, indent=1) + "\n")


def prepare(folder: Path, num_frames: int) -> Bench:
    """Extract the demo clip as the server does, and draw its true masks."""
    bench = Bench(folder / "frames", make_clip(replace(DEMO, num_frames=num_frames)), num_frames)
    bench.folder.mkdir()
    for ready in Extraction(CLIP_PATH, bench.frame).run():
        if ready >= num_frames:
            break
    return bench


def load(model: str, device: str, precision: str) -> Network:
    """Load the demo model, or another whose checkpoint is here."""
    spec = Registry.load(ROOT / "configs").get(model)
    return load_network(
        spec.own_config or spec.config,
        ROOT / "checkpoints" / spec.checkpoint,
        image_size=spec.image_size,
        name=spec.name,
        device=device,
        precision=precision,
    )


def run(bench: Bench, network: Network) -> dict[str, Masks]:
    """Make the masks of every click, and of the run that follows."""
    with tempfile.TemporaryDirectory() as folder, _engine(bench, network, Path(folder)) as engine:
        clicked = np.linspace(0, bench.num_frames - 1, CLICKED_FRAMES).round().astype(int)
        clicks: Masks = {}
        for tool, region in bench.pairs():
            for frame_idx in map(int, clicked):
                key = (tool, region, frame_idx)
                task = partial(_click, bench, engine, key)
                mask_hw = engine.submit(Priority.CLICK, task).result()
                if mask_hw is not None:
                    clicks[key] = mask_hw
        return {"clicks": clicks, "propagation": _propagate(bench, engine)}


def _click(bench: Bench, engine: Engine, key: MaskKey) -> BoolMask | None:
    """Click once on a frame; the click on the first frame conditions the run."""
    point = bench.click(key)
    if point is None:
        return None
    session = engine.session(_key(key))
    prediction = session.predict(key[2], FramePrompt((point,)), None)
    if key[2] == 0:
        session.set_prompted(0, prediction)
    return to_mask(prediction, DEMO.size_hw)


def _propagate(bench: Bench, engine: Engine) -> Masks:
    places = {_key(key): key for tool, region in bench.pairs() for key in [(tool, region, 0)]}

    def condition() -> None:
        for key in places:
            engine.session(key).condition()

    engine.submit(Priority.STEP, condition).result()
    masks: Masks = {}
    for frame_idx in range(bench.num_frames):
        task = partial(engine.step, list(places), frame_idx, reverse=False, run=1)
        for key, prediction in engine.submit(Priority.STEP, task).result().items():
            tool, region, _ = places[key]
            masks[tool, region, frame_idx] = to_mask(prediction, DEMO.size_hw)
    return masks


def _key(key: MaskKey) -> SessionKey:
    tool, region, frame_idx = key
    return SessionKey("demo", tool + 1, f"{region}-{frame_idx}")


@contextmanager
def _engine(bench: Bench, network: Network, folder: Path) -> Iterator[Engine]:
    def seed(key: SessionKey) -> SessionSeed:
        path = folder / f"{key.instance_id}-{key.region}"
        log = LayeredLog(path, network.signature, network.logits_hw, network.pointer_channels)
        return SessionSeed(DEMO.size_hw, bench.num_frames, log)

    engine = Engine(
        network,
        seed=seed,
        frame_path=lambda _, frame_idx: bench.frame(frame_idx),
        feature_cache_bytes=CACHE_BYTES,
        session_memory_bytes=CACHE_BYTES,
    )
    try:
        yield engine
    finally:
        engine.close()


def agreements(bench: Bench, fp32: Masks, bf16: Masks) -> dict[str, Any]:
    """Figures of each region, and of all together."""
    rows = {region: Agreement() for region in (*REGIONS, "all")}
    for (tool, region, frame_idx), mask_hw in fp32.items():
        truth_hw = bench.truth.mask_hw(frame_idx, tool, region)
        for row in (rows[region], rows["all"]):
            row.add(mask_hw, bf16[tool, region, frame_idx], truth_hw)
    return {name: row.summary() for name, row in rows.items() if row.between}


def _print(kind: str, rows: dict[str, Any]) -> None:
    titles = ("masks", "fp32/bf16", "p5", "lowest", "fp32/truth", "bf16/truth")
    print(f"\n{kind:12}" + "".join(f"{title:>12}" for title in titles))
    for name, row in rows.items():
        figures: Sequence[float] = [
            row[column] for column in ("between", "between_p5", "between_min", "fp32", "bf16")
        ]
        print(f"{name:12}{row['masks']:12d}" + "".join(f"{figure:12.4f}" for figure in figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Masks in fp32 and in bf16.")
    parser.add_argument("--model", default="sam2.1_hiera_demo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
