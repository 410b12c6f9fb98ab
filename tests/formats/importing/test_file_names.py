"""Additions of other programs to a frame's name are taken off before its number is read."""

from __future__ import annotations

import pytest

from sam2_session.formats.importing.file_names import bare_stem, base_name, is_brush_file, path_of


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/data/local-files/?d=clip/frame_00003.jpg", "clip/frame_00003.jpg"),
        ("/tasks/12/resolve/?fileuri=czM6Ly9iL2YvMDAwMDcuanBn", "s3://b/f/00007.jpg"),
        ("/tasks/12/resolve/?fileuri=clip/00007.jpg", "clip/00007.jpg"),
        ("http://host/clip/frame%208.jpg?v=2", "http://host/clip/frame 8.jpg"),
        ("/data/upload/3/1a2b3c4d-00012.png", "/data/upload/3/00012.png"),
        ("http://[broken?d=x", "http://[broken"),
    ],
)
def test_a_url_is_reduced_to_the_path_it_names(url: str, path: str) -> None:
    assert path_of(url) == path
    assert base_name(url) == path.rsplit("/", 1)[-1]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("clip_mp4-0003_jpg.rf.9931ab074d8.jpg", "clip_mp4-0003"),
        ("clip_mp4-0003_jpg.rf.9931ab074d8_mask.png", "clip_mp4-0003"),
        ("frame_00003_mask1.png", "frame_00003"),
        ("00003.jpg.png", "00003"),
        ("take2_00012.png", "take2_00012"),
        ("00012", "00012"),
        ("task-12-annotation-31-by-1-tag-tool-0.png", "task-12"),
        ("_mask.png", "_mask"),
    ],
)
def test_additions_of_other_programs_are_taken_off(name: str, stem: str) -> None:
    assert bare_stem(name) == stem
    assert is_brush_file(name) is name.startswith("task-")
