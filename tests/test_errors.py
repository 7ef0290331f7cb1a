"""Errors: one base to catch, one class for each remedy."""

from __future__ import annotations

import inspect

from riskscope import errors


def test_every_error_is_a_riskscope_error_and_a_value_error() -> None:
    classes = [
        each for _name, each in inspect.getmembers(errors, inspect.isclass) if each.__module__ == errors.__name__
    ]
    assert len(classes) >= 5
    for each in classes:
        assert issubclass(each, errors.RiskscopeError)
        assert issubclass(each, ValueError)
        assert each.__doc__


def test_a_missing_extra_is_an_import_error() -> None:
    assert issubclass(errors.MissingExtraError, ImportError)
