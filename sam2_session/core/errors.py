"""Errors a user may see, each with a code and a hint; `web/errors.py` makes responses of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class SessionError(Exception):
    """Base of every error a user may see: stable code, HTTP status, message and hint."""

    code = "error"
    status = 400

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(hint)  # a traceback says what to do, too

    def to_wire(self) -> dict[str, str]:
        """Fields of the error on the wire, without the ``error`` envelope."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class RemoteError(SessionError):
    """An error of the session process, rebuilt in this process with its code and status."""

    def __init__(self, code: str, message: str, *, hint: str, status: int) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.status = status


class InvalidRequest(SessionError):
    """A field is missing, of the wrong type or out of range."""

    code, status = "invalid_request", 400


class InvalidPrompt(InvalidRequest):
    """A point, box, mask or keypoint is invalid."""

    code = "invalid_prompt"


class NotFound(SessionError):
    """Something named in the request does not exist."""

    code, status = "not_found", 404


class VideoNotFound(NotFound):
    """No video has this id."""

    code = "video_not_found"

    def __init__(self, video_id: str) -> None:
        super().__init__(f"No video {video_id!r}.", hint="Put the file in videos/ and list again.")


class InstanceNotFound(NotFound):
    """The video has no instance of this id."""

    code = "instance_not_found"

    def __init__(self, instance_id: int) -> None:
        super().__init__(f"No instance {instance_id}.", hint="List the instances, or add one.")


class RegionNotFound(NotFound):
    """No region has this name."""

    code = "region_not_found"

    def __init__(self, region: str) -> None:
        super().__init__(
            f"No region {region!r}.", hint="GET /api/regions lists them; the page can add one."
        )


class ClassNotFound(NotFound):
    """The list of classes has none of this name."""

    code = "class_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"No class {name!r}.", hint="GET /api/classes lists them; POST /api/classes adds one."
        )


class FrameNotFound(NotFound):
    """The frame index is beyond the video's end."""

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
    """The frame has no mask."""

    code = "mask_not_found"

    def __init__(self, frame_idx: int) -> None:
        super().__init__(f"Frame {frame_idx} has no mask.", hint="Click on it, or propagate.")


class JobNotFound(NotFound):
    """No job has this id."""

    code = "job_not_found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"No job {job_id!r}.", hint="GET /api/jobs lists them.")


class RunNotFound(NotFound):
    """The video has no run of this number."""

    code = "run_not_found"

    def __init__(self, run: int) -> None:
        super().__init__(f"No run {run}.", hint="GET /api/videos/<video>/runs lists them.")


class ExportNotFound(NotFound):
    """The video has no export of this id."""

    code = "export_not_found"

    def __init__(self, export_id: str) -> None:
        super().__init__(
            f"No export {export_id!r}.", hint="GET …/exports lists those that are whole."
        )


class BatchNotFound(NotFound):
    """No batch has this id."""

    code = "batch_not_found"

    def __init__(self, batch_id: str) -> None:
        super().__init__(f"No batch {batch_id!r}.", hint="GET /api/batches lists them.")


class Conflict(SessionError):
    """The state the request was based on has changed since."""

    code, status = "conflict", 409


class FrameChanged(Conflict):
    """The frame is newer than the `base_rev` of the request."""


class PreconditionFailed(SessionError):
    """The resource is no longer the one that `If-Match` names."""

    code, status = "precondition_failed", 412


class OthersChange(Conflict):
    """The request would take back or overlook another person's change."""

    code = "others_change"


class VideoNotReady(SessionError):
    """The request needs every frame, and some are still being extracted."""

    code, status = "video_not_ready", 409

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The frames of {name} are still being extracted.", hint="Ask again in a moment."
        )


class NothingToDo(SessionError):
    """There is nothing to undo, redo, clear or propagate."""

    code, status = "nothing_to_do", 409


class UnsupportedVideo(SessionError):
    """The file cannot be decoded as a video."""

    code, status = "unsupported_video", 415


class UnsupportedImport(SessionError):
    """The file to import is in no format that can be read."""

    code, status = "unsupported_import", 415


class TooLarge(SessionError):
    """An upload or a message exceeds its limit."""

    code, status = "too_large", 413


class Unauthorized(SessionError):
    """The token is missing or wrong."""

    code, status = "unauthorized", 401

    def __init__(self) -> None:
        super().__init__(
            "This server needs its token.", hint="Open the URL the server printed at start."
        )


class Forbidden(SessionError):
    """The request comes from a foreign origin."""

    code, status = "forbidden", 403


class ReadOnly(Forbidden):
    """The token lets look and export, and the request would change something."""

    code = "read_only"

    def __init__(self) -> None:
        super().__init__(
            "This token lets you look and export, and change nothing.",
            hint="To change annotations, open the page with the other URL that the server printed.",
        )


class ModelUnavailable(SessionError):
    """The checkpoint is missing, broken or cannot be fetched."""

    code, status = "model_unavailable", 503


class EngineClosed(ModelUnavailable):
    """The model was switched while work waited for it; the new one takes the work over."""

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
    """configs/models.yaml has no model of this name."""

    code = "model_not_found"

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"No model {name!r}.", hint=f"Choose one of: {', '.join(known)}.")


class InvalidConfig(SessionError):
    """A file under configs/ is broken."""

    code, status = "invalid_config", 500


class Cancelled(SessionError):
    """The work was cancelled on request."""

    code, status = "cancelled", 409


class HostUnavailable(SessionError):
    """The session process is down or restarting."""

    code, status = "host_unavailable", 503

    def __init__(self, message: str = "The session process is restarting.") -> None:
        super().__init__(message, hint="It comes back by itself; the request can be repeated.")


class VideoClosed(HostUnavailable):
    """The video was closed after it was looked up; the next use opens it again, or it is gone."""

    def __init__(self) -> None:
        super().__init__("This video is being closed.")


class VideoElsewhere(HostUnavailable):
    """Another process of the cluster is the video's writer now; the gateway finds it."""

    code = "video_elsewhere"

    def __init__(self, video_id: str, owner: str) -> None:
        super().__init__(f"{video_id} is being moved to another machine.")
        self.video_id, self.owner = video_id, owner


class ServerBusy(SessionError):
    """A limit of clients, open videos, uploads or downloads is reached; try again later."""

    code, status = "server_busy", 503


class StorageFailed(SessionError):
    """The disk is full or refused a write."""

    code, status = "storage_failed", 507


class ReadOnlyOutputs(StorageFailed):
    """The outputs folder is read-only: everything can be looked at, nothing changed."""

    code = "outputs_read_only"

    def __init__(self) -> None:
        super().__init__(
            "The outputs folder is read-only: everything can be looked at, nothing can be changed.",
            hint="Let this user write there; the server need not be started again.",
        )


class DamagedDatabase(StorageFailed):
    """A video's database cannot be read; its JSON files and masks can replace it."""

    code, status = "database_damaged", 409

    def __init__(self, video_id: str, reason: str) -> None:
        self.video_id = video_id
        super().__init__(
            f"The annotations of {video_id} cannot be opened: session.sqlite3: {reason}.",
            hint="Mend the video: its database is set aside and made anew from its JSON and PNG "
            "files. Other videos are not affected.",
        )


class FsyncFailed(StorageFailed):
    """An fsync failed: from here on nothing may be acknowledged."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The disk could not make {name} durable: {reason}.",
            hint="Check the disk, then start the server again; what was acknowledged is safe.",
        )


def error_from_wire(error: Mapping[str, Any], status: int = 500) -> SessionError:
    """Rebuild an error from its wire form: of the class with its code, else a RemoteError."""
    code, message, hint = (str(error.get(name, "")) for name in ("code", "message", "hint"))
    kind = _class_of(code)
    if kind is None:
        return RemoteError(code, message, hint=hint, status=status)
    rebuilt = kind.__new__(kind)
    SessionError.__init__(rebuilt, message, hint=hint)
    return rebuilt


def _class_of(code: str, base: type[SessionError] = SessionError) -> type[SessionError] | None:
    """Find the class that gives an error this code, not one that inherits it."""
    if base is not SessionError and base.__dict__.get("code") == code:
        return base
    found = (_class_of(code, derived) for derived in base.__subclasses__())
    return next((kind for kind in found if kind), None)


def error_fields(error: BaseException) -> dict[str, Any]:
    """Describe any exception by code, message, hint and status, hiding unexpected details."""
    if isinstance(error, SessionError):
        return {**error.to_wire(), "status": error.status}
    return {
        "code": "internal_error",
        "message": "Something went wrong in the server.",
        "hint": "The server's log has the details; what was saved is safe.",
        "status": 500,
    }
