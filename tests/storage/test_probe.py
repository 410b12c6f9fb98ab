"""Only a local video file of a sane size is opened."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.storage import probe as probe_module
from sam2_session.storage.probe import FALLBACK_RATE, VideoProbe, probe
from tests.clips import make_clip, not_a_video, truncate


def test_the_headers_tell_size_rate_and_length(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=7, rate=Fraction(24000, 1001))

    assert probe(clip) == VideoProbe(96, 64, 0, Fraction(24000, 1001), Fraction(1, 24000), 7)


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_frames_are_counted_where_no_header_says_how_many(tmp_path: Path, name: str) -> None:
    assert probe(make_clip(tmp_path / name, frames=23)).num_frames == 23


def test_a_text_file_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedVideo, match=r"a\.mp4 cannot be read") as caught:
        probe(not_a_video(tmp_path / "a.mp4"))
    assert "Convert it" in caught.value.hint


def test_an_mp4_without_its_index_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedVideo):
        probe(truncate(make_clip(tmp_path / "a.mp4"), 0.5))


def test_a_file_of_which_no_frame_can_be_decoded_is_no_video(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    data = bytearray(clip.read_bytes())
    frames = data.index(b"mdat") + 4
    data[frames : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - frames)
    clip.write_bytes(data)

    with pytest.raises(UnsupportedVideo, match=r"Not one frame of a\.mp4"):
        probe(clip)


@pytest.mark.parametrize(
    "content",
    [
        "#EXTM3U\n#EXTINF:1,\nsecret.mp4\n",
        "ffconcat version 1.0\nfile secret.mp4\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n",
    ],
)
def test_a_playlist_opens_no_other_file(tmp_path: Path, content: str) -> None:
    make_clip(tmp_path / "secret.mp4")
    playlist = tmp_path / "a.mp4"
    playlist.write_text(content)

    with pytest.raises(UnsupportedVideo):
        probe(playlist)


def test_a_name_is_never_taken_for_a_protocol(tmp_path: Path) -> None:
    make_clip(tmp_path / "x.mp4")
    clip = (tmp_path / "x.mp4").rename(tmp_path / "concat:a|b.mp4")

    assert probe(clip).num_frames == 12


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")

    with pytest.raises(UnsupportedVideo, match="not a file"):
        probe(tmp_path / "a.mp4")


def test_a_picture_wider_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "MAX_SIDE", 95)

    with pytest.raises(UnsupportedVideo, match="96x64"):
        probe(make_clip(tmp_path / "a.mp4"))


def test_more_frames_than_the_limit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "MAX_FRAMES", 11)

    with pytest.raises(UnsupportedVideo, match="more than 11 frames"):
        probe(make_clip(tmp_path / "a.mkv"))


def test_a_rate_nobody_can_mean_is_replaced() -> None:
    class Stream:
        average_rate = guessed_rate = Fraction(90000)
        base_rate = None

    assert probe_module.nominal_rate(Stream()) == FALLBACK_RATE  # type: ignore[arg-type]
