from ecg_core.plugins.spec import SpecOfTheFuture

task = SpecOfTheFuture(implementation="acme_broken.works:run")
