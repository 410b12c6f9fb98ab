"""Every path under outputs/ comes from an id, and no id leads outside."""

from pathlib import Path

import pytest

from sam2_session.core.errors import (
    InstanceNotFound,
    InvalidRequest,
    RegionNotFound,
    VideoNotFound,
)
from sam2_session.core.frame_files import frame_idx_of
from sam2_session.core.types import SessionKey
from sam2_session.storage.workspace import Workspace, is_video_id

HOSTILE = [
    "",
    ".",
    "..",
    ".hidden",
    "../x",
    "a/b",
    "a\\b",
    "/etc",
    "a\0b",
    "a\nb",
    "a b",
    "a\u202eb",  # turns the text around
    "a\ud800b",  # no character at all
    "x" * 300,
    "ш" * 90,  # 180 bytes
    "-rf",
    "dot.",
    "%2e%2e",
    None,
    7,
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "videos", tmp_path / "outputs")


def test_the_layout_is_the_documented_one(workspace: Workspace) -> None:
    key = SessionKey("clip", 3, "gripper")
    root = workspace.outputs_dir / "clip"
    assert workspace.frame_path("clip", 0) == root / "frames" / "00001.jpg"
    assert workspace.frame_path("clip", 123455) == root / "frames" / "123456.jpg"
    assert workspace.mask_path(key, 0) == root / "instance3" / "masks_gripper" / "00001.png"
    assert workspace.points_path(key) == root / "instance3" / "points_gripper.json"
    assert workspace.keypoints_path("clip", 3) == root / "instance3" / "keypoints.json"
    assert workspace.track_log_path(key) == root / "instance3" / ".track_gripper"
    assert workspace.database_path("clip") == root / "session.sqlite3"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_video_id_names_no_path(workspace: Workspace, hostile: str) -> None:
    with pytest.raises(VideoNotFound):
        workspace.frame_path(hostile, 0)


@pytest.mark.parametrize("name", ["视频", "żółw_1", "a.b-c", "हिंदी", "v1"])
def test_letters_of_any_script_make_an_id(workspace: Workspace, name: str) -> None:
    assert is_video_id(name)
    assert workspace.video_dir(name).parent == workspace.outputs_dir


@pytest.mark.parametrize("region", ["", "..", "../x", "Shaft", "a/b", "a" * 65, "a\n", None])
def test_a_hostile_region_names_no_path(workspace: Workspace, region: str) -> None:
    with pytest.raises(RegionNotFound):
        workspace.mask_path(SessionKey("clip", 1, region), 0)


@pytest.mark.parametrize("instance_id", [0, -1, True, "1", 1.0])
def test_an_instance_id_is_a_number_from_one(workspace: Workspace, instance_id: int) -> None:
    with pytest.raises(InstanceNotFound):
        workspace.instance_dir("clip", instance_id)


@pytest.mark.parametrize("frame_idx", [-1, 10**8, True, "0", 0.0])
def test_a_frame_index_is_a_number_from_zero(workspace: Workspace, frame_idx: int) -> None:
    with pytest.raises(InvalidRequest):
        workspace.frame_path("clip", frame_idx)


@pytest.mark.parametrize(
    ("name", "frame_idx"),
    [("00001.jpg", 0), ("123456.png", 123455), ("00000.jpg", None), ("1.jpg", None)]
    + [("000001.jpg", None), ("x.jpg", None), ("9" * 200 + ".jpg", None), ("٣.jpg", None)],
)
def test_a_file_name_gives_back_its_frame(name: str, frame_idx: int | None) -> None:
    assert frame_idx_of(Path(name)) == frame_idx
