"""Writes the OpenAPI document from the table of operations and the few other routes."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from flask import Flask
from werkzeug.routing import Rule

from sam2_session import __version__
from sam2_session.services.operations.operation import (
    Access,
    Body,
    Media,
    Operation,
    Route,
    StoredFile,
    Stream,
)
from sam2_session.services.operations.table import BY_NAME, OPERATIONS
from sam2_session.services.operations.work_answers import ErrorObject
from sam2_session.web.paging import PARAMETERS
from sam2_session.web.routes import declaration_of

REF = "#/components/schemas/{name}"
JSON = "application/json"
FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
NEXT = {"type": ["string", "null"], "description": "`after` of the next page; null on the last"}
MAX_INDEX = 999_999_999  # the largest number that a path may hold

Schema = dict[str, Any]


class Error(msgspec.Struct):
    """The body of every response to a request that failed."""

    error: ErrorObject


def describe(app: Flask, root: str = "") -> dict[str, Any]:
    """Describe every route of the application; `root` is the path before all of them."""
    schemas = component_schemas()
    paths: dict[str, dict[str, Any]] = {}
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            described = _describe(app, rule, method, schemas)
            paths.setdefault(path_of(rule), {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "SAM 2 session", "version": __version__},
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def path_of(rule: Rule) -> str:
    """Convert Flask's ``/a/<index:b>`` to OpenAPI's ``/a/{b}``."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def component_schemas() -> dict[str, Schema]:
    """Return the JSON Schema of all fields and answers, by the name of their type."""
    types: set[type] = {operation.fields for operation in OPERATIONS if operation.route}
    types |= {operation.answer for operation in OPERATIONS if isinstance(operation.answer, type)}
    ordered = sorted({Error, *types}, key=lambda kind: kind.__name__)
    components = msgspec.json.schema_components(ordered, ref_template=REF)[1]
    readable: dict[str, Schema] = _readable(components)
    return readable


def _readable(schema: Any) -> Any:
    """Spell a schema in terms that more tools read: arrays of one type, patterns without halves.

    A lone half of a UTF-16 pair is no character, so that a tool may refuse to match one.
    """
    if isinstance(schema, list):
        return [_readable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _readable(value) for name, value in schema.items()}
    kinds = found.get("prefixItems") or [None]
    if all(kind == kinds[0] for kind in kinds) and found.get("items") is False:
        found |= {"items": kinds[0]}
        del found["prefixItems"]
    if isinstance(found.get("pattern"), str):
        found["pattern"] = found["pattern"].replace(r"\ud800-\udfff", "")
    return found


def _describe(app: Flask, rule: Rule, method: str, schemas: dict[str, Schema]) -> Schema:
    declared, operation = declaration_of(app, rule.endpoint), BY_NAME.get(rule.endpoint)
    described: Schema = {
        "operationId": f"{method.lower()}_{rule.endpoint.replace('.', '_')}",
        "summary": declared.text,
        "x-access": declared.access.value,
        "parameters": _path_parameters(rule, {}),
        "responses": {"200": _success(declared.text, declared.answer), "default": _failure()},
    }
    if operation is None:
        described["parameters"] += [
            {"name": name, "in": "query", "schema": {"type": "string"}} for name in declared.query
        ]
        if declared.body:
            schema = msgspec.json.schema(declared.body, ref_template=REF)["$defs"]
            content = {JSON: {"schema": schema[declared.body.__name__]}}
            described["requestBody"] = {"required": True, "content": content}
    else:
        described |= _describe_operation(operation, rule, schemas)
    if declared.access is not Access.PUBLIC:
        described["security"] = [{"token": []}]
    return described


def _describe_operation(
    operation: Operation[Any], rule: Rule, schemas: dict[str, Schema]
) -> Schema:
    route = operation.route or Route(method="", path="")
    fields = schemas[operation.fields.__name__]["properties"]
    in_query = [
        {"name": name, "in": "query", "schema": _query_schema(fields[name])} for name in route.query
    ]
    if route.pages:
        in_query += [{"name": n, "in": "query", "schema": s} for n, s in PARAMETERS.items()]
    described: Schema = {
        "parameters": _path_parameters(rule, fields) + in_query,
        "responses": {
            str(route.status): _answer_of(operation),
            **_failures(operation),
            "default": _failure(),
        },
    }
    if body := _body_of(operation, route, rule, schemas):
        described["requestBody"] = body
    return described


def _path_parameters(rule: Rule, fields: Schema) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(rule, name, fields)}
        for name in sorted(rule.arguments)
    ]


def _path_schema(rule: Rule, name: str, fields: Schema) -> Schema:
    declared = fields.get(name, {})
    if f"<index:{name}>" in rule.rule:
        smallest = declared.get("minimum", 0)
        return {"type": "integer", "minimum": smallest, "maximum": MAX_INDEX}
    if "enum" in declared or "$ref" in declared:
        return dict(declared)
    return {"type": "string", "minLength": 1}


def _query_schema(schema: Schema) -> Schema:
    """Remove null from a schema: a query argument is left out instead."""
    choices = [choice for choice in schema.get("anyOf", [schema]) if choice != {"type": "null"}]
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _body_of(
    operation: Operation[Any], route: Route, rule: Rule, schemas: dict[str, Schema]
) -> Schema | None:
    match route.body:
        case Body.NONE:
            return None
        case Body.PNG:
            return {"required": True, "content": {Body.PNG.value: {}}}
    all_fields = schemas[operation.fields.__name__]
    outside_body = {*rule.arguments, *route.query}
    names = [name for name in all_fields["properties"] if name not in outside_body]
    required = [name for name in all_fields.get("required", []) if name in names]
    schema: Schema = {
        "type": "object",
        "properties": {name: all_fields["properties"][name] for name in names},
        **({"required": required} if required else {}),
    }
    if route.body is Body.JSON:
        return {"required": bool(required), "content": {JSON: {"schema": schema}}}
    form = {"type": "object", "properties": {"file": FILE}, "required": ["file"]}
    content: Schema = {Body.FILE.value: {"schema": form}}
    if len(names) > 1:
        content[JSON] = {"schema": schema}
    return {"required": True, "content": content}


def _answer_of(operation: Operation[Any]) -> Schema:
    match operation.answer:
        case Media() | StoredFile() | Stream() as answer:
            return _success(operation.text, answer.content_type)
        case None:
            return {"description": operation.text}
    schema: Schema = {"$ref": REF.format(name=operation.answer.__name__)}
    if operation.route and operation.route.pages:
        schema = {"allOf": [schema, {"type": "object", "properties": {"next": NEXT}}]}
    content: Schema = {JSON: {"schema": schema}}
    if operation.route and operation.route.picture:
        content[Body.PNG.value] = {}
    return {"description": operation.text, "content": content}


def _success(text: str, media_type: str) -> Schema:
    return {"description": text, **({"content": {media_type: {}}} if media_type else {})}


def _failures(operation: Operation[Any]) -> dict[str, Schema]:
    """Describe the errors an operation can raise, by status, naming their codes."""
    codes: dict[int, set[str]] = {}
    for error in operation.errors:
        codes.setdefault(error.status, set()).add(error.code)
    return {
        str(status): {**_failure(), "description": ", ".join(sorted(named))}
        for status, named in sorted(codes.items())
    }


def _failure() -> Schema:
    return {
        "description": "An error, with a hint about what to do",
        "content": {JSON: {"schema": {"$ref": REF.format(name=Error.__name__)}}},
    }
