"""Reads pictures of masks: the number or colour at each pixel, and what these mean in a folder."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask
from sam2_session.formats.images.png_images import decode_png, is_indexed, picture_size

Labels = npt.NDArray[np.int32]  # (h, w): an index, a grey, or 0xRRGGBB
LIGHT = 128
BYTE, WORD = 255, 65535  # the lightest grey of 8 and of 16 bits
MOST_IDS = 64  # more greys than this are soft edges, not numbers
MOST_DEEP_IDS = 4096  # of 16 bits
SOLID_SHARE = 0.25  # of the pixels between dark and light: edges are thinner than objects
VOC_VOID = 0xE0E0C0  # the border that belongs to no object
IGNORED = 10_000  # MOTS: a region that belongs to no object
PER_CLASS = 1000  # MOTS: class x 1000 + instance
MOST_CLASSES = 60


class Meaning(StrEnum):
    """Meanings of the values in the pictures of a folder."""

    MASK = "mask"  # light or opaque pixels are the object
    NUMBERS = "numbers"  # each number is an object
    COLOURS = "colours"  # each colour is an object
    TRACKS = "tracks"  # class x 1000 + instance


@dataclass(frozen=True, slots=True)
class LabelPicture:
    """One decoded picture."""

    labels_hw: Labels
    is_indexed: bool = False
    is_colour: bool = False
    depth: int = BYTE  # its lightest grey
    alpha_hw: npt.NDArray[np.uint8] | None = None  # if some pixels are not opaque


def read_picture(png: bytes, size_hw: tuple[int, int] | None = None) -> LabelPicture:
    """Decode a PNG without losing the difference of any two values.

    With `size_hw` one of another size is refused before it is decoded. Raises `InvalidPrompt`.
    """
    height, width = picture_size(png)
    if size_hw is not None and (height, width) != size_hw:
        raise InvalidPrompt(f"The mask is {width}x{height}, the video {size_hw[1]}x{size_hw[0]}.")
    if is_indexed(png):
        return LabelPicture(_indices(png), is_indexed=True)
    picture = decode_png(png)
    depth = WORD if picture.dtype == np.uint16 else BYTE
    if picture.ndim == 2:
        return LabelPicture(picture.astype(np.int32), depth=depth)
    if depth == WORD:
        picture = np.right_shift(picture, 8).astype(np.uint8)
    alpha = picture[:, :, 3].astype(np.uint8) if picture.shape[2] == 4 else None
    if alpha is not None and alpha.min(initial=BYTE) == BYTE:
        alpha = None
    blue, green, red = (picture[:, :, at].astype(np.int32) for at in range(3))
    if np.array_equal(blue, green) and np.array_equal(green, red):
        return LabelPicture(blue, alpha_hw=alpha)
    return LabelPicture((red << 16) | (green << 8) | blue, is_colour=True, alpha_hw=alpha)


def meaning_of(pictures: Sequence[LabelPicture], *, named_colours: bool = False) -> Meaning:
    """Tell what the values of a folder mean, from some of its pictures.

    With `named_colours`, a file beside them names the colours.
    """
    if any(picture.is_indexed for picture in pictures):
        return Meaning.NUMBERS
    coloured = [picture for picture in pictures if picture.is_colour]
    if coloured:
        found = {colour for picture in coloured for colour in _solid(opaque(picture))}
        several = 1 < len(found - {0, VOC_VOID}) <= MOST_IDS
        return Meaning.COLOURS if several or named_colours else Meaning.MASK
    greys = [picture for picture in pictures if picture.alpha_hw is None]
    return _meaning_of_greys(greys) if greys else Meaning.MASK


def opaque(picture: LabelPicture) -> Labels:
    """Return the labels with 0 wherever the picture is transparent."""
    if picture.alpha_hw is None:
        return picture.labels_hw
    labels: Labels = np.where(picture.alpha_hw >= LIGHT, picture.labels_hw, 0)
    return labels


def mask_in(picture: LabelPicture, light: int | None = None) -> BoolMask:
    """Return the object of a picture with one: its opaque or light pixels.

    `light` is the higher value of a folder with only two.
    """
    if picture.alpha_hw is not None:
        opaque_hw: BoolMask = picture.alpha_hw >= LIGHT
        return opaque_hw
    values = picture.labels_hw
    if picture.is_colour:
        channels = [(values >> shift) & BYTE for shift in (16, 8, 0)]
        values = np.maximum.reduce(channels)
    if light is not None and not picture.is_colour:
        mask: BoolMask = values >= light
    elif values.max(initial=0) <= 1:
        mask = values > 0
    else:
        mask = values >= (picture.depth + 1) // 2
    return mask


def light_value(pictures: Iterable[LabelPicture]) -> int | None:
    """Return the higher of the two greys of a folder; None if it has more, or colours."""
    seen: set[int] = set()
    for picture in pictures:
        if picture.is_colour or picture.alpha_hw is not None:
            return None
        seen |= set(np.unique(picture.labels_hw).tolist())
    return max(seen) if len(seen) == 2 else None


def _meaning_of_greys(pictures: Sequence[LabelPicture]) -> Meaning:
    depth = max(picture.depth for picture in pictures)
    seen = {value for picture in pictures for value in np.unique(picture.labels_hw).tolist()}
    between = seen - {0, BYTE, depth}
    if depth == WORD and between and all(map(_is_track, between)):
        return Meaning.TRACKS
    if not between or len(seen) <= 2 or len(seen) > (MOST_DEEP_IDS if depth == WORD else MOST_IDS):
        return Meaning.MASK
    from_one = between == set(range(1, len(between) + 1))
    no_white = 0 in seen and not seen & {BYTE, depth}
    if from_one or no_white or _solid_share(pictures, depth) >= SOLID_SHARE:
        return Meaning.NUMBERS
    return Meaning.MASK


def _is_track(value: int) -> bool:
    return value == IGNORED or 1 <= value // PER_CLASS <= MOST_CLASSES


def _solid_share(pictures: Sequence[LabelPicture], depth: int) -> float:
    """Share of the pixels between dark and light whose eight neighbours have the same value."""
    between = solid = 0
    for picture in pictures:
        labels = picture.labels_hw
        chosen = (labels != 0) & (labels != BYTE) & (labels != depth)
        between += int(np.count_nonzero(chosen))
        solid += int(np.count_nonzero(chosen[1:-1, 1:-1] & _is_solid(labels)))
    return solid / between if between else 0.0


def _solid(labels_hw: Labels) -> set[int]:
    inner = labels_hw[1:-1, 1:-1]
    return set(np.unique(inner[_is_solid(labels_hw)]).tolist())


def _is_solid(labels_hw: Labels) -> BoolMask:
    """Return whether each inner pixel has the value of all its neighbours: (h - 2, w - 2)."""
    height, width = labels_hw.shape
    inner = labels_hw[1:-1, 1:-1]
    same: BoolMask = np.ones(inner.shape, bool)
    for down in (0, 1, 2):
        for across in (0, 1, 2):
            same &= labels_hw[down : height - 2 + down, across : width - 2 + across] == inner
    return same


def _indices(png: bytes) -> Labels:
    try:
        with Image.open(io.BytesIO(png)) as image:
            return np.asarray(image, np.uint8).astype(np.int32)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise InvalidPrompt("The picture is broken.", hint="Write it again.") from error
