"""PNGs that claim more than they hold are refused before memory is taken for them."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.png import encode_gray8, has_whole_chunks
from sam2_session.folders import child_environment
from sam2_session.formats.images.label_pictures import read_picture
from sam2_session.formats.images.png_images import MAX_SIDE, picture_size

MASK = np.eye(48, 64, dtype=bool)
LEAST_MIB = 300  # of the 512 that each of the PNGs claims
READERS = """
import resource, sys
import cv2
from sam2_session.core.errors import InvalidPrompt
from sam2_session.formats.images.label_pictures import read_picture
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.formats.images.picture_pages import PageReader
from sam2_session.formats.images.png_images import decode_picture

png = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for read in (read_picture, decode_picture, lambda png: decode_mask(png, (48, 64))):
    try:
        read(png)
    except InvalidPrompt:
        continue
    raise AssertionError(read)
assert PageReader(png).read(0, cv2.IMREAD_COLOR) is None
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def claiming(png: bytes, kind: bytes, length: int) -> bytes:
    """Let a chunk claim to be longer than its file."""
    at = png.index(kind) - 4
    return png[:at] + length.to_bytes(4, "big") + png[at + 4 :]


def test_no_reader_takes_memory_that_a_chunk_claims() -> None:
    command = [sys.executable, "-c", READERS]
    png = claiming(encode_gray8(MASK), b"IDAT", 2**29)
    done = subprocess.run(  # noqa: S603 - our own script
        command, input=png, capture_output=True, check=True, env=child_environment()
    )

    assert int(done.stdout) < LEAST_MIB


@pytest.mark.parametrize(
    ("png", "whole"),
    [
        (encode_gray8(MASK), True),
        (encode_gray8(MASK) + b"behind the end", True),
        (encode_gray8(MASK)[:-30], False),
        (claiming(encode_gray8(MASK), b"IDAT", 2**32 - 1), False),
        (claiming(encode_gray8(MASK), b"IHDR", 2**31), False),
    ],
)
def test_chunks_must_lie_within_their_file(png: bytes, whole: bool) -> None:
    assert has_whole_chunks(png) is whole


def test_a_picture_of_another_size_is_not_decoded() -> None:
    large = cv2.imencode(".png", np.zeros((100, 200), np.uint8))[1].tobytes()
    broken = large[:40] + bytes(40) + large[80:]

    with pytest.raises(InvalidPrompt, match="The mask is 200x100, the video 64x48"):
        read_picture(broken, (48, 64))


def test_a_picture_of_deep_channels_may_not_be_larger_than_one_of_flat_ones() -> None:
    png = bytearray(cv2.imencode(".png", np.zeros((4, 4, 4), np.uint16))[1].tobytes())
    png[16:24] = 2 * MAX_SIDE.to_bytes(4, "big")

    with pytest.raises(InvalidPrompt, match="16 bits a channel, which is too large"):
        picture_size(bytes(png))
    png[24] = 8
    assert picture_size(bytes(png)) == (MAX_SIDE, MAX_SIDE)
