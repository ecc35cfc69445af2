"""A digitizer of the pages that Acme's recorder prints; it marks them by a violet corner."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.config import option
from ecg_core.errors import DataError
from ecg_core.paper import Layout, Segment
from ecg_digitize.digitizers import (
    LeadTrace,
    PageGeometry,
    PagePicture,
    PageStructure,
    Reading,
    ReadingRequest,
    printed_rows,
    samples_of,
)

MARK_RGB, MARK_PX = (120, 90, 200), 16
LAYOUT = "3x4+1R"
PX_PER_MM = 8.0
AMPLITUDES_MV = {"I": 0.4, "II": 1.0, "III": 0.6, "aVR": -0.7, "aVL": -0.1, "aVF": 0.8}
BEAT_HZ = 1.2


@attrs.frozen(kw_only=True)
class AcmeDigitizerOptions:
    """Options of the digitizer ``acme``."""

    tolerance: int = option(10, help="by how much the colour of the mark may be off", minimum=0, maximum=255)


class AcmeDigitizer:
    """Knows a page by its mark, and reads the same heart off each: an example of the seam, not of reading."""

    def __init__(self, options: AcmeDigitizerOptions) -> None:
        self._tolerance = options.tolerance

    def can_read(self, page: PagePicture) -> float:
        """Looks at the corner alone."""
        corner = page.image[:MARK_PX, :MARK_PX].astype(int)
        return 1.0 if np.abs(corner - MARK_RGB).max() <= self._tolerance else 0.0

    def read(self, page: PagePicture, request: ReadingRequest) -> Reading:
        """The leads of the page.

        Raises:
            DataError: it is no page of Acme's, or is to have another layout.
        """
        if not self.can_read(page):
            raise DataError(f"the corner is not violet, as on a page of Acme's; found {page.image[0, 0].tolist()}")
        if LAYOUT not in request.layouts:
            raise DataError(f"a page of Acme's has the layout {LAYOUT}, asked for {', '.join(request.layouts)}")
        scale = request.settings.scale(pulse_mm=(5.0, 10.0))
        layout = request.settings.printed(request.layouts[LAYOUT], scale.paper)
        return Reading(
            traces=[_trace(segment, layout, request.sampling_rate_hz) for segment in layout.segments],
            structure=PageStructure(
                layout=LAYOUT, rows=printed_rows(layout), scale=scale, duration_s=layout.duration_s
            ),
            geometry=PageGeometry(
                px_per_mm_x=PX_PER_MM,
                px_per_mm_y=PX_PER_MM,
                rotation_deg=0.0,
                baselines_px=tuple((layout.signal_start_mm * PX_PER_MM, y * PX_PER_MM) for y in layout.baselines_mm),
            ),
            details={"mark": page.image[0, 0].tolist()},
        )


def _trace(segment: Segment, layout: Layout, sampling_rate_hz: float) -> LeadTrace:
    """A lead, at the instants that its samples have in the record, and its curve on the picture."""
    first_sample, after_start = samples_of(segment, sampling_rate_hz)
    at_s = segment.start_s + after_start / sampling_rate_hz
    signal_mv = AMPLITUDES_MV.get(segment.lead, 1.0) * np.sin(2 * np.pi * BEAT_HZ * at_s)
    x_mm = layout.signal_start_mm + 25.0 * at_s
    y_mm = layout.baselines_mm[segment.row] - 10.0 * signal_mv
    return LeadTrace(
        lead=segment.lead,
        row=segment.row,
        is_rhythm=segment.is_rhythm,
        first_sample=first_sample,
        signal_mv=signal_mv,
        clarity=0.9,
        points_px=np.stack((x_mm, y_mm), axis=1) * PX_PER_MM,
    )
