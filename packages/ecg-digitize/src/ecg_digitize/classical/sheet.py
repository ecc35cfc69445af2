"""A picture turned into a flat sheet of ink: the page before anything on it is understood."""

from __future__ import annotations

import logging

import attrs
import cv2
import numpy as np

from ecg_core.paper import PaperSpec
from ecg_digitize.classical.bend import measure_bend
from ecg_digitize.classical.darkness import grid_channel, relative_darkness, trace_channel
from ecg_digitize.classical.grid import Lattice, find_lattice
from ecg_digitize.classical.rectify import PX_PER_MM, Flattening
from ecg_digitize.classical.separate import remove_specks, trace_evidence
from ecg_digitize.classical.strokes import Runs, find_runs, pen_thickness_px

LATTICE_SIDE_PX = 3000
"""Larger pictures are shrunk to this side before the grid is looked for."""
MIN_BEND_PX = 0.3
"""Bends smaller than this are within their own error and left alone."""

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True, eq=False)
class Sheet:
    """The ink of a page laid flat.

    Attributes:
        evidence: float32, shape (height, width), how surely each pixel is ink, 0 to 1.
        runs: the same ink column by column.
        pen_px: thickness of the trace.
        lattice: the grid in the original picture.
        flattening: the map to the original picture.
    """

    evidence: np.ndarray
    runs: Runs
    pen_px: float
    lattice: Lattice
    flattening: Flattening


def lay_flat(image_rgb: np.ndarray, *, paper: PaperSpec, width_needed_mm: float) -> Sheet:
    """Find a page's grid, take out rotation, scale and bend, and keep its ink.

    Args:
        image_rgb: uint8, shape (height, width, 3).
        paper: boxes of the grid.
        width_needed_mm: paper that a row takes.

    Raises:
        DataError: no regular grid is seen.
    """
    grid = grid_channel(image_rgb)
    lattice = _lattice(grid, paper, width_needed_mm)
    flattening = Flattening.from_lattice(lattice, grid.shape)
    bend = measure_bend(relative_darkness(flattening.flatten(grid)), round(paper.small_box_mm * PX_PER_MM))
    log.debug("grid %.3f px/mm, bend of %.1f px", lattice.px_per_mm_x, bend.spread_px)
    if bend.spread_px >= MIN_BEND_PX:
        flattening = flattening.unbent(bend)
    evidence = remove_specks(trace_evidence(relative_darkness(flattening.flatten(trace_channel(image_rgb)))))
    runs = find_runs(evidence)
    return Sheet(evidence=evidence, runs=runs, pen_px=pen_thickness_px(runs), lattice=lattice, flattening=flattening)


def _lattice(channel: np.ndarray, paper: PaperSpec, width_needed_mm: float) -> Lattice:
    """The grid of a channel, found on a shrunken copy where the picture is very large."""
    height, width = channel.shape
    scale = min(1.0, LATTICE_SIDE_PX / max(height, width))
    if scale < 1.0:
        channel = cv2.resize(channel, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    lattice = find_lattice(relative_darkness(channel), paper=paper, width_needed_mm=width_needed_mm)
    shrink = np.array(channel.shape[::-1]) / (width, height)
    return attrs.evolve(lattice, mm_per_px=lattice.mm_per_px * shrink)
