"""Made-up 12-lead recordings that look like real ones, for tests, examples and pre-training."""

from __future__ import annotations

from ecg_core.synthetic.record import synthesize_record

__all__ = ["synthesize_record"]
