"""Options of `classify.prepare`."""

from __future__ import annotations

import attrs

from ecg_core.config import option


@attrs.frozen(kw_only=True)
class PrepareConfig:
    """Where recordings and labels come from."""

    records: tuple[str, ...] = option(
        (), help="recordings: files, or local or remote folders (s3://…) with all below them"
    )
    mapping: str = option(
        "", help="table with dataset, record_id, mapped_label; by default unified_label_mapping.csv of the folders"
    )
    workers: int = option(2, minimum=1, help="processes that work at a time")
