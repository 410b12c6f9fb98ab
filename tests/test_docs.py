"""README names everything a user can type, call or be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import sam2_session.web.errors  # noqa: F401 - defines errors of its own
from sam2_session.core.errors import SessionError
from sam2_session.core.events import EventName, Listener
from sam2_session.formats.registry import EXPORTERS
from sam2_session.hosts.base import HostHealth
from sam2_session.models.registry import Registry
from sam2_session.options import markdown_table
from sam2_session.services.operations.table import EVENTS
from sam2_session.settings import Settings
from sam2_session.web.app import create_app
from sam2_session.web.routes import declaration_of
from tests.import_graph import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
KEYMAP = ROOT / "static" / "js" / "input" / "keymap.js"
TEXTS = r'\[(?:"[^"]*"(?:,\s*)?)*\]'
ABSTRACT = {"error"}  # the base class, never raised
OURS = (
    "README.md", "CHANGELOG.md", "docs", "sam2_session", "server.py", "static/js", "training",
    "tests", "templates", "configs", "Makefile", "scripts", "Dockerfile", "pyproject.toml",
    "requirements.txt", "requirements-dev.txt", "constraints.txt",
)  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:work|tmp|home|Users)/\w")


class NoHost:
    """A host that is never called: routes are only listed here."""

    def call(self, verb: str, /, **params: object) -> object:
        raise AssertionError(verb)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        return lambda: None

    def health(self) -> HostHealth:
        return HostHealth("closed")

    def close(self) -> None:
        pass


def routes() -> list[tuple[str, str, str]]:
    """Method, path and summary of every route of the API."""
    app = create_app(NoHost(), Settings(async_mode="threading")).flask
    return sorted(
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), declared.text)
        for rule in app.url_map.iter_rules()
        for declared in [declaration_of(app, rule.endpoint)]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    )


def subclasses(parent: type[SessionError]) -> Iterator[type[SessionError]]:
    for child in parent.__subclasses__():
        yield child
        yield from subclasses(child)


def our_files() -> Iterator[Path]:
    for name in OURS:
        top = ROOT / name
        yield from (path for path in [top, *top.rglob("*")] if path.suffix != ".pyc")


def test_the_options_table_is_the_one_of_the_code() -> None:
    assert markdown_table() in README


def test_every_route_is_named() -> None:
    missing = [one for one in routes() if f"| `{one[0]} {one[1]}` | {one[2]} |" not in README]

    assert missing == []


def test_every_event_of_the_server_is_named() -> None:
    assert [name.value for name in EventName if f"`{name.value}`" not in README] == []


def test_every_event_of_a_client_is_named() -> None:
    assert [name for name in EVENTS if f"`{name}`" not in README] == []


def test_every_error_code_is_named() -> None:
    codes = {one.code for one in subclasses(SessionError) if "code" in vars(one)} - ABSTRACT

    assert sorted(code for code in codes if f"`{code}`" not in README) == []


def test_every_format_is_named() -> None:
    assert [name for name in EXPORTERS if f"| `{name}` |" not in README] == []


def test_every_model_is_named() -> None:
    names = Registry.load(ROOT / "configs").names

    assert [name for name in names if f"`{name}`" not in README] == []


def test_every_key_is_explained() -> None:
    groups = "tool|edit|move|mark|run|view|timeline|page"
    row = rf'\b(?:{groups})\("\w+",\s*{TEXTS},\s*({TEXTS}),\s*"([^"]+)"'
    rows = re.findall(row, KEYMAP.read_text(encoding="utf-8"))
    spelt = [(" ".join(f"`{key}`" for key in re.findall(r'"([^"]*)"', keys)), text)
             for keys, text in rows]  # fmt: skip

    assert len(rows) > 30
    assert [one for one in spelt if f"| {one[0]} | {one[1]} |" not in README] == []


@pytest.mark.parametrize("name", re.findall(r"\]\((?!https?:|#)([^)#]+)", README))
def test_every_link_leads_somewhere(name: str) -> None:
    assert (ROOT / name).exists()


def test_every_make_target_is_real() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", README))

    assert {name for name in named if f"\n{name}:" not in makefile} == set()


def test_nothing_names_a_path_of_one_machine() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in our_files()
        if path.suffix in {".md", ".py", ".js", ".html", ".yaml", ".toml", ".txt", ".sh", ""}
        and path.is_file()
        and "vendor" not in path.parts
        and MACHINE_PATH.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []
