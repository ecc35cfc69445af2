"""Classes of prepared recordings: from a table, else from their diagnostic codes, else OTHER."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ecg_classify.classes import OTHER
from ecg_classify.labels.mapping import FILE_NAME, LabelMapping
from ecg_classify.prepare.files import About
from ecg_core.paths import is_remote, local_copy

log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Labelled:
    """The classes and the patient of a recording, and where the classes were found.

    Attributes:
        classes: one or several of `ecg_classify.classes.CLASSES`.
        source: ``table``, ``codes``, or ``none`` where nothing tells it.
        patient: empty where it is not known.
    """

    classes: tuple[str, ...]
    source: str
    patient: str


def find_mappings(named: str, roots: Sequence[str]) -> list[LabelMapping]:
    """The table that is named, else those that lie in the folders of the recordings.

    One that is named and not there is told, and does not stop the work.

    Raises:
        DataError: a table cannot be read.
    """
    places = [named] if named else [f"{root.rstrip('/')}/{FILE_NAME}" for root in roots if not is_remote(root)]
    found = [_read(place) for place in places if is_remote(place) or Path(place).is_file()]
    if not found:
        missing = f"{named}: there is no such table" if named else f"no {FILE_NAME} in the folders of the recordings"
        log.warning("%s; labels come from the diagnostic codes of the recordings, OTHER where they have none", missing)
    return found


def _read(place: str) -> LabelMapping:
    with local_copy(place) as path:
        mapping = LabelMapping.read(path)
    for text in mapping.refused:
        log.warning("a row of the table is left out: %s", text)
    return mapping


def label(about: About, mappings: Sequence[LabelMapping]) -> Labelled:
    """Classes and patient of a recording, from the first table that names it, else from its diagnostic codes."""
    rows = (mapping.find(about.location) for mapping in mappings)
    row = next((row for row in rows if row is not None), None)
    if row is not None:
        return Labelled(classes=row.labels, source="table", patient=row.patient or about.patient)
    source = "codes" if about.classes else "none"
    return Labelled(classes=about.classes or (OTHER,), source=source, patient=about.patient)


def tell_sources(labelled: Mapping[str, Labelled], *, has_table: bool) -> None:
    """Warn of recordings that the table does not name, and of those that nothing tells the class of."""
    counts = Counter(each.source for each in labelled.values())
    if has_table and counts["codes"]:
        log.warning("%d recordings are not in the table; their labels come from their codes", counts["codes"])
    if counts["none"]:
        log.warning("%d recordings have no label and no diagnostic codes; they are %s", counts["none"], OTHER)
