from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from training.clips import DEMO, REGIONS, Clip, ClipSpec, click_in, make_clip
from training.make_demo_clip import DEMO_PATH
from training.video import write_video


@pytest.fixture(scope="module")
def clip() -> Clip:
    return make_clip(ClipSpec(seed=5, num_frames=20, size_hw=(90, 120)))


def test_the_same_seed_gives_the_same_pixels(clip: Clip) -> None:
    again = make_clip(clip.spec)

    assert np.array_equal(again.frames_thwc, clip.frames_thwc)
    assert np.array_equal(again.labels_thw, clip.labels_thw)


def test_another_seed_gives_another_clip(clip: Clip) -> None:
    other = make_clip(ClipSpec(seed=6, num_frames=20, size_hw=(90, 120)))

    assert (other.frames_thwc != clip.frames_thwc).mean() > 0.5


def test_parts_make_up_the_whole_and_never_overlap(clip: Clip) -> None:
    parts = [clip.masks_thw(0, region) for region in REGIONS[1:]]

    assert np.array_equal(np.sum(parts, axis=0) == 1, clip.masks_thw(0, "overall"))
    assert np.sum(parts, axis=0).max() == 1


def test_every_region_is_seen_on_the_first_frame(clip: Clip) -> None:
    areas = [clip.mask_hw(0, tool, region).sum() for tool in (0, 1) for region in REGIONS]

    assert min(areas) > 90


def test_tools_move_smoothly(clip: Clip) -> None:
    shaft = clip.masks_thw(0, "shaft")
    unions, meets = shaft[1:] | shaft[:-1], shaft[1:] & shaft[:-1]

    assert (meets.sum((1, 2)) / unions.sum((1, 2))).min() > 0.8
    assert not np.array_equal(shaft[0], shaft[-1])


def test_a_mask_lies_where_its_colour_is() -> None:
    clip = make_clip(DEMO_START)

    inside = {
        (tool, region): clip.frames_thwc[0][clip.mask_hw(0, tool, region)].mean(0)
        for tool in (0, 1)
        for region in REGIONS[1:]
    }

    for (tool, region), colour in inside.items():
        expected = DEMO.palettes[tool][REGIONS.index(region) - 1]
        assert np.abs(colour - expected).max() < 30


DEMO_START = ClipSpec(
    DEMO.seed, 1, DEMO.size_hw, palettes=DEMO.palettes, ground=DEMO.ground, fps=DEMO.fps
)


def test_the_deepest_pixel_is_inside() -> None:
    mask = np.zeros((20, 30), np.bool_)
    mask[4:11, 10:17] = True

    assert click_in(mask) == (13.0, 7.0)


@pytest.mark.parametrize("bad", [{"num_tools": 0}, {"num_tools": 9}, {"num_frames": 0}])
def test_a_clip_that_cannot_be_drawn_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="num_tools|at least one frame"):
        ClipSpec(**bad)


def test_a_written_video_holds_every_frame(clip: Clip, tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", clip.frames_thwc, Fraction(30000, 1001))

    with av.open(str(tmp_path / "clip.mp4")) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]

    assert stream.average_rate == Fraction(30000, 1001)
    assert len(frames) == 20
    assert np.abs(np.stack(frames).astype(int) - clip.frames_thwc).mean() < 6


def test_the_demo_clip_is_small_and_is_what_the_generator_draws() -> None:
    drawn = make_clip(DEMO_START).frames_thwc[0]

    with av.open(str(DEMO_PATH)) as container:
        first = next(container.decode(video=0)).to_ndarray(format="rgb24")
        assert container.streams.video[0].frames == DEMO.num_frames

    assert DEMO_PATH.stat().st_size < 1_000_000
    assert np.abs(first.astype(int) - drawn).mean() < 6
