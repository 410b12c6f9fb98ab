"""Paints pieces on a frame: colours soft at the edge, the label of each pixel exact."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.scenes.spec import Floats, Grey, Image
from training.scenes.textures import TILE

SUBPIXEL_BITS = 5  # cv2's fixed-point coordinates
MARGIN_PX = 2
Contour = Floats  # (n, 2): x, y
Solid = list[Contour]  # the outer rim first, then its holes
Slices = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Skin:
    """Look of a surface; `to_texture` is (3, 3), from the piece's own space to texture pixels."""

    texture: Image
    to_texture: Floats
    bevel: float = 0.0  # strength of the light on the rim
    bevel_width: float = 0.04
    rim: tuple[int, int, int] | None = None
    shadow: float = 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One surface to paint: solids in its own space, or lines if `stroke` has a width."""

    solids: list[Solid]
    pose: Floats  # own space to the body's, then to the world's: (3, 3)
    skin: Skin
    stroke: float = 0.0


@dataclass(frozen=True, slots=True)
class Light:
    """Direction of the light: a unit vector in the frame."""

    x: float
    y: float


@dataclass(slots=True)
class Canvas:
    """A frame being painted, and the label visible at each pixel."""

    frame_rgb_hwc: Image
    owner_hw: Grey
    light: Light

    @property
    def size(self) -> int:
        """Pixels a side."""
        return int(self.owner_hw.shape[0])

    def paint(self, piece: Piece, to_frame: Floats, label: int) -> None:
        """Paint a piece on top; `to_frame` is (3, 3), from its own space to pixels."""
        solids = [[_moved(c, to_frame) for c in solid] for solid in piece.solids]
        unit = float(np.sqrt(abs(np.linalg.det(to_frame[:2, :2]))))
        thick = max(1, round(piece.stroke * unit)) if piece.stroke else 0
        area = self._area(solids, thick)
        if area is None:
            return
        corner = np.array([area[1].start, area[0].start], np.float64)
        mask_hw = _filled(solids, corner, _extent(area), thick)
        reach = max(1, round(piece.skin.bevel_width * unit))
        surface = self._surface(piece.skin, to_frame, corner, mask_hw, reach)
        if piece.skin.rim:
            _draw_rim(surface, solids, corner, piece.skin.rim, self.size)
        self._blend(area, surface, mask_hw, piece.skin.shadow)
        self.owner_hw[area][mask_hw > 0] = label

    def frame_outside(self, radius_px: float) -> None:
        """Blacken all but a disc in the middle, as an endoscope's picture is."""
        inside = np.zeros_like(self.owner_hw)
        middle = round((self.size - 1) / 2)
        cv2.circle(inside, (middle, middle), round(radius_px), 255, -1)
        self.owner_hw[inside == 0] = 0
        over = cv2.GaussianBlur(inside, (5, 5), 1.0).astype(np.float32) * (1 / 255)
        black = np.full_like(self.frame_rgb_hwc, 6)
        self.frame_rgb_hwc[...] = cv2.blendLinear(self.frame_rgb_hwc, black, over, 1 - over)

    def _area(self, solids: list[Solid], thick: int) -> Slices | None:
        """The part of the frame that the solids reach, or None."""
        points = np.concatenate([solid[0] for solid in solids])
        room = MARGIN_PX + thick
        low = np.maximum(np.floor(points.min(0)) - room, 0).astype(int)
        high = np.minimum(np.ceil(points.max(0)) + room + 1, self.size).astype(int)
        if (high - low < 1).any():
            return None
        return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))

    def _surface(
        self, skin: Skin, to_frame: Floats, corner: Floats, mask_hw: Grey, reach: int
    ) -> Image:
        """The texture as it lies on the piece, lit at its rim."""
        shift = np.array([[1, 0, corner[0]], [0, 1, corner[1]], [0, 0, 1]])
        matrix = (skin.to_texture @ np.linalg.inv(to_frame) @ shift)[:2]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size_wh = mask_hw.shape[::-1]
        surface = cv2.warpAffine(
            skin.texture, matrix, size_wh, flags=flags, borderMode=cv2.BORDER_REFLECT_101
        )
        if skin.bevel:
            relief = _relief(mask_hw, self.light, reach, skin.bevel)
            surface = cv2.add(surface, cv2.merge([relief] * 3), dtype=cv2.CV_8U)
        return np.asarray(surface, np.uint8)

    def _blend(self, area: Slices, surface: Image, mask_hw: Grey, shadow: float) -> None:
        below = self.frame_rgb_hwc[area]
        if shadow:
            below = _shaded(below, mask_hw, self.light, shadow, max(2, self.size // 40))
        over = cv2.GaussianBlur(mask_hw, (3, 3), 0.7).astype(np.float32) * (1 / 255)
        self.frame_rgb_hwc[area] = cv2.blendLinear(surface, below, over, 1 - over)


def lay(texture: Image, tiles: float, size: int) -> Skin:
    """A skin with `tiles` repeats of the texture per world unit, fine enough for `size` pixels."""
    per_pixel = tiles * TILE / size
    if per_pixel > 1.4:  # shrink first, or the texture would glitter
        share = 1 / per_pixel
        texture = np.asarray(
            cv2.resize(texture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8
        )
    scale = tiles * texture.shape[0]
    middle = texture.shape[0] / 2
    return Skin(texture, np.array([[scale, 0, middle], [0, scale, middle], [0, 0, 1.0]]))


def _moved(contour: Contour, matrix: Floats) -> Contour:
    return contour @ matrix[:2, :2].T + matrix[:2, 2]


def _extent(area: Slices) -> tuple[int, int]:
    return area[0].stop - area[0].start, area[1].stop - area[1].start


def _fixed(contour: Contour, corner: Floats) -> npt.NDArray[np.int32]:
    return np.asarray(np.round((contour - corner) * 2**SUBPIXEL_BITS), np.int32)


def _filled(solids: list[Solid], corner: Floats, size_hw: tuple[int, int], thick: int) -> Grey:
    mask_hw = np.zeros(size_hw, np.uint8)
    for solid in solids:
        lines = [_fixed(contour, corner) for contour in solid]
        if thick:
            cv2.polylines(mask_hw, lines, False, 255, thick, cv2.LINE_8, SUBPIXEL_BITS)
        else:
            cv2.fillPoly(mask_hw, lines, 255, cv2.LINE_8, SUBPIXEL_BITS)
    return mask_hw


def _draw_rim(
    surface: Image, solids: list[Solid], corner: Floats, rim: tuple[int, int, int], size: int
) -> None:
    """A line along the edge; its outer half falls outside of the mask."""
    lines = [_fixed(contour, corner) for solid in solids for contour in solid]
    width = max(1, round(size / 85))
    cv2.polylines(surface, lines, True, rim, width, cv2.LINE_AA, SUBPIXEL_BITS)


def _relief(mask_hw: Grey, light: Light, reach: int, strength: float) -> npt.NDArray[np.int16]:
    """Brighter where the rim faces the light, darker where it turns away."""
    reach = min(reach, 1 + min(mask_hw.shape) // 2)
    box = 2 * reach + 1
    middle_x, middle_y = reach + light.x * reach * 0.8, reach + light.y * reach * 0.8
    lit = (int(round(2 * reach - middle_x)), int(round(2 * reach - middle_y)))
    unlit = (int(round(middle_x)), int(round(middle_y)))
    facing = cv2.blur(mask_hw, (box, box), anchor=lit, borderType=cv2.BORDER_REPLICATE)
    turned = cv2.blur(mask_hw, (box, box), anchor=unlit, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(
        cv2.addWeighted(facing, -strength, turned, strength, 0, dtype=cv2.CV_16S), np.int16
    )


def _shaded(below: Image, mask_hw: Grey, light: Light, depth: float, reach: int) -> Image:
    """Darken what lies below a piece by its shadow."""
    matrix = np.array([[1, 0, -light.x * reach], [0, 1, -light.y * reach]], np.float64)
    cast = cv2.warpAffine(mask_hw, matrix, mask_hw.shape[::-1])
    cast = cv2.blur(cast, (reach * 2 + 1, reach * 2 + 1)).astype(np.float32) * (depth / 255)
    return np.asarray(cv2.blendLinear(below, np.zeros_like(below), 1 - cast, cast), np.uint8)
