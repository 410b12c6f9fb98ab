"""The seam of the client: carries operations to the services, wherever they run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sam2_session.services.operations.operation import Operation

Json = dict[str, Any]


class Connection(Protocol):
    """Carries operations of the one table; any thread may call it. Raises `SessionError`."""

    @property
    def is_remote(self) -> bool:
        """Return whether every call goes over a network, so that many small ones are slow."""
        ...

    def call(self, operation: Operation[Any], /, **fields: Any) -> Any:
        """Run an operation; returns its answer, or the bytes of a picture."""
        ...

    def send_file(self, operation: Operation[Any], path: Path, /, **fields: Any) -> Any:
        """Run an operation that takes a file; a folder is sent as a ZIP."""
        ...

    def save_file(self, operation: Operation[Any], target: Path, /, **fields: Any) -> None:
        """Write the file that an operation answers to `target`, whole or not at all."""
        ...

    def hear_of(
        self, job_id: str, video_id: str | None
    ) -> AbstractContextManager[Iterator[Json | None]]:
        """Listen to a job of this video from now on, as long as the connection holds.

        Gives its facts whenever it has gone on, and None where some of them are lost, so that it
        is to be read anew, as it is after the end.
        """
        ...

    def close(self) -> None:
        """End the connection; the next call makes a new one."""
        ...
