"""Every key of the page is pressed by a browser test."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.pressed_keys import keys_pressed_in

ROOT = Path(__file__).parents[1]
KEYMAP = ROOT / "static/js/input/keymap.js"
REVIEW_KEYS = ROOT / "static/js/core/review/keys.js"
TEXTS = r'\[(?:"[^"]*"(?:,\s*)?)*\]'
BROWSER_TESTS = sorted((ROOT / "tests/browser").glob("*.py"))


def keys_of(table: Path, row: str) -> set[str]:
    """The keys of a table, each row of which the pattern finds with its list of keys."""
    found = re.findall(row, table.read_text(encoding="utf-8"))
    return {key for keys in found for key in json.loads(keys)}


def test_every_key_of_the_work_page_is_pressed_by_a_browser_test() -> None:
    keys = keys_of(KEYMAP, rf'\b\w+\("\w+",\s*({TEXTS}),\s*{TEXTS},\s*"') | set("123456789")

    assert len(keys) > 100
    assert keys - keys_pressed_in(BROWSER_TESTS) == set()


def test_every_key_of_the_review_page_is_pressed_by_a_browser_test() -> None:
    keys = keys_of(REVIEW_KEYS, rf'row\("\w+",\s*\[[^\]]*\],\s*({TEXTS}),')
    tests = [path for path in BROWSER_TESTS if "review" in path.name]

    assert len(keys) > 20
    assert keys - keys_pressed_in(tests) == set()


def test_a_key_counts_only_if_the_page_gets_it(tmp_path: Path) -> None:
    source = """
        def hold(ada, key="h"):
            ada.page.keyboard.down(key)

        def test_it(ada):
            hold(ada)
            hold(ada, "Control+Shift+z")
            for key in ("Alt+j", "Shift+!"):
                ada.press(key)
            ada.page.get_by_test_id("field").press("q")
            ada.page.keyboard.type("w")
    """
    path = tmp_path / "test_it.py"
    path.write_text(source.replace("\n        ", "\n"), encoding="utf-8")

    assert keys_pressed_in([path]) == {"h", "Ctrl+Shift+z", "Alt+j", "!"}
