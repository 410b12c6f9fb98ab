"""Encodes a frame that was drawn over as JPEG or PNG."""

from __future__ import annotations

from typing import Literal

import cv2

from sam2_session.formats.rendered.overlay_drawing import Picture

PictureKind = Literal["jpeg", "png"]
JPEG_QUALITY = 90


def encode_picture(picture: Picture, kind: PictureKind, width: int | None = None) -> bytes:
    """Encode a picture (rgb_hwc), at most `width` pixels wide and never enlarged."""
    height, full_width = picture.shape[:2]
    if width is not None and width < full_width:
        size = (width, max(1, round(height * width / full_width)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    if kind == "jpeg":
        return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
    return cv2.imencode(".png", bgr)[1].tobytes()
