"""Traces that stand in a file as many short strokes: dashes, or the steps of all leads in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ecg_digitize.digitizers.vector.scale import Scale

LONGEST_MM = 4.0
GAP_MM = 2.0
"""A gap is less long than this: at 25 mm/s a gap of 1 mm hides half a narrow complex, and lines join it."""
GAPS = 2.5
"""And it is no longer than so many of the strokes beside it."""
TOUCHING_PX = 0.3
UNLIKE = 0.4
"""Most dashes differ in length from the usual one by less than this part of it; strokes of letters have any length."""
MOST = 0.8
LEAST_STROKES = 20
LEAST_WIDTH_MM = 20.0
LEVEL_MM = 0.2
MOST_STROKES = 100_000
"""Of one look; those of a page of twelve leads, a stroke a sample, are 60,000."""

Style = tuple[float, ...]
Line = tuple[Style, np.ndarray]


def without_dashes(lines: Sequence[Line], scale: Scale) -> Iterator[Line]:
    """The lines, those short ones in one that follow each other evenly as the dashes of a bent line do."""
    px_per_mm = np.array((scale.across_px_per_mm, scale.down_px_per_mm))
    own: dict[Style, list[np.ndarray]] = {}
    for style, points in lines:
        if _is_stroke(points, px_per_mm):
            own.setdefault(style, []).append(points)
        else:
            yield style, points
    for style, strokes in own.items():
        yield from ((style, points) for points in _joined(strokes, px_per_mm))


def _is_stroke(points: np.ndarray, px_per_mm: np.ndarray) -> bool:
    """Whether a line is short and goes forwards."""
    return bool(
        points[-1, 0] > points[0, 0]
        and (np.ptp(points, axis=0) <= LONGEST_MM * px_per_mm).all()
        and np.diff(points[:, 0]).min() >= 0
    )


def _joined(strokes: list[np.ndarray], px_per_mm: np.ndarray) -> Iterator[np.ndarray]:
    """Strokes of one look, in chains where they make such; a look that has level ones alone is that of a grid."""
    level_px = LEVEL_MM * px_per_mm[1]
    is_bent = any(abs(points[-1, 1] - points[0, 1]) > level_px for points in strokes)
    if not is_bent or not LEAST_STROKES <= len(strokes) <= MOST_STROKES:
        yield from strokes
        return
    for chain in _chains(strokes, px_per_mm):
        points = np.concatenate(chain)
        if (
            _is_even(chain)
            and np.ptp(points[:, 0]) >= LEAST_WIDTH_MM * px_per_mm[0]
            and np.ptp(points[:, 1]) > level_px
        ):
            kept = np.concatenate(([True], np.abs(np.diff(points, axis=0)).max(axis=1) > TOUCHING_PX / 10))
            yield points[kept]
        else:
            yield from chain


def _is_even(chain: Sequence[np.ndarray]) -> bool:
    """Whether most strokes are equally long, or begin where another ends."""
    if len(chain) < LEAST_STROKES:
        return False
    begins, ends = np.array([points[0] for points in chain[1:]]), np.array([points[-1] for points in chain[:-1]])
    touching = np.abs(begins - ends).max(axis=1) <= TOUCHING_PX
    ways = np.array([_way_px(points) for points in chain])
    alike = np.abs(ways - np.median(ways)) <= UNLIKE * np.median(ways)
    return max(float(touching.mean()), float(alike.mean())) >= MOST


def _chains(strokes: Iterable[np.ndarray], px_per_mm: np.ndarray) -> list[list[np.ndarray]]:
    """Each stroke after the one whose end is nearest to its beginning, from left to right."""
    ordered = sorted(strokes, key=lambda points: (points[0, 0], points[-1, 0]))
    chains: list[list[np.ndarray]] = []
    open_chains: list[int] = []
    ends, reaches = np.empty((0, 2)), np.empty(0)
    for points in ordered:
        alive = ends[:, 0] + GAP_MM * px_per_mm[0] >= points[0, 0]
        if not alive.all():
            open_chains = [number for number, is_alive in zip(open_chains, alive, strict=True) if is_alive]
            ends, reaches = ends[alive], reaches[alive]
        reach = _reach_px(points, px_per_mm)
        away = points[0] - ends
        apart = np.hypot(*away.T)
        apart[(away[:, 0] < -TOUCHING_PX) | (apart > np.minimum(reaches, reach))] = np.inf
        best = int(apart.argmin()) if len(apart) else 0
        if len(apart) and np.isfinite(apart[best]):
            chains[open_chains[best]].append(points)
            ends[best], reaches[best] = points[-1], reach
        else:
            open_chains.append(len(chains))
            chains.append([points])
            ends, reaches = np.concatenate((ends, points[-1:])), np.append(reaches, reach)
    return chains


def _reach_px(points: np.ndarray, px_per_mm: np.ndarray) -> float:
    """How far from a stroke the next one may be."""
    return max(TOUCHING_PX, min(GAPS * _way_px(points), GAP_MM * float(px_per_mm.max())))


def _way_px(points: np.ndarray) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())
