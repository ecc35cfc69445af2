"""A page that could not be read: why, what was made out on it, and what to try next."""

from __future__ import annotations

import attrs
import numpy as np

from ecg_core.errors import DataError
from ecg_core.leads import STANDARD_LEADS, UNKNOWN_LEAD
from ecg_digitize.digitizers.unreadable import Seen, UnreadablePage
from ecg_digitize.pages.files import PagePicture
from ecg_digitize.record.advice import advice_for_unread
from ecg_digitize.record.quality import PageSource, Quality
from ecg_digitize.record.relations import RELATIONS


@attrs.frozen(kw_only=True, eq=False)
class Refusal:
    """A page that could not be read.

    Attributes:
        image: its picture, uint8 RGB, shape (height, width, 3).
        quality: the verdict ``refused``, with the reason, and what to try next.
        seen: what was made out on the picture.
    """

    image: np.ndarray = attrs.field(repr=lambda image: f"<{image.shape[1]} x {image.shape[0]} px>")
    quality: Quality
    seen: Seen


NO_ROWS = ((UNKNOWN_LEAD,),)
"""What is known of the rows of a page on which no name was found: there may be one, of a lead that nobody can name."""


def refuse_page(page: PagePicture, error: DataError) -> Refusal:
    """What is left of a page that could not be read.

    Args:
        page: the page.
        error: why; an `UnreadablePage` tells what was seen as well.
    """
    told = UnreadablePage.of(error)
    quality = Quality(
        source=PageSource.of(page),
        method=told.method,
        engine=None,
        verdict="refused",
        warnings=(str(error),),
        advice=tuple(dict.fromkeys((*told.advice, *advice_for_unread(page, told.seen)))),
        confidence=dict.fromkeys(STANDARD_LEADS, 0.0),
        leads={},
        disagreement=dict.fromkeys(relation.name for relation in RELATIONS),
        adjusted_mv={},
        layout=None,
        layout_rows=told.seen.layout_rows or NO_ROWS,
        paper=None,
        geometry=None,
        evidence={},
    )
    return Refusal(image=page.image, quality=quality, seen=told.seen)
