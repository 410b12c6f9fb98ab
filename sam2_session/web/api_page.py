"""Prepares the OpenAPI document for people: the readable page of the API."""

from __future__ import annotations

from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
SHARED = "default"  # the response that every route has
OTHER = "server"
ANY_NUMBER = 999_999_999  # bounds from here on only keep out what no client means
FEW = (2, 3, 4)  # values of one kind that are written one by one
SUBJECTS = {
    **{word: word for word in (
        "batches", "classes", "exports", "imports", "instances", "jobs", "keypoints", "masks",
        "models", "prompts", "regions", "trash", "videos",
    )},
    "absent": "masks",
    "cleaning": "masks",
    "formats": "exports",
    "preview": "prompts",
    "propagate": "jobs",
    "rebuilds": "masks",
    "redo": "prompts",
    "report": "exports",
    "rle": "masks",
    "undo": "prompts",
}  # fmt: skip
Document = dict[str, Any]


def sections(document: Document) -> dict[str, list[Document]]:
    """Group the routes by their subject, in the order of the paths."""
    grouped: dict[str, list[Document]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                route = _route(method, path, methods[method])
                grouped.setdefault(_subject(path), []).append(route)
    return grouped


def types(document: Document) -> dict[str, list[Document]]:
    """List the fields of every named type."""
    schemas = document["components"]["schemas"]
    return {name: _fields(schema) for name, schema in sorted(schemas.items())}


def spell(schema: Document) -> str:
    """Write a schema in one line: ``list of Point``, ``whole number from 0``, ``text or null``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for joined in ("anyOf", "allOf"):
        if joined in schema:
            word = " or " if joined == "anyOf" else " with "
            return word.join(spell(choice) for choice in schema[joined])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(spell({**schema, "type": choice}) for choice in kind)
    if kind == "array":
        return _spell_list(schema)
    if kind in ("integer", "number"):
        return _spell_number(schema)
    return {"string": "text", "boolean": "true or false"}.get(str(kind), str(kind or "anything"))


def _route(method: str, path: str, operation: Document) -> Document:
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "is_open": "security" not in operation,
        "parameters": [
            {
                "name": parameter["name"],
                "where": parameter["in"],
                "required": parameter.get("required", False),
                "type": spell(parameter["schema"]),
            }
            for parameter in operation["parameters"]
        ],
        "bodies": [
            {"kind": kind, "fields": _fields(content.get("schema", {}))}
            for kind, content in body.items()
        ],
        "responses": [
            _response(status, response)
            for status, response in operation["responses"].items()
            if status != SHARED
        ],
    }


def _response(status: str, response: Document) -> Document:
    content = response.get("content", {})
    kinds = [
        f"{kind} ({spell(body['schema'])})" if "schema" in body else kind
        for kind, body in content.items()
    ]
    return {"status": status, "text": response["description"], "kinds": kinds}


def _fields(schema: Document) -> list[Document]:
    required = schema.get("required", [])
    return [
        {"name": name, "required": name in required, "type": spell(field)}
        for name, field in schema.get("properties", {}).items()
    ]


def _spell_list(schema: Document) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(spell(item) for item in schema['prefixItems'])}]"
    item, count = spell(schema.get("items") or {}), schema.get("minItems")
    if count == schema.get("maxItems") and count in FEW:
        return f"[{', '.join([item] * count)}]"
    return f"list of {item}"


def _spell_number(schema: Document) -> str:
    low, high = (schema.get(name) for name in ("minimum", "maximum"))
    text = "whole number" if schema["type"] == "integer" else "number"
    if low is not None and abs(low) < ANY_NUMBER:
        text += f" from {low:g}"
    return text + (f" to {high:g}" if high is not None and abs(high) < ANY_NUMBER else "")


def _subject(path: str) -> str:
    """Name the subject of a path: that of the last word with one."""
    words = [word.partition(".")[0] for word in path.split("/")]
    return next((SUBJECTS[word] for word in reversed(words) if word in SUBJECTS), OTHER)
