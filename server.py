"""Starts the annotation server; ``python server.py --help`` lists the options."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence


def main(argv: Sequence[str], environ: Mapping[str, str], **options: str) -> int:
    """Patch the standard library if eventlet is wanted, before anything else is imported."""
    if wanted_mode(argv, environ) == "eventlet":
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()
    from sam2_session import bootstrap

    return bootstrap.main(argv, environ, **options)


def wanted_mode(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Find the async mode, without checks; settings.py checks it later."""
    mode = environ.get("SAM2_SESSION_ASYNC_MODE", "eventlet")
    for flag, value in zip(argv, [*argv[1:], ""], strict=False):
        if flag == "--async-mode":
            mode = value
        elif flag.startswith("--async-mode="):
            mode = flag.partition("=")[2]
    return mode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
