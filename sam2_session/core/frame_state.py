"""The prompts and base mask of one pair on one frame, from which the frame's mask follows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sam2_session.core.types import FramePrompt


@dataclass(frozen=True, slots=True)
class Base:
    """A mask below the prompts, which refine it.

    With `is_prompt` it was made by hand and conditions a run by itself; else it was propagated.
    """

    base_id: int
    is_prompt: bool = False


@dataclass(frozen=True, slots=True)
class FrameState:
    """The prompts of a frame and the base mask below them.

    With `absent` a person said that the object is not on the frame: its mask is empty, and the
    base comes back when that is taken back. Prompts and `absent` exclude each other.

    `approved_as`: the mask was approved as this network drew it, empty for a hand. It is no part of
    the state's identity; undo brings an approval back with it.
    """

    prompt: FramePrompt = FramePrompt()
    base: Base | None = None
    absent: bool = False
    approved_as: str | None = field(default=None, compare=False)

    @property
    def is_prompted(self) -> bool:
        """Return whether a person prompted the frame; a run never overwrites such a frame."""
        return bool(self.prompt) or self.has_mask_prompt

    @property
    def is_human(self) -> bool:
        """Tell if a person made the mask: by prompts, or by saying that the object is absent."""
        return self.is_prompted or self.absent

    @property
    def has_mask_prompt(self) -> bool:
        """Return whether the base mask was made by hand."""
        return self.base is not None and self.base.is_prompt

    @property
    def digest(self) -> str:
        """Hash of the state, the same after a restart."""
        known = replace(self, approved_as=None).to_json()
        text = json.dumps(known, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def steps(self) -> Iterator[FrameState]:
        """Yield the states of a replay: the box alone, then with one more point each time."""
        points = self.prompt.points
        first = 0 if self.prompt.box is not None else 1
        for count in range(first, len(points) + 1):
            yield replace(self, prompt=FramePrompt(points[:count], self.prompt.box))

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON for the history table."""
        base = [self.base.base_id, self.base.is_prompt] if self.base else None
        absent = {"absent": True} if self.absent else {}  # others keep the digest they always had
        approved = {} if self.approved_as is None else {"approved_as": self.approved_as}
        return {**self.prompt.to_wire(), "base": base, **absent, **approved}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FrameState:
        """Read what `to_json` wrote."""
        base = data.get("base")
        prompt = FramePrompt.from_wire(data)
        below = Base(*base) if base else None
        return cls(prompt, below, bool(data.get("absent")), data.get("approved_as"))
