"""Classes of diagnostic codes, by the table `codes.csv` beside this file.

SCP statements are those of PTB-XL (Wagner et al. 2020, doi 10.1038/s41597-020-0495-6), whose superclass MI, injury
included, is MI here too. SNOMED CT codes are those of the PhysioNet/CinC challenges 2020 and 2021; there sinus rhythm
is stated beside other findings too, so that it means a normal recording only where it stands alone. An incomplete
block is no BBB. What the table does not name is OTHER.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import attrs

from ecg_classify.classes import CLASSES, NORM, OTHER

KEYS = ("Dx", "SNOMED", "scp_codes")
"""Metadata of records that hold diagnostic codes, whatever the case of their letters."""

NO_CODE = re.compile(r"unknown|n/?a|nan|none|", re.IGNORECASE)


@attrs.frozen
class Meaning:
    """A row of the table.

    Attributes:
        vocabulary: whose code it is: ``SCP``, ``SNOMED`` or ``CPSC``.
        code: as it is written.
        meaning: in words.
        label: one of `ecg_classify.classes.CLASSES`.
        only_alone: whether it says nothing where other codes stand beside it.
    """

    vocabulary: str
    code: str
    meaning: str
    label: str
    only_alone: bool


@cache
def table() -> Mapping[str, Meaning]:
    """Every row, by its code in small letters; no two vocabularies share one."""
    with (files(__package__) / "codes.csv").open(encoding="utf-8") as lines:
        rows = [
            Meaning(row["vocabulary"], row["code"], row["meaning"], row["class"], row["only_alone"] == "yes")
            for row in csv.DictReader(lines)
        ]
    return {row.code.casefold(): row for row in rows}


def classes_of_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """The classes that the codes of one recording stand for together, in the order of `CLASSES`.

    Args:
        codes: of any vocabulary; what is not in the table stands for some other finding.

    Returns:
        One class or several; ``OTHER`` alone, where no code says more. Empty without any code.
    """
    given = {code.strip().casefold() for code in codes}
    known = [table()[code] for code in given if code in table()]
    said = {row.label for row in known if not row.only_alone or len(given) == 1}
    if not given:
        return ()
    return tuple(label for label in CLASSES if label in said) or (OTHER,)


def codes_of(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """The diagnostic codes that a record's metadata hold.

    A list is parted by commas or semicolons; SCP statements may also be a mapping of codes to likelihoods, as PTB-XL
    writes them, of which every key counts: 0 there means that the likelihood was not stated.
    """
    by_name = {str(name).casefold(): value for name, value in metadata.items()}
    found: list[str] = []
    for key in KEYS:
        value = by_name.get(key.casefold())
        if value is not None:
            found += _parted(value)
    return tuple(dict.fromkeys(code for code in found if not NO_CODE.fullmatch(code)))


def one_class(classes: Iterable[str]) -> str | None:
    """The only one of some classes; None where there are several or none.

    ``NORM`` beside a finding counts for nothing, since the finding is what the recording was made for.
    """
    left = set(classes)
    if len(left) > 1:
        left.discard(NORM)
    return left.pop() if len(left) == 1 else None


def _parted(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [str(code) for code in value]
    text = str(value).strip()
    if text.startswith("{"):
        try:
            return [str(code) for code in json.loads(text)]
        except json.JSONDecodeError:
            return []
    return [code.strip() for code in re.split(r"[,;]", text)]
