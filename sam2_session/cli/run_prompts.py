"""Reads the prompts of ``run`` from its arguments, in the order in which they stand."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.errors import InvalidRequest

DEFAULT_REGION = "overall"
IN_ORDER = "prompt_words"  # gathers the arguments, each with its name


@dataclass(slots=True)
class PromptsOfFrame:
    """The prompts of one frame, in source pixels."""

    points: list[tuple[float, float]] = field(default_factory=list)
    labels: list[int] | None = None
    box: tuple[float, float, float, float] | None = None

    def labelled_points(self) -> list[tuple[float, float, int]]:
        """Give each point its label, 1 without ``--labels``. Raises InvalidRequest."""
        labels = [1] * len(self.points) if self.labels is None else self.labels
        if len(labels) != len(self.points):
            raise InvalidRequest(
                f"There are {len(self.points)} points and {len(labels)} labels.",
                hint="Give one label for each point: 1 positive, 0 negative.",
            )
        return [(x, y, label) for (x, y), label in zip(self.points, labels, strict=True)]


@dataclass(slots=True)
class PromptedObject:
    """One object to track: an instance's name if given, its region, and its prompts by frame."""

    name: str | None = None
    region: str = DEFAULT_REGION
    frames: dict[int, PromptsOfFrame] = field(default_factory=dict)


class InOrder(argparse.Action):
    """Keeps an argument with its name, since its meaning follows from those before it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        words = [*(getattr(namespace, IN_ORDER, None) or ()), (self.dest, values)]
        setattr(namespace, IN_ORDER, words)


def add_prompts(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that hold prompts."""
    group = parser.add_argument_group(
        "prompts",
        "They belong to the --object and the --frame before them; without those, to one object "
        "and to frame 0. Coordinates are source pixels, origin top left.",
    )
    rows = (
        ("--object", "NAME[/REGION]", str, "begin an object: an instance of this name"),
        ("--region", "REGION", str, f"the object's region [{DEFAULT_REGION}]"),
        ("--frame", "N", int, "the frame of the prompts that follow, from 0"),
        ("--points", "JSON", str, "clicks, like [[920,470],[909,138]]"),
        ("--labels", "JSON", str, "1 positive, 0 negative, like [1,0]; without: all positive"),
        ("--box", "JSON", str, "a box, like [880,100,960,480]"),
    )
    for flag, shown, kind, text in rows:
        group.add_argument(flag, metavar=shown, type=kind, action=InOrder, help=text)


def read_objects(words: Sequence[tuple[str, Any]]) -> list[PromptedObject]:
    """Put the arguments together. Raises InvalidRequest."""
    found: list[PromptedObject] = []
    frame_idx = 0
    for word, value in words:
        if word == "object" or not found:
            found.append(PromptedObject())
            frame_idx = 0
        if word == "object":
            name, _, region = value.partition("/")
            found[-1].name, found[-1].region = name or None, region or DEFAULT_REGION
        elif word == "region":
            found[-1].region = value
        elif word == "frame":
            frame_idx = value
        else:
            frame = found[-1].frames.setdefault(frame_idx, PromptsOfFrame())
            _read_prompt(frame, word, value)
    for prompted in found:
        _check(prompted)
    return found


def _check(prompted: PromptedObject) -> None:
    if not prompted.frames:
        name = f" {prompted.name!r}" if prompted.name else ""
        raise InvalidRequest(f"The object{name} has no prompts.", hint="Give --points or --box.")
    for frame in prompted.frames.values():
        frame.labelled_points()


def _read_prompt(frame: PromptsOfFrame, word: str, text: str) -> None:
    try:
        value = json.loads(text)
        if word == "points":
            frame.points += [(float(x), float(y)) for x, y in value]
        elif word == "labels":
            frame.labels = [*(frame.labels or ()), *map(int, value)]
        else:
            x0, y0, x1, y1 = map(float, value)
            frame.box = (x0, y0, x1, y1)
    except (ValueError, TypeError) as error:
        example = {"points": "[[920,470],[909,138]]", "labels": "[1,0]"}
        raise InvalidRequest(
            f"--{word} {text[:80]!r} cannot be read.",
            hint=f"Write it like {example.get(word, '[880,100,960,480]')}.",
        ) from error
