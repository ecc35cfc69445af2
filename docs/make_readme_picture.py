"""Make the picture at the top of the README: a page as a phone sees it, what is read of it, and the signal.

    python docs/make_readme_picture.py docs/photo-to-signal.jpg

No patient and no real page is in it: a synthetic record is printed and photographed by ecg-render, and read by
ecg-digitize. Needs ecg-render and ``ecg-digitize[plots]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import attrs
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ecg_core import Record, competition_snr, synthesize_record
from ecg_core.metrics.snr import restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.plugins.registry import registry
from ecg_digitize import Digitization, digitize
from ecg_render import render_page

LAYOUT = attrs.evolve(LAYOUT_3X4_1R, baselines_mm=(35.0, 70.0, 105.0, 140.0), page_height_mm=165.0)
"""The common layout on a sheet without room for a head."""

RECORD_SEED = 2
PHOTO_SEED = 3
SHOWN_LEADS = ("III", "aVF", "V2", "V5")
RHYTHM_LEAD = "II"

INK = "#22272e"
MUTED = "#6b7480"
RECORDED = "#c3cad2"
DIGITIZED = "#c2274b"
TRACES = ("#c2274b", "#1f6fb4", "#23884a", "#7b4fb3")
PICTURE_STRENGTH = 0.32
GRID_MAJOR = "#ecd3d3"
GRID_MINOR = "#f7eaea"
RANGE_MV = (-1.05, 1.65)
WIDTH_IN, HEIGHT_IN, DOTS_PER_INCH = 11.0, 6.7, 145
MARGIN = 0.016
GAP = 0.008


def main() -> None:
    """Render, photograph, digitize and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="JPEG to write")
    out: Path = parser.parse_args().out
    record = synthesize_record(seed=RECORD_SEED, heart_rate_bpm=64)
    page = render_page(record, layout=LAYOUT, style=registry().load("styles", "red"))
    photo = registry().load("degradations", "phone")(page, PHOTO_SEED).image
    result = digitize(photo)
    printed = restrict_to_layout(record, LAYOUT)
    figure = draw(photo, result, printed, competition_snr(printed, result.record).db)
    figure.savefig(out, pil_kwargs={"quality": 70, "optimize": True})


def draw(photo: np.ndarray, result: Digitization, printed: Record, snr_db: float) -> Figure:
    """The photo and the overlay side by side, the signals below."""
    mpl.rcParams["font.size"] = 9.5
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    window = around(result, photo.shape)
    left, right = (figure.add_axes((x, 0.435, 0.5 - 1.5 * MARGIN, 0.52)) for x in (MARGIN, 0.5 + MARGIN / 2))
    show_picture(left, photo, window, "A photo of a page", "folded, at an angle, on a table")
    show_picture(right, faded(photo), window, "What is read of it", "every lead found and named")
    show_traces(right, result)
    width = (1 - 2 * MARGIN + GAP) / len(SHOWN_LEADS)
    for number, lead in enumerate(SHOWN_LEADS):
        axes = figure.add_axes((MARGIN + number * width, 0.202, width - GAP, 0.168))
        show_lead(axes, lead, printed, result.record)
    axes = figure.add_axes((MARGIN, 0.02, 1 - 2 * MARGIN, 0.168))
    show_lead(axes, RHYTHM_LEAD, printed, result.record)
    caption(figure, 0.39, "The signal in millivolts", "large boxes: 0.2 s and 0.5 mV")
    legend(figure, snr_db)
    return figure


def around(result: Digitization, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The part of the photo with the page in it, in the proportions of its place in the figure."""
    points = np.concatenate([trace.points_px for trace in result.reading.traces])
    centre_x, centre_y = (np.nanmin(points, axis=0) + np.nanmax(points, axis=0)) / 2
    height, width = shape[:2]
    proportion = (0.52 * HEIGHT_IN) / ((0.5 - 1.5 * MARGIN) * WIDTH_IN)
    rows = min(height, round(width * proportion))
    columns = min(width, round(rows / proportion))
    top = int(np.clip(centre_y - rows / 2, 0, height - rows))
    left = int(np.clip(centre_x - columns / 2, 0, width - columns))
    return slice(top, top + rows), slice(left, left + columns)


def faded(picture: np.ndarray) -> np.ndarray:
    """A picture in pale gray, for colours to be drawn on."""
    gray = picture.mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    return (255 - (255 - gray) * PICTURE_STRENGTH).astype(np.uint8)


def show_picture(axes: Axes, picture: np.ndarray, window: tuple[slice, slice], title: str, remark: str) -> None:
    """A part of a picture without a frame, a caption above it."""
    rows, columns = window
    extent = (columns.start, columns.stop, rows.stop, rows.start)
    axes.imshow(picture[window], aspect="auto", interpolation="lanczos", extent=extent)
    axes.set_axis_off()
    box = axes.get_position()
    figure = axes.get_figure(root=True)
    assert figure is not None
    caption(figure, box.y1 + 0.013, title, remark, left=box.x0)


def show_traces(axes: Axes, result: Digitization) -> None:
    """Every lead as it was found in the picture; neighbours differ in colour."""
    for number, trace in enumerate(result.reading.traces):
        color = TRACES[(number + trace.row) % len(TRACES)]
        axes.plot(*trace.points_px.T, color=color, linewidth=1.5, solid_joinstyle="round")
        x, y = trace.points_px[np.isfinite(trace.points_px).all(axis=1)][0]
        lift = 13.5 * result.reading.geometry.px_per_mm_y
        axes.text(x, y - lift, trace.lead, color=color, weight="bold", size=9.5)


def show_lead(axes: Axes, lead: str, printed: Record, digitized: Record) -> None:
    """A lead on ECG paper: the recording broad and pale, what was digitized fine and red above it."""
    truth, rate = printed.lead_mv(lead), printed.sampling_rate_hz
    shown = np.flatnonzero(np.isfinite(truth))
    begin, end = shown[0] / rate, (shown[-1] + 1) / rate
    paper(axes, begin, end)
    axes.plot(np.arange(len(truth)) / rate, truth, color=RECORDED, linewidth=3.6, solid_joinstyle="round")
    signal = digitized.lead_mv(lead)
    axes.plot(np.arange(len(signal)) / digitized.sampling_rate_hz, signal, color=DIGITIZED, linewidth=1.1)
    axes.text(begin + 0.06, RANGE_MV[1] - 0.16, lead, color=INK, weight="bold", va="top")
    axes.set_xlim(begin, end)
    axes.set_ylim(*RANGE_MV)


def paper(axes: Axes, begin: float, end: float) -> None:
    """Boxes of 0.2 s and 0.5 mV, and small ones of 0.04 s and 0.1 mV."""
    for step_s, step_mv, color, width in ((0.04, 0.1, GRID_MINOR, 0.4), (0.2, 0.5, GRID_MAJOR, 0.7)):
        lines(axes.axvline, begin, end, step_s, color, width)
        lines(axes.axhline, *RANGE_MV, step_mv, color, width)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=GRID_MAJOR, linewidth=0.7)


def lines(draw_line: Callable[..., object], begin: float, end: float, step: float, color: str, width: float) -> None:
    """Lines of a grid at whole multiples of a step."""
    for number in range(int(np.ceil(begin / step)), int(np.floor(end / step)) + 1):
        draw_line(number * step, color=color, linewidth=width, zorder=0)


def caption(figure: Figure, y: float, title: str, remark: str, left: float = MARGIN) -> None:
    """A title, and what is to be said of it in a paler colour."""
    words = figure.text(left, y, title, color=INK, weight="bold", size=11.5)
    end = words.get_window_extent().x1 / figure.bbox.width
    figure.text(end + 0.008, y, remark, color=MUTED)


def legend(figure: Figure, snr_db: float) -> None:
    """Which line is which, at the right above the signals."""
    entries = (
        (f"digitized, {snr_db:.1f} dB signal-to-noise ratio", DIGITIZED, 1.6),
        ("recorded", RECORDED, 4.0),
    )
    right = 1 - MARGIN
    for text, color, width in entries:
        words = figure.text(right, 0.39, text, color=MUTED, ha="right")
        begin = words.get_window_extent().x0 / figure.bbox.width
        line = Line2D([begin - 0.028, begin - 0.007], [0.396] * 2, color=color, linewidth=width)
        figure.add_artist(line)
        right = begin - 0.045


if __name__ == "__main__":
    main()
