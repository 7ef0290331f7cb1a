"""The names of utility, and that its modules do not hide them."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscope import utility


def test_every_name_is_there_and_no_module_is_called_like_it() -> None:
    assert set(utility.__all__) <= set(dir(utility))
    modules = {path.stem for path in Path(utility.__file__).parent.glob("*.py")}
    for name in utility.__all__:
        assert callable(getattr(utility, name))
        assert name not in modules


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'loses'"):
        utility.loses  # noqa: B018
