"""Small real services for web tests: they answer what they were asked, and announce on request."""

from __future__ import annotations

import os
import threading
import zlib
from pathlib import Path
from typing import Any

from sam2_session.core.errors import MaskNotFound, SessionError, UnsupportedImport, VideoNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.services.fields.fields import read_fields
from sam2_session.services.operations.table import BY_NAME
from sam2_session.settings import Settings

PNG = b"\x89PNG\r\n\x1a\nmask"
KNOWN_VIDEO = "clip"
EXPORT = bytes(range(256)) * 4096  # a megabyte


class WebServices:
    def __init__(self, settings: Settings) -> None:
        self.bus = EventBus()
        self.uploads = settings.outputs_dir
        self.max_bytes = settings.max_upload_bytes
        self.left: list[str] = []
        self._let_go = threading.Event()

    def handle(self, operation: str, params: dict[str, Any]) -> Any:
        if operation in BY_NAME:
            read_fields(BY_NAME[operation].fields, params)
        own = getattr(self, f"do_{operation}", None)
        return own(**params) if own else {"operation": operation, "params": params}

    def close(self) -> None:
        self.bus = EventBus()

    def do_get_video(self, video_id: str) -> Any:
        if video_id == "lost":
            raise VideoNotFound(video_id)
        if video_id == "broken":
            return 1 // 0
        return {"video_id": video_id}

    def do_delete_video(self, video_id: str) -> None:
        self._let_go.set()

    def do_get_job(self, job_id: str) -> Any:
        self._let_go.clear()
        return {"let_go": self._let_go.wait(120), "job_id": job_id}

    def do_start_upload(self, name: str) -> Any:
        if not name.endswith(".mp4"):
            raise SessionError("Not a video.")
        path = self.uploads / "upload-1"
        return {"upload_id": "upload-1", "path": str(path), "max_bytes": self.max_bytes}

    def do_finish_upload(self, file_id: str) -> Any:
        data = Path(self.uploads / file_id).read_bytes()
        return {"video_id": file_id, "bytes": len(data), "crc": zlib.crc32(data)}

    def do_abort_upload(self, file_id: str) -> None:
        (self.uploads / file_id).unlink()

    def do_start_import(self, video_id: str, name: str) -> Any:
        self.name = name
        path = self.uploads / "import-1"
        return {"upload_id": "import-1", "path": str(path), "max_bytes": self.max_bytes}

    def do_import_file(
        self, video_id: str, file_id: str, options: Any = None, dry_run: bool = False
    ) -> Any:
        if options and "refuse" in options:
            raise UnsupportedImport("No.")
        crc = zlib.crc32((self.uploads / file_id).read_bytes())
        self.do_abort_upload(file_id)
        return {"options": options, "dry_run": dry_run, "crc": crc, "name": self.name}

    def do_read_frame(self, video_id: str, frame_idx: int, width: int | None = None) -> Any:
        return {"data": f"{video_id} {frame_idx} {width}".encode(), "content_type": "image/jpeg"}

    def do_read_mask(self, frame_idx: int, **rest: Any) -> Any:
        if frame_idx == 404:
            raise MaskNotFound(frame_idx)
        return {"data": PNG, "content_type": "image/png", "rev": 3}

    def do_list_exports(self, video_id: str) -> Any:
        return {"exports": [{"export_id": "a"}]}

    def do_find_export(self, video_id: str, export_id: str) -> Any:
        path = self.uploads / "clip-davis.zip"
        if export_id == "whole":
            path.write_bytes(EXPORT)
        gone = {} if export_id == "whole" else {"path": "gone.zip"}
        return {"path": str(path), "file_name": path.name, "etag": "abc", **gone}

    def do_find_manifest(self, video_id: str, export_id: str) -> Any:
        found = self.do_find_export(video_id, export_id)
        return {**found, "file_name": f"{export_id}-manifest.json", "etag": "manifest-abc"}

    def do_set_mask(self, mask: bytes, **frame: Any) -> Any:
        return {"rev": 4, "bytes": len(mask)}

    def do_server_status(self) -> Any:
        return {"videos": [1, 2], "sessions": 5, "jobs": {"running": 1}, "left": self.left}

    def do_client_left(self, sid: str) -> None:
        self.left.append(sid)

    def do_die(self) -> None:
        os._exit(1)

    def do_apply_op(self, event: str, sid: str, data: dict[str, Any]) -> Any:
        ack = {"seq": data.get("seq"), "rev": 1, "status": "applied"}
        if data.get("video_id") == "lost":
            error = VideoNotFound("lost")
            return {**ack, "status": "rejected", "error": error.to_wire()}
        if event == "cancel":  # a test's way to make the session process die in mid-op
            os._exit(1)
        if event == "set_mask":
            return {**ack, "bytes": len(data["png"])}
        if event == "look_at":
            self._announce(data)
        if event == "add_point":
            mask = {"key": data["key"], "frame_idx": data["frame_idx"], "seq": 1, "png": PNG}
            self.bus.publish(Event(EventName.MASK, mask, KNOWN_VIDEO, sid))
            self.bus.publish(Event(EventName.MASK_SAVED, {"rev": 1}, KNOWN_VIDEO))
        return {**ack, "event": event}

    def _announce(self, data: dict[str, Any]) -> None:
        for frame_idx in range(data.get("count", 0)):
            fact = {"frame_idx": frame_idx, "png": b"\xff" * data["bytes"]}
            self.bus.publish(Event(EventName.MASK_SAVED, fact, KNOWN_VIDEO))


def build(settings: Settings) -> WebServices:
    return WebServices(settings)
