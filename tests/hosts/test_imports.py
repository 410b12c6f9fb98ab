"""Clicks are taken before torch is imported, which takes longer than all the rest of a start."""

from __future__ import annotations

import subprocess
import sys

LATE = ("torch", "hydra", "sam2", "torchvision")
SCRIPT = f"""
import sys
import sam2_session.services.build
print([name for name in {LATE!r} if name in sys.modules])
"""


def test_services_are_imported_without_what_only_the_model_needs() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)

    assert done.stdout == "[]\n", done.stderr
