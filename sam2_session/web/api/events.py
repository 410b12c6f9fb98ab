"""The route of server-sent events."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.services.operations.server import EVENTS_PATH
from sam2_session.web.event_streams import EventStreams
from sam2_session.web.routes import declare


def events_api(host: Host, streams: EventStreams) -> Blueprint:
    """Make the route GET /api/events."""
    api = Blueprint("events", __name__)

    @api.get(EVENTS_PATH)
    @declare(
        "The events of Socket.IO as server-sent events, of one video or of all",
        answer="text/event-stream",
        query=("video_id",),
    )
    def events() -> Response:
        video_id = request.args.get("video_id")
        if video_id is not None:
            host.call("get_video", video_id=video_id)  # refuses a video that does not exist
        stream = streams.open(video_id)
        response = Response(stream, mimetype="text/event-stream", direct_passthrough=True)
        response.headers["X-Accel-Buffering"] = "no"  # nginx would collect events before sending
        return response

    return api
