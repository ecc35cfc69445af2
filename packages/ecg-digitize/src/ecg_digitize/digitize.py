"""One page in, one record out, whatever the method."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import numpy as np

from ecg_core.errors import ConfigError, DataError
from ecg_core.paper import LAYOUT_3X4_1R, Layout, PaperSpec
from ecg_digitize.classical.method import digitize_classical
from ecg_digitize.result import Digitization

MIN_SIDE_PX = 200
"""A row of 250 mm on fewer pixels has less than one a millimetre."""

METHODS: dict[str, Callable[..., Digitization]] = {"classical": digitize_classical}


def digitize_page(
    image_rgb: np.ndarray,
    *,
    method: str = "classical",
    layout: Layout = LAYOUT_3X4_1R,
    paper: PaperSpec = PaperSpec(),  # noqa: B008 - frozen
    sampling_rate_hz: float = 500.0,
    duration_s: float = 10.0,
) -> Digitization:
    """Turn the picture of a page into a record of the twelve standard leads.

    Args:
        image_rgb: uint8, shape (height, width, 3), upright up to a few degrees.
        method: how to read it; ``classical`` needs no learned weights and wants a flat page: scan, PDF, rendering.
        layout: which leads stand where.
        paper: speed and gain.
        sampling_rate_hz: of the record.
        duration_s: time from the left to the right end of a row.

    Returns:
        The record in mV with NaN where nothing was printed or read, its quality, and where everything was found.

    Raises:
        DataError: the picture is no ECG that this method can read; the message says what is missing.
        ConfigError: no such method.
    """
    if method not in METHODS:
        raise ConfigError(f"method {method}: no such method; there are {', '.join(METHODS)}")
    if image_rgb.ndim != 3 or image_rgb.shape[2] != 3 or image_rgb.dtype != np.uint8:
        raise DataError(f"a page is uint8 RGB of shape (height, width, 3), found {image_rgb.dtype} {image_rgb.shape}")
    height, width = image_rgb.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise DataError(f"the picture has {width} x {height} pixels; a page needs at least {MIN_SIDE_PX} on each side")
    timed = attrs.evolve(layout, duration_s=duration_s)
    return METHODS[method](image_rgb, layout=timed, paper=paper, sampling_rate_hz=sampling_rate_hz)
