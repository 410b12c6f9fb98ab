"""The example notebook of the documentation runs from top to bottom in a real kernel."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from tests.import_graph import ROOT
from tests.small_input import small_configs

EXAMPLE = ROOT / "docs" / "notebook_example.ipynb"
PATIENCE_S = 600


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("SAM2_SESSION_CONFIGS_DIR", str(small_configs(tmp_path)))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(EXAMPLE, as_version=4)

    client = NotebookClient(
        notebook, timeout=PATIENCE_S, resources={"metadata": {"path": str(tmp_path)}}
    )
    with ThreadPoolExecutor(1) as apart:  # a browser's loop may run in this thread
        apart.submit(asyncio.run, client.async_execute()).result()

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    page, masks, mask, run, saved, _ = code
    lines = "".join(output.text for output in run.outputs).splitlines()
    (shown,) = page.outputs
    assert "open in a tab" in shown.data["text/html"]
    assert masks.outputs[0].data["text/plain"] == "{}"  # nobody has clicked
    assert mask.outputs[0].data["text/plain"] == "((360, 640), dtype('bool'))"
    assert [line.split(":")[0] for line in lines] == [f"frame {idx}" for idx in range(10)]
    assert saved.outputs[0].text == "0 1 gripper (360, 640) uint8\n"
    assert np.load(tmp_path / "annotations/masks/9_0.npy").any()
