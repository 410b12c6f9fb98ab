"""The table of operations is whole: every entry says what all doors need to know."""

from __future__ import annotations

import re
from typing import Any, get_args, get_origin

import msgspec
import pytest
from msgspec.structs import fields

from sam2_session.core.errors import InvalidRequest
from sam2_session.services.fields.fields import Fields
from sam2_session.services.operations.operation import Access, Body, Operation
from sam2_session.services.operations.table import BY_NAME, EVENTS, OPERATIONS, find

READS = {"preview": "POST"}  # its prompts are too long for an address
EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def test_every_name_is_there_once() -> None:
    assert len(BY_NAME) == len(OPERATIONS)


def test_every_route_is_there_once() -> None:
    routes = [(op.route.method, op.route.path) for op in OPERATIONS if op.route]

    assert len(set(routes)) == len(routes)


@EVERY
def test_an_operation_describes_itself(operation: Operation[Any]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation.name)
    assert operation.text[0].isupper()
    assert not operation.text.endswith(".")
    assert isinstance(operation.access, Access)
    assert issubclass(operation.fields, Fields)


@EVERY
def test_an_operation_has_a_door_unless_it_is_internal(operation: Operation[Any]) -> None:
    has_door = operation.event or operation.route is not None

    assert has_door is (operation.access is not Access.INTERNAL)


@EVERY
def test_what_a_route_names_are_fields(operation: Operation[Any]) -> None:
    if operation.route is None:
        return
    in_path = re.findall(r"\{(\w+)\}", operation.route.path)

    assert {*in_path, *operation.route.query} <= set(operation.field_names)
    assert operation.route.upload == "" or operation.route.upload in BY_NAME
    assert (operation.route.body is Body.PNG) is (operation.route.raw_field != "")


@EVERY
def test_pages_name_a_list_of_the_answer_and_the_id_of_its_items(operation: Operation[Any]) -> None:
    if operation.route is None or operation.route.pages is None:
        return
    pages = operation.route.pages
    assert isinstance(operation.answer, type)

    rows = next(field for field in fields(operation.answer) if field.name == pages.rows)
    kinds = (rows.type, *get_args(rows.type))  # it may come in another form, too
    listed = next(kind for kind in kinds if get_origin(kind) is list)

    assert pages.id in {field.name for field in fields(get_args(listed)[0])}


@EVERY
def test_what_only_looks_changes_nothing(operation: Operation[Any]) -> None:
    if operation.access is Access.VIEW:
        assert not operation.stored
        assert operation.route is None or operation.route.method == READS.get(operation.name, "GET")


def test_stored_operations_are_events_and_edit() -> None:
    stored = [operation for operation in OPERATIONS if operation.stored]

    assert all(operation.event and operation.access is Access.EDIT for operation in stored)
    assert {operation.name for operation in stored} <= set(EVENTS)


def test_every_answer_and_all_fields_have_a_schema() -> None:
    kinds = {op.fields for op in OPERATIONS}
    kinds |= {op.answer for op in OPERATIONS if isinstance(op.answer, type)}

    _, schemas = msgspec.json.schema_components(sorted(kinds, key=lambda kind: kind.__name__))

    assert {kind.__name__ for kind in kinds} <= set(schemas)


def test_a_name_that_is_no_operation_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="There is no operation"):
        find("format_disk")
