"""Set before torch loads: how many threads it takes in a test process and in what that starts."""

import os

# The same as in the session process: idle OpenMP threads must not spin beside the work of others.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "PYTEST_XDIST_WORKER" in os.environ:  # there are as many workers as cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
