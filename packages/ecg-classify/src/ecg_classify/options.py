"""What a training of a classifier can be told: options of our model and data set, and requests to anybody's.

A model for `classify.train` is a class ``(options, ClassifyModelRequest)``, a data set a class or function
``(options, ClassifyDataRequest)``; `ecg_classify.testing` has the contract tests of both. Light to import.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from ecg_classify.classes import CLASSES
from ecg_classify.signals import NUM_SAMPLES, RATE_HZ
from ecg_core.config import Choice, option, plugin_option
from ecg_core.errors import ConfigError
from ecg_core.leads import STANDARD_LEADS


@attrs.frozen(kw_only=True)
class ClassifyModelRequest:
    """What `classify.train` and everything that uses its weights tell a model.

    The model's ``forward`` takes ``signal`` float32 and ``seen`` bool, each (batch, leads, samples), as
    `ecg_classify.signals.Prepared` describes them, and gives logits (batch, classes). Batches for its steps are those
    of a `ClassifyDataRequest`. Figures should have ``macro_f1``, by which the best checkpoint is chosen unless
    ``monitor`` names another. A buffer ``temperature``, of no dimension, by which the model divides its logits, is
    fitted by `classify.export` where there is one.

    Attributes:
        classes: to be told apart.
        leads: of the signals, in order.
        num_samples: of the signals; networks that take any number are welcome.
        sampling_rate_hz: of the signals.
        restored: trained weights are put into the model at once, so it need not fetch any to begin with.
    """

    classes: tuple[str, ...] = CLASSES
    leads: tuple[str, ...] = STANDARD_LEADS
    num_samples: int = NUM_SAMPLES
    sampling_rate_hz: float = RATE_HZ
    restored: bool = False


@attrs.frozen(kw_only=True)
class ClassifyDataRequest:
    """What `classify.train` asks of a data set.

    Batches are ``signal`` float32 and ``seen`` bool (batch, leads, samples), ``target`` float32 (batch, classes), whose
    rows sum to 1, and ``counts`` float32 (batch), which is 0 for examples that merely fill up a batch of validation.

    Attributes:
        batch_size: recordings in a batch.
        workers: processes that may make batches ahead; 0: none.
        seed: of everything that is drawn.
        classes: that targets tell apart, in order.
        leads: of the signals, in order.
        num_samples: of the signals.
        sampling_rate_hz: of the signals.
    """

    batch_size: int
    workers: int
    seed: int
    classes: tuple[str, ...] = CLASSES
    leads: tuple[str, ...] = STANDARD_LEADS
    num_samples: int = NUM_SAMPLES
    sampling_rate_hz: float = RATE_HZ


@attrs.frozen(kw_only=True, slots=False)  # a class with slots could not be inherited beside TrainingConfig
class ClassifyNetworkConfig:
    """The options of `classify.train` without which its network cannot be built again."""

    model: Choice = plugin_option("models", "classify.resnet1d", help="the network, by the name of its plugin")

    def make(self, *, restored: bool = False) -> Any:
        """The network, a ``torch.nn.Module``; see `ClassifyModelRequest`.

        Raises:
            ConfigError: an option makes no network.
            PluginError: the model is not installed, or broken.
        """
        return self.model.make(ClassifyModelRequest(restored=restored))


@attrs.frozen(kw_only=True)
class ResNet1dConfig:
    """Options of the model `classify.resnet1d`."""

    width: int = option(64, help="channels of the first stage; the others have 2, 3 and 4 times as many", minimum=8)
    blocks: tuple[int, ...] = option(
        (1, 1, 1, 1), minimum=1, help="residual blocks of each stage; as many numbers as stages"
    )
    kernel_size: int = option(7, help="samples that a convolution spans; odd", unit="samples", minimum=3)
    stem_stride: int = option(4, help="samples that become one before the first stage", unit="samples", minimum=1)
    dropout: float = option(0.2, help="share of the features that are left out in training", minimum=0, maximum=0.9)
    label_smoothing: float = option(0.05, help="share of every target spread over all classes", minimum=0, maximum=0.5)


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
class RecordingsConfig:
    """Prepared recordings, and how they are dealt out to training, validation and test."""

    folder: Path | None = option(None, help="what classify.prepare made")
    folds: int = option(0, help="parts for cross-validation, dealt anew; 0: the splits of the folder", minimum=0)
    fold: int = option(0, help="which of them to test on; the next one is for validation", minimum=0)

    def prepared_folder(self) -> Path:
        """What `classify.prepare` made.

        Raises:
            ConfigError: no folder is named.
        """
        if self.folder is None:
            raise ConfigError("data.folder: name the folder that classify.prepare made")
        return self.folder


@attrs.frozen(kw_only=True)
class PreparedConfig(RecordingsConfig):
    """Options of the data set `classify.prepared`."""

    balance: float = option(
        0.5,
        help="how much rarer classes are drawn more often: 0 not at all, 1 until all are drawn alike",
        minimum=0,
        maximum=1,
    )
    augment: AugmentConfig = option(factory=AugmentConfig, help="what training does to a recording")
