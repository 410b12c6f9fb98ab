"""The OpenAPI document, made from the URL map and what every route declares."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from sam2_session import __version__
from sam2_session.web.routes import Access, Operation, operation_of
from sam2_session.web.schemas import SCHEMAS, ref

ERROR = {
    "description": "What went wrong, and what to do",
    "content": {"application/json": {"schema": ref("Error")}},
}


def describe(app: Flask) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in app.url_map.iter_rules():
        declared = operation_of(app, rule.endpoint)
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            described = _operation(rule, method, declared)
            paths.setdefault(path_of(rule), {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "SAM 2 session", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def path_of(rule: Rule) -> str:
    """``/a/<index:b>`` as ``/a/{b}``."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def _operation(rule: Rule, method: str, declared: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{method.lower()}_{rule.endpoint.replace('.', '_')}",
        "summary": declared.summary,
        "parameters": _parameters(rule, declared),
        "responses": {str(declared.status): _answer(declared), "default": ERROR},
    }
    if declared.body:
        described["requestBody"] = {"required": True, "content": _content(declared.body)}
    if declared.access is Access.TOKEN:
        described["security"] = [{"token": []}]
    return described


def _parameters(rule: Rule, declared: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": _type_of(rule, name)}
        for name in sorted(rule.arguments)
    ]
    return in_path + [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in declared.query
    ]


def _type_of(rule: Rule, name: str) -> dict[str, Any]:
    if f"<index:{name}>" in rule.rule:
        return {"type": "integer", "minimum": 0, "maximum": 999_999_999}
    return {"type": "string"}


def _answer(declared: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": declared.summary}
    if declared.answer:
        answer["content"] = _content(declared.answer)
    return answer


def _content(named: str) -> dict[str, Any]:
    """A schema by name as JSON, or a media type as it is."""
    if named in SCHEMAS:
        return {"application/json": {"schema": ref(named)}}
    if named == "multipart/form-data":
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        return {named: {"schema": {"type": "object", "properties": {"file": file}}}}
    return {named: {}}
