"""Cuts the frame into textured cells, where only the prompt says which one is meant."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.scenes.backgrounds import OVERSIZE
from training.scenes.spec import Floats, Grey, Image, Rng
from training.scenes.textures import TILE, coloured, draw_colour, draw_palette, draw_pattern, noise


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A ground in cells; `cells_hw` names the cell of each pixel, from 0."""

    ground: Image
    cells_hw: Grey
    count: int


def draw_mosaic(rng: Rng, size: int) -> Mosaic:
    """Cells of uneven size with bent borders; some of several lumps."""
    side = round(size * OVERSIZE)
    seeds = int(np.exp(rng.uniform(np.log(8), np.log(70))))
    count = seeds if rng.random() < 0.5 else max(4, round(seeds * rng.uniform(0.35, 0.8)))
    nearest = _nearest(rng, rng.uniform(0, 1, (seeds, 2)))
    of_seed = np.concatenate([np.arange(count), rng.integers(0, count, seeds - count)])
    cells = of_seed[nearest].astype(np.uint8)
    cells = np.asarray(cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
    cells = np.asarray(cv2.medianBlur(cells, 5), np.uint8)
    return Mosaic(_painted(rng, cells, count), cells, count)


def _nearest(rng: Rng, seeds: Floats) -> npt.NDArray[np.intp]:
    """The index of the nearest seed for each pixel of a field, seen through a bent glass."""
    field = 256
    bend = rng.uniform(0, 0.09) if rng.random() < 0.75 else 0.0
    line = np.linspace(0, 1, field)
    x = line[None] + bend * noise(rng, (4, 9, 20), field)
    y = line[:, None] + bend * noise(rng, (4, 9, 20), field)
    handicap = rng.uniform(0, 0.02, len(seeds)) * rng.integers(2)
    best = np.full((field, field), np.inf, np.float32)
    nearest = np.zeros((field, field), np.intp)
    x, y = x.astype(np.float32), y.astype(np.float32)
    for index, (seed_x, seed_y) in enumerate(seeds.astype(np.float32)):
        gap = (x - seed_x) ** 2 + (y - seed_y) ** 2 + np.float32(handicap[index])
        closer = gap < best
        best[closer], nearest[closer] = gap[closer], index
    return nearest


def _painted(rng: Rng, cells: Grey, count: int) -> Image:
    side = cells.shape[0]
    ground = np.zeros((side, side, 3), np.uint8)
    strength = rng.uniform(0.15, 1)
    for cell in range(count):
        mask = np.asarray(cells == cell, np.uint8)
        x, y, width, height = cv2.boundingRect(mask)
        if not width:
            continue
        scale = float(np.exp(rng.uniform(np.log(0.5), np.log(1.6)))) * 256 / side
        matrix = np.array([[scale, 0, rng.uniform(0, TILE)], [0, scale, rng.uniform(0, TILE)]])
        pattern = cv2.warpAffine(
            draw_pattern(rng), matrix, (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101,
        )  # fmt: skip
        palette = draw_palette(rng, draw_colour(rng), strength * rng.uniform(0.1, 1))
        area = ground[y : y + height, x : x + width]
        cv2.copyTo(
            coloured(np.asarray(pattern, np.uint8), palette),
            mask[y : y + height, x : x + width],
            area,
        )
    return np.asarray(cv2.GaussianBlur(ground, (3, 3), 0.6), np.uint8)
