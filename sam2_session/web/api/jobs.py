"""Long work: start a propagation, watch it, cancel it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sam2_session.hosts.base import Host
from sam2_session.web.routes import operation
from sam2_session.web.strict_json import json_answer, json_object


def jobs_api(host: Host) -> Blueprint:
    """POST …/propagate, and routes below /api/jobs."""
    api = Blueprint("jobs", __name__, url_prefix="/api")

    @api.post("/videos/<video_id>/propagate")
    @operation("Carry prompts through the video", body="Propagation", answer="JobId", status=202)
    def propagate(video_id: str) -> Response:
        body = json_object(request)
        job = host.call(
            "propagate",
            video_id=video_id,
            pairs=body.get("pairs"),
            start=body.get("start"),
            end=body.get("end"),
            direction=body.get("direction"),
            force=body.get("force", False),
            on_guard=body.get("on_guard"),
        )
        return json_answer(job, 202)

    @api.get("/jobs")
    @operation("Every job", answer="Jobs")
    def list_jobs() -> Response:
        return json_answer(host.call("list_jobs"))

    @api.get("/jobs/<job_id>")
    @operation("One job", answer="Job")
    def get_job(job_id: str) -> Response:
        return json_answer(host.call("get_job", job_id=job_id))

    @api.delete("/jobs/<job_id>")
    @operation("Cancel a job; what it finished stays", answer="Job")
    def cancel_job(job_id: str) -> Response:
        return json_answer(host.call("cancel_job", job_id=job_id))

    return api
