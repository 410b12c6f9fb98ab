"""Figures of ours beside the plain use of sam2, taken in one run on one machine."""

import os

# As the session process has it, for both sides: idle OpenMP threads must not spin.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
