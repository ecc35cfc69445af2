"""How closely the points of a trace stand: lines between few points show no heartbeat as it was."""

from __future__ import annotations

import numpy as np

from ecg_digitize.pages.drawing import Drawing

CLEAR_S = 0.016
"""A recording of which only samples so far apart are kept, and joined by lines, agrees with itself to 13 dB or more; to
10 dB at 22 ms, to 2 dB at 100 ms. Recorders take a sample each 2 to 10 ms."""

WHERE_DENSE = 0.25
"""So much of the way up and down is looked at, where points are closest: what is straight needs none in between."""

ON_TRACE_PX = 0.3


class GivenPoints:
    """The points that a file gives of what it draws as curves.

    Args:
        drawing: what it draws.
    """

    def __init__(self, drawing: Drawing) -> None:
        given = [each.given_px for each in drawing.strokes if each.given_px is not None]
        self._points_px = np.concatenate([np.empty((0, 2)), *given])

    def on(self, trace_px: np.ndarray) -> np.ndarray:
        """Those that a trace runs through, from left to right; of one that is not drawn as curves its own points."""
        if not len(self._points_px) or len(trace_px) < 2:
            return trace_px
        x, y = self._points_px.T
        away = np.abs(np.interp(x, trace_px[:, 0], trace_px[:, 1], left=np.nan, right=np.nan) - y)
        own = self._points_px[away <= ON_TRACE_PX]
        return own[np.argsort(own[:, 0], kind="stable")] if len(own) > 1 else trace_px


def usual_step_px(given_px: np.ndarray, trace_px: np.ndarray) -> float:
    """How far apart points are to the right of each other where they are closest, weighed by how the trace rises and
    falls from one to the next; 0 for a trace that is level.

    Args:
        given_px: points of a trace from left to right, shape (points, 2).
        trace_px: all that is known of it.
    """
    if len(given_px) < 2:
        return 0.0
    x, y = trace_px.T
    heights = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(y)))))
    steps, ways = np.diff(given_px[:, 0]), np.diff(np.interp(given_px[:, 0], x, heights))
    order = np.argsort(steps)
    share = np.cumsum(ways[order])
    return float(steps[order][np.searchsorted(share, WHERE_DENSE * share[-1])]) if share[-1] > 0 else 0.0


def clarity_of(step_s: float) -> float:
    """How clearly a trace is seen whose points are so far apart: 1 up to `CLEAR_S`, then less as they are fewer."""
    return min(1.0, CLEAR_S / step_s) if step_s > 0 else 1.0
