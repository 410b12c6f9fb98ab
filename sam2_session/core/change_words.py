"""Names a change of a frame's prompts in a word or two, for messages to people."""

from __future__ import annotations

from sam2_session.core.frame_state import FrameState


def change_words(before: FrameState, after: FrameState) -> str:
    """Name a change, as in "took back your …": ``click``, ``box``, ``painted mask``, …"""
    if after.absent is not before.absent:
        return "absent mark" if after.absent else "removal of the absent mark"
    points, added = len(before.prompt.points), len(after.prompt.points) - len(before.prompt.points)
    if after.has_mask_prompt and after.base != before.base:
        return "painted mask"
    if added > 0:
        return "click" if added == 1 else "clicks"
    if after.prompt.box != before.prompt.box and added == 0:
        return "box" if after.prompt.box else "removal of the box"
    if before.is_prompted and not after.is_prompted and (points > 1 or not added):
        return "clearing of the frame"
    if added < 0:
        return "removal of a click"
    return "moved click" if after.prompt != before.prompt else "change"
