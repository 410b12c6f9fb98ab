"""Starts the annotation server; ``python server.py --help`` lists the options."""

from __future__ import annotations

import os
import sys

from sam2_session.startup import serve

if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:], os.environ))
