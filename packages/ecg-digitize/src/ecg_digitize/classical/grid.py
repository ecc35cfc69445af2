"""Pitch and rotation of the paper's grid, from the peaks that its lines make in the page's spectrum.

Lines a distance p apart put peaks at the multiples of 1/p on the axis across them. Lines every millimetre and stronger
ones every five make peaks at 1/5, 2/5 … of a millimetre's frequency, with the fifth standing out: that tells a
1 mm line from a 5 mm one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs
import numpy as np
from scipy import fft
from scipy.ndimage import median_filter

from ecg_core.errors import DataError
from ecg_core.paper import PaperSpec

MAX_ROTATION_DEG = 12.0
MAX_PITCH_RATIO = 1.25
"""Largest ratio of the pitches across and down; beyond it the page is not a flat picture of ECG paper."""
MAX_SKEW_DEG = 1.5
MIN_LINES = 8
"""Fewest lines that a page must show for its spectrum to be read."""
MIN_PITCH_PX = 2.1
SIGNAL_SHARE_OF_WIDTH = (0.35, 1.05)
"""What part of the picture's width a row of signal may take: it bounds the scale, and settles what lone lines are."""
MAX_HARMONICS = 10
NEIGHBOURHOOD_BINS = 31
NUM_PEAKS = 24
LEAKAGE = 1e-3
"""Share of the highest peak below which is what the window lets through of it, and no peak of its own."""

MIN_PROMINENCE = 0.1
MIN_TOOTH = 2.0
"""Height of a peak over its neighbourhood for it to count as one."""
MIN_SCORE = {True: 0.8, False: 1.2}
"""Least score of a grid with small and large boxes, and of one with lone lines, which other pictures resemble more."""
LONE_LINES_WORTH = 0.7
DARKNESS_CAP = 0.4
"""Darkness is cut here, so that letters and traces weigh no more in the spectrum than grid lines."""
SMALL_LINE_PROMINENCE = 1.5
NO_GRID = (
    "no regular grid of ECG paper is seen: the picture shows none, or the page is tilted, bent or turned by more than "
    f"{MAX_ROTATION_DEG:.0f} degrees; scan it, or photograph it flat and from straight above"
)


@attrs.frozen(kw_only=True)
class Lattice:
    """The grid as a map from pixels to millimetres, up to where its origin lies.

    Attributes:
        mm_per_px: float64, shape (2, 2); times (x_px, y_px) gives (across_mm, down_mm).
        score: how well the page's spectrum fits a grid; below about 0.5 is chance.
        has_large_boxes: small and large boxes were told apart, so the scale is certain.
    """

    mm_per_px: np.ndarray
    score: float
    has_large_boxes: bool

    @property
    def px_per_mm_x(self) -> float:
        return float(1.0 / np.hypot(*self.mm_per_px[0]))

    @property
    def px_per_mm_y(self) -> float:
        return float(1.0 / np.hypot(*self.mm_per_px[1]))

    @property
    def rotation_deg(self) -> float:
        """Mean angle of the grid, positive where the page is turned clockwise."""
        return sum(self._line_angles_deg) / 2

    @property
    def skew_deg(self) -> float:
        """By how much the angle between the lines differs from a right one."""
        across, down = self._line_angles_deg
        return abs(across - down)

    @property
    def _line_angles_deg(self) -> tuple[float, float]:
        (xx, xy), (yx, yy) = self.mm_per_px
        return math.degrees(math.atan2(xy, xx)), math.degrees(math.atan2(-yx, yy))


@attrs.frozen(kw_only=True)
class _Axis:
    """The spectrum seen along one axis: at each frequency its highest peak within the angles allowed.

    Attributes:
        magnitude: float32, shape (across bins, along bins); across is centred, along starts at 0.
        height: float, how high it is.
        across_bin: int, where across the peak stands, from the centre.
        prominence: float, height of the peak over the median of its neighbourhood.
        first_bin: lowest frequency at which a grid could be.
        last_bin: highest one.
    """

    magnitude: np.ndarray
    height: np.ndarray
    across_bin: np.ndarray
    prominence: np.ndarray
    first_bin: int
    last_bin: int

    def tooth(self, position: float) -> float:
        """Prominence of the peak within a bin of a frequency; 1 beyond the range, which is no evidence at all."""
        centre = round(position)
        if not self.first_bin <= centre <= self.last_bin:
            return 1.0
        return max(float(self.prominence[max(centre - 1, 0) : centre + 2].max()), MIN_PROMINENCE)

    def strength(self, position: float) -> float:
        """Height of the peak within a bin of a frequency; 0 beyond the range."""
        centre = round(position)
        if not self.first_bin <= centre <= self.last_bin:
            return 0.0
        return float(self.height[centre - 1 : centre + 2].max())

    def argmax_near(self, position: float) -> int:
        centre = round(position)
        return centre - 1 + int(self.prominence[centre - 1 : centre + 2].argmax())


@attrs.frozen(kw_only=True)
class _Comb:
    """A fundamental frequency of an axis: that of the small boxes' lines, in bins."""

    small_bin: float
    score: float
    has_large_boxes: bool


def find_lattice(darkness: np.ndarray, *, paper: PaperSpec, width_needed_mm: float) -> Lattice:
    """Pitch, rotation and skew of the grid of a page.

    Args:
        darkness: float32, shape (height, width), from `relative_darkness`.
        paper: spacing of the small and large boxes.
        width_needed_mm: paper that a row takes; decides whether lone lines are small or large boxes'.

    Raises:
        DataError: no regular grid is seen.
    """
    height, width = darkness.shape
    magnitude = _magnitude(np.minimum(darkness, DARKNESS_CAP))
    size, centre = len(magnitude), len(magnitude) // 2
    axes = (_axis(magnitude[:, centre:], width), _axis(magnitude.T[:, centre:], height))
    boxes = round(paper.large_box_mm / paper.small_box_mm)
    boxes_needed = width_needed_mm / paper.small_box_mm
    least, most = sorted(size / width * boxes_needed / share for share in SIGNAL_SHARE_OF_WIDTH)
    across, down = _best_pair(
        *([comb for comb in _combs(axis, boxes) if least <= comb.small_bin <= most] for axis in axes)
    )
    vectors = (
        _refine(axes[0], across, boxes),
        _refine(axes[1], down, boxes)[::-1],
    )
    lattice = Lattice(
        mm_per_px=np.array(vectors) * paper.small_box_mm / size,
        score=min(across.score, down.score),
        has_large_boxes=across.has_large_boxes or down.has_large_boxes,
    )
    if lattice.skew_deg > MAX_SKEW_DEG:
        raise DataError(
            f"the grid's lines meet at {90 - lattice.skew_deg:.1f} degrees instead of 90: the page was taken from the "
            "side or is bent; photograph it flat and from straight above, or scan it"
        )
    return lattice


def _magnitude(darkness: np.ndarray) -> np.ndarray:
    """Centred magnitude spectrum under a Hann window, square so that one bin is the same on both axes."""
    window = np.outer(np.hanning(darkness.shape[0]), np.hanning(darkness.shape[1])).astype(np.float32)
    size = fft.next_fast_len(max(darkness.shape), real=True)
    half = np.abs(fft.rfft2((darkness - darkness.mean()) * window, (size, size)))
    full = np.empty((size, size), np.float32)
    full[:, : half.shape[1]] = half
    mirrored = half[:, 1 : size - half.shape[1] + 1]
    full[:, half.shape[1] :] = np.roll(mirrored[::-1, ::-1], 1, axis=0)
    return fft.fftshift(full)


def _axis(magnitude: np.ndarray, extent_px: int) -> _Axis:
    size, num_bins = magnitude.shape
    height = np.zeros(num_bins)
    across_bin = np.zeros(num_bins, int)
    centre = size // 2
    for radius in range(1, num_bins):
        reach = min(math.ceil(radius * math.tan(math.radians(MAX_ROTATION_DEG))), centre - 1)
        window = magnitude[centre - reach : centre + reach + 1, radius]
        best = int(window.argmax())
        height[radius], across_bin[radius] = window[best], best - reach
    floor = np.maximum(median_filter(height, NEIGHBOURHOOD_BINS), max(LEAKAGE * height.max(), 1e-9))
    return _Axis(
        magnitude=magnitude,
        height=height,
        across_bin=across_bin,
        prominence=height / floor,
        first_bin=math.ceil(MIN_LINES * size / extent_px),
        last_bin=min(num_bins - 3, int(size / MIN_PITCH_PX)),
    )


def _combs(axis: _Axis, boxes: int) -> Iterator[_Comb]:
    """Every plausible grid of an axis, from its highest peaks taken as any of the first harmonics."""
    allowed = np.arange(axis.first_bin, axis.last_bin + 1)
    peaks = allowed[np.argsort(axis.prominence[allowed])[::-1][:NUM_PEAKS]]
    for peak in peaks:
        for harmonic in (1, 2, 3, 4, boxes):
            if peak / harmonic >= axis.first_bin:
                yield from _readings(axis, _follow(axis, peak / harmonic), boxes)


def _follow(axis: _Axis, fundamental: float) -> float:
    """A fundamental made exact by its harmonics, one after the other."""
    for harmonic in range(1, _num_harmonics(axis, fundamental) + 1):
        if axis.tooth(harmonic * fundamental) >= MIN_TOOTH:
            nearest = axis.argmax_near(harmonic * fundamental)
            step = np.clip(nearest - harmonic * fundamental, -0.5, 0.5)
            fundamental += step / harmonic / 2
    return fundamental


def _num_harmonics(axis: _Axis, fundamental: float) -> int:
    return min(MAX_HARMONICS, int(axis.last_bin / fundamental))


def _score(axis: _Axis, fundamental: float) -> float:
    """Mean log prominence of a comb's teeth over that of the highest peak in the gaps, at halves and thirds.

    The mean is drawn towards 0 by one tooth of no prominence, so that a single peak is no comb.
    """
    numbers = range(1, _num_harmonics(axis, fundamental) + 1)
    teeth = [math.log(axis.tooth(number * fundamental)) for number in numbers]
    gaps = [
        math.log(max(axis.tooth((number - part) * fundamental) for part in (1 / 3, 1 / 2, 2 / 3))) for number in numbers
    ]
    return (sum(teeth) - sum(gaps)) / (len(teeth) + 1)


def _readings(axis: _Axis, fundamental: float, boxes: int) -> Iterator[_Comb]:
    """Which boxes a comb may belong to: small ones, large ones with small between, or lone lines that can be either."""
    score = _score(axis, fundamental)
    between = [number for number in range(1, 2 * boxes) if number % boxes]
    neighbours = max(axis.strength((boxes - 1) * fundamental), axis.strength((boxes + 1) * fundamental))
    if np.median([axis.tooth(number * fundamental / boxes) for number in between]) >= MIN_TOOTH:
        yield _Comb(small_bin=fundamental, score=score, has_large_boxes=True)
    elif _stands_out(axis, boxes * fundamental, neighbours):
        yield _Comb(small_bin=boxes * fundamental, score=score, has_large_boxes=True)
    else:
        yield _Comb(small_bin=fundamental, score=score, has_large_boxes=False)
        yield _Comb(small_bin=boxes * fundamental, score=score, has_large_boxes=False)


def _stands_out(axis: _Axis, position: float, neighbours: float) -> bool:
    """Whether a harmonic is higher than its neighbours, as the lines of the small boxes make every fifth one."""
    is_peak = axis.tooth(position) >= SMALL_LINE_PROMINENCE * MIN_TOOTH
    return is_peak and axis.strength(position) >= SMALL_LINE_PROMINENCE * neighbours


def _best_pair(across: list[_Comb], down: list[_Comb]) -> tuple[_Comb, _Comb]:
    pairs = [
        (one, other)
        for one in across
        for other in down
        if 1 / MAX_PITCH_RATIO <= one.small_bin / other.small_bin <= MAX_PITCH_RATIO
        and all(comb.score >= MIN_SCORE[comb.has_large_boxes] for comb in (one, other))
    ]
    if not pairs:
        raise DataError(NO_GRID)
    return max(pairs, key=lambda pair: sum(_worth(comb) for comb in pair))


def _worth(comb: _Comb) -> float:
    """Score of a comb among others: lone lines must fit better, since any strong frequency passes for them."""
    return comb.score * (1.0 if comb.has_large_boxes else LONE_LINES_WORTH)


def _refine(axis: _Axis, comb: _Comb, boxes: int) -> np.ndarray:
    """Frequency of the small boxes' lines as (along, across), in bins, from every tooth's interpolated summit."""
    fundamental = comb.small_bin / boxes if comb.has_large_boxes else comb.small_bin
    numbers = np.arange(1, int(axis.last_bin / fundamental) + 1)
    weights = np.array([axis.tooth(number * fundamental) for number in numbers])
    numbers, weights = numbers[weights >= MIN_TOOTH], weights[weights >= MIN_TOOTH]
    if not len(numbers):
        raise DataError(NO_GRID)
    summits = np.array([_summit(axis, axis.argmax_near(number * fundamental)) for number in numbers])
    expected = np.outer(numbers, (fundamental, np.median(summits[:, 1] / numbers)))
    fits = (np.abs(summits - expected) < 1.0).all(axis=1)
    if not fits.any():
        raise DataError(NO_GRID)
    weighted = (weights * numbers)[fits] @ summits[fits]
    return weighted / (weights * numbers**2)[fits].sum() * (comb.small_bin / fundamental)


def _summit(axis: _Axis, along: int) -> np.ndarray:
    """A peak's place (along, across) between bins, by parabolas through the logarithm of its neighbours."""
    row = len(axis.magnitude) // 2 + axis.across_bin[along]
    patch = np.log(axis.magnitude[row - 1 : row + 2, along - 1 : along + 2] + 1e-12)
    return np.array(
        (along + _parabola_offset(patch[1]), axis.across_bin[along] + _parabola_offset(patch[:, 1])),
    )


def _parabola_offset(values: np.ndarray) -> float:
    before, at, after = values
    curvature = before - 2 * at + after
    return float(np.clip((before - after) / (2 * curvature), -1, 1)) if curvature < 0 else 0.0
