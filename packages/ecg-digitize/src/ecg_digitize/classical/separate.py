"""The trace apart from the grid, by darkness alone, so that gray scans are read like coloured ones.

Three steps on the flat page, where grid lines are straight, level and at known distances: the darkness that solid
lines have by themselves is taken off; what is left is measured against the darkness of ink; and the dashes of lines
that print or scan broken, as dark as ink but thin, straight and on the grid, are removed where nothing crosses them.
"""

from __future__ import annotations

import cv2
import numpy as np

from ecg_digitize.classical.rectify import PX_PER_MM

LARGE_BOX_PX = round(5 * PX_PER_MM)
BLOCK_PX = round(4 * PX_PER_MM)
NEIGHBOUR_LINES = 3
INK_AREA_MM2 = 200.0
"""Area that the darkest ink of any page with a trace covers at least: half of four thin rows of 250 mm."""
MIN_CONTRAST = 0.25
"""Least share of the ink's darkness by which a trace must stand out from a grid line to be measured on it."""
DASH_BLOCK_PX = round(15 * PX_PER_MM)
DASH_HALF_WIDTH_PX = round(0.1 * PX_PER_MM)
"""Half the width of the band that is cut; a band narrower than a stroke leaves what crosses it a foothold beside."""
DASH_SEARCH_PX = round(0.3 * PX_PER_MM)
FOOTHOLD_GAIN = 2.0
"""Evidence beside a band counts this much for what is in it: half-dark edges of a stroke keep the whole of it."""
MIN_DASH_SHARE = 0.12
"""Least part of a stretch of a line that dashes cover for it to be cleaned."""
BESIDE_LINE_PX = round(0.5 * PX_PER_MM)
MIN_LINE_SHARE = 0.02
MIN_DASHED_LINES = 0.25
"""Dashes are looked for where this part of the lines has more ink than the paper beside them, by `MIN_LINE_SHARE`."""
INK_LEVEL = 0.5
MAX_EVIDENCE = 1.5
SPECK_MM = 0.9


def trace_evidence(darkness: np.ndarray) -> np.ndarray:
    """How surely each pixel of a flat page is ink of a trace, a letter or a mark and not grid.

    Args:
        darkness: float32, shape (height, width), from `relative_darkness` of a flat page.

    Returns:
        float32, shape (height, width), 0 for paper and about 1 for ink.
    """
    grid = np.maximum(level_line_darkness(darkness), level_line_darkness(darkness.T).T)
    rest = np.maximum(darkness - grid, 0)
    ink = ink_darkness(rest)
    evidence = np.minimum(rest / np.maximum(ink - grid, MIN_CONTRAST * ink), MAX_EVIDENCE)
    without_level = remove_level_dashes(evidence)
    return np.ascontiguousarray(remove_level_dashes(without_level.T).T)


def ink_darkness(rest: np.ndarray) -> float:
    """Darkness of the page's ink: the level that only the darkest `INK_AREA_MM2` exceed."""
    share = min(0.5, INK_AREA_MM2 * PX_PER_MM**2 / rest.size)
    return max(float(np.quantile(rest, 1 - share)), 1e-3)


def level_line_darkness(darkness: np.ndarray) -> np.ndarray:
    """Darkness of the level grid lines by themselves.

    A stretch of a line counts as dark as the median of the stretches at the same place in the boxes above and below, so
    that a flat trace, which is on one of them only, does not count.

    Args:
        darkness: float32, shape (height, width), of a flat page.

    Returns:
        float32, the same shape.
    """
    height, width = darkness.shape
    stretches = cv2.resize(darkness, (max(1, width // BLOCK_PX), height), interpolation=cv2.INTER_AREA)
    shifts = range(-NEIGHBOUR_LINES, NEIGHBOUR_LINES + 1)
    lines = np.median([_shifted(stretches, count * LARGE_BOX_PX) for count in shifts], axis=0)
    return cv2.resize(lines.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)


def _shifted(stretches: np.ndarray, rows: int) -> np.ndarray:
    """The rows moved down; what comes in at the edge repeats the nearest box, so that the grid goes on."""
    height = len(stretches)
    source = np.arange(height) - rows
    source = np.where(source < 0, source % LARGE_BOX_PX, source)
    beyond = np.maximum(source - (height - 1), 0)
    source -= LARGE_BOX_PX * np.ceil(beyond / LARGE_BOX_PX).astype(int)
    return stretches[np.clip(source, 0, height - 1)]


def remove_level_dashes(evidence: np.ndarray) -> np.ndarray:
    """Evidence without the dark dashes of level grid lines; what crosses a line from above or below stays.

    Args:
        evidence: float32, shape (height, width).
    """
    cleaned = evidence.copy()
    phase = _line_phase(evidence)
    if phase is None:
        return cleaned
    for line in range(phase, len(evidence), LARGE_BOX_PX):
        _clean_line(evidence, cleaned, line)
    return cleaned


def _line_phase(evidence: np.ndarray) -> int | None:
    """Row, modulo a large box, where dashes pile up; None where too few lines are dashed for that to be the grid."""
    share = (evidence > INK_LEVEL).mean(axis=1)
    boxes = len(share) // LARGE_BOX_PX
    if not boxes:
        return None
    folded = share[: boxes * LARGE_BOX_PX].reshape(boxes, LARGE_BOX_PX)
    phase = int(np.median(folded, axis=0).argmax())
    beside = [folded[:, (phase + offset) % LARGE_BOX_PX] for offset in (-BESIDE_LINE_PX, BESIDE_LINE_PX)]
    dashed = folded[:, phase] > np.max(beside, axis=0) + MIN_LINE_SHARE
    return phase if dashed.mean() >= MIN_DASHED_LINES else None


def _clean_line(evidence: np.ndarray, cleaned: np.ndarray, line: int) -> None:
    margin = DASH_SEARCH_PX + 2 * DASH_HALF_WIDTH_PX + 1
    if not margin <= line < len(evidence) - margin:
        return
    ink = evidence[line - margin : line + margin + 1] > INK_LEVEL
    for start in range(0, evidence.shape[1], DASH_BLOCK_PX):
        columns = slice(start, start + DASH_BLOCK_PX)
        share = ink[:, columns].mean(axis=1)
        peak = margin - DASH_SEARCH_PX + int(share[margin - DASH_SEARCH_PX : margin + DASH_SEARCH_PX + 1].argmax())
        flank = DASH_HALF_WIDTH_PX + 1
        if share[peak] - max(share[peak - flank], share[peak + flank]) >= MIN_DASH_SHARE:
            _cut_band(evidence, cleaned, line - margin + peak, columns)


def _cut_band(evidence: np.ndarray, cleaned: np.ndarray, row: int, columns: slice) -> None:
    """Keep of a line's band only what goes on just above or below it."""
    flank = DASH_HALF_WIDTH_PX + 1
    beside = np.maximum(evidence[row - flank, columns], evidence[row + flank, columns])
    reach = np.minimum(
        FOOTHOLD_GAIN * cv2.dilate(beside[None, :], np.ones((1, 2 * DASH_HALF_WIDTH_PX + 1), np.uint8)), 1
    )
    band = slice(row - DASH_HALF_WIDTH_PX, row + DASH_HALF_WIDTH_PX + 1)
    cleaned[band, columns] = np.minimum(cleaned[band, columns], reach)


def remove_specks(evidence: np.ndarray) -> np.ndarray:
    """Evidence without pieces of ink too small to be part of a trace: what is left of grid crossings, and dirt."""
    ink = (evidence > INK_LEVEL).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    speck = extent < SPECK_MM * PX_PER_MM
    speck[0] = False
    return np.where(speck[labels], np.float32(0), evidence)
