"""The piece of flat paper that holds one row of a page, as the waveform network sees it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import cv2
import numpy as np

from ecg_core.paper import LARGE_BOX_MM
from ecg_digitize.digitizers.neural.grid.mesh import Mesh


@attrs.frozen(kw_only=True)
class StripGeometry:
    """Scale and extent of a strip.

    It is finer across than down: a QRS complex rises 20 mm within 1 mm, so time needs more pixels than voltage. Up and
    down it reaches to where the neighbouring rows of the usual pages lie, 33 to 36 mm away.

    Attributes:
        across_px_per_mm: pixels a millimetre of time.
        down_px_per_mm: pixels a millimetre of voltage.
        above_mm: paper above the row's 0 mV.
        below_mm: paper below it.
    """

    across_px_per_mm: float = 16.0
    down_px_per_mm: float = 6.0
    above_mm: float = 34.0
    below_mm: float = 30.0

    @property
    def height_px(self) -> int:
        """Rows of a strip."""
        return round((self.above_mm + self.below_mm) * self.down_px_per_mm)

    @property
    def zero_px(self) -> float:
        """Row of 0 mV, where the strip was cut at the right height."""
        return self.above_mm * self.down_px_per_mm

    def cut(self, mesh: Mesh, image: np.ndarray, *, start_box: float, zero_box: float, width_px: int) -> np.ndarray:
        """A strip of a picture.

        Args:
            mesh: mesh of its grid.
            image: uint8 RGB, shape (height, width, 3).
            start_box: lattice column of the strip's first column.
            zero_box: lattice row of the row's 0 mV.
            width_px: columns.

        Returns:
            uint8 RGB, shape (rows, columns, 3); what lies beyond the picture has the colour of the paper.
        """
        return self._lay(mesh, image, (start_box, zero_box), (width_px, self.height_px))

    def cut_rows(
        self, mesh: Mesh, image: np.ndarray, *, start_box: float, zeros_box: Sequence[float], width_px: int
    ) -> list[tuple[float, np.ndarray]]:
        """A strip of each row of a page; they overlap, so the paper of all is laid flat once.

        Args:
            mesh: mesh of its grid.
            image: uint8 RGB, shape (height, width, 3).
            start_box: lattice column of the strips' first column.
            zeros_box: lattice rows of the rows' 0 mV.
            width_px: columns.

        Returns:
            Of each row in order the lattice row of 0 mV, moved by half a pixel of the strip at most, and the strip as
            of `cut`, a view.
        """
        first_box, per_box = min(zeros_box), self.down_px_per_mm * LARGE_BOX_MM
        downs_px = [round((zero_box - first_box) * per_box) for zero_box in zeros_box]
        paper = self._lay(mesh, image, (start_box, first_box), (width_px, max(downs_px) + self.height_px))
        return [(first_box + down / per_box, paper[down : down + self.height_px]) for down in downs_px]

    def _lay(self, mesh: Mesh, image: np.ndarray, start: tuple[float, float], size: tuple[int, int]) -> np.ndarray:
        """Flat paper from lattice column and 0 mV of its uppermost strip on.

        It is the finest that is made of a page. By Lanczos that would take five times as long, and 20 photos of known
        recordings are read as well without (16.0 dB).
        """
        return mesh.flatten(
            image,
            px_per_box=(self.across_px_per_mm * LARGE_BOX_MM, self.down_px_per_mm * LARGE_BOX_MM),
            corner=(start[0], start[1] - self.above_mm / LARGE_BOX_MM),
            size=size,
            resampling=cv2.INTER_CUBIC,
        )

    def columns_box(self, start_box: float, width_px: int) -> np.ndarray:
        """Lattice column of every column of a strip."""
        return start_box + np.arange(width_px) / (self.across_px_per_mm * LARGE_BOX_MM)

    def rows_of(self, lattice_rows: np.ndarray, zero_box: float) -> np.ndarray:
        """Rows of a strip, in pixels and parts of them, of lattice rows."""
        return self.zero_px + (lattice_rows - zero_box) * LARGE_BOX_MM * self.down_px_per_mm

    def boxes_of(self, rows_px: np.ndarray | float, zero_box: float) -> np.ndarray:
        """The reverse of `rows_of`."""
        return np.asarray(zero_box + (rows_px - self.zero_px) / self.down_px_per_mm / LARGE_BOX_MM)
