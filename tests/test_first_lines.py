"""The first lines of docstrings and comments say what a thing does; none begins with a riddle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("sam2_session", "static/js", "static/css", "benchmarks", "scripts", "training", "tests")
KINDS = (".py", ".js", ".mjs", ".css", ".sh")
RIDDLE = re.compile(
    "(what|how|whether|who|whom|whose|whoever|whatever|which|those|where|when|that|why)$",
    re.IGNORECASE,
)
OPENING = re.compile(r'^\s*(?:r?"""|/\*\*?|//|#)\s*(\w+)')
COMMENT = re.compile(r"^\s*(?:/\*|\*|//|#)")


def sources() -> list[Path]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return [path for path in files if path.suffix in KINDS and path.is_file()]


def riddles_in(lines: list[str]) -> Iterator[str]:
    """Yield the lines that begin a docstring or a comment with a riddle."""
    before = ""
    for line in lines:
        goes_on = COMMENT.match(before) and not line.lstrip().startswith("/*")
        opening = OPENING.match(line)
        if opening and not goes_on and RIDDLE.match(opening[1]):
            yield line.strip()
        before = line


def test_no_first_line_is_a_riddle() -> None:
    found = {
        str(path.relative_to(ROOT)): riddles
        for path in sources()
        if (riddles := list(riddles_in(path.read_text(encoding="utf-8").splitlines())))
    }

    assert found == {}


@pytest.mark.parametrize(
    "line",
    ['    """Who comes next."""', "# what is left", "/** Whether it runs */", "// those"],
)
def test_a_riddle_is_found(line: str) -> None:
    assert list(riddles_in(["x = 1", line])) == [line.strip()]


def test_a_second_line_may_begin_with_any_word() -> None:
    assert list(riddles_in(["# It names the thing", "# that is shown."])) == []
