from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.formats.drawn_source import PAIRS, DrawnSource, written
from tests.formats.goldens import film


def test_each_frame_is_shown_at_the_source_s_own_time(tmp_path: Path) -> None:
    times = [time for time, _ in film(written(tmp_path, "overlay_mp4"))]

    assert times == pytest.approx([0, 512 / 12800, 1031 / 12800, 1543 / 12800], abs=1e-6)


def test_it_is_h264_that_browsers_play_and_begins_with_its_index(tmp_path: Path) -> None:
    path = written(tmp_path, "overlay_mp4")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")

    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_mask_has_the_page_s_colour_at_the_opacity_asked_for(tmp_path: Path) -> None:
    source = DrawnSource(2, PAIRS[2:])
    _, shown = next(film(written(tmp_path, "overlay_mp4", source, opacity=1.0, crf=0)))
    mask = source.mask(PAIRS[2], 0)

    assert np.abs(shown[24, 23] - (0x58, 0xB7, 0xF0)).max() <= 6
    assert np.abs(shown[~mask][0] - source.read_frame(0)[~mask][0]).max() <= 6


def test_side_by_side_shows_the_video_as_it_was_on_the_left(tmp_path: Path) -> None:
    source = DrawnSource(2, PAIRS[2:])
    _, shown = next(film(written(tmp_path, "overlay_mp4", source, side_by_side=True, crf=5)))

    assert shown.shape == (48, 128, 3)
    assert np.abs(shown[:, :64] - source.read_frame(0)).mean() < 4
    assert np.abs(shown[24, 64 + 23] - shown[24, 23]).max() > 30


def test_names_and_prompts_are_drawn_if_asked_for(tmp_path: Path) -> None:
    source = DrawnSource(2, PAIRS[:1], size_hw=(120, 160))
    _, plain = next(film(written(tmp_path, "overlay_mp4", source)))
    _, named = next(film(written(tmp_path, "overlay_mp4", source, labels=True, prompts=True)))

    changed = np.abs(plain - named).max(axis=2) > 40
    assert changed[:30].any() or changed[30:60].any()
    assert changed[18:23, 14:19].any()  # the first point


def test_odd_sizes_get_a_line_more(tmp_path: Path) -> None:
    _, shown = next(film(written(tmp_path, "overlay_mp4", DrawnSource(1, size_hw=(47, 63)))))

    assert shown.shape == (48, 64, 3)


def test_it_lasts_to_the_end_of_its_last_frame(tmp_path: Path) -> None:
    """Frames of a variable rate, and a range that ends before the video does."""
    source = DrawnSource(4)
    pts = (0, 512, 1024, 1024 + 12800)  # the third frame is shown for a second
    source.video = replace(source.video, pts=pts)
    source.frames = range(0, 3)
    with av.open(str(written(tmp_path, "overlay_mp4", source))) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(1.08)


def test_pixels_that_are_not_square_stay_so(tmp_path: Path) -> None:
    source = DrawnSource(2)
    source.video = replace(source.video, pixel_aspect=Fraction(64, 45))
    with av.open(str(written(tmp_path, "overlay_mp4", source))) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(64, 45)
