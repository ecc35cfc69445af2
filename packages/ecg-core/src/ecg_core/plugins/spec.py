"""What a distribution says of each plugin that it brings: frozen records, light to import.

A distribution registers one entry point a plugin. The entry point's group says the kind, its name is the plugin's
name, and its value points at one of these records in a module that imports nothing heavy (by custom ``plugin.py``).
The record holds the import string of the implementation, which is imported only when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

API_VERSION = 1
"""Version of the plugin interface; it grows when a plugin that worked would stop working, apart from any release."""

HOOKS_GROUP = "ecg.hooks"


@attrs.frozen(kw_only=True)
class PluginSpec:
    """What every plugin says of itself.

    Attributes:
        implementation: ``package.module:attribute``, imported on use.
        summary: one line for ``ecg list --long``.
        api: version of the plugin interface it was made for.
        extra: what to ``pip install`` when a module outside the plugin's own package is missing, ``ecg-seg[tpu]`` say.
    """

    implementation: str
    summary: str
    api: int = API_VERSION
    extra: str | None = None


@attrs.frozen(kw_only=True)
class TaskSpec(PluginSpec):
    """A function ``(config, context) -> TaskResult`` that ``ecg run`` can start.

    Attributes:
        config: import string of the attrs class that holds its options.
        named_configs: name → ``package.module:file.yaml`` of complete configurations shipped as files.
        uses_backend: whether ``--backend``, ``--devices`` and ``--precision`` mean anything to it.
    """

    config: str
    named_configs: Mapping[str, str] = attrs.field(factory=dict)
    uses_backend: bool = False


@attrs.frozen(kw_only=True)
class VerbSpec(PluginSpec):
    """An everyday command such as ``ecg digitize``: a task under a short name.

    ``implementation`` is not imported; the options are the fields of the task's configuration.

    Attributes:
        task: name of the task behind it.
        argument: the configuration field that takes the words on the command line, a tuple of strings.
        out_file: the configuration field, a path or None, that takes ``--out`` where that is a file; the task then runs
            in a folder that is gone afterwards. Without it ``--out`` is always a folder.
        out_suffixes: endings that make ``--out`` a file, with the dot, lower case.
        short_flags: flags for fields whose names are long, without the dashes, by the field's name; the long ones stay.
    """

    implementation: str = ""
    task: str
    argument: str
    out_file: str | None = None
    out_suffixes: tuple[str, ...] = ()
    short_flags: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class ModelSpec(PluginSpec):
    """A class ``(options, request)`` that satisfies `ecg_core.protocols.Model`.

    The request is what the task tells every model that may be chosen for it, `ecg_seg.SegModelRequest` for `seg.train`.

    Attributes:
        config: import string of the attrs class of its options, in a module that imports nothing heavy; None: it is
            made of the request alone.
    """

    config: str | None = None


@attrs.frozen(kw_only=True)
class BackboneSpec(PluginSpec):
    """A factory ``(in_channels, pretrained) -> torch.nn.Module`` that satisfies `ecg_core.protocols.Backbone`."""


@attrs.frozen(kw_only=True)
class DatasetSpec(PluginSpec):
    """A class or function ``(options, request)`` that gives a `ecg_core.protocols.Dataset`.

    The request is what the task asks of every data set that may be chosen for it, `ecg_seg.SegDataRequest` for
    `seg.train`.

    Attributes:
        config: import string of the attrs class of its options, in a module that imports nothing heavy; None: it is
            made of the request alone.
    """

    config: str | None = None


@attrs.frozen(kw_only=True)
class TrainerSpec(PluginSpec):
    """A class that satisfies `ecg_core.protocols.Trainer`."""


@attrs.frozen(kw_only=True)
class BackendSpec(PluginSpec):
    """A class ``() -> Backend``, see `ecg_core.protocols.Backend`.

    Attributes:
        preference: ``auto`` takes the available backend with the highest one.
    """

    preference: int = 0


@attrs.frozen(kw_only=True)
class FormatSpec(PluginSpec):
    """A class ``() -> Format``, see `ecg_core.protocols.Format`.

    Attributes:
        suffixes: endings of the files it reads, with the dot, lower case.
        writes: whether it writes too.
        in_folders: whether such files of a folder are taken for its records; off for what is mostly something else,
            pictures say, and is read where it is named.
    """

    suffixes: tuple[str, ...]
    writes: bool = True
    in_folders: bool = True


@attrs.frozen(kw_only=True)
class DegradationSpec(PluginSpec):
    """A function ``(page, seed) -> page`` that moves image, masks and keypoints together."""


@attrs.frozen(kw_only=True)
class LayoutSpec(PluginSpec):
    """A `ecg_core.paper.Layout`."""


@attrs.frozen(kw_only=True)
class StyleSpec(PluginSpec):
    """What a rendered page looks like: an `ecg_render.PageStyle`, or a function of a NumPy generator that gives one."""


@attrs.frozen(kw_only=True)
class ExecutorSpec(PluginSpec):
    """A class that satisfies `ecg_core.protocols.Executor`, made of its options where it has any.

    Attributes:
        config: import string of the attrs class of its options; None: it is made without arguments.
    """

    config: str | None = None


@attrs.frozen(kw_only=True)
class DigitizerSpec(PluginSpec):
    """A class that satisfies `ecg_digitize.digitizers.Digitizer`, made of its options where it has any.

    Attributes:
        config: import string of the attrs class of its options; None: it is made without arguments.
    """

    config: str | None = None


@attrs.frozen(kw_only=True)
class EngineSpec(PluginSpec):
    """A function ``(path) -> Network`` that opens a network, see `ecg_core.protocols.Network`.

    Attributes:
        suffix: ending of the files that it opens, with the dot, lower case.
    """

    suffix: str


@attrs.frozen(kw_only=True)
class AreaSpec(PluginSpec):
    """What a distribution is for; ``implementation`` is its package. Each distribution registers one.

    Attributes:
        planned: what it will bring and does not bring yet.
    """

    planned: tuple[str, ...] = ()


KINDS: dict[str, type[PluginSpec]] = {
    "areas": AreaSpec,
    "tasks": TaskSpec,
    "verbs": VerbSpec,
    "models": ModelSpec,
    "backbones": BackboneSpec,
    "datasets": DatasetSpec,
    "trainers": TrainerSpec,
    "backends": BackendSpec,
    "formats": FormatSpec,
    "degradations": DegradationSpec,
    "layouts": LayoutSpec,
    "styles": StyleSpec,
    "executors": ExecutorSpec,
    "digitizers": DigitizerSpec,
    "engines": EngineSpec,
}
"""Every kind of plugin, with the record that its entry points hold; the group is ``ecg.<kind>``."""


def group_of(kind: str) -> str:
    """Entry-point group of a kind: ``tasks`` → ``ecg.tasks``."""
    return f"ecg.{kind}"
