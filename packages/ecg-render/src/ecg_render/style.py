"""What a page looks like, apart from where things stand on it."""

from __future__ import annotations

import attrs

from ecg_core.errors import ConfigError

Rgb = tuple[int, int, int]


PATTERNS = ("solid", "dotted", "dashed")


def _a_pattern(_: object, attribute: attrs.Attribute, value: str) -> None:
    if value not in PATTERNS:
        raise ConfigError(f"{attribute.name}: {value!r} is no pattern of a line; choose from {', '.join(PATTERNS)}")


@attrs.frozen(kw_only=True)
class Note:
    """Words at a place of the sheet.

    Attributes:
        text: the words. ``{age}`` and the like are filled in from the record's metadata, and left empty where it has no
            such entry; ``{id}`` is the record's name, ``{speed}`` and ``{gain}`` those of the paper.
        left_mm: where they begin, from the left edge.
        foot_mm: the line that they stand on, from the top edge; negative counts from the bottom edge.
        size_mm: height of the font, ascenders to descenders.
    """

    text: str
    left_mm: float
    foot_mm: float
    size_mm: float = 3.9


@attrs.frozen(kw_only=True)
class PrinterFaults:
    """Faults of a printer; all are drawn from the page's seed, and coordinates and masks stay exact.

    Attributes:
        dead_dots: dots of the print head that print nothing: bare lines along the paper's way.
        fading: how pale the palest bands across the paper's way are, from 0 to 1.
        speckles_per_cm2: grains of toner beside the print.
    """

    dead_dots: int = 0
    fading: float = 0.0
    speckles_per_cm2: float = 0.0


NO_FAULTS = PrinterFaults()


@attrs.frozen(kw_only=True)
class PageStyle:
    """Colours in RGB from 0 to 255, lengths in millimetres of paper.

    Attributes:
        paper_rgb: the bare paper.
        minor_rgb: lines of the small boxes.
        major_rgb: lines of the large boxes.
        minor_line_mm: width of a small-box line; 0 leaves them out.
        major_line_mm: width of a large-box line; 0 leaves them out.
        minor_pattern: solid, dotted or dashed lines of the small boxes.
        major_pattern: the same of the large boxes.
        rows_on_top: whether every horizontal line is printed over every vertical one, as plotting libraries do; faint
            small-box rows then cut strong large-box columns into dashes.
        trace_rgb: ink of traces, calibration pulses and separators.
        trace_width_mm: width of traces.
        pulse_width_mm: width of calibration pulses; 0 leaves them out.
        pulse_foot_mm: baseline printed on either side of a pulse.
        pulse_gap_mm: bare paper between a pulse's right foot and the signal.
        text_rgb: ink of all words.
        font: a name of `ecg_render.drawing.letters.FONTS`, or the path of a TrueType or OpenType file.
        lead_name_size_mm: height of the font of the lead names, ascenders to descenders.
        lead_name_rise_mm: how far the names stand above their row's baseline; negative is below.
        lead_name_indent_mm: how far right of their lead's start they begin.
        footer: text at the foot of the page; None prints paper speed and gain.
        footer_size_mm: height of the footer's font.
        notes: header and other words.
        separators: whether bars stand where one lead of a row follows another.
        separator_height_mm: height of the bars.
        separator_width_mm: width of the bars.
        baseline_jitter_boxes: how far a row's baseline may lie from its nominal height, in large boxes; drawn evenly
            from the seed, one figure a row, shared by waveform and calibration pulse.
        faults: what the printer does wrong.
    """

    paper_rgb: Rgb = (255, 255, 255)
    minor_rgb: Rgb = (249, 213, 213)
    major_rgb: Rgb = (236, 160, 160)
    minor_line_mm: float = 0.12
    major_line_mm: float = 0.2
    minor_pattern: str = attrs.field(default="solid", validator=_a_pattern)
    major_pattern: str = attrs.field(default="solid", validator=_a_pattern)
    rows_on_top: bool = False
    trace_rgb: Rgb = (24, 24, 28)
    trace_width_mm: float = 0.35
    pulse_width_mm: float = 0.35
    pulse_foot_mm: float = 1.0
    pulse_gap_mm: float = 1.0
    text_rgb: Rgb = (24, 24, 28)
    font: str = "sans"
    lead_name_size_mm: float = 4.0
    lead_name_rise_mm: float = -7.0
    lead_name_indent_mm: float = 1.0
    footer: str | None = None
    footer_size_mm: float = 3.5
    notes: tuple[Note, ...] = ()
    separators: bool = False
    separator_height_mm: float = 6.0
    separator_width_mm: float = 0.6
    baseline_jitter_boxes: float = 0.0
    faults: PrinterFaults = NO_FAULTS
