"""The three stages of the neural digitizer, one after the other: grid, markers, waveform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.paper import Layout, PaperSpec
from ecg_core.protocols import Network
from ecg_digitize.digitizers.neural.findings import PageFindings
from ecg_digitize.digitizers.neural.grid.flattening import FlatPage, flatten_page
from ecg_digitize.digitizers.neural.grid.gridless import GridlessPage, measure_gridless
from ecg_digitize.digitizers.neural.markers.printed_scales import with_closer_scales
from ecg_digitize.digitizers.neural.markers.second_look import most_certain
from ecg_digitize.digitizers.neural.markers.upright import MOST_INK_ROWS, UprightPage, turn_upright, with_marks
from ecg_digitize.digitizers.neural.negative import as_paper, is_dark
from ecg_digitize.digitizers.neural.networks import MARKERS, READER
from ecg_digitize.digitizers.neural.page_structure import compose_findings
from ecg_digitize.digitizers.neural.rows_as_read import rows_as_they_read
from ecg_digitize.digitizers.neural.waveform.row_reading import RowReading, read_rows
from ecg_digitize.digitizers.neural.words.expected_names import expected_names
from ecg_digitize.digitizers.neural.words.missed_words import with_missed_words
from ecg_digitize.digitizers.neural.words.page_words import with_words
from ecg_digitize.digitizers.neural.words.reading import WordPlace, WordReading, read_words
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.structure.evidence import STROKE, InkRow
from ecg_digitize.digitizers.structure.naming import SURE
from ecg_digitize.digitizers.structure.paper_size import SAME_HEIGHT, paper_stretch
from ecg_digitize.digitizers.structure.pulses import size_on_unknown_paper_mm
from ecg_digitize.digitizers.structure.scale import GAIN_PRIOR

LONGEST_ROW_MM, MOST_ROWS_MM, MOST_ROWS = 800.0, 5000.0, 16
"""Half a minute at 25 mm/s, fifteen rows of an ordinary page, and so many rows; what is more is something else, such as
the lines of a letter."""

MAX_PASSES = 4
"""How often a page without a grid is gone through at most, each time with a better scale."""

NAMES_LOST, NAMED = 2.0, 4.0
"""A stretched page on which names are worth so much less was of the better size before; what shows no rows once it is
stretched was one if its names were worth the second: waves and letters are read as one or two."""

EXPECTING = 2
"""So often names are looked for where they must stand by those that are known."""

BY_WORDS = ("given", "printed")
"""Sources of a speed or gain that do not hang on how large a page is."""


def run_stages(
    image_rgb: np.ndarray,
    layouts: Mapping[str, Layout],
    settings: PrintSettings,
    networks: Mapping[str, Network],
    on_step: Callable[[str, Any], None] = lambda _name, _found: None,
) -> PageFindings:
    """Find grid, names, rows and traces of a page.

    Args:
        image_rgb: the picture as it lay, uint8, shape (height, width, 3).
        layouts: the layouts that the page may have, by name.
        settings: speed, gain and duration as far as they are known.
        networks: the networks of the stages, by name.
        on_step: gets what every step found under its name in `PageFindings`, also where a later one fails; and
            ``flat``, the page as its grid lies in the picture.

    Raises:
        DataError: the picture shows no rows of a page.
    """
    pictures = as_paper(image_rgb)
    read_flat = partial(_read_flat, layouts=layouts, settings=settings, networks=networks, on_step=on_step)
    complaints: list[DataError] = []
    for picture in pictures:
        try:
            flat = flatten_page(picture, networks["grid"])
        except DataError as complaint:
            complaints.append(complaint)
            continue
        if is_dark(flat.paper):
            complaints.append(DataError("the picture shows no grid of an ECG page: what has lines on it is dark"))
            continue
        if picture is pictures[0]:
            return read_flat(picture, flat)
        with suppress(DataError):
            return read_flat(picture, flat)
    is_told = len(layouts) == 1
    for picture in pictures[:-1]:
        with suppress(DataError):
            return _read_gridless(picture, networks["grid"], partial(read_flat, picture), complaints[0], is_told)
    return _read_gridless(pictures[-1], networks["grid"], partial(read_flat, pictures[-1]), complaints[0], is_told)


def _read_gridless(
    image: np.ndarray, network: Network, read_flat: Callable[..., PageFindings], complaint: DataError, is_told: bool
) -> PageFindings:
    """A page without a grid, gone through until its rows are as wide as their layout has them.

    Which way up it lies is found the first time: eight ways take longer than all the rest. A page that would become
    larger than any is left as it is: what was taken for its rows are crumbs.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        network: the grid network.
        read_flat: reads a flat page.
        complaint: why it has no grid.
        is_told: whether the layout was told, so that there is a page with these rows.

    Raises:
        DataError: ``complaint``, and what else was amiss where there are traces.
    """
    try:
        gridless = measure_gridless(image, network)
    except DataError:
        raise complaint from None
    try:
        found = _read_at_its_size(gridless, read_flat)
    except DataError as error:
        raise DataError(f"{complaint}; and were it a page without a grid: {error}") from error
    if not is_told and not _shows_traces(found):
        raise DataError(
            f"{complaint}; and were it a page without a grid: what may be its rows does not hang together, and nothing "
            "printed tells of leads"
        )
    return found


def _read_at_its_size(gridless: GridlessPage, read_flat: Callable[..., PageFindings]) -> PageFindings:
    """A page without a grid, stretched until its rows are as wide as their layout has them.

    Where it then shows no rows any more, or many names fewer, and was named before, it was of the better size. One with
    more rows than pages have is stretched no more: most of these are something else.

    Raises:
        DataError: it shows no rows, or none once it is stretched, and nothing tells that it is a page.
    """
    found = read_flat(gridless.as_flat_page())
    for _ in range(MAX_PASSES - 1 if len(found.page.rows) < MOST_INK_ROWS else 0):
        stretch, tolerance = _stretch_of(found)
        if abs(stretch - 1) < tolerance or stretch * found.page.flat.width_mm > LONGEST_ROW_MM:
            break
        gridless = gridless.stretched(stretch)
        try:
            stretched = read_flat(gridless.as_flat_page(), orientation=found.page.orientation)
        except DataError:
            if _score_of(found) < NAMED:
                raise
            break
        if _score_of(stretched) < _score_of(found) - NAMES_LOST:
            break
        found = stretched
    return found


def _score_of(found: PageFindings) -> float:
    return found.page.named.naming.score


def _shows_traces(found: PageFindings) -> bool:
    """Whether anything tells that rows without a grid are those of leads, and not of any other curves.

    Their ink hangs together, or there is a pulse, a speed or gain in words, or a name that is more than strokes, for
    which waves pass.
    """
    page = found.page
    if found.pulse_mm is not None or page.printed:
        return True
    if any(page.rows[each.row].hangs_together for each in page.named.naming.rows):
        return True
    return any(mark.certainty >= SURE and set(mark.name) != {STROKE} for mark in page.names)


def _stretch_of(found: PageFindings) -> tuple[float, float]:
    """How many times as large a page without a grid is on paper as was thought, and how little of that is no matter.

    Rows have one of a few durations, see `paper_stretch`. Where pulses part the columns they may have any; then the
    pulses alone tell it. Speed and gain are the usual ones unless words tell them: what else does hangs on the size.
    """
    scale, usual = found.scale, PaperSpec()
    gain = scale.paper.gain_mm_per_mv if scale.gain_from in BY_WORDS else usual.gain_mm_per_mv
    speed = scale.paper.speed_mm_per_s if scale.speed_from in BY_WORDS else usual.speed_mm_per_s
    named = found.page.named
    if found.parted is not None and found.parted.have_pulses and found.pulse_mm is not None:
        return gain / found.pulse_mm[1], SAME_HEIGHT
    size_mm = size_on_unknown_paper_mm(found.page.pulses, found.page.levels_mm)
    gains = {gain: 0.0} if scale.gain_from in BY_WORDS else GAIN_PRIOR
    return paper_stretch(
        found.row_mm,
        named.grid.columns_mm if named.naming.num_columns > 1 else (),
        named.naming.num_columns,
        speed_mm_per_s=speed,
        by_pulse=None if size_mm is None else {each / size_mm[1]: likely for each, likely in gains.items()},
    )


def _read_flat(
    image: np.ndarray,
    flat: FlatPage,
    *,
    layouts: Mapping[str, Layout],
    settings: PrintSettings,
    networks: Mapping[str, Network],
    on_step: Callable[[str, Any], None],
    orientation: int | None = None,
) -> PageFindings:
    """Names, rows and traces of a page laid flat; the orientation is found where it is not known."""
    on_step("flat", flat)
    spelled = partial(_spelled, image=image, layouts=layouts, reader=networks.get(READER))
    about = partial(_with_missed_words, image=image, layouts=layouts, reader=networks.get(READER))
    page = turn_upright(
        flat, image, networks[MARKERS], layouts, orientation=orientation, read=spelled, read_about=about
    )
    page = _words_read(page, image, layouts, networks)
    on_step("page", page)
    page, readings = rows_as_they_read(page, layouts, partial(_rows_read, image=image, network=networks["waveform"]))
    on_step("page", page)
    on_step("readings", readings)
    return compose_findings(image, page, readings, layouts, settings)


def _rows_read(page: UprightPage, rows: Sequence[InkRow], *, image: np.ndarray, network: Network) -> list[RowReading]:
    """The traces of some rows of a page, from where the first of its own begins to where the last ends.

    Raises:
        DataError: what was taken for its rows cannot be.
    """
    first_mm, last_mm = _extent_mm(page.traces)
    _check_extent(len(page.traces), last_mm - first_mm)
    zeros_mm = [row.y_mm for row in rows]
    return read_rows(image, page.flat, network, zeros_mm=zeros_mm, first_mm=first_mm, last_mm=last_mm)


def _words_read(
    page: UprightPage, image: np.ndarray, layouts: Mapping[str, Layout], networks: Mapping[str, Network]
) -> UprightPage:
    """A page with its words as the reader spells them; where there is none, with the numbers that the markers tell."""
    reader = networks.get(READER)
    if reader is None:
        return attrs.evolve(page, marks=with_closer_scales(page.marks, page.flat, image, networks[MARKERS]))
    page = _spelled(page, image=image, layouts=layouts, reader=reader)
    if not _is_told_all(page):
        page = _with_missed_words(page, image=image, layouts=layouts, reader=reader)
    return page if _is_named(page) else _with_expected_names(page, image, layouts, reader)


def _with_expected_names(
    page: UprightPage, image: np.ndarray, layouts: Mapping[str, Layout], reader: Network
) -> UprightPage:
    """A page with the names that were missed where they must stand, as far as all names make more sense with them.

    Those that are found tell where others must stand.
    """
    for _ in range(EXPECTING):
        found = expected_names(page.named, page.rows, page.marks.names, partial(_read_words, image, page.flat, reader))
        marks = attrs.evolve(page.marks, names=most_certain((*page.marks.names, *found)))
        more = with_marks(page, marks, layouts) if found else page
        if more.named.naming.score <= page.named.naming.score:
            break
        page = more
    return page


def _read_words(
    image: np.ndarray, flat: FlatPage, reader: Network, places: Sequence[WordPlace]
) -> Sequence[WordReading]:
    return read_words(image, flat, places, reader)


def _with_missed_words(
    page: UprightPage, *, image: np.ndarray, layouts: Mapping[str, Layout], reader: Network | None
) -> UprightPage:
    """A page with the words that the markers missed, those about its grid among them; as it is without a reader."""
    if reader is None:
        return page
    return with_marks(page, with_missed_words(page.marks, page.flat, image, reader), layouts)


def _spelled(
    page: UprightPage, *, image: np.ndarray, layouts: Mapping[str, Layout], reader: Network | None
) -> UprightPage:
    """A page with its words as the reader spells them where the markers found any; as it is without a reader."""
    if reader is None:
        return page
    return with_marks(page, with_words(page.marks, page.flat, image, reader), layouts)


def _is_told_all(page: UprightPage) -> bool:
    """Whether speed and gain are printed, and every lead is named."""
    return _is_named(page) and {scale.kind for scale in page.printed} == {"speed", "gain"}


def _is_named(page: UprightPage) -> bool:
    """Whether the name of every lead was read."""
    return all(all(row.is_read) for row in page.named.naming.rows)


def _check_extent(num_rows: int, row_mm: float) -> None:
    """Refuse what cannot be rows of a page before much time and memory goes into it.

    Raises:
        DataError: the rows are too long or too many.
    """
    if row_mm > LONGEST_ROW_MM or num_rows * row_mm > MOST_ROWS_MM or num_rows > MOST_ROWS:
        raise DataError(
            f"no ECG page was recognised: what looks like its rows are {num_rows} of {row_mm:.0f} mm by its grid; "
            f"up to {MOST_ROWS} rows of up to {LONGEST_ROW_MM:.0f} mm are read, and {MOST_ROWS_MM / 1000:g} m of all "
            "together"
        )


def _extent_mm(rows: Sequence[InkRow]) -> tuple[float, float]:
    """From where to where rows have ink."""
    return min(row.first_mm for row in rows), max(row.last_mm for row in rows)
