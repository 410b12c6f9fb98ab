"""Connects commands to the services: over REST to a running server, or in this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sam2_session.cli.multipart import multipart_body
from sam2_session.core.errors import HostUnavailable, RemoteError, UnsupportedVideo, VideoNotReady
from sam2_session.hosts.base import Host
from sam2_session.runtime import monotonic, sleep
from sam2_session.services.operations.exports import LIST_EXPORTS, READ_EXPORT, START_EXPORT
from sam2_session.services.operations.imports import IMPORT_FILE, LIST_IMPORTS
from sam2_session.services.operations.jobs import CANCEL, GET_JOB
from sam2_session.services.operations.operation import Operation
from sam2_session.services.operations.videos import GET_VIDEO

TIMEOUT_S = 60.0
POLL_S = 0.2
MODEL_S = 600.0  # long enough to download a checkpoint
Json = dict[str, Any]
T = TypeVar("T")


class Connection(Protocol):
    """The calls that commands make, over REST or in this process."""

    def prepare(self, video_id: str) -> None:
        """Make a video ready for an export or import."""
        ...

    def start_export(self, video_id: str, request: Json) -> str: ...

    def job(self, job_id: str) -> Json: ...

    def cancel(self, job_id: str) -> None: ...

    def exports(self, video_id: str) -> list[Json]: ...

    def save_export(self, video_id: str, export_id: str, target: Path | None) -> Path:
        """Save the file at `target`, or under its own name here; return its path."""
        ...

    def import_file(self, video_id: str, path: Path, options: Json, *, dry_run: bool) -> Json:
        """Import a file or folder; return ``{import_id, job_id}``, or the report of a dry run."""
        ...

    def imports(self, video_id: str) -> list[Json]: ...

    def call(self, operation: Operation[Any], **fields: str) -> Json:
        """Call an operation whose fields all lie in its path or query."""
        ...

    def close(self) -> None: ...


class LocalConnection:
    """Runs the services in this process; no server may have the video open."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def prepare(self, video_id: str) -> None:
        """Extract the frames and load the model, which decides which masks are stale."""
        op = {"client_id": "command-line", "seq": 1, "video_id": video_id}
        self._host.call("get_video", video_id=video_id)
        self._host.call("apply_op", event="open_video", sid="command-line", data=op)
        until_s = monotonic() + MODEL_S
        while not self._is_ready(video_id) and monotonic() < until_s:
            sleep(POLL_S)

    def start_export(self, video_id: str, request: Json) -> str:
        return str(self._host.call("start_export", video_id=video_id, **request)["job_id"])

    def job(self, job_id: str) -> Json:
        found: Json = self._host.call("get_job", job_id=job_id)
        return found

    def cancel(self, job_id: str) -> None:
        self._host.call("cancel_job", job_id=job_id)

    def exports(self, video_id: str) -> list[Json]:
        found: list[Json] = self._host.call("list_exports", video_id=video_id)["exports"]
        return found

    def save_export(self, video_id: str, export_id: str, target: Path | None) -> Path:
        found = self._host.call("find_export", video_id=video_id, export_id=export_id)
        path = target or Path(found["file_name"])
        shutil.copyfile(found["path"], path)
        return path

    def import_file(self, video_id: str, path: Path, options: Json, *, dry_run: bool) -> Json:
        source = {"video_id": video_id, "path": str(path.resolve())}
        found: Json = self._host.call("import_path", **source, options=options, dry_run=dry_run)
        return found

    def imports(self, video_id: str) -> list[Json]:
        found: list[Json] = self._host.call("list_imports", video_id=video_id)["imports"]
        return found

    def call(self, operation: Operation[Any], **fields: str) -> Json:
        found: Json = self._host.call(operation.name, **fields)
        return found

    def close(self) -> None:
        self._host.close()

    def _is_ready(self, video_id: str) -> bool:
        video = self._host.call("get_video", video_id=video_id)
        if video["state"] == "failed":
            raise UnsupportedVideo(video["error"]["message"], hint=video["error"]["hint"])
        models = self._host.call("list_models")["models"]
        settled = any(model["state"] in ("selected", "failed") for model in models)
        return video["state"] == "ready" and settled


class RestConnection:
    """Calls the REST API of a running server."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.split("#", 1)[0].rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def prepare(self, video_id: str) -> None:
        self._call(GET_VIDEO, video_id=video_id)

    def start_export(self, video_id: str, request: Json) -> str:
        job = _when_ready(lambda: self._call(START_EXPORT, request, video_id=video_id))
        return str(job["job_id"])

    def job(self, job_id: str) -> Json:
        return self._call(GET_JOB, job_id=job_id)

    def cancel(self, job_id: str) -> None:
        self._call(CANCEL, job_id=job_id)

    def exports(self, video_id: str) -> list[Json]:
        found: list[Json] = self._call(LIST_EXPORTS, video_id=video_id)["exports"]
        return found

    def save_export(self, video_id: str, export_id: str, target: Path | None) -> Path:
        rows = self.exports(video_id)
        name = next((row["file"] for row in rows if row["export_id"] == export_id), export_id)
        path = target or Path(Path(name).name)
        request = self._request(READ_EXPORT, video_id=video_id, export_id=export_id)
        with self._send(request) as response, path.open("wb") as file:
            shutil.copyfileobj(response, file, 1 << 20)
        return path

    def import_file(self, video_id: str, path: Path, options: Json, *, dry_run: bool) -> Json:
        url = f"{self._url}{IMPORT_FILE.address(video_id=video_id)}?dry_run={int(dry_run)}"
        with multipart_body(path, options) as (body, kind, length):
            headers = {**self._headers, "Content-Type": kind, "Content-Length": str(length)}

            def send() -> Json:
                body.seek(0)
                return self._answer(Request(url, body, headers, method="POST"))

            return _when_ready(send)

    def imports(self, video_id: str) -> list[Json]:
        found: list[Json] = self._call(LIST_IMPORTS, video_id=video_id)["imports"]
        return found

    def call(self, operation: Operation[Any], **fields: str) -> Json:
        named = operation.route.query if operation.route else ()
        query = urlencode({name: fields[name] for name in named if name in fields})
        path = {name: value for name, value in fields.items() if name not in named}
        body: Json | None = {} if operation.method == "POST" else None
        request = self._request(operation, body, **path)
        request.full_url += f"?{query}" if query else ""
        return self._answer(request)

    def close(self) -> None:
        pass

    def _call(self, operation: Operation[Any], body: Json | None = None, **path: str) -> Json:
        """Call an operation over its route; `path` holds the fields that its path names."""
        return self._answer(self._request(operation, body, **path))

    def _request(self, operation: Operation[Any], body: Json | None = None, **path: str) -> Request:
        data = None if body is None else json.dumps(body).encode()
        url = self._url + operation.address(**path)
        return Request(url, data, self._headers, method=operation.method)

    def _answer(self, request: Request) -> Json:
        with self._send(request) as response:
            found: Json = json.loads(response.read())
        return found

    def _send(self, request: Request) -> Any:
        try:
            return urlopen(request, timeout=TIMEOUT_S)
        except HTTPError as error:
            with error:
                raise _remote(error.code, error.read()) from error
        except (URLError, ValueError) as error:
            raise HostUnavailable(f"{self._url} cannot be reached: {error}.") from error


def _when_ready(request: Callable[[], T]) -> T:
    """Repeat a request while the video's frames are being extracted."""
    until_s = monotonic() + MODEL_S
    while True:
        try:
            return request()
        except RemoteError as error:
            if error.code != VideoNotReady.code or monotonic() > until_s:
                raise
        sleep(POLL_S)


def _remote(status: int, body: bytes) -> RemoteError:
    try:
        found = json.loads(body)["error"]
        return RemoteError(found["code"], found["message"], hint=found["hint"], status=status)
    except (ValueError, LookupError, TypeError):
        return RemoteError("error", f"The server answered {status}.", hint="", status=status)
