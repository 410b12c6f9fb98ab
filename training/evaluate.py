"""Measures a checkpoint on clips it has not seen: ``python -m training.evaluate``.

It does what an annotator does, through the public predictor of the sam2 package: clicks, boxes and
masks on frame 0, then a run through the clip. Float32, no holes filled, the same on every device.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.inference.loading import load_network
from sam2_session.models.registry import Registry
from training.scores import Scores
from training.sheet import ContactSheet
from training.sources import HELD_OUT_FIRST_SEED, BadDataset, EvalClip, davis_clips, held_out_clips
from training.trial import ClipTrial, TargetResult, try_clip

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_CLIPS = 24
LIBRARIES = ("torch", "sam2", "numpy", "opencv-python-headless")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Weights:
    """A checkpoint, and the configuration of its network: a file, or a name in the sam2 package.

    `image_size` replaces the configuration's, as in a row of configs/models.yaml.
    """

    checkpoint: Path
    config: Path
    image_size: int | None = None


def evaluate(
    predictor: Any,
    clips: Iterable[EvalClip],
    *,
    on_clip: Callable[[ClipTrial], None] | None = None,
) -> Scores:
    """Run the predictor on every clip, calling `on_clip` after each."""
    results: list[TargetResult] = []
    for number, clip in enumerate(clips, 1):
        started_s = time.monotonic()
        trial = try_clip(predictor, clip)
        results.extend(trial.results)
        log.info("%d: %s, %d targets, %.1f s", number, clip.name, len(trial.results),
                 time.monotonic() - started_s)  # fmt: skip
        if on_clip is not None:
            on_clip(trial)
    return Scores(tuple(results))


def load_predictor(weights: Weights, device: str = "auto") -> Any:
    """sam2's video predictor in float32. Filling holes needs sam2's CUDA extension: it is off."""
    network = load_network(
        weights.config if weights.config.is_file() else str(weights.config),
        weights.checkpoint,
        image_size=weights.image_size,
        name=weights.checkpoint.stem,
        device=device,
        precision="fp32",
    )
    network.model.fill_hole_area = 0
    return network.model


def weights_of(checkpoint: Path | None = None, config: Path | None = None) -> Weights:
    """Find the demo model's checkpoint and configuration, or those of another checkpoint.

    The configuration comes from the row of configs/models.yaml that names the file, else from the
    demo model.
    """
    specs = Registry.load(ROOT / "configs").specs
    demo = next(spec for spec in specs if spec.demo)
    checkpoint = checkpoint or ROOT / "checkpoints" / demo.checkpoint
    row = next((spec for spec in specs if spec.checkpoint == checkpoint.name), demo)
    if config is not None:
        return Weights(checkpoint, config)
    return Weights(checkpoint, row.own_config or Path(row.config), row.image_size)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures; write them and a contact sheet if asked to."""
    args = _parse(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        _run(args)
    except (BadDataset, SessionError) as error:
        sys.exit(f"{error} {getattr(error, 'hint', '')}".strip())


def _run(args: argparse.Namespace) -> None:
    for path in filter(None, (args.json, args.sheet)):
        path.parent.mkdir(parents=True, exist_ok=True)  # fail now, not after minutes of work
    weights = weights_of(args.checkpoint, args.config)
    predictor = load_predictor(weights, args.device)
    sheet = ContactSheet() if args.sheet else None
    started_s = time.monotonic()
    scores = evaluate(predictor, _clips(args), on_clip=sheet.add if sheet else None)
    origin = {
        **_origin(weights, str(predictor.device)),
        "clips_from": args.davis.name if args.davis else _seeds(args),
        "seconds": round(time.monotonic() - started_s, 1),
    }
    sys.stdout.write(as_table(scores))
    if sheet:
        sheet.write(args.sheet)
    if args.json:
        document = {**scores.figures, "details": {**scores.details(), **origin}}
        args.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def as_table(scores: Scores) -> str:
    """Format the figures as lines of text, with presence and absence apart."""
    seen = scores.presence
    lines = [f"{key:<12}{value:.3f}" for key, value in scores.figures.items()]
    lines += [
        f"right when absent {seen.right_absent} of {seen.frames_absent}, "
        f"when present {seen.right_present} of {seen.frames_present}",
        f"{len(scores.results)} targets in {scores.num_clips} clips",
    ]
    return "\n".join(lines) + "\n"


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a checkpoint on clips it has not seen.")
    add = parser.add_argument
    add("--checkpoint", type=_file, metavar="FILE", help="the weights [the demo model's]")
    add("--config", type=Path, metavar="FILE", help="their configuration [by name of the weights]")
    add(
        "--clips",
        type=_count_of,
        metavar="N",
        help=f"how many clips [{DEFAULT_CLIPS}; all of --davis]",
    )
    add("--hardness", type=float, default=1.0, metavar="0..1", help="of the drawn clips [1]")
    add("--davis", type=Path, metavar="FOLDER", help="clips in DAVIS layout instead of drawn ones")
    add("--json", type=Path, metavar="FILE", help="write the figures there")
    add("--sheet", type=Path, metavar="FILE.png", help="write a contact sheet to look at there")
    add("--device", default="auto", help="auto, cpu or cuda [auto]")
    return parser.parse_args(argv)


def _clips(args: argparse.Namespace) -> Iterator[EvalClip]:
    if args.davis:
        return davis_clips(args.davis, args.clips)
    return held_out_clips(_count(args), hardness=args.hardness)


def _file(text: str) -> Path:
    """Parse an existing file, for argparse."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return Path(text)


def _count_of(text: str) -> int:
    """Parse a whole number from 1, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)


def _count(args: argparse.Namespace) -> int:
    return int(args.clips or DEFAULT_CLIPS)


def _seeds(args: argparse.Namespace) -> dict[str, Any]:
    seeds = [HELD_OUT_FIRST_SEED, HELD_OUT_FIRST_SEED + _count(args) - 1]
    return {"seeds": seeds, "hardness": args.hardness}


def _origin(weights: Weights, device: str) -> dict[str, Any]:
    with weights.checkpoint.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "checkpoint": {"name": weights.checkpoint.name, "sha256": sha256},
        "config": weights.config.name,
        "device": device,
        "versions": {name: version(name) for name in LIBRARIES},
    }


if __name__ == "__main__":
    main()
