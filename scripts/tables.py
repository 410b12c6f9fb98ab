"""The tables of the documentation, each made from the code it describes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import inspect

import sam2_session.web.errors  # noqa: F401 - defines errors of its own
from sam2_session.core.errors import SessionError
from sam2_session.core.events import Listener
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.registry import EXPORTERS, IMPORTERS, Exporter
from sam2_session.hosts.base import HostHealth
from sam2_session.models.registry import ModelSpec, Registry
from sam2_session.options import COMMAND_OPTIONS, OPTIONS, InvalidSettings, shown
from sam2_session.services.operations.operation import Operation
from sam2_session.services.operations.table import EVENTS
from sam2_session.settings import Settings
from sam2_session.web.app import create_app
from scripts.campaigns import campaign_rows, recorded

ROOT = Path(__file__).resolve().parents[1]
KEYMAP = ROOT / "static" / "js" / "input" / "keymap.js"
TEXTS = r'\[(?:"[^"]*"(?:,\s*)?)*\]'
MB = 1_000_000
METHODS = ("get", "post", "put", "patch", "delete")
PAIR = ("video_id", "instance_id", "region")
NEVER_RAISED = {SessionError.code}
NEVER_SENT = {InvalidSettings.code}  # the server does not start


class NoHost:
    """A host that is never called: routes are only listed here."""

    def call(self, operation: str, /, **params: object) -> object:
        raise AssertionError(operation)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return lambda: None

    def health(self) -> HostHealth:
        return HostHealth("closed")

    def close(self) -> None:
        pass


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [list(heads), *rows]
    cells = [[str(cell).replace("|", "\\|") for cell in line] for line in lines]
    cells.insert(1, ["---"] * len(cells[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def models() -> str:
    """The rows of configs/models.yaml."""
    specs = Registry.load(ROOT / "configs").specs
    return table(
        ("name", "model", "download"), [(f"`{s.name}`", s.label, _download(s)) for s in specs]
    )


def _download(spec: ModelSpec) -> str:
    size = f"{round((spec.bytes or 0) / MB)} MB"
    return size if spec.url else f"none: {size}, comes with the program"


def options() -> str:
    """The options of the server."""
    rows = [
        (f"`{row.flag}`", f"`{row.variable}`", f"`{row.name}`", f"`{shown(row)}`", row.help)
        for row in OPTIONS
    ]
    return table(("option", "variable", "in TOML", "default", "meaning"), rows)


def command_options() -> str:
    """The options of the commands that may stand in the environment and in files."""
    rows = [
        (f"`{row.flag}`", f"`{row.variable}`", f"`{row.name}`", row.help) for row in COMMAND_OPTIONS
    ]
    return table(("option", "variable", "in TOML", "meaning"), rows)


def exports() -> str:
    """The formats that can be written."""
    rows = [(f"`{row.name}`", row.label, row.purpose, _held(row.holds)) for row in _exporters()]
    return table(("format", "name on the page", "purpose", "holds"), rows)


def export_options() -> str:
    """The options of each format."""
    rows = [
        (f"`{row.name}`", f"`{option.name}`", f"`{_shown(option.default)}`", _values(option),
         option.help)
        for row in _exporters() for option in row.options
    ]  # fmt: skip
    return table(("format", "option", "default", "values", "meaning"), rows)


def imports() -> str:
    """The formats that can be read."""
    rows = [(row.label, " ".join(f"`{end}`" for end in row.suffixes), row.reads, _held(row.holds))
            for row in IMPORTERS.values()]  # fmt: skip
    return table(("format", "files", "reads", "holds"), rows)


def _exporters() -> Iterable[Exporter]:
    return EXPORTERS.values()


def _held(holds: Iterable[str]) -> str:
    return ", ".join(sorted(holds))


def _shown(value: object) -> str:
    """A default as JSON has it."""
    return json.dumps(value).strip('"') or "empty"


def _values(option: FormatOption) -> str:
    if option.choices:
        return ", ".join(f"`{choice}`" for choice in option.choices)
    span = f", {option.low} to {option.high}" if option.low is not None else ""
    return option.kind + span


def errors() -> str:
    """Every code a client may see, by status."""
    found = {error.code: error for error in _subclasses(SessionError) if "code" in vars(error)}
    rows = [(code, error.status, _first_line(error)) for code, error in found.items()
            if code not in NEVER_RAISED]  # fmt: skip
    rows.append(("internal_error", 500, "A mistake of the server's; its log has the details."))
    return table(
        ("code", "status", "meaning"),
        [(f"`{code}`", "–" if code in NEVER_SENT else status, text)
         for code, status, text in sorted(rows, key=lambda row: (row[1], row[0]))],
    )  # fmt: skip


def _subclasses(parent: type[SessionError]) -> Iterator[type[SessionError]]:
    for child in parent.__subclasses__():
        yield child
        yield from _subclasses(child)


def _first_line(error: type[SessionError]) -> str:
    return (error.__doc__ or "").partition("\n")[0]


def rest() -> str:
    """Every path of the OpenAPI document."""
    document = _openapi()
    rows = [
        (f"`{method.upper()} {path}`", operation["summary"], operation["x-access"])
        for path, methods in sorted(document["paths"].items())
        for method, operation in sorted(methods.items(), key=lambda item: item[0])
        if method in METHODS
    ]
    return table(("method and path", "purpose", "access"), rows)


def _openapi() -> dict[str, Any]:
    app = create_app(NoHost(), Settings(async_mode="threading")).flask
    document: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return document


def events() -> str:
    """Every Socket.IO event of a client, with its fields."""
    rows = [
        (f"`{operation.name}`", operation.text, _event_fields(operation), operation.access)
        for operation in EVENTS.values()
    ]
    return table(("event", "effect", "fields", "access"), rows)


def _event_fields(operation: Operation[Any]) -> str:
    """The fields as a client sends them; the three names of a pair are one `key`."""
    described = inspect.type_info(operation.fields)
    fields = described.fields if isinstance(described, inspect.StructType) else ()
    names = {field.encode_name: field for field in fields if field.encode_name != "client_id"}
    shown = []
    if "region" in names:
        shown.append("`key`")
        names = {name: names[name] for name in names if name not in PAIR}
    shown += [f"`{name}`" + ("" if field.required else "?") for name, field in names.items()]
    return ", ".join(shown) or "–"


def keys() -> str:
    """Every key of the page by group, and what mouse buttons and wheel do."""
    source = KEYMAP.read_text(encoding="utf-8")
    groups = dict(re.findall(r'const (\w+) = row\("([^"]+)"\)', source))
    row = rf'\b({"|".join(groups)})\("\w+",\s*{TEXTS},\s*({TEXTS}),\s*"([^"]+)"'
    rows = [(groups[group], _spelt(show), text) for group, show, text in re.findall(row, source)]
    rows.insert(0, (groups["tool"], "`1` … `9`", "Select an instance"))
    pointer = rf'\{{ group: "([^"]+)", show: ({TEXTS}), help: "([^"]+)" \}}'
    mouse = source[source.index("MOUSE") : source.index("LEGEND")]
    rows += [(group, _spelt(show), text) for group, show, text in re.findall(pointer, mouse)]
    parts = [
        f"### {group}\n\n" + table(("key", "effect"), [row[1:] for row in rows if row[0] == group])
        for group in dict.fromkeys(row[0] for row in rows)
    ]
    return "\n\n".join(parts)


def _spelt(texts: str) -> str:
    return " ".join(f"`{key}`" for key in json.loads(texts))


def campaigns() -> str:
    """Every campaign, with what its runs have added up to."""
    heads = ("attack", "what must hold", "done so far", "when", "failures found")
    return table(heads, campaign_rows(list(recorded())))


BLOCKS: dict[str, Callable[[], str]] = {
    "models": models,
    "options": options,
    "command_options": command_options,
    "exports": exports,
    "export_options": export_options,
    "imports": imports,
    "rest": rest,
    "events": events,
    "errors": errors,
    "keys": keys,
    "campaigns": campaigns,
}
