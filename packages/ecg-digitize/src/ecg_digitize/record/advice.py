"""What to try next with a page that was not read, or not well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ecg_core.layout_text import EXAMPLE
from ecg_core.leads import UNKNOWN_LEAD
from ecg_digitize.digitizers.print_scale import CERTAIN
from ecg_digitize.digitizers.reading import Reading
from ecg_digitize.digitizers.unreadable import Seen
from ecg_digitize.pages.files import PagePicture
from ecg_digitize.record.quality import Verdict

ENOUGH_PX_PER_MM = 4.0
"""Scale from which on more pixels help little; what a trace is read at is 5 to 16."""

USUAL_WIDTH_MM = 280.0
"""Width of a usual sheet, by which the scale of a page is guessed whose grid was not seen."""

MOST_ROWS, MOST_PRINTS = 15, 3
"""Rows that a page has, and prints of one lead, at most, for what was read to be worth correcting."""

ROWS_OF_THE_PAGE = f'--layout with the rows as they are printed, such as --layout "{EXAMPLE}"; "?" for a lost name'
BETTER_PHOTO = "a photo from straight above, in even light, with the whole page in it and little beside it, or a scan"


def advice_for_unread(page: PagePicture, seen: Seen) -> tuple[str, ...]:
    """What to try with a page that could not be read.

    Args:
        page: the page.
        seen: what was made out on it.
    """
    about_rows = [_correct_rows(seen.layout_rows) if _may_be_a_page(seen.layout_rows) else ROWS_OF_THE_PAGE]
    about_picture = [*_larger_picture(page), *_better_photo(page)]
    if seen.grid_px or seen.names:
        return (*about_rows, *about_picture)
    return (*_other_pages(page), *about_picture, *about_rows)


def advice_for(page: PagePicture, reading: Reading, verdict: Verdict) -> tuple[str, ...]:
    """What to try with a page that was read, and is doubtful or refused; nothing for a good one."""
    return () if verdict == "good" else tuple(_advice(page, reading, is_refused=verdict == "refused"))


def _advice(page: PagePicture, reading: Reading, *, is_refused: bool) -> Iterator[str]:
    rows, scale = reading.structure.rows, reading.structure.scale
    if any(lead == UNKNOWN_LEAD for row in rows for lead in row):
        yield f'{_layout_option(rows)} with the name in place of "?", where you know it'
    elif is_refused:
        yield _correct_rows(rows)
    if scale.speed_from == "assumed" or scale.speed_certainty < CERTAIN:
        yield f"--speed, if the page is not printed at {scale.speed_mm_per_s:g} mm/s"
    if scale.gain_from == "assumed" or scale.gain_certainty < CERTAIN:
        yield f"--gain, if the page is not printed at {scale.gain_mm_per_mv:g} mm/mV"
    if is_refused:
        yield from _more_pixels(page, min(reading.geometry.px_per_mm_x, reading.geometry.px_per_mm_y))
        yield from _better_photo(page)


def _may_be_a_page(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows are near enough to those of a page to begin with; waves and other words are taken for names, too."""
    prints = Counter(lead for row in rows for lead in row)
    return 0 < len(rows) <= MOST_ROWS and max(prints.values()) <= MOST_PRINTS


def _layout_option(rows: Sequence[Sequence[str]]) -> str:
    return f'--layout "{" / ".join(" ".join(row) for row in rows)}"'


def _correct_rows(rows: Sequence[Sequence[str]]) -> str:
    return f"{_layout_option(rows)}, corrected to what is printed: this is how far the rows were read"


def _more_pixels(page: PagePicture, px_per_mm: float) -> Iterator[str]:
    """A document is drawn as large as is wanted, a picture is what it is."""
    if page.drawing is None and px_per_mm < ENOUGH_PX_PER_MM:
        wanted = f"{ENOUGH_PX_PER_MM:g} are wanted"
        yield f"a picture of more pixels: it has {px_per_mm:.1f} a millimetre of paper, and {wanted}"


def _larger_picture(page: PagePicture) -> Iterator[str]:
    """The same, where the scale is not known."""
    height, width = page.image.shape[:2]
    if page.drawing is None and max(height, width) < ENOUGH_PX_PER_MM * USUAL_WIDTH_MM:
        wanted = round(ENOUGH_PX_PER_MM * USUAL_WIDTH_MM, -2)
        yield f"a picture of more pixels: it has {width} x {height}, and a whole page needs about {wanted:.0f} across"


def _other_pages(page: PagePicture) -> Iterator[str]:
    """A document may have pages that show no ECG."""
    if page.file is not None and page.name != page.file.stem:
        yield "--pages with the numbers of those that show an ECG, if this one does not"


def _better_photo(page: PagePicture) -> Iterator[str]:
    if page.drawing is None:
        yield BETTER_PHOTO
