from __future__ import annotations

import pytest

from ecg_core import errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.EcgError, 1),
        (errors.DataError, 1),
        (errors.CheckpointError, 1),
        (errors.TrainingDiverged, 1),
        (errors.ConfigError, 2),
        (errors.PluginNotFound, 3),
        (errors.PluginBroken, 3),
        (errors.PluginConflict, 3),
        (errors.PluginIncompatible, 3),
        (errors.BackendUnavailable, 3),
    ],
)
def test_exit_codes_are_those_of_the_manual(error: type[errors.EcgError], code: int):
    assert error.exit_code == code


def test_every_error_of_the_library_is_an_ecg_error():
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, BaseException)]
    assert errors.DataError in classes
    assert all(issubclass(each, errors.EcgError) for each in classes)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("two\n  lines."), "ValueError: two lines"),
        (AssertionError(), "AssertionError"),
        (KeyError("key"), "KeyError: 'key'"),
        (PermissionError(13, "Permission denied", "a/page.png"), "a/page.png: Permission denied"),
        (OSError("no file is named"), "OSError: no file is named"),
    ],
)
def test_an_error_fits_on_one_line(error: Exception, line: str):
    assert errors.one_line(error) == line
