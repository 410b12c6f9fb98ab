"""Benchmarks of our engine against the plain use of sam2, in one run on one machine."""

import os

# The same as in the session process, for both sides: idle OpenMP threads must not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
