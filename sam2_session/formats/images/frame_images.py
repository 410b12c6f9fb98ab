"""Decodes extracted frames."""

from __future__ import annotations

import cv2
import numpy as np

from sam2_session.core.errors import StorageFailed
from sam2_session.core.types import RGBImage


def decode_frame(data: bytes) -> RGBImage:
    """Decode an extracted frame to rgb_hwc. Raises `StorageFailed` if the file is broken."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise StorageFailed(
            "A frame is broken on disk.",
            hint="Delete the frames folder of this video and open it again.",
        )
    return np.ascontiguousarray(image[..., ::-1], np.uint8)
