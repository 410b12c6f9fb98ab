from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from sam2_session.core.types import Instance
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.registry import EXPORTERS
from tests.formats.drawn_source import DrawnSource, steps

PAIRS = [
    Pair(Instance(number, f"tool {number}", "#58b7f0"), region, at, "#58b7f0")
    for number in range(1, 11)
    for at, region in enumerate(("overall", "shaft"))
]
LIMIT_BYTES = 40 * 2**20  # half of it is the ZIP's own directory, half a kilobyte for each entry


class Drawn(DrawnSource):
    """Twenty pairs, whose masked frames are kept in memory as in the real source."""

    def masked_frames(self, pair: Pair) -> range:
        return self.frames


def peak_bytes(folder: Path, name: str, frames: int) -> int:
    source = Drawn(frames, PAIRS)
    tracemalloc.start()
    try:
        for _ in steps(folder, name, source):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPORTERS)
def test_twenty_pairs_over_two_thousand_frames_take_no_more_memory(
    tmp_path: Path, name: str
) -> None:
    assert peak_bytes(tmp_path, name, 2000) < LIMIT_BYTES


@pytest.mark.parametrize("name", ["coco", "youtube_vis", "label_studio", "cvat_video", "npz"])
def test_ten_times_the_frames_take_no_more_memory(tmp_path: Path, name: str) -> None:
    few, many = (peak_bytes(tmp_path, name, frames) for frames in (6, 60))

    assert many - few < 60 * len(PAIRS) * 600  # a mask is 3072 bytes, and its places in lists few
