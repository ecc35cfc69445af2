from ecg_core.plugins.hooks import hookimpl


@hookimpl
def run_start(context):
    raise ConnectionError("no tracker at example.invalid")
