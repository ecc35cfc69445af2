"""Everything printed on a page as vectors in pixels, worked out before anything is drawn.

The picture is drawn from these vectors, and so is whatever must agree with it: a mask, a keypoint, a target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Self

import attrs
import numpy as np

from ecg_render.style import Pattern, PulseForm, Rgb

NO_ROW = -1
"""Row of what stands on the page but in none of its rows."""

PointMap = Callable[[np.ndarray], np.ndarray]
"""Takes points in pixels, float, shape (points, 2) with x first, to where they lie after a change of the picture."""


@attrs.frozen(kw_only=True, eq=False)
class TracePiece:
    """One lead as printed in one row.

    Attributes:
        lead: name of the lead.
        row: number of its row, from the top.
        is_rhythm: whether it belongs to a rhythm strip.
        start_s: time in the record of the first sample.
        sampling_rate_hz: samples a second.
        px_per_mv: scale of its voltage on the flat sheet; that of the chest leads may differ from the others'.
        x_px: float64, shape (samples,): column of each sample.
        y_px: float64, shape (samples,): height of each sample; NaN where nothing is printed.
    """

    lead: str
    row: int
    is_rhythm: bool
    start_s: float
    sampling_rate_hz: float
    px_per_mv: float
    x_px: np.ndarray
    y_px: np.ndarray

    def moved(self, point_map: PointMap) -> Self:
        x_px, y_px = point_map(np.stack((self.x_px, self.y_px), axis=1)).T
        return attrs.evolve(self, x_px=x_px, y_px=y_px)


@attrs.frozen(kw_only=True, eq=False)
class Boxed:
    """Something with four corners.

    Attributes:
        corners_px: float64, shape (4, 2): x and y of top left, top right, bottom right, bottom left as printed.
    """

    corners_px: np.ndarray

    @property
    def centre_px(self) -> tuple[float, float]:
        x, y = self.corners_px.mean(axis=0)
        return float(x), float(y)

    @property
    def box_px(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the smallest upright box around the corners."""
        (left, top), (right, bottom) = self.corners_px.min(axis=0), self.corners_px.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    def overlaps(self, other: Boxed) -> bool:
        """Whether the upright boxes around both have a part in common."""
        (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = self.box_px, other.box_px
        return left < right_2 and left_2 < right and top < bottom_2 and top_2 < bottom

    def moved(self, point_map: PointMap) -> Self:
        return attrs.evolve(self, corners_px=point_map(self.corners_px))


@attrs.frozen(kw_only=True, eq=False)
class CalibrationPulse(Boxed):
    """A calibration pulse of 1 mV; its corners are those of the centre line, of a trapezoid's too.

    Attributes:
        row: number of the row on whose baseline it stands, from the top; `NO_ROW` for one between or below rows.
        foot_px: length of the baseline printed on either side of it.
        form: square, trapezoid or a bar with serifs.
        tick_px: height of a tick behind its right foot.
        rgb: ink; None is that of the traces.
    """

    row: int
    foot_px: float
    form: PulseForm = "square"
    tick_px: float = 0.0
    rgb: Rgb | None = None


@attrs.frozen(kw_only=True, eq=False)
class PrintedText(Boxed):
    """Words on the page; the corners enclose the ink.

    Attributes:
        text: the words.
        size_px: height of the font.
        font: its name or file, see `ecg_render.style.PageStyle`.
        rgb: ink; None is that of all words.
    """

    text: str
    size_px: int
    font: str = "sans"
    rgb: Rgb | None = None


@attrs.frozen(kw_only=True, eq=False)
class ScaleText(Boxed):
    """The paper's speed or gain as printed; a part of one of the page's texts, with the corners of that part.

    Attributes:
        text: number and unit as printed, ``25 mm/s`` say.
        kind: what it states.
        value: mm/s or mm/mV.
        leads: which leads it holds for; a gain may be that of the limb or the chest leads alone.
        number_share: how much of its width its number takes, which comes first.
    """

    text: str
    kind: Literal["speed", "gain"]
    value: float
    leads: Literal["all", "limb", "chest"] = "all"
    number_share: float = 1.0

    @property
    def number_corners_px(self) -> np.ndarray:
        """Corners of its number, without the unit."""
        top_left, top_right, bottom_right, bottom_left = self.corners_px
        return np.stack(
            (
                top_left,
                top_left + self.number_share * (top_right - top_left),
                bottom_left + self.number_share * (bottom_right - bottom_left),
                bottom_left,
            )
        )


@attrs.frozen(kw_only=True, eq=False)
class LeadName(PrintedText):
    """The printed name of a lead, without what may be printed before or after it; that is among the texts.

    Attributes:
        lead: its standard name, however it is spelled on the page.
        row: number of its row, from the top.
    """

    lead: str
    row: int


@attrs.frozen(kw_only=True, eq=False)
class Separator(Boxed):
    """A bar between two leads of a row, or a line between two columns.

    Attributes:
        pattern: how it is printed.
        rgb: ink; None is that of the traces.
    """

    pattern: Pattern = "solid"
    rgb: Rgb | None = None


@attrs.frozen(kw_only=True, eq=False)
class Scene:
    """A page as vectors.

    Scale, baselines and signal ends are those of the flat sheet as printed. A degradation that moves the picture moves
    the coordinates of everything below them, and leaves these alone.

    Attributes:
        name: of the record.
        layout: name of the layout.
        dots_per_inch: resolution.
        width_px: of the picture.
        height_px: of the picture.
        px_per_mm: scale of the paper.
        px_per_mv: scale of the voltage; that of the limb leads where the chest leads have another.
        px_per_s: scale of the time.
        baselines_px: height of 0 mV of each row as printed, jitter included.
        signal_start_px: column of 0 s of the record as printed.
        signal_end_px: column where the rows end as printed.
        pieces: every printed piece of every lead, row by row.
        pulses: the calibration pulses.
        lead_names: the printed lead names.
        texts: other printed words.
        scale_texts: where the texts state speed and gain, and what; none that an edge of the sheet cuts.
        separators: bars between the leads of a row.
        grid_points_px: float64, shape (horizontal lines, vertical lines, 2): where the large boxes' lines cross
            on the paper, which may lie askew under the print.
    """

    name: str
    layout: str
    dots_per_inch: float
    width_px: int
    height_px: int
    px_per_mm: float
    px_per_mv: float
    px_per_s: float
    baselines_px: tuple[float, ...]
    signal_start_px: float
    signal_end_px: float
    pieces: tuple[TracePiece, ...]
    pulses: tuple[CalibrationPulse, ...]
    lead_names: tuple[LeadName, ...]
    texts: tuple[PrintedText, ...]
    separators: tuple[Separator, ...]
    grid_points_px: np.ndarray
    scale_texts: tuple[ScaleText, ...] = ()

    def moved(self, point_map: PointMap) -> Self:
        """The same scene with every coordinate moved."""
        return attrs.evolve(
            self,
            pieces=tuple(piece.moved(point_map) for piece in self.pieces),
            pulses=tuple(pulse.moved(point_map) for pulse in self.pulses),
            lead_names=tuple(name.moved(point_map) for name in self.lead_names),
            texts=tuple(text.moved(point_map) for text in self.texts),
            scale_texts=tuple(text.moved(point_map) for text in self.scale_texts),
            separators=tuple(separator.moved(point_map) for separator in self.separators),
            grid_points_px=point_map(self.grid_points_px.reshape(-1, 2)).reshape(self.grid_points_px.shape),
        )
