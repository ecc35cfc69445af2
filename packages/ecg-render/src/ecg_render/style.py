"""What a page looks like, apart from where its leads stand: a style, made of small groups of options.

Colours are RGB from 0 to 255, lengths millimetres of paper.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import attrs

from ecg_core.errors import ConfigError

Rgb = tuple[int, int, int]
Pattern = Literal["solid", "dotted", "dashed", "points"]
Reference = Literal["sheet", "first row", "last row"]
LetterCase = Literal["standard", "upper", "lower"]
NamesOfLongRows = Literal["once", "every column", "none"]
SeparatorForm = Literal["bars", "lines"]
PulseRows = Literal["every", "first", "last", "middle", "below", "none"]
PulseForm = Literal["square", "trapezoid", "bar"]
PageSide = Literal["left", "right"]


def _one_of(hint: Any) -> Any:
    """A validator that takes the values of a literal type, and lists them where it is given another."""

    def validate(_: object, attribute: attrs.Attribute, value: Any) -> None:
        if value not in get_args(hint):
            raise ConfigError(f"{attribute.name}: there is no {value!r}; choose from {', '.join(get_args(hint))}")

    return validate


@attrs.frozen(kw_only=True)
class Note:
    """Words at a place of the sheet.

    Attributes:
        text: the words. ``{age}`` and the like are filled in from the record's metadata, and left empty where it has no
            such entry; ``{id}`` is the record's name, ``{speed}``, ``{gain}`` and ``{chest_gain}`` those of the paper;
            ``{speed:.1f}`` says how a number is written. Where the chest leads have a gain of their own and the words
            do not name it, both gains are printed.
        left_mm: where they begin, from the left edge; negative: where they end, from the right edge.
        foot_mm: the line that they stand on, from the reference down; on the sheet, negative counts from its bottom.
        size_mm: height of the font, ascenders to descenders.
        reference: what ``foot_mm`` counts from: an edge of the sheet, or the baseline of the first or last row, above
            which it is negative; then the words stay on the sheet, however near its edge the row is.
        rgb: ink; None is that of all words.
    """

    text: str
    left_mm: float
    foot_mm: float
    size_mm: float = 3.9
    reference: Reference = attrs.field(default="sheet", validator=_one_of(Reference))
    rgb: Rgb | None = None


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


@attrs.frozen(kw_only=True)
class GridStyle:
    """The grid of the paper.

    Attributes:
        minor_rgb: lines of the small boxes.
        major_rgb: lines of the large boxes.
        minor_line_mm: width of a small-box line; 0 leaves them out.
        major_line_mm: width of a large-box line; 0 leaves them out.
        minor_pattern: solid, dotted or dashed lines of the small boxes, or points where they would cross.
        major_pattern: the same of the large boxes.
        heavy_line_mm: width of heavier lines; 0 leaves them out.
        heavy_every_mm: distance of the heavier lines.
        heavy_rgb: their colour; None is that of the large boxes.
        rows_on_top: whether every horizontal line is printed over every vertical one, as plotting libraries do; faint
            small-box rows then cut strong large-box columns into dashes.
        margins_mm: how far the grid reaches left of the signal's start, above the first baseline, right of the rows'
            end and below the last baseline, on to the next line of the large boxes; beyond lies bare paper. None: it
            covers the sheet.
        bands_mm: such a grid is parted into bands, one a row: how far one reaches above and below its baseline, on to
            the next line of the large boxes. None: it is whole.
        ground_rgb: paper under such a grid; None is that of the sheet.
        frame_mm: width of the frame around such a grid or each of its bands; 0 leaves it out.
        frame_rgb: its colour; None is that of the large boxes.
    """

    minor_rgb: Rgb = (249, 213, 213)
    major_rgb: Rgb = (236, 160, 160)
    minor_line_mm: float = 0.12
    major_line_mm: float = 0.2
    minor_pattern: Pattern = attrs.field(default="solid", validator=_one_of(Pattern))
    major_pattern: Pattern = attrs.field(default="solid", validator=_one_of(Pattern))
    heavy_line_mm: float = 0.0
    heavy_every_mm: float = attrs.field(default=25.0, validator=attrs.validators.gt(0))
    heavy_rgb: Rgb | None = None
    rows_on_top: bool = False
    margins_mm: tuple[float, float, float, float] | None = None
    bands_mm: tuple[float, float] | None = None
    ground_rgb: Rgb | None = None
    frame_mm: float = 0.0
    frame_rgb: Rgb | None = None


NO_GRID = GridStyle(minor_line_mm=0.0, major_line_mm=0.0)


@attrs.frozen(kw_only=True)
class PrintOffset:
    """How the paper, with its grid, lies under the print; traces, names and pulses are the print.

    Attributes:
        shift_x_mm: how far the paper is moved to the right.
        shift_y_mm: how far it is moved down.
        scale_x: width of the paper's boxes by that of the print's.
        scale_y: the same of their height.
        turn_deg: by how much the paper is turned, counterclockwise as seen.
        slant_deg: by how much the paper's columns lean from square to its rows.
    """

    shift_x_mm: float = 0.0
    shift_y_mm: float = 0.0
    scale_x: float = attrs.field(default=1.0, validator=attrs.validators.gt(0))
    scale_y: float = attrs.field(default=1.0, validator=attrs.validators.gt(0))
    turn_deg: float = 0.0
    slant_deg: float = 0.0


def _holds_the_lead(_: object, attribute: attrs.Attribute, value: str) -> None:
    if value.count("{lead}") != 1:
        raise ConfigError(f"{attribute.name}: {value!r} must hold {{lead}} once, which stands for the name")


@attrs.frozen(kw_only=True)
class NameStyle:
    """The names of the leads.

    Attributes:
        size_mm: height of the font, ascenders to descenders.
        rise_mm: how far they stand above their row's baseline; negative is below.
        indent_mm: how far right of their lead's start they begin; negative is left of it.
        font: as `PageStyle.font`; None is that of all words.
        rgb: ink; None is that of all words.
        template: what is printed, ``{lead}`` being the name: ``|{lead}``, ``Lead {lead}``.
        letter_case: standard spelling (aVR, V1), upper (AVR, V1) or lower case (avr, v1).
        spaced: whether a space stands between the letters.
        long_rows: how often a row of one lead among longer rows is named: once, once a column of the longer rows, or
            not at all.
        long_row_rise_mm: as ``rise_mm``, in such rows; None is the same.
        missing: share of the names that are not printed; 1 leaves out all.
    """

    size_mm: float = 4.0
    rise_mm: float = -7.0
    indent_mm: float = 1.0
    font: str | None = None
    rgb: Rgb | None = None
    template: str = attrs.field(default="{lead}", validator=_holds_the_lead)
    letter_case: LetterCase = attrs.field(default="standard", validator=_one_of(LetterCase))
    spaced: bool = False
    long_rows: NamesOfLongRows = attrs.field(default="once", validator=_one_of(NamesOfLongRows))
    long_row_rise_mm: float | None = None
    missing: float = 0.0


@attrs.frozen(kw_only=True)
class SeparatorStyle:
    """Bars where one lead of a row follows another.

    Attributes:
        form: a bar at each row, or lines through all rows.
        height_mm: height of a bar; how far lines reach above the first baseline and below the last.
        width_mm: width of bars and lines.
        rise_mm: how far the middle of a bar stands above the baseline.
        clearance_mm: bare paper about the middle of a bar, which parts it in two.
        offset_mm: how far right of the lead's start they stand.
        pattern: solid, dotted or dashed.
        through_long_rows: whether lines run through rows of one lead, too.
        at_start: whether one stands before the first lead of a row.
        at_end: whether one stands behind the last.
        rgb: ink; None is that of the traces.
    """

    form: SeparatorForm = attrs.field(default="bars", validator=_one_of(SeparatorForm))
    height_mm: float = 6.0
    width_mm: float = 0.6
    rise_mm: float = 0.0
    clearance_mm: float = 0.0
    offset_mm: float = 0.0
    pattern: Pattern = attrs.field(default="solid", validator=_one_of(Pattern))
    through_long_rows: bool = False
    at_start: bool = False
    at_end: bool = False
    rgb: Rgb | None = None


@attrs.frozen(kw_only=True)
class PulseStyle:
    """The calibration pulses, 1 mV high.

    Attributes:
        rows: which rows have one; ``middle`` and ``below`` print one on the page, between the middle rows or below the
            last; ``none`` leaves them out.
        side: the end of the row that it stands at.
        width_mm: width; None is 0.2 s at the paper's speed.
        line_mm: width of the pen.
        foot_mm: baseline printed on either side.
        gap_mm: bare paper between the foot and the signal.
        left_mm: where the left edge stands, from the left edge of the sheet, which may cut it; None: beside the signal.
        rise_mm: how far its foot stands above the baseline.
        form: square, trapezoid (a roof narrower by ``slope_mm`` on either side), or a bar with serifs of its width.
        slope_mm: see ``form``.
        tick_mm: height of a small tick behind the right foot; 0 leaves it out.
        every_column: whether a pulse stands before every lead of a row whose gap has room for it, too.
        rgb: ink; None is that of the traces.
    """

    rows: PulseRows = attrs.field(default="every", validator=_one_of(PulseRows))
    side: PageSide = attrs.field(default="left", validator=_one_of(PageSide))
    width_mm: float | None = None
    line_mm: float = 0.35
    foot_mm: float = 1.0
    gap_mm: float = 1.0
    left_mm: float | None = None
    rise_mm: float = 0.0
    form: PulseForm = attrs.field(default="square", validator=_one_of(PulseForm))
    slope_mm: float = 0.0
    tick_mm: float = 0.0
    every_column: bool = False
    rgb: Rgb | None = None


@attrs.frozen(kw_only=True)
class SecondMarks:
    """Numbers of the seconds of the record along the rows.

    Attributes:
        rise_mm: how far they stand above the baseline; negative is below.
        size_mm: height of the font.
        template: what is printed, ``{second}`` being the number.
        rgb: ink; None is that of all words.
    """

    rise_mm: float = -12.0
    size_mm: float = 2.4
    template: str = "{second}s"
    rgb: Rgb | None = None


@attrs.frozen(kw_only=True)
class PageStyle:
    """Colours in RGB from 0 to 255, lengths in millimetres of paper.

    Attributes:
        paper_rgb: the bare paper.
        grid: lines of the paper.
        offset: how the paper lies under the print.
        trace_rgb: ink of traces, calibration pulses and separators.
        trace_width_mm: width of traces.
        pulse: calibration pulses.
        text_rgb: ink of all words.
        font: a name of `ecg_render.drawing.letters.FONTS`, or the path of a TrueType or OpenType file.
        names: names of the leads.
        footer: text at the foot of the page; None prints paper speed and gain.
        footer_size_mm: height of the footer's font.
        notes: header and other words.
        words_apart: whether a note is left out that would be printed over another one, over the name of a lead, or
            along the zero line of a row; speed and gain never are.
        separators: bars between the leads of a row; None leaves them out.
        seconds: numbers along the rows; None leaves them out.
        baseline_jitter_boxes: how far a row's baseline may lie from its nominal height, in large boxes; drawn evenly
            from the seed, one figure a row, shared by waveform and calibration pulse.
        faults: what the printer does wrong.
    """

    paper_rgb: Rgb = (255, 255, 255)
    grid: GridStyle = GridStyle()
    offset: PrintOffset = PrintOffset()
    trace_rgb: Rgb = (24, 24, 28)
    trace_width_mm: float = 0.35
    pulse: PulseStyle = PulseStyle()
    text_rgb: Rgb = (24, 24, 28)
    font: str = "sans"
    names: NameStyle = NameStyle()
    footer: str | None = None
    footer_size_mm: float = 3.5
    notes: tuple[Note, ...] = ()
    words_apart: bool = False
    separators: SeparatorStyle | None = None
    seconds: SecondMarks | None = None
    baseline_jitter_boxes: float = 0.0
    faults: PrinterFaults = PrinterFaults()
