"""The seam of the client: carries operations to the services, wherever they run."""

from __future__ import annotations

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

    def close(self) -> None:
        """End the connection; the next call makes a new one."""
        ...
