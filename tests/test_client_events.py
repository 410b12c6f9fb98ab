"""The page sends exactly the events that the server's table of operations declares."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from msgspec import inspect

from sam2_session.services.operations.operation import Operation
from sam2_session.services.operations.table import EVENTS
from tests.import_graph import ROOT

ENVELOPE = {"client_id", "seq"}
PAIR = {"video_id", "instance_id", "region"}
LIST = ROOT / "static" / "js" / "core" / "client_events.js"
PRINT = "import(process.argv[1]).then((m) => console.log(JSON.stringify(m.CLIENT_EVENTS)))"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node reads the page's list")


@pytest.fixture(scope="module")
def page_events() -> dict[str, dict[str, list[str]]]:
    command = ["node", "-e", PRINT, LIST.as_uri()]
    listed = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    events: dict[str, dict[str, list[str]]] = json.loads(listed.stdout)
    return events


def fields_of(operation: Operation[Any], *, required: bool) -> set[str]:
    """The fields of an event as a client sends them: `key` stands for the names of a pair."""
    described = inspect.type_info(operation.fields)
    assert isinstance(described, inspect.StructType)
    names = {field.encode_name for field in described.fields if field.required or not required}
    known = {field.encode_name for field in described.fields}
    if "region" in known:
        names = (names - PAIR) | {"key"}
    return names - ENVELOPE


def test_the_page_sends_every_event_of_the_table_and_no_other(
    page_events: dict[str, dict[str, list[str]]],
) -> None:
    assert set(page_events) == set(EVENTS)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_an_event_has_the_fields_of_its_operation(
    page_events: dict[str, dict[str, list[str]]], name: str
) -> None:
    sent, operation = page_events[name], EVENTS[name]

    assert fields_of(operation, required=True) <= set(sent["fields"])
    assert {*sent["fields"], *sent["optional"]} <= fields_of(operation, required=False)
