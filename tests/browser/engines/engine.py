"""One browser engine as the journey uses it: look, press keys, move the pointer."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Private characters by which WebDriver names keys without a letter.
KEYS = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Control": "\ue009",
    "Alt": "\ue00a",
    "Escape": "\ue00c",
    " ": " ",
    "PageUp": "\ue00e",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
}
BUTTONS = {"left": 0, "right": 2}


def key_value(name: str) -> str:
    """Return the character by which WebDriver knows a key."""
    return KEYS.get(name, name)


@dataclass(frozen=True)
class Pointer:
    """A press at the first place, a way through the others, a release; in CSS px of the window."""

    places: tuple[tuple[float, float], ...]
    button: str = "left"
    held: tuple[str, ...] = ()


class Engine(abc.ABC):
    """A window of 1280 x 720 CSS px."""

    downloads: Path | None = None  # for files that the page hands out, if known

    @staticmethod
    @abc.abstractmethod
    def missing() -> str | None:
        """Say what this machine lacks, or None."""

    @abc.abstractmethod
    def goto(self, url: str) -> None:
        """Open a page and wait for it."""

    @abc.abstractmethod
    def evaluate(self, expression: str, arg: Any = None) -> Any:
        """Call a function, given as JavaScript, in the page and await it; all is JSON."""

    @abc.abstractmethod
    def keys(self, *names: str, held: tuple[str, ...] = ()) -> None:
        """Press and release keys one after the other while others are held."""

    @abc.abstractmethod
    def point(self, pointer: Pointer) -> None:
        """Press, drag and release a button."""

    @abc.abstractmethod
    def screenshot(self) -> bytes:
        """Take a picture of the page, as PNG."""

    @abc.abstractmethod
    def complaints(self) -> list[str]:
        """List the errors that nothing in the page caught."""

    @abc.abstractmethod
    def quit(self) -> None:
        """Close it; nothing stays behind."""

    @staticmethod
    def key_actions(names: tuple[str, ...], held: tuple[str, ...]) -> dict[str, Any]:
        """Describe key presses as WebDriver does, in both its protocols."""
        down = [{"type": "keyDown", "value": key_value(name)} for name in held]
        up = [{"type": "keyUp", "value": key_value(name)} for name in reversed(held)]
        taps = [
            {"type": kind, "value": key_value(name)}
            for name in names
            for kind in ("keyDown", "keyUp")
        ]
        return {"type": "key", "id": "keyboard", "actions": [*down, *taps, *up]}

    @staticmethod
    def pointer_actions(pointer: Pointer) -> list[dict[str, Any]]:
        """Describe a press, a way and a release as WebDriver does, keys held meanwhile."""
        number = BUTTONS[pointer.button]
        moves = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 20}
            for x, y in pointer.places
        ]
        way = [
            moves[0],
            {"type": "pointerDown", "button": number},
            *moves[1:],
            {"type": "pointerUp", "button": number},
        ]
        rest = [{"type": "pause"}] * len(way)
        pause = [{"type": "pause"}]
        down = [{"type": "keyDown", "value": key_value(name)} for name in pointer.held]
        up = [{"type": "keyUp", "value": key_value(name)} for name in pointer.held]
        waiting = pause * len(down)
        mouse = {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
            "actions": [*waiting, *way, *waiting],
        }
        if not pointer.held:
            return [mouse]
        return [mouse, {"type": "key", "id": "keyboard", "actions": [*down, *rest, *up]}]
