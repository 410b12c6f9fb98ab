"""Videos: list, upload, read, delete; their frames."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.web.arguments import integer_argument
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer, json_object
from sam2_session.web.uploads import receive_upload

MAX_WIDTH_PX = 8192
FRAME_CACHE = "private, max-age=86400"  # frames are written once; a day bounds a replaced video


def videos_api(host: Host, max_upload_bytes: int) -> Blueprint:
    """Routes below /api/videos."""
    api = Blueprint("videos", __name__, url_prefix="/api/videos")

    @api.get("")
    @operation("Every video, with the state of its extraction", answer="Videos")
    def list_videos() -> Response:
        return json_answer(host.call("list_videos"))

    @api.post("")
    @operation(
        "Upload a video or a ZIP of frames as the part `file`",
        body="multipart/form-data",
        answer="Video",
        status=201,
    )
    def upload_video() -> Response:
        return json_answer(receive_upload(host, request, max_upload_bytes), 201)

    @api.get("/<video_id>")
    @operation("One video, with its instances and counts", answer="Video")
    def get_video(video_id: str) -> Response:
        return json_answer(host.call("get_video", video_id=video_id))

    @api.delete("/<video_id>")
    @operation("Delete a video and everything made of it; it can be brought back")
    def delete_video(video_id: str) -> Response:
        return json_answer(host.call("delete_video", video_id=video_id))

    @api.post("/restore")
    @operation("Bring a deleted video back", body="Trashed", answer="Video")
    def restore_video() -> Response:
        return json_answer(
            host.call("restore_video", trash_id=json_object(request).get("trash_id"))
        )

    @api.get("/<video_id>/frames/<index:frame_idx>.jpg")
    @operation("One frame, scaled to `width` if given", answer="image/jpeg", query=("width",))
    def read_frame(video_id: str, frame_idx: int) -> Response:
        width = integer_argument(request, "width", low=1, high=MAX_WIDTH_PX)
        frame = host.call("read_frame", video_id=video_id, frame_idx=frame_idx, width=width)
        answer = Response(frame["data"], mimetype=frame["content_type"])
        answer.headers["Cache-Control"] = FRAME_CACHE
        return answer

    @api.get("/<video_id>/frames.json")
    @operation("Presentation time and source number of every frame", answer="FrameTable")
    def get_frame_table(video_id: str) -> Response:
        return json_answer(host.call("get_frame_table", video_id=video_id))

    return api
