"""Runs operations in this process: no server, no network."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sam2_session.client.connection import Json
from sam2_session.client.files import CHUNK_BYTES, packed, written_whole
from sam2_session.client.job_events import JobInbox
from sam2_session.core.errors import HostUnavailable
from sam2_session.hosts.base import DEFAULT_FACTORY, GATEWAY_FACTORY, Host, load_factory
from sam2_session.hosts.inline import InlineHost
from sam2_session.runtime import Lock
from sam2_session.services.operations.operation import Media, Operation
from sam2_session.settings import Settings


class LocalConnection:
    """Starts the services at the first call, which imports torch, and ends them when closed."""

    is_remote = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._starting = Lock()
        self._host: Host | None = None
        self._end: weakref.finalize[Any, LocalConnection] | None = None

    def call(self, operation: Operation[Any], /, **fields: Any) -> Any:
        answer = self._started().call(operation.name, **fields)
        return answer["data"] if isinstance(operation.answer, Media) else answer

    def send_file(self, operation: Operation[Any], path: Path, /, **fields: Any) -> Any:
        host, upload = self._started(), operation.route.upload if operation.route else ""
        named = {name: fields[name] for name in operation.path_names}
        with packed(path) as file:
            target: Json = host.call(upload, name=file.name, **named)
            try:
                shutil.copyfile(file, target["path"])
                return host.call(operation.name, file_id=target["upload_id"], **fields)
            except BaseException:
                self._abort(host, target["upload_id"])
                raise

    def save_file(self, operation: Operation[Any], target: Path, /, **fields: Any) -> None:
        found = self._started().call(operation.name, **fields)
        with Path(found["path"]).open("rb") as source, written_whole(target) as file:
            shutil.copyfileobj(source, file, CHUNK_BYTES)

    @contextmanager
    def hear_of(self, job_id: str, video_id: str | None) -> Iterator[Iterator[Json | None]]:
        inbox = JobInbox(job_id)
        stop = self._started().subscribe(inbox.put)
        try:
            yield inbox.facts()
        finally:
            stop()

    def close(self) -> None:
        with self._starting:
            self._host = None
            if self._end is not None:
                self._end()

    def _started(self) -> Host:
        with self._starting:
            if self._host is None:
                is_cluster = self._settings.engine == "ray"
                factory = GATEWAY_FACTORY if is_cluster else DEFAULT_FACTORY
                host = InlineHost(load_factory(factory)(self._settings))
                self._host, self._end = host, weakref.finalize(self, host.close)
            return self._host

    def _abort(self, host: Host, upload_id: str) -> None:
        try:
            host.call("abort_upload", file_id=upload_id)
        except HostUnavailable:
            return  # the next start removes unfinished uploads
