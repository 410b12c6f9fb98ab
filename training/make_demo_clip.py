"""Draws the demo clip of the repository: ``python -m training.make_demo_clip``."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.clips import DEMO, make_clip
from training.video import write_video

DEMO_PATH = Path(__file__).resolve().parents[1] / "videos" / "demo.mp4"


def main() -> None:
    """Write the demo clip, or another one of the same kind."""
    parser = argparse.ArgumentParser(description="Draw a clip of two articulated tools.")
    parser.add_argument("--out", type=Path, default=DEMO_PATH, help="the file [videos/demo.mp4]")
    args = parser.parse_args()
    write_video(args.out, make_clip(DEMO).frames_thwc, DEMO.fps)


if __name__ == "__main__":
    main()
