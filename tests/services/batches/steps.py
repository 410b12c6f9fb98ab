"""Steps that tests of batches share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating

FRAMES = 12
CUT = {"every_frames": 4}


@contextmanager
def working_on(settings: Settings, **client: Any) -> Iterator[Annotator]:
    """Services with the moving clip, once the model answers; the clip itself is not opened."""
    with annotating(settings, **client) as ada:
        ada.until(lambda: any(m["state"] == "selected" for m in ada.call("list_models")["models"]))
        yield ada


def cut_clip(ada: Annotator, **fields: Any) -> list[str]:
    """Cut the clip into the batch `clip.mp4`; the ids of its segments."""
    batch = ada.call("create_batch", **{"video_id": "clip", "cut": CUT, "name": "long", **fields})
    return [row["video_id"] for row in batch["items"]]


def click(ada: Annotator, video_id: str, x: float = BODY[0], y: float = BODY[1]) -> None:
    """Click on the body on the first frame of a video, and wait for the mask on disk."""
    key = {"video_id": video_id, "instance_id": 1, "region": "overall"}
    ada.send("open_video", video_id=video_id)
    ada.until(lambda: ada.call("get_video", video_id=video_id)["extracted"] > 0)
    ack = ada.send("add_point", key=key, frame_idx=0, x=x, y=y, label=1)
    assert ack["status"] == "applied", ack
    ada.until(lambda: any(data["key"] == key for data in ada.of("mask_saved")))


def step(ada: Annotator, item: int, verb: str, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = ada.call(
        "batch_step",
        **{"batch_id": "long", "item": item, "verb": verb, "client_id": ada.client_id, **fields},
    )
    return answer


def states(ada: Annotator) -> list[str]:
    return [row["state"] for row in ada.call("get_batch", batch_id="long")["items"]]


def ended(ada: Annotator, job_id: str) -> dict[str, Any]:
    """Wait for the end of a job."""
    over = ("done", "failed", "cancelled")
    ada.until(lambda: ada.call("get_job", job_id=job_id)["state"] in over)
    job: dict[str, Any] = ada.call("get_job", job_id=job_id)
    return job


def process(ada: Annotator, **fields: Any) -> dict[str, Any]:
    """Process items of the batch, and wait for the end."""
    return ended(ada, ada.call("process_batch", batch_id="long", **fields)["job_id"])


def zipped(ada: Annotator, format_name: str) -> zipfile.ZipFile:
    """Download what is exported of the batch in one format."""
    begun = ada.call("stream_batch_export", batch_id="long", format=format_name)
    pieces = []
    while piece := ada.call("read_stream", stream_id=begun["stream_id"])["data"]:
        pieces.append(piece)
    ada.call("close_stream", stream_id=begun["stream_id"])
    assert begun["file_name"] == f"long-{format_name}.zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def masks_of(settings: Settings, video_id: str) -> list[bytes]:
    """The mask files of a video's first instance, in the order of the frames."""
    folder = settings.outputs_dir / video_id / "instance1/masks_overall"
    return [path.read_bytes() for path in sorted(folder.glob("*.png"))]
