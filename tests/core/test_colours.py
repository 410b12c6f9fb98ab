from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sam2_session.core.colours import shade

COLOURS = ["#f2a33a", "#58b7f0", "#33b38a", "#808080", "#000000", "#ffffff", "#ff0000", "#123456"]
MODULE = Path(__file__).parents[2] / "static/js/core/colour.js"


def test_the_whole_instance_has_its_own_colour() -> None:
    assert [shade(colour, 0) for colour in COLOURS] == COLOURS


def test_regions_differ() -> None:
    assert len({shade("#58b7f0", at) for at in range(10)}) == 10


@pytest.mark.skipif(shutil.which("node") is None, reason="the page's module runs in Node")
def test_shades_are_those_of_the_page() -> None:
    code = (
        f"import {{ shade }} from {json.dumps(MODULE.as_uri())};"
        f"const rows = {json.dumps(COLOURS)}.map((one) => "
        "Array.from({ length: 12 }, (_, at) => shade(one, at)));"
        "console.log(JSON.stringify(rows));"
    )
    args = ["node", "--input-type=module", "--eval", code]
    answer = subprocess.run(args, capture_output=True, check=True, timeout=60)

    ours = [[shade(colour, at) for at in range(12)] for colour in COLOURS]
    assert json.loads(answer.stdout) == ours
