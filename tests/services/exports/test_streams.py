"""Masks of a range as ZIP, NPZ and RLE, read piece by piece, against the masks on disk."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from sam2_session.core.errors import InstanceNotFound, InvalidRequest, NotFound, ServerBusy
from sam2_session.services.exports import streams
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, mask_array, mask_bytes

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
OPERATIONS = ("stream_masks_zip", "stream_masks_npz", "stream_masks_rle")


@pytest.fixture
def two(ada: Annotator) -> Annotator:
    """Two objects, tracked from the first frame on."""
    ada.call("create_instance", video_id="clip")
    ada.click(0, *BODY)
    ada.click(0, *DISC, instance_id=2)
    ada.propagate(direction="forward")
    return ada


def streamed(ada: Annotator, operation: str, **chosen: Any) -> bytes:
    stream_id = ada.call(operation, video_id="clip", **chosen)["stream_id"]
    pieces = []
    while piece := ada.call("read_stream", stream_id=stream_id)["data"]:
        pieces.append(piece)
    ada.call("close_stream", stream_id=stream_id)
    return b"".join(pieces)


def test_a_zip_holds_the_files_as_on_disk(two: Annotator, settings: Settings) -> None:
    archive = zipfile.ZipFile(io.BytesIO(streamed(two, "stream_masks_zip")))

    assert archive.testzip() is None
    assert len(archive.namelist()) == 24
    for number in (1, 2):
        for idx in range(12):
            name = f"instance{number}/masks_overall/{idx + 1:05d}.png"
            assert archive.read(name) == mask_bytes(settings, idx, n=number)


def test_an_npz_holds_a_stack_for_each_pair(two: Annotator, settings: Settings) -> None:
    arrays = np.load(io.BytesIO(streamed(two, "stream_masks_npz", start=3, end=5)))

    assert sorted(arrays) == [
        "1_overall",
        "1_overall_frame_idx",
        "2_overall",
        "2_overall_frame_idx",
    ]
    assert arrays["2_overall_frame_idx"].tolist() == [3, 4, 5]
    assert (arrays["2_overall"].dtype, arrays["2_overall"].shape) == (np.bool_, (3, 96, 160))
    for at, idx in enumerate((3, 4, 5)):
        assert (arrays["2_overall"][at] == (mask_array(settings, idx, n=2) > 0)).all()


def test_run_lengths_are_those_of_coco(two: Annotator, settings: Settings) -> None:
    sent = json.loads(streamed(two, "stream_masks_rle", pairs="2/overall", start=10))

    assert [row["frame_idx"] for row in sent["masks"]] == [10, 11]
    for row in sent["masks"]:
        assert (row["instance_id"], row["region"]) == (2, "overall")
        mask = coco.decode({"size": row["size"], "counts": row["counts"].encode()})
        assert (mask == (mask_array(settings, row["frame_idx"], n=2) > 0)).all()


def test_a_long_stream_comes_in_pieces_and_only_approved_masks_if_wished(
    two: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PIECE_BYTES", 100)
    pair = {"video_id": "clip", "instance_id": 1, "region": "overall"}
    two.call("approve", **pair, frames=[[4, 6]], approved=True)

    sent = json.loads(streamed(two, "stream_masks_rle", approved_only=True))

    assert [row["frame_idx"] for row in sent["masks"]] == [4, 5, 6]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_masks_a_stream_is_whole_and_empty(ada: Annotator, operation: str) -> None:
    data = streamed(ada, operation)

    if operation == "stream_masks_rle":
        assert json.loads(data) == {"masks": []}
    else:
        assert zipfile.ZipFile(io.BytesIO(data)).namelist() == []


def test_wrong_selections_are_refused(ada: Annotator) -> None:
    for chosen, error in (
        ({"pairs": "9/overall"}, InstanceNotFound),
        ({"start": 5, "end": 2}, InvalidRequest),
        ({"end": 99}, InvalidRequest),
    ):
        with pytest.raises(error):
            ada.call("stream_masks_zip", video_id="clip", **chosen)


def test_closed_streams_are_gone_and_open_ones_are_bounded(ada: Annotator) -> None:
    opened = [ada.call("stream_masks_zip", video_id="clip")["stream_id"] for _ in range(32)]

    with pytest.raises(ServerBusy):
        ada.call("stream_masks_zip", video_id="clip")
    ada.call("close_stream", stream_id=opened[0])
    with pytest.raises(NotFound):
        ada.call("read_stream", stream_id=opened[0])
    ada.call("stream_masks_zip", video_id="clip")
