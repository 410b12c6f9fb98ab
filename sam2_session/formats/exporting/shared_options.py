"""Options that several formats share."""

from __future__ import annotations

from sam2_session.formats.exporting.options import FormatOption

DIGITS = FormatOption("digits", 5, "Digits of frame numbers in file names.", choices=(5, 8))
FROM_ONE = FormatOption("base", 1, "Number of the first frame.", choices=(0, 1))
FROM_ZERO = FormatOption("base", 0, "Number of the first frame.", choices=(0, 1))
IMAGES = FormatOption("images", False, "Also export the frames.")
EMPTY = FormatOption("empty_frames", False, "Also export frames without a mask.")
