"""Specs of plugins that break later than here."""

from __future__ import annotations

from ecg_core.plugins.spec import API_VERSION, BackendSpec, FormatSpec, TaskSpec, VerbSpec

CONFIG = "acme_broken.works:Config"

no_spec = {"implementation": "acme_broken.works:run"}
failing_import = TaskSpec(implementation="acme_broken.module_that_fails:run", config=CONFIG, summary="Fails on import")
missing_extra = TaskSpec(
    implementation="acme_broken.module_that_needs_more:run",
    config=CONFIG,
    summary="Needs a library",
    extra="acme-broken[fast]",
)
missing_attribute = TaskSpec(implementation="acme_broken.works:walk", config=CONFIG, summary="Names what is not there")
older = TaskSpec(implementation="acme_broken.works:run", config=CONFIG, summary="Too old", api=API_VERSION - 1)
newer = TaskSpec(implementation="acme_broken.works:run", config=CONFIG, summary="Too new", api=API_VERSION + 1)
contested_task = TaskSpec(implementation="acme_broken.works:run", config=CONFIG, summary="Has a name of ecg-core's")
contested_format = FormatSpec(
    implementation="acme_broken.works:OtherCsv", summary="Has a name of ecg-core's", suffixes=(".csv",)
)
verb_without_task = VerbSpec(task="broken.absent", argument="inputs", summary="Names a task that is not there")
raising_backend = BackendSpec(
    implementation="acme_broken.works:RaisingBackend", summary="Cannot even be asked", preference=1000
)
