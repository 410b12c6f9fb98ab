"""Named errors that say what to do; `web/errors.py` turns them into answers, once."""

from __future__ import annotations

from typing import Any


class SessionError(Exception):
    """Base of every error a user may see: a stable code, an HTTP status, a message and a hint."""

    code = "error"
    status = 400

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def to_wire(self) -> dict[str, str]:
        """The one shape of an error on the wire, without the ``error`` envelope."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class RemoteError(SessionError):
    """An error raised in the session process, rebuilt on this side with its code and status."""

    def __init__(self, code: str, message: str, *, hint: str, status: int) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.status = status


class InvalidRequest(SessionError):
    """A field is missing, of the wrong type or out of range."""

    code, status = "invalid_request", 400


class InvalidPrompt(InvalidRequest):
    """A point, box, mask or keypoint that cannot be one."""

    code = "invalid_prompt"


class NotFound(SessionError):
    """Something named in the request does not exist."""

    code, status = "not_found", 404


class VideoNotFound(NotFound):
    """No such video."""

    code = "video_not_found"

    def __init__(self, video_id: str) -> None:
        super().__init__(f"No video {video_id!r}.", hint="Put the file in videos/ and list again.")


class InstanceNotFound(NotFound):
    """No such instance in this video."""

    code = "instance_not_found"

    def __init__(self, instance_id: int) -> None:
        super().__init__(f"No instance {instance_id}.", hint="List the instances, or add one.")


class RegionNotFound(NotFound):
    """A region that configs/regions.yaml does not name."""

    code = "region_not_found"

    def __init__(self, region: str) -> None:
        super().__init__(
            f"No region {region!r}.", hint="GET /api/regions lists them; the page can add one."
        )


class FrameNotFound(NotFound):
    """A frame index beyond the video's end."""

    code = "frame_not_found"

    def __init__(self, frame_idx: int, num_frames: int) -> None:
        super().__init__(
            f"No frame {frame_idx}; the video has {num_frames} frames.",
            hint=f"frame_idx counts from 0 to {max(num_frames - 1, 0)}.",
        )


class FrameNotExtracted(NotFound):
    """The frame exists but has not been extracted yet."""

    code = "frame_not_extracted"

    def __init__(self, frame_idx: int, extracted: int) -> None:
        super().__init__(
            f"Frame {frame_idx} is not extracted yet; {extracted} frames are.",
            hint="Extraction goes on in the background; try again in a moment.",
        )


class MaskNotFound(NotFound):
    """No mask on this frame."""

    code = "mask_not_found"

    def __init__(self, frame_idx: int) -> None:
        super().__init__(f"Frame {frame_idx} has no mask.", hint="Click on it, or propagate.")


class JobNotFound(NotFound):
    """No such job."""

    code = "job_not_found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"No job {job_id!r}.", hint="GET /api/jobs lists them.")


class ExportNotFound(NotFound):
    """No such export of this video."""

    code = "export_not_found"

    def __init__(self, export_id: str) -> None:
        super().__init__(
            f"No export {export_id!r}.", hint="GET …/exports lists those that are whole."
        )


class Conflict(SessionError):
    """The request was made against a state that has changed since."""

    code, status = "conflict", 409


class VideoNotReady(SessionError):
    """What was asked for needs every frame, and they are still being extracted."""

    code, status = "video_not_ready", 409

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The frames of {name} are still being extracted.", hint="Ask again in a moment."
        )


class NothingToDo(SessionError):
    """There is nothing to undo, redo, clear or propagate."""

    code, status = "nothing_to_do", 409


class UnsupportedVideo(SessionError):
    """A file that cannot be decoded as a video."""

    code, status = "unsupported_video", 415


class UnsupportedImport(SessionError):
    """A file to import that is in none of the formats that can be read."""

    code, status = "unsupported_import", 415


class TooLarge(SessionError):
    """An upload or a message over its limit."""

    code, status = "too_large", 413


class Unauthorized(SessionError):
    """No token, or a wrong one."""

    code, status = "unauthorized", 401

    def __init__(self) -> None:
        super().__init__(
            "This server needs its token.", hint="Open the URL the server printed at start."
        )


class Forbidden(SessionError):
    """A request from a foreign origin."""

    code, status = "forbidden", 403


class ModelUnavailable(SessionError):
    """The checkpoint is missing, broken or cannot be fetched."""

    code, status = "model_unavailable", 503


class EngineClosed(ModelUnavailable):
    """The network was exchanged while work waited for it; the next one takes the work over."""

    def __init__(self) -> None:
        super().__init__("The model was exchanged.", hint="The new one goes on with the work.")


class OutOfMemory(SessionError):
    """The model needs more memory than the device has, even with nothing else in it."""

    code, status = "out_of_memory", 503

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"There is not enough memory for the model's work: {reason}",
            hint="What you did is saved. Choose a smaller model, or start with a smaller "
            "--feature-cache-mb, or with --device cpu.",
        )


class ModelNotFound(NotFound):
    """A model that configs/models.yaml does not name."""

    code = "model_not_found"

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"No model {name!r}.", hint=f"Choose one of: {', '.join(known)}.")


class InvalidConfig(SessionError):
    """A file under configs/ that cannot be what it should be."""

    code, status = "invalid_config", 500


class Cancelled(SessionError):
    """Work that was stopped because somebody asked for it."""

    code, status = "cancelled", 409


class HostUnavailable(SessionError):
    """The session process is down or restarting."""

    code, status = "host_unavailable", 503

    def __init__(self, message: str = "The session process is restarting.") -> None:
        super().__init__(message, hint="It comes back by itself; the request can be repeated.")


class StorageFailed(SessionError):
    """The disk is full or refused a write."""

    code, status = "storage_failed", 507


class FsyncFailed(StorageFailed):
    """The disk could not make a write durable: nothing may be acknowledged any more."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The disk could not make {name} durable: {reason}.",
            hint="Check the disk, then start the server again; what was acknowledged is safe.",
        )


def error_fields(error: BaseException) -> dict[str, Any]:
    """Code, message, hint and status of any exception; an unexpected one shows no details."""
    if isinstance(error, SessionError):
        return {**error.to_wire(), "status": error.status}
    return {
        "code": "internal_error",
        "message": "Something went wrong in the server.",
        "hint": "The server's log has the details; what was saved is safe.",
        "status": 500,
    }
