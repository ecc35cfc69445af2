"""Options of the data of training."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.errors import ConfigError


@attrs.frozen(kw_only=True)
class AugmentConfig:
    """What training does to a recording."""

    noise: float = option(0.1, help="most standard deviations of Gaussian noise to add", minimum=0)
    lead_dropout: float = option(0.1, help="probability of each lead to be left out", minimum=0, maximum=0.9)
    printed: float = option(
        0.5, help="probability of a recording to be cut to what a printed page shows of it", minimum=0, maximum=1
    )
    columns: tuple[int, ...] = option(
        (4, 4, 2), choices=(2, 3, 4), help="columns of leads of such pages to choose from: 4 show 2.5 s of each lead"
    )
    rhythm: float = option(0.7, help="probability that such a page shows all of lead II below", minimum=0, maximum=1)
    shift_s: float = option(0.5, help="most that a recording is moved in time", unit="s", minimum=0)
    pace: float = option(
        0.1, help="most by which a recording is made quicker or slower: 0.1 by a tenth", minimum=0, maximum=0.5
    )
    mixed: float = option(
        0.3, help="share of the recordings that another one is mixed into, and its class (mixup)", minimum=0, maximum=1
    )


@attrs.frozen(kw_only=True)
class DataConfig:
    """Where recordings come from, and how many at a time."""

    source: str = option("classify.prepared", help="data set: classify.prepared, or a plugin's")
    folder: Path | None = option(None, help="what classify.prepare made")
    folds: int = option(0, help="parts for cross-validation, dealt anew; 0: the splits of the folder", minimum=0)
    fold: int = option(0, help="which of them to test on; the next one is for validation", minimum=0)
    batch_size: int = option(32, help="recordings in a batch", minimum=1)
    balance: float = option(
        0.5,
        help="how much rarer classes are drawn more often: 0 not at all, 1 until all are drawn alike",
        minimum=0,
        maximum=1,
    )
    augment: AugmentConfig = option(factory=AugmentConfig, help="what training does to a recording")
    workers: int = option(1, help="processes that make batches ahead; 0 makes them in between", minimum=0)

    def prepared_folder(self) -> Path:
        """What `classify.prepare` made.

        Raises:
            ConfigError: no folder is named.
        """
        if self.folder is None:
            raise ConfigError("data.folder: name the folder that classify.prepare made")
        return self.folder


@attrs.frozen
class DataRequest:
    """What a data set of `classify.train` is made from.

    Attributes:
        config: options.
        seed: of everything.
    """

    config: DataConfig
    seed: int
