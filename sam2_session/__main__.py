"""``sam2-session``, or ``python -m sam2_session``: serve, or run another command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from sam2_session.startup import serve

FLAGS_OF_THE_COMMAND_LINE = {"-h", "--help", "--version"}


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run ``serve``, also when only its options are given, or another command; the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    variables = os.environ if environ is None else environ
    if not words or (words[0].startswith("-") and words[0] not in FLAGS_OF_THE_COMMAND_LINE):
        words.insert(0, "serve")
    if words[0] == "serve":
        return serve(words[1:], variables)
    from sam2_session.cli import __main__ as command_line  # after `serve`: it imports sockets

    return command_line.main(words, variables)


if __name__ == "__main__":
    sys.exit(main())
