"""Predicts the next box of a mask by a Kalman filter of constant velocity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Box = npt.NDArray[np.float64]  # x0, y0, x1, y1

POSITION_NOISE, VELOCITY_NOISE = 1 / 20, 1 / 160  # of the box's height, a frame, as in SORT


def expected_box(boxes: Sequence[Box]) -> Box:
    """Predict the box after these, the newest last, from centre, width and height over time."""
    measured = [_centred(box) for box in boxes]
    state, velocity = measured[0].copy(), np.zeros(4)
    height = max(measured[0][3], 1.0)
    covariance = np.diag([(2 * POSITION_NOISE * height) ** 2, (10 * VELOCITY_NOISE * height) ** 2])
    for box in measured[1:]:
        state, covariance = _ahead(state, velocity, covariance, height)
        noise = (POSITION_NOISE * height) ** 2
        gain = covariance[:, 0] / (covariance[0, 0] + noise)
        error = box - state
        state, velocity = state + gain[0] * error, velocity + gain[1] * error
        covariance = covariance - np.outer(gain, covariance[0])
        height = max(state[3], 1.0)
    centre_x, centre_y, width, height = state + velocity
    half = np.array([width, height]).clip(1) / 2
    centre = np.array([centre_x, centre_y])
    return np.concatenate([centre - half, centre + half])


def box_iou(one: Box, other: Box) -> float:
    """Return the IoU of two boxes."""
    size = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    overlap = float(np.prod(size.clip(0)))
    union = float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2])) - overlap
    return overlap / union if union > 0 else 0.0


def _ahead(
    state: Box, velocity: Box, covariance: npt.NDArray[np.float64], height: float
) -> tuple[Box, npt.NDArray[np.float64]]:
    step = np.array([[1.0, 1.0], [0.0, 1.0]])
    noise = np.diag([(POSITION_NOISE * height) ** 2, (VELOCITY_NOISE * height) ** 2])
    return state + velocity, step @ covariance @ step.T + noise


def _centred(box: Box) -> Box:
    low, high = box[:2], box[2:]
    return np.concatenate([(low + high) / 2, high - low])
