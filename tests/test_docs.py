"""The documentation names everything a user can type, call or be told, as the code has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session import __version__
from sam2_session.core.events import EventName
from sam2_session.formats.registry import EXPORTERS, IMPORTERS
from sam2_session.services.operations.table import EVENTS
from scripts import docs
from scripts.tables import BLOCKS, table
from tests.import_graph import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
README = TEXTS["README.md"]
README_LINES = 200
OURS = (
    *TEXTS, "docs", "sam2_session", "server.py", "static/js", "training", "tests", "templates",
    "configs", "Makefile", "scripts", "Dockerfile", "pyproject.toml",
    "requirements.txt", "requirements-dev.txt", "constraints.txt",
)  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:work|tmp|home|Users)/\w")
LINKS = [
    (name, link)
    for name, text in TEXTS.items()
    for link in re.findall(r"\]\((?!https?:)([^)]+)", text)
]


def our_files() -> Iterator[Path]:
    for name in OURS:
        top = ROOT / name
        yield from (path for path in [top, *top.rglob("*")] if path.suffix != ".pyc")


def headings(text: str) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    found = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", docs.pages(), ids=lambda page: page.name)
def test_the_tables_of_a_page_are_those_of_the_code(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert docs.rewritten(text, docs.blocks()) == text, "make docs writes them anew"


def test_every_table_is_on_a_page() -> None:
    begun = re.findall(r"<!-- begin (\w+): ", "".join(TEXTS.values()))
    ended = re.findall(r"<!-- end (\w+) -->", "".join(TEXTS.values()))

    assert set(begun) == set(BLOCKS)
    assert begun == ended


def test_a_table_that_is_out_of_date_is_written_anew() -> None:
    page = "a\n<!-- begin x: by hand -->\nold\n<!-- end x -->\nb"

    assert docs.rewritten(page, {"x": "new"}) == (
        "a\n<!-- begin x: by hand -->\n\nnew\n\n<!-- end x -->\nb"
    )


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(["a"], [["x|y"]]).splitlines()[2] == r"| x\|y |"


def test_readme_stays_short() -> None:
    assert len(README.splitlines()) <= README_LINES


def test_readme_counts_the_formats() -> None:
    assert f"[{len(EXPORTERS)} formats](docs/exports.md)" in README
    assert f"[{len(IMPORTERS)} to import](docs/imports.md)" in README


def test_the_newest_release_is_in_the_changelog() -> None:
    heads = re.findall(r"(?m)^## \[(.+?)\](?: - (.+))?$", TEXTS["CHANGELOG.md"])

    assert heads[0] == ("Unreleased", "")
    assert heads[1][0] == __version__
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", heads[1][1])


@pytest.mark.parametrize("name", [*EVENTS, *(event.value for event in EventName)])
def test_every_event_is_in_the_socket_page(name: str) -> None:
    rows = [line.split("|")[1] for line in TEXTS["docs/socket.md"].splitlines() if "|" in line[:1]]

    assert any(f"`{name}`" in row for row in rows)


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_content_of_every_format_is_described(name: str) -> None:
    _, _, content = TEXTS["docs/exports.md"].partition("## What is in the files")

    assert f"| `{name}` |" in content


def test_every_key_has_a_row() -> None:
    keymap = (ROOT / "static/js/input/keymap.js").read_text(encoding="utf-8")
    helps = re.findall(r'\], "([^"]+)"', keymap) + re.findall(r'help: "([^"]+)"', keymap)
    legend = keymap[keymap.index("LEGEND") :]

    assert len(helps) > 60
    assert [text for text in helps
            if f" {text} |" not in TEXTS["docs/keys.md"] and text not in legend] == []  # fmt: skip


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_every_link_leads_somewhere(page: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (ROOT / page).parent / path if path else ROOT / page

    assert target.exists()
    assert not anchor or anchor in headings(target.read_text(encoding="utf-8"))


def test_every_make_target_is_real() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {
        target
        for text in TEXTS.values()
        for target in re.findall(r"(?m)(?:^|`)make ([a-z-]+)", text)
    }

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


def test_the_architecture_names_files_that_exist() -> None:
    in_the_wheel = {"sam2_session/resources/"}
    named = set(re.findall(r"`((?:sam2_session|static|tests|web|services|hosts|inference|storage"
                           r"|operations|core|formats|prediction|prompts|models)/[\w./]+)`",
                           TEXTS["ARCHITECTURE.md"]))  # fmt: skip
    places = (ROOT, ROOT / "sam2_session", ROOT / "sam2_session" / "services")

    missing = {name for name in named if not any((top / name).exists() for top in places)}

    assert missing == in_the_wheel
