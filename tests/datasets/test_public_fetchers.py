"""The fetchers of public data: one frame, the right call, and a clear error without a network."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.error import URLError

import fairlearn.datasets
import pandas as pd
import pytest

from riskscope import datasets
from riskscope.errors import ReadError

FETCHERS = ["fetch_adult", "fetch_bank_marketing", "fetch_credit_card", "fetch_acs_income"]


@pytest.mark.parametrize("name", FETCHERS)
def test_features_and_target_come_as_one_frame(monkeypatch, tmp_path, name):
    calls = []

    def fetch(**options):
        calls.append(options)
        return SimpleNamespace(data=pd.DataFrame({"age": [30, 40]}), target=pd.Series([0, 1], name="income"))

    monkeypatch.setattr(fairlearn.datasets, name, fetch)
    frame = getattr(datasets, name)(data_home=tmp_path)
    assert list(frame) == ["age", "income"]
    assert len(frame) == 2
    assert calls[0]["as_frame"] is True
    assert calls[0]["data_home"] == tmp_path


def test_states_are_passed_on(monkeypatch):
    calls = []

    def fetch(**options):
        calls.append(options)
        return SimpleNamespace(data=pd.DataFrame({"age": [30]}), target=pd.Series([0], name="income"))

    monkeypatch.setattr(fairlearn.datasets, "fetch_acs_income", fetch)
    datasets.fetch_acs_income(states=("CA", "TX"))
    datasets.fetch_acs_income()
    assert [call["states"] for call in calls] == [["CA", "TX"], None]


@pytest.mark.parametrize("failure", [URLError("unreachable"), ConnectionResetError(), TimeoutError()])
@pytest.mark.parametrize("name", FETCHERS)
def test_no_network_is_said(monkeypatch, name, failure):
    def fetch(**_options):
        raise failure

    monkeypatch.setattr(fairlearn.datasets, name, fetch)
    with pytest.raises(ReadError, match=rf"{name} could not reach openml.org \({type(failure).__name__}\)") as caught:
        getattr(datasets, name)()
    assert "data_home" in str(caught.value)
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize("name", FETCHERS)
def test_fairlearn_still_has_the_fetcher(name):
    assert callable(getattr(fairlearn.datasets, name))
