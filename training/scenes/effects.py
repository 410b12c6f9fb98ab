"""Adds what a camera adds: changing light, glints, blur, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.scenes.motion import Sway, draw_sway
from training.scenes.spec import Floats, Image, Rng

Gain = npt.NDArray[np.float32]
STILL = Sway(0.0)


@dataclass(frozen=True, slots=True)
class Effects:
    """Degrades frames, the same way through a clip but never twice alike."""

    gain: Sway = Sway(1.0)
    gamma: Sway = Sway(1.0)
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignette: Gain | None = None  # (h, w, 3)
    glints: Floats | None = None  # (n, 3): x, y, radius, in world units
    blur: float = 0.0  # sigma, in world units
    smear: float = 0.0  # motion blur, in world units per unit of camera speed
    grain: float = 0.0  # standard deviation, of 255
    jpeg_quality: int = 0  # 0: not compressed

    def apply(self, rng: Rng, frame_rgb_hwc: Image, tick: float) -> Image:
        """Apply all effects to a frame."""
        frame, size = frame_rgb_hwc, frame_rgb_hwc.shape[0]
        if self.glints is not None:
            frame = _glinting(frame, self.glints, tick)
        if self.vignette is not None:
            frame = np.asarray(cv2.multiply(frame, self.vignette, dtype=cv2.CV_8U), np.uint8)
        if self.blur * size > 0.3:
            frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), self.blur * size), np.uint8)
        if self.smear * size > 1.5:
            frame = _smeared(frame, self.smear * size, tick)
        frame = self._exposed(frame, tick)
        if self.grain:
            frame = _grainy(rng, frame, self.grain)
        if self.jpeg_quality:
            _, data = cv2.imencode(".jpg", frame, (cv2.IMWRITE_JPEG_QUALITY, self.jpeg_quality))
            frame = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        return frame

    def _exposed(self, frame: Image, tick: float) -> Image:
        """Gain, gamma and tint in one table."""
        gain, gamma = self.gain.at(tick), max(0.4, self.gamma.at(tick))
        if gain == gamma == 1.0 and self.tint == (1.0, 1.0, 1.0):
            return frame
        curve = (np.arange(256) / 255) ** gamma * gain * 255
        table = np.stack([curve * channel for channel in self.tint], -1).clip(0, 255)
        return np.asarray(cv2.LUT(frame, table.round().astype(np.uint8)[None]), np.uint8)


def draw_effects(rng: Rng, size: int, hardness: float) -> Effects:
    """Choose effects at random; none at hardness 0."""

    def happens(chance: float) -> bool:
        return bool(rng.random() < chance * hardness)

    changing = happens(0.5)
    tint = rng.normal(1, 0.06, 3).clip(0.8, 1.2) if happens(0.3) else np.ones(3)
    return Effects(
        gain=draw_sway(rng, rng.uniform(0.8, 1.15), 0.22) if changing else Sway(1.0),
        gamma=draw_sway(rng, rng.uniform(0.8, 1.25), 0.15) if changing else Sway(1.0),
        tint=(float(tint[0]), float(tint[1]), float(tint[2])),
        vignette=_draw_vignette(rng, size) if happens(0.25) else None,
        glints=rng.uniform((0, 0, 0.003), (1, 1, 0.014), (int(rng.integers(2, 9)), 3))
        if happens(0.25)
        else None,
        blur=rng.uniform(0.0015, 0.006) if happens(0.3) else 0.0,
        smear=rng.uniform(0.006, 0.03) if happens(0.12) else 0.0,
        grain=rng.uniform(1.5, 11) if happens(0.6) else 0.0,
        jpeg_quality=int(rng.integers(45, 92)) if happens(0.3) else 0,
    )


def _draw_vignette(rng: Rng, size: int) -> Gain:
    line = np.linspace(-1, 1, size, dtype=np.float32)
    x, y = rng.normal(0, 0.2, 2).astype(np.float32)
    away = (line[None] - x) ** 2 + (line[:, None] - y) ** 2
    gain = 1 - np.float32(rng.uniform(0.15, 0.4)) * away
    return np.repeat(gain.clip(0.15, 1)[..., None], 3, axis=2).astype(np.float32)


def _glinting(frame: Image, glints: Floats, tick: float) -> Image:
    """Small highlights that come and go."""
    size, light = frame.shape[0], np.zeros(frame.shape[:2], np.uint8)
    for index, (x, y, radius) in enumerate(glints):
        strength = int(255 * max(0.0, np.sin(index * 2.4 + tick * 0.35)))
        centre = (round(x * size), round(y * size))
        cv2.circle(light, centre, max(1, round(radius * size)), strength, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(light, (0, 0), max(0.6, size / 200))
    return np.asarray(cv2.add(frame, cv2.merge([soft] * 3)), np.uint8)


def _smeared(frame: Image, length: float, tick: float) -> Image:
    """Motion blur in one direction, its strength coming and going."""
    count = max(1, round(length * abs(np.sin(0.4 * tick + 1))))
    kernel = np.zeros((count, count), np.float32)
    cv2.line(kernel, (0, 0), (count - 1, round((count - 1) * abs(np.sin(tick * 0.05)))), 1.0)
    return np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), np.uint8)


def _grainy(rng: Rng, frame: Image, deviation: float) -> Image:
    """Sensor noise; drawn as bytes, four of them summed, for speed."""
    raw = np.frombuffer(rng.bytes(frame.size), np.uint8).reshape(frame.shape)
    spread = cv2.LUT(raw, _noise_table(deviation)[None])
    return np.asarray(cv2.add(frame, spread, dtype=cv2.CV_8U), np.uint8)


def _noise_table(deviation: float) -> npt.NDArray[np.int16]:
    """Bytes to normal deviates: the quantiles of a logistic curve, near enough."""
    share = (np.arange(256) + 0.5) / 256
    return (np.log(share / (1 - share)) * deviation * 0.55).round().astype(np.int16)
