"""Importing the package or its client is cheap: the heavy libraries come when they are needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import sam2_session
from sam2_session.core.errors import MaskNotFound as Raised
from sam2_session.core.errors import error_from_wire
from sam2_session.errors import HostUnavailable, MaskNotFound, SessionError
from tests.import_graph import ROOT

HEAVY = ("torch", "cv2", "flask", "av", "eventlet", "sam2", "IPython")


@pytest.mark.parametrize(
    "statement",
    [
        "import sam2_session",
        "from sam2_session import Client, Studio",
        "from sam2_session.notebook import annotate",
    ],
)
def test_importing_brings_no_heavy_library(statement: str) -> None:
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"

    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True
    )

    assert set(HEAVY) & set(json.loads(found.stdout)) == set()


def test_the_package_has_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        _ = sam2_session.Server


def test_an_error_of_the_wire_is_caught_by_its_class() -> None:
    rebuilt = error_from_wire(Raised(3).to_wire(), 404)

    assert isinstance(rebuilt, MaskNotFound)
    assert (rebuilt.code, rebuilt.message) == ("mask_not_found", "Frame 3 has no mask.")
    assert isinstance(error_from_wire({"code": "host_unavailable"}), HostUnavailable)


def test_an_unknown_error_keeps_code_and_status() -> None:
    rebuilt = error_from_wire({"code": "new_one", "message": "No.", "hint": "Wait."}, 418)

    assert type(rebuilt) is not SessionError
    assert (rebuilt.code, rebuilt.status, rebuilt.hint) == ("new_one", 418, "Wait.")
