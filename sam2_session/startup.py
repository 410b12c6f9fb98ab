"""Starts the server: patches the standard library if eventlet is wanted, then imports the rest."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence


def serve(argv: Sequence[str], environ: Mapping[str, str], **options: str) -> int:
    """Run the server until it is stopped; the process's exit code.

    Eventlet patches before any module that uses threads or sockets is imported, so this module
    imports none of them, and neither may its callers.
    """
    from pathlib import Path

    from sam2_session.option_files import with_option_files
    from sam2_session.options import InvalidSettings

    try:
        environ = with_option_files(environ, Path.cwd())
    except InvalidSettings as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    if wanted_mode(argv, environ) == "eventlet":
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()
    from sam2_session import bootstrap

    return bootstrap.main(argv, environ, **options)


def wanted_mode(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Read the async mode in the simplest way; settings.py checks it later."""
    mode = environ.get("SAM2_SESSION_ASYNC_MODE", "eventlet")
    for flag, value in zip(argv, [*argv[1:], ""], strict=False):
        if flag == "--async-mode":
            mode = value
        elif flag.startswith("--async-mode="):
            mode = flag.partition("=")[2]
    return mode
