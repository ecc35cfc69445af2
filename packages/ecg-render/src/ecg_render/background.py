"""Paper from a picture: its grid is found, and records are printed on it as if it were drawn.

The picture is taken to be flat and upright, so the lines of either direction show in the profile of the darkness across
them. A profile repeats at the distance of the large boxes; the place of every line, found to a fraction of a pixel,
gives pitch and origin by least squares.
"""

from __future__ import annotations

from pathlib import Path

import attrs
import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from ecg_core.curves import parabola_top
from ecg_core.errors import DataError
from ecg_core.paper import LARGE_BOX_MM, MM_PER_INCH, SMALL_BOX_MM, Layout, PaperSpec
from ecg_core.pictures import read_picture
from ecg_render.geometry import EDGE_PX, PageScale

BOXES = round(LARGE_BOX_MM / SMALL_BOX_MM)
MIN_LINE_DISTANCE_PX = 3.0
MIN_LINES = 6
FIRST_LINES = 8
MIN_REPETITION = 0.2
"""Least autocorrelation of a profile at the distance of its lines; a lower one is taken for chance."""

MIN_PEAK_SHARE = 0.8
"""Share of the strongest repetition that a shorter one must reach to be the distance of the lines."""

LINE_SIGMA_PX = 1.0
"""Lines are widened so far that they still meet where their distance is no whole number of pixels."""

SMALL_BOX_REPETITION = 0.03
SHEET_WIDTHS_MM = (100.0, 450.0)
"""Widths that a sheet may have: it settles what lines are whose large and small boxes cannot be told apart."""

MAX_PITCH_RATIO = 1.25
SEARCH_REACH = 0.12
"""Distance from its expected place within which a line is looked for, in pitches."""

EVEN_LIGHT_LINES = 2.5
"""Light is evened out over so many lines of the coarsest grid that can be found."""

ADVICE = (
    "Give a flat, upright picture (a scan, not a photo from the side) on which the lines are visible, or state the "
    "distance of the large boxes by grid_pitch_px"
)


@attrs.frozen(kw_only=True, eq=False)
class Background:
    """A picture of paper, its grid square and known.

    Attributes:
        image: uint8 RGB, shape (height, width, 3).
        pitch_px: distance of the large boxes' lines, the same across and down.
        first_px: column and row of the first line of the large boxes.
        name: of the picture, for messages.
    """

    image: np.ndarray
    pitch_px: float
    first_px: tuple[float, float]
    name: str

    def scale(self, layout: Layout, paper: PaperSpec) -> PageScale:
        """The scale of a page on this paper, the layout's rows put on grid lines around its middle.

        Raises:
            DataError: the rows do not fit.
        """
        px_per_mm = self.pitch_px / paper.large_box_mm
        height, width = self.image.shape[:2]
        left_mm, top_mm = ((first - EDGE_PX) / px_per_mm for first in self.first_px)
        width_mm, height_mm = width / px_per_mm, height / px_per_mm
        row_mm = _onto_line((height_mm - layout.page_height_mm) / 2, top_mm - layout.grid_top_mm, paper.large_box_mm)
        baselines_mm = tuple(baseline_mm + row_mm for baseline_mm in layout.baselines_mm)
        if baselines_mm[0] < 0 or baselines_mm[-1] > height_mm:
            raise DataError(
                f"{self.name}: the rows of layout {layout.name} take {layout.baselines_mm[-1]:.0f} mm, this paper is "
                f"{height_mm:.0f} mm high (large boxes of {self.pitch_px:.1f} px); choose a layout of fewer rows or "
                "larger paper"
            )
        column_mm = _onto_line(0.0, left_mm - layout.grid_left_mm, paper.large_box_mm)
        fitted = attrs.evolve(
            layout,
            baselines_mm=baselines_mm,
            signal_start_mm=layout.signal_start_mm + column_mm,
            signal_end_mm=None if layout.signal_end_mm is None else layout.signal_end_mm + column_mm,
            page_width_mm=width_mm,
            page_height_mm=height_mm,
            grid_left_mm=left_mm,
            grid_top_mm=top_mm,
        )
        return PageScale(layout=fitted, paper=paper, dots_per_inch=px_per_mm * MM_PER_INCH)


def _onto_line(wanted_mm: float, offset_mm: float, box_mm: float) -> float:
    """The shift next to the one wanted that brings a layout's grid onto that of the paper."""
    return offset_mm + round((wanted_mm - offset_mm) / box_mm) * box_mm


def read_background(path: str | Path, *, pitch_px: float | None = None) -> Background:
    """Paper from a picture file.

    Args:
        path: PNG, JPEG, TIFF or BMP.
        pitch_px: distance of the large boxes where it is known; only the origin is looked for then.

    Raises:
        DataError: no picture, or no grid on it.
    """
    return find_background(read_picture(Path(path)), pitch_px=pitch_px, name=str(path))


def find_background(image: np.ndarray, *, pitch_px: float | None = None, name: str = "background") -> Background:
    """Paper from a picture, uint8 RGB, shape (height, width, 3); arguments and errors as of `read_background`.

    A picture whose boxes are not square is stretched downwards until they are.
    """
    darkness = _even_darkness(image)
    profiles = darkness.mean(axis=0), darkness.mean(axis=1)
    try:
        pitches = _pitches(profiles, image.shape[1]) if pitch_px is None else (pitch_px, pitch_px)
        (across, first_x), (down, first_y) = (
            _fit_lines(profile, pitch) for profile, pitch in zip(profiles, pitches, strict=True)
        )
    except DataError as error:
        raise DataError(f"{name}: {error}. {ADVICE}") from None
    stretch = across / down
    if abs(stretch - 1) * image.shape[0] > 1:
        image = cv2.resize(image, None, fx=1, fy=stretch, interpolation=cv2.INTER_CUBIC)
        first_y = (first_y + 0.5) * stretch - 0.5
    return Background(image=image, pitch_px=across, first_px=(first_x, first_y), name=name)


def _even_darkness(image: np.ndarray) -> np.ndarray:
    """Darkness of each pixel against its surroundings, float32, shape (height, width)."""
    darkness = 255 - image.min(axis=2).astype(np.float32)  # coloured lines are dark in one channel at least
    reach = round(EVEN_LIGHT_LINES * min(image.shape[:2]) / MIN_LINES) | 1
    return darkness - cv2.blur(darkness, (reach, reach))


def _pitches(profiles: tuple[np.ndarray, np.ndarray], width_px: int) -> tuple[float, float]:
    """Distance of the large boxes across and down."""
    (across, has_small_x), (down, has_small_y) = (_line_distance(profile) for profile in profiles)
    if not (has_small_x or has_small_y) and width_px / across * LARGE_BOX_MM > SHEET_WIDTHS_MM[1]:
        across, down = (
            BOXES * _fit_lines(profile, lone)[0] for profile, lone in zip(profiles, (across, down), strict=True)
        )
    if not 1 / MAX_PITCH_RATIO < across / down < MAX_PITCH_RATIO:
        raise DataError(f"lines are {across:.1f} px apart across and {down:.1f} px down, which is no grid")
    if not SHEET_WIDTHS_MM[0] <= width_px / across * LARGE_BOX_MM <= SHEET_WIDTHS_MM[1]:
        raise DataError(f"with large boxes of {across:.1f} px the paper would be no sheet of any usual size")
    return across, down


def _line_distance(profile: np.ndarray) -> tuple[float, bool]:
    """Distance at which the lines of a profile repeat, and whether weaker ones lie at a fifth of it."""
    repetition = _autocorrelation(gaussian_filter1d(profile, LINE_SIGMA_PX))
    lags = np.arange(1, len(profile) // MIN_LINES)
    inner = repetition[lags]
    peaks = lags[(inner > repetition[lags - 1]) & (inner >= repetition[lags + 1]) & (lags >= MIN_LINE_DISTANCE_PX)]
    if not len(peaks) or repetition[peaks].max() < MIN_REPETITION:
        raise DataError("no regular lines are seen")
    first = int(peaks[np.argmax(repetition[peaks] >= MIN_PEAK_SHARE * repetition[peaks].max())])
    distance = first + float(parabola_top(*repetition[first - 1 : first + 2]))
    fifth = distance / BOXES
    around = repetition[int(fifth) : int(fifth) + 2].max() if fifth >= MIN_LINE_DISTANCE_PX else -1.0
    between = repetition[round(1.5 * fifth)] if fifth >= MIN_LINE_DISTANCE_PX else 0.0
    return distance, bool(around - between > SMALL_BOX_REPETITION)


def _autocorrelation(profile: np.ndarray) -> np.ndarray:
    """Autocorrelation of a profile at every lag, 1 at lag 0; each lag is averaged over the samples that it has."""
    centred = profile - profile.mean()
    spectrum = np.abs(np.fft.rfft(centred, 2 * len(profile))) ** 2
    sums = np.fft.irfft(spectrum)[: len(profile)]
    return sums / np.arange(len(profile), 0, -1) * len(profile) / max(sums[0], 1e-9)


def _fit_lines(profile: np.ndarray, pitch_px: float) -> tuple[float, float]:
    """Pitch and place of the first line, from the places of all lines.

    A few lines at first and twice as many each time, so that a small error of the pitch never adds up to a line.
    """
    first, count = _best_phase(profile, pitch_px), FIRST_LINES
    while True:
        numbers = np.arange(min(count, int((len(profile) - 1 - first) // pitch_px) + 1))
        reach = max(1.0, SEARCH_REACH * pitch_px)
        places = np.array([_line_near(profile, first + number * pitch_px, reach) for number in numbers])
        seen = np.isfinite(places)
        if seen.sum() < MIN_LINES:
            raise DataError(f"only {seen.sum()} lines are seen at a distance of {pitch_px:.1f} px")
        slope, first = np.polyfit(numbers[seen], places[seen], 1)
        pitch_px = float(slope)
        if len(numbers) < count:
            return pitch_px, float(first % pitch_px)
        count *= 2


def _best_phase(profile: np.ndarray, pitch_px: float) -> float:
    """Place of a first line such that the first few lines together are darkest."""
    phases = np.arange(0, pitch_px, 0.5)
    places = phases[:, None] + np.arange(FIRST_LINES) * pitch_px
    return float(phases[np.interp(places, np.arange(len(profile)), profile).mean(axis=1).argmax()])


def _line_near(profile: np.ndarray, expected: float, reach: float) -> float:
    """Centre of the line within reach of a place, NaN where none stands out."""
    low, high = int(np.ceil(expected - reach)), int(np.floor(expected + reach))
    if low < 1 or high > len(profile) - 2:
        return np.nan
    window = profile[low : high + 1]
    peak = low + int(window.argmax())
    around = profile[peak - 1 : peak + 2]
    return peak + float(parabola_top(*around)) if around[1] > profile.mean() else np.nan
