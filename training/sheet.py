"""Draws a contact sheet: a row per clip, the truth outlined and the prediction tinted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from training.clips import Image
from training.scoring import outline
from training.trial import ClipTrial, TargetResult

CELL_PX = 256  # the longer side of a frame on the sheet
CAPTION_PX = 18  # a line of text for each target
QUARTERS = 4  # of a clip: of 24 frames 0, 6, 12, 18 and the last are shown
COLOURS = ((255, 90, 60), (60, 160, 255), (90, 230, 90), (250, 210, 50), (220, 90, 250))
TINT = 0.45
GROUND, TEXT = 24, (235, 235, 235)


class ContactSheet:
    """Collects rows of small pictures, one per clip."""

    def __init__(self) -> None:
        self._rows: list[Image] = []

    def add(self, trial: ClipTrial) -> None:
        """Draw a row: masks from three clicks, the clicks on frame 0, and the scores."""
        num_frames = trial.masks_nthw.shape[1]
        chosen = [
            *(num_frames * quarter // QUARTERS for quarter in range(QUARTERS)),
            num_frames - 1,
        ]
        with trial.clip.folder() as folder:
            paths = sorted(folder.glob("*.jpg"), key=lambda path: int(path.stem))
            cells = [_cell(trial, frame_idx, paths[frame_idx]) for frame_idx in chosen]
        self._rows.append(np.vstack([_caption(trial, len(cells) * CELL_PX), np.hstack(cells)]))

    def write(self, path: Path) -> None:
        """Write all rows into one PNG."""
        PIL.Image.fromarray(np.vstack(self._rows)).save(path, format="PNG")


def _cell(trial: ClipTrial, frame_idx: int, path: Path) -> Image:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{path.name} of {trial.clip.name} is not a picture")
    pixels = np.asarray(image[..., ::-1], np.uint8).copy()
    for order, (truth, result) in enumerate(zip(trial.clip.truths, trial.results, strict=True)):
        colour = np.array(COLOURS[order % len(COLOURS)])
        mask = trial.masks_nthw[order, frame_idx]
        pixels[mask] = (pixels[mask] * (1 - TINT) + colour * TINT).astype(np.uint8)
        pixels[outline(truth.masks_thw[frame_idx])] = colour
        if frame_idx == 0:
            _mark_clicks(pixels, result)
    return _fit(pixels)


def _mark_clicks(pixels: Image, result: TargetResult) -> None:
    for click in result.clicks[:3]:
        where = (round(click.x), round(click.y))
        cv2.circle(pixels, where, 4, (255, 255, 255), -1)
        cv2.circle(pixels, where, 3, (0, 170, 0) if click.label else (220, 0, 0), -1)


def _fit(pixels: Image) -> Image:
    """Fit a picture into a dark square of `CELL_PX`."""
    height, width = pixels.shape[:2]
    scale = CELL_PX / max(height, width)
    size_wh = (round(width * scale), round(height * scale))
    small = cv2.resize(pixels, size_wh, interpolation=cv2.INTER_AREA)
    cell = np.full((CELL_PX, CELL_PX, 3), GROUND, np.uint8)
    cell[: small.shape[0], : small.shape[1]] = small
    return cell


def _caption(trial: ClipTrial, width: int) -> Image:
    """Write the clip's name and each target's scores, in its colour."""
    lines = [(trial.clip.name, TEXT)]
    for order, result in enumerate(trial.results):
        lines.append((_scores(result), COLOURS[order % len(COLOURS)]))
    strip = np.full((CAPTION_PX * len(lines) + 4, width, 3), GROUND, np.uint8)
    for number, (text, colour) in enumerate(lines, 1):
        where = (6, number * CAPTION_PX - 4)
        cv2.putText(strip, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
    return strip


def _scores(result: TargetResult) -> str:
    ious = " / ".join(f"{value:.2f}" for value in result.ious.values())
    jf = " ".join(f"{prompt} {track.jf:.2f}" for prompt, track in result.tracks.items())
    frame_0 = f"IoU after 1/2/3/5 clicks {ious}, box {result.iou_box:.2f}"
    return f"{result.kind}: {frame_0}; J&F from {jf}"
