"""``python -m scripts.docs`` writes the tables of README and docs/ anew, from the code.

A page holds a table between two comments, which name its block. A test fails while one differs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from scripts.tables import BLOCKS, ROOT

BLOCK = re.compile(
    r"(<!-- begin (?P<name>[a-z_]+): .*?-->\n).*?(<!-- end (?P=name) -->)", re.DOTALL
)


def pages() -> list[Path]:
    """Every page that may hold a block."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks() -> dict[str, str]:
    """The Markdown of every block by its name."""
    return {name: write() for name, write in BLOCKS.items()}


def rewritten(text: str, content: dict[str, str]) -> str:
    """A page with its blocks as they should be. Raises KeyError for a name that is none."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{content[found['name']]}\n\n{found[3]}", text)


def main(say: Callable[[str], object] = sys.stdout.write) -> int:
    """Rewrite what is out of date, and name it."""
    content = blocks()
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = rewritten(before, content)
        if after != before:
            page.write_text(after, encoding="utf-8")
            say(f"{page.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
