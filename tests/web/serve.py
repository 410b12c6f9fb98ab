"""The real server with the services of `tests.web.services`, or of `FACTORY` in the environment."""

import os
import sys

from sam2_session.startup import serve

FACTORY = os.environ.get("FACTORY", "tests.web.services:build")

if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:], os.environ, factory=FACTORY))
