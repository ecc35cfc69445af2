"""One page in, one record out, whatever the method."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module

import numpy as np

from ecg_core.errors import ConfigError, DataError
from ecg_core.paper import Layout
from ecg_core.plugins.registry import registry
from ecg_digitize.digitizers.neural.networks import NetworkSource
from ecg_digitize.digitizers.print_scale import Known
from ecg_digitize.digitizers.vector.digitizer import digitize_drawing
from ecg_digitize.pages.files import PagePicture
from ecg_digitize.record.digitization import Digitization

log = logging.getLogger(__name__)

MIN_SIDE_PX = 200
"""A row of 250 mm on fewer pixels has less than one a millimetre."""

AUTO = "auto"
METHODS = {
    "neural": "ecg_digitize.digitizers.neural.digitizer:digitize_neural",
}
DEFAULT_METHOD = "neural"
DEFAULT_RATE_HZ = 500.0


def digitize(
    page: np.ndarray | PagePicture,
    *,
    method: str = DEFAULT_METHOD,
    layout: str | Layout = AUTO,
    known: Known = Known(),  # noqa: B008 - frozen
    sampling_rate_hz: float = DEFAULT_RATE_HZ,
    networks: NetworkSource = NetworkSource(),  # noqa: B008 - frozen
    vector: bool = True,
) -> Digitization:
    """Turn the picture of a page into a record of the twelve standard leads.

    Args:
        page: a picture, uint8 RGB, shape (height, width, 3), or a page of `ecg_digitize.load_pages`.
        method: how to read it; ``neural`` reads photos and scans any way up by the shipped networks.
        layout: which leads stand where: a layout, its name, or ``auto``.
        known: speed, gain and duration, where they are not to be found out.
        sampling_rate_hz: of the record.
        networks: of the method ``neural``; by default the shipped ones, in ONNX Runtime.
        vector: read a PDF whose traces are drawn as lines from the lines, whatever the method.

    Returns:
        The record in mV with NaN where nothing was printed or read, its quality, and where everything was found.

    Raises:
        DataError: the picture is no ECG that this method can read; the message says what is missing.
        ConfigError: no such method or engine.
        PluginError: no such layout, or the engine is not installed.
    """
    page = page if isinstance(page, PagePicture) else PagePicture("page", page)
    image_rgb = page.image
    if image_rgb.ndim != 3 or image_rgb.shape[2] != 3 or image_rgb.dtype != np.uint8:
        raise DataError(f"a page is uint8 RGB of shape (height, width, 3), found {image_rgb.dtype} {image_rgb.shape}")
    height, width = image_rgb.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise DataError(f"the picture has {width} x {height} pixels; a page needs at least {MIN_SIDE_PX} on each side")
    read, layouts = find_method(method), layouts_named(layout)
    if vector and page.drawing is not None:
        try:
            return digitize_drawing(
                image_rgb, page.drawing, layouts=layouts, known=known, sampling_rate_hz=sampling_rate_hz
            )
        except DataError as error:
            log.info("%s is read from its picture: %s", page.name, error)
    return read(image_rgb, layouts=layouts, known=known, sampling_rate_hz=sampling_rate_hz, networks=networks)


def find_method(name: str) -> Callable[..., Digitization]:
    """A method of reading by its name.

    Raises:
        ConfigError: there is none.
    """
    if name not in METHODS:
        raise ConfigError(f"method {name}: no such method; there are {', '.join(METHODS)}")
    module, _, function = METHODS[name].partition(":")
    found: Callable[..., Digitization] = getattr(import_module(module), function)
    return found


def layouts_named(layout: str | Layout) -> Mapping[str, Layout]:
    """Layouts that a page may have, by name: every one that is installed for ``auto``.

    Raises:
        PluginError: no such layout.
    """
    if isinstance(layout, Layout):
        return {layout.name: layout}
    names = [entry.name for entry in registry().entries("layouts")] if layout == AUTO else [layout]
    return {name: registry().load("layouts", name) for name in names}
