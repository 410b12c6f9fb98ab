"""Finds the Jupyter server that started this kernel, and shows something in the running cell."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

PARENT = "JPY_PARENT_PID"  # Jupyter tells a kernel which process started it
LOOPBACK_NAMES = ("localhost", "127.0.0.1")


def notebook_origins(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Give the origins under which a browser on this machine shows the notebook.

    None where it cannot be told: the notebook is shown by another program, or over https.
    """
    facts = _server_facts(environ.get(PARENT, ""))
    port = facts.get("port")
    if not isinstance(port, int) or facts.get("secure"):
        return ()
    return tuple(f"http://{name}:{port}" for name in LOOPBACK_NAMES)


def _server_facts(pid: str) -> dict[str, Any]:
    """Read the file in which a Jupyter server says where it listens."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return {}
    for kind in ("jpserver", "nbserver"):
        path = Path(jupyter_runtime_dir()) / f"{kind}-{pid}.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        return found if isinstance(found, dict) else {}
    return {}


def is_notebook() -> bool:
    """Return whether this process is a kernel, whose output is shown beside the cell.

    Does not import IPython: a kernel has it already.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class CellOutput:
    """One output of the running cell, which can be replaced."""

    def __init__(self) -> None:
        self._handle: Any = None

    def say(self, text: str) -> None:
        """Show a line of plain text."""
        self.show(f"<p>{escape(text)}</p>" if text else "")

    def show(self, html: str) -> None:
        """Show HTML in the place of what was shown before; only in a kernel."""
        from IPython.display import HTML, display

        if self._handle is None:
            self._handle = display(HTML(html), display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(HTML(html))  # type: ignore[no-untyped-call]
