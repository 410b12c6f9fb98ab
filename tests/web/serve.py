"""The real server with the services of `tests.web.services`."""

import os
import sys

from sam2_session.startup import serve

if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:], os.environ, factory="tests.web.services:build"))
