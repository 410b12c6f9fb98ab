"""The real server with the services of `tests.web.services`."""

import os
import sys

import server

if __name__ == "__main__":
    sys.exit(server.main(sys.argv[1:], os.environ, factory="tests.web.services:build"))
