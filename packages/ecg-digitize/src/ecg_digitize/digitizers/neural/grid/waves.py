"""Lines of every millimetre as waves: where they lie about a place, told by all of them together.

A print or a photo may leave of each line no more than dashes, so that hardly a crossing of two lines is seen. But ten
or more lines go past each place, a millimetre apart: as a wave of that period they stand out from noise, and its phase
says where they lie to some hundredths of a millimetre.
"""

from __future__ import annotations

from itertools import combinations

import attrs
import cv2
import numpy as np
from scipy.fft import fft2

from ecg_core.curves import parabola_top
from ecg_core.paper import LARGE_BOX_MM

LOCAL_PX = 10.0
"""What is wider is light and shadow, no line."""

CLIPPED, MEDIAN_TO_DEVIATION = 2.5, 1.48
"""What differs from the paper about it by more standard deviations counts no more than that: traces, words, edges."""

SAMPLES_PER_MM = 5
WAVE_BOXES = 1 / LARGE_BOX_MM

WINDOW_PX, STRIDE_PX = 256, 192
"""Side of the parts of a picture whose waves are sought without knowing how they run, and their distance."""

WIDEST_MM, NARROWEST_MM, LEAST_PX = 500.0, 120.0, 2.5
"""The longer side of a picture shows so much paper at most and at least, and a millimetre by so many pixels."""

PEAKS, ALIKE, SQUARE_DEG = 6, 0.7, 10.0
"""So many of the strongest waves are looked at; those across and down have periods that differ by no more than this
part, and nearly a right angle: of two that do, the ones count more that differ from it less, in standard deviations of
so many degrees. Dots of a printer make strong waves aslant to those of the lines."""

HARMONICS = {3 / 2: 0.35, 4 / 3: 0.35, 1 / 2: 0.7}
"""A wave may be the second, third or fourth one of thin lines farther apart, large boxes alone, say: then there is
another one of so many times its frequency, and of so much of its strength or more."""

ASLANT = 0.5
"""Dots in rows and columns make waves along their diagonals, too: then those of rows and columns have so much of
the strength of these, or more."""

BESIDE, AROUND = np.arange(-1, 2), np.arange(-2, 3)
"""Places of a spectrum about one, those that share a peak with it the farther ones."""

LEAST_STRENGTH = 4.0
"""Waves are seen that are so many times as strong as noise."""


@attrs.frozen(eq=False)
class Start:
    """Where waves across and down are seen clearly.

    Attributes:
        strength: of the weaker one, by that of noise.
        centre_px: in the middle of where they are seen, x and y.
        sides_px: a step of a large box across, and one down, as the columns of a matrix, shape (2, 2).
    """

    strength: float
    centre_px: np.ndarray
    sides_px: np.ndarray


class PaperLines:
    """The lines of a picture, without its light and with no trace much darker than they are.

    Args:
        image: uint8 RGB, shape (height, width, 3).
    """

    def __init__(self, image: np.ndarray) -> None:
        dark = image.min(axis=2).astype(np.float32)
        lines = dark - cv2.GaussianBlur(dark, (0, 0), LOCAL_PX)
        most = CLIPPED * MEDIAN_TO_DEVIATION * float(np.median(np.abs(lines)))
        self.values = lines.clip(-most, most)

    def starts(self) -> list[Start]:
        """Where waves across and down are seen at all, the clearest first."""
        height, width = self.values.shape
        tops, lefts = (range(0, length - WINDOW_PX + 1, STRIDE_PX) for length in (height, width))
        spectrum = _Spectrum(max(height, width))
        found = [
            spectrum.start(self.values[top : top + WINDOW_PX, left : left + WINDOW_PX], left, top)
            for top in tops
            for left in lefts
        ]
        return sorted((each for each in found if each is not None), key=lambda each: -each.strength)


class Lens:
    """Looks for the waves about a place.

    Args:
        lines: the lines of a picture.
        half_boxes: so far it sees on every side, in large boxes; what is near counts most.
    """

    def __init__(self, lines: PaperLines, half_boxes: float) -> None:
        self._values = lines.values
        per_box = SAMPLES_PER_MM * LARGE_BOX_MM
        reach = round(half_boxes * per_box)
        along = np.arange(-reach, reach + 1) / per_box
        bell = np.cos(np.pi / 2 * along / (half_boxes + 1 / per_box)) ** 2
        weights = np.outer(bell, bell)
        self._weights = (weights / np.sqrt((weights**2).sum())).astype(np.float32)
        self._lattice = np.stack(np.meshgrid(along, along), axis=-1).astype(np.float32)
        waves = np.exp(-2j * np.pi / WAVE_BOXES * self._lattice)
        self._waves = (self._weights[..., None] * waves).astype(np.complex64)

    def waves(self, place_px: np.ndarray, sides_px: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far from a place lines lie, across and down in boxes, and how many times as strong as noise they are.

        Args:
            place_px: x and y.
            sides_px: steps of a large box there, as in `Start`.
        """
        x, y = np.moveaxis(self._lattice @ sides_px.T.astype(np.float32) + place_px.astype(np.float32), -1, 0)
        seen = cv2.remap(self._values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        noise = float(np.sqrt(((self._weights * seen) ** 2).sum())) + 1e-6
        wave = np.tensordot(seen, self._waves, axes=2)
        return -np.angle(-wave) / (2 * np.pi) * WAVE_BOXES, np.abs(wave) / noise  # lines are dark


class _Spectrum:
    """Waves in a window of a picture.

    Args:
        longest_px: longer side of the picture.
    """

    def __init__(self, longest_px: int) -> None:
        self._x, self._y = np.meshgrid(*2 * [np.fft.fftfreq(WINDOW_PX)])
        self._frequency = np.hypot(self._x, self._y)
        most = min(WIDEST_MM / longest_px, 1 / LEAST_PX)
        self._allowed = (self._frequency > NARROWEST_MM / longest_px) & (self._frequency < most)
        self._bell = np.outer(np.hanning(WINDOW_PX), np.hanning(WINDOW_PX)).astype(np.float32)

    def start(self, window: np.ndarray, left: int, top: int) -> Start | None:
        """The waves of a window that begins at a place of the picture; None where they are not those of a grid."""
        power = np.abs(fft2(window * self._bell, workers=1))
        power /= float(np.median(power[self._allowed])) + 1e-6
        pairs = [
            (min(_power_at(power, wave) for wave in pair) * _squareness(*pair), pair)
            for pair in combinations(self._peaks(power), 2)
            if not any(_is_harmonic(power, wave) for wave in pair) and not _are_aslant(power, *pair)
        ]
        strength, (one, other) = max(pairs, key=lambda each: each[0], default=(0.0, (np.zeros(2), np.zeros(2))))
        if strength < LEAST_STRENGTH:
            return None
        across, down = (one, other) if abs(one[0]) >= abs(one[1]) else (other, one)
        waves = np.stack((across * np.sign(across[0]), down * np.sign(down[1])))
        return Start(strength, np.array([left, top]) + WINDOW_PX / 2, LARGE_BOX_MM * np.linalg.inv(waves))

    def _peaks(self, power: np.ndarray) -> list[np.ndarray]:
        """The strongest waves of those allowed, in cycles a pixel across and down, finer than the spectrum."""
        rest = np.where(self._allowed, power, 0)
        waves = []
        for _ in range(PEAKS):
            row, column = np.unravel_index(int(rest.argmax()), rest.shape)
            if rest[row, column] < LEAST_STRENGTH:
                break
            about = power[np.ix_((row + BESIDE) % WINDOW_PX, (column + BESIDE) % WINDOW_PX)]
            finer = np.array([parabola_top(*about[1]), parabola_top(*about[:, 1])])
            waves.append(np.array([self._x[row, column], self._y[row, column]]) + finer / WINDOW_PX)
            for sign in (1, -1):  # a wave and the same one backwards
                rest[np.ix_((sign * row + AROUND) % WINDOW_PX, (sign * column + AROUND) % WINDOW_PX)] = 0
        return waves


def _squareness(one: np.ndarray, other: np.ndarray) -> float:
    """How nearly two waves are those of square boxes, from 0 to 1."""
    lengths = np.hypot(*one), np.hypot(*other)
    if min(lengths) < ALIKE * max(lengths):
        return 0.0
    off_deg = np.degrees(np.arcsin(np.clip(abs(one @ other) / (lengths[0] * lengths[1]), 0, 1)))
    return float(np.exp(-((off_deg / SQUARE_DEG) ** 2) / 2))


def _is_harmonic(power: np.ndarray, wave: np.ndarray) -> bool:
    """Whether a wave is one of lines farther apart."""
    strength = _power_at(power, wave)
    return any(_power_at(power, times * wave) > part * strength for times, part in HARMONICS.items())


def _are_aslant(power: np.ndarray, one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two waves are those of the diagonals of dots: then there are the ones across and down as well."""
    strength = min(_power_at(power, one), _power_at(power, other))
    return all(_power_at(power, wave / 2) > ASLANT * strength for wave in (one + other, one - other))


def _power_at(power: np.ndarray, wave: np.ndarray) -> float:
    """The strength of a wave in a spectrum, at the nearest of its places or beside it."""
    column, row = np.rint(wave * WINDOW_PX).astype(int)
    return float(power[np.ix_((row + BESIDE) % WINDOW_PX, (column + BESIDE) % WINDOW_PX)].max())
