"""The traces of a drawing, the calibration pulses, and the names of the leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
import numpy as np

from ecg_core.leads import STANDARD_LEADS, canonical_lead
from ecg_digitize.digitizers.vector.scale import Scale
from ecg_digitize.pages.drawing import Drawing, Stroke, Text

JOINED_PX = 0.3
BACKWARDS_MM = 0.05
LEAST_POINTS = 40
LEAST_WIDTH_MM = 20.0
PULSE_WIDTH_MM = (1.5, 14.0)
PULSE_HEIGHT_MM = (3.0, 24.0)
LEVEL_MM = 0.2
NAMES = {*STANDARD_LEADS, "-aVR"}


@attrs.frozen(eq=False)
class Curve:
    """A trace.

    Attributes:
        points_px: float64, shape (points, 2), from left to right.
        level_px: height at which it is half of the time below.
    """

    points_px: np.ndarray = attrs.field(repr=lambda points: f"<{len(points)} points>")
    level_px: float

    @property
    def start_px(self) -> float:
        return float(self.points_px[0, 0])

    @property
    def width_px(self) -> float:
        return float(self.points_px[-1, 0] - self.points_px[0, 0])


@attrs.frozen
class Pulse:
    """A calibration pulse: where its base lies, and how tall and wide it is in pixels."""

    left_px: float
    base_px: float
    height_px: float
    width_px: float


@attrs.frozen
class Name:
    """A printed name of a lead."""

    lead: str
    left_px: float
    middle_px: float


def find_curves(drawing: Drawing, scale: Scale) -> list[Curve]:
    """Long lines that never run backwards."""
    return [
        Curve(points, float(np.median(points[:, 1])))
        for points in _joined(drawing.strokes)
        if len(points) >= LEAST_POINTS
        and np.ptp(points[:, 0]) >= LEAST_WIDTH_MM * scale.across_px_per_mm
        and np.diff(points[:, 0]).min() >= -BACKWARDS_MM * scale.across_px_per_mm
    ]


def find_pulses(drawing: Drawing, scale: Scale) -> list[Pulse]:
    """Rectangular steps up and down again."""
    found = (_as_pulse(points, scale) for points in _joined(drawing.strokes) if len(points) >= 4)
    return [pulse for pulse in found if pulse is not None]


def find_names(texts: Iterable[Text]) -> list[Name]:
    """Texts that are the name of a lead."""
    named = ((canonical_lead(each.text), each) for each in texts)
    return [Name(lead, each.left_px, each.middle_px) for lead, each in named if lead in NAMES]


def _joined(strokes: Sequence[Stroke]) -> Iterator[np.ndarray]:
    """Points of strokes of one style that go on where the one before ends, as some programs draw a trace."""
    parts: list[np.ndarray] = []
    style: tuple[float, ...] = ()
    for stroke in strokes:
        goes_on = parts and style == stroke.style and np.abs(stroke.points_px[0] - parts[-1][-1]).max() <= JOINED_PX
        if parts and not goes_on:
            yield np.concatenate(parts)
            parts = []
        parts.append(stroke.points_px[1:] if goes_on else stroke.points_px)
        style = stroke.style
    if parts:
        yield np.concatenate(parts)


def _as_pulse(points: np.ndarray, scale: Scale) -> Pulse | None:
    """A line that lies at a base, then at a top, then at the base again."""
    x, y = points[:, 0], points[:, 1]
    base, height = float(max(y[0], y[-1])), float(max(y[0], y[-1]) - y.min())
    tolerance = LEVEL_MM * scale.down_px_per_mm
    on_top = y - y.min() <= tolerance
    on_base = base - y <= tolerance
    backwards = np.diff(x).min() < -BACKWARDS_MM * scale.across_px_per_mm
    if backwards or not (on_top | on_base).all() or not (on_base[0] and on_base[-1]):
        return None
    width = float((x[on_top][-1] - x[on_top][0]) if on_top.any() else 0.0)
    low, high = (limit * scale.down_px_per_mm for limit in PULSE_HEIGHT_MM)
    narrow, wide = (limit * scale.across_px_per_mm for limit in PULSE_WIDTH_MM)
    if not (low <= height <= high and narrow <= width <= wide):
        return None
    return Pulse(float(x[0]), base, height, width)
