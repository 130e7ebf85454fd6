"""Requests made up from the API's own description: none may end in a server error."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from fake_pipeline import FakeAnalyzer, fake_record
from lichang.records import Article
from lichang.store.open import open_store
from review_site import TOKEN, enter, served

HEADERS = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def description(tmp_path: Path) -> Iterator[Any]:
    store = open_store(str(tmp_path / "lichang.db"))
    article = Article(id="a", text="黄仁勋说，依赖加深，共30张。封锁，收紧。", title="题", source="界面")
    enter(store, [(article, fake_record(article, FakeAnalyzer().provenance))])
    with served(store) as site:
        yield schemathesis.openapi.from_url(f"{site.url}/api/openapi.json", headers=HEADERS)
    store.close()


def test_no_request_ends_in_a_server_error(description: Any) -> None:
    tried = []
    for operation in description.get_all_operations():
        found = operation.ok()

        @given(case=found.as_strategy())
        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def probe(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=[not_a_server_error], headers=HEADERS)

        probe()
        tried.append(found.label)
    assert "POST /api/decisions" in tried
    assert len(tried) == len(set(tried)) >= 12
