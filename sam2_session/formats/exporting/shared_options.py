"""Options that several formats share."""

from __future__ import annotations

from sam2_session.formats.exporting.options import FormatOption

DIGITS = FormatOption("digits", 5, "Digits of the frame's number in file names.", choices=(5, 8))
FROM_ONE = FormatOption("base", 1, "The number of the first frame.", choices=(0, 1))
FROM_ZERO = FormatOption("base", 0, "The number of the first frame.", choices=(0, 1))
IMAGES = FormatOption("images", False, "The frames themselves, too.")
EMPTY = FormatOption("empty_frames", False, "Frames without a mask, too.")
