"""What several test modules need: the loaded pipeline, the sample article, databases, the data beside the checkout."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from postgres_server import find_binaries, running_server

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def analyze():
    """The pipeline with the linear tagger, loaded once."""
    import lichang

    return lichang.load("linear")


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample article that ships with the package."""
    return ROOT / "pipeline" / "lichang" / "sample" / "article.md"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data that is measured with and never committed; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    return SHARED


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server for the session; skips where none is installed."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server here (Debian: apt-get install postgresql)")
    with running_server(binaries) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of a new, empty database."""
    import psycopg

    name = f"test_{uuid4().hex}"
    address = postgres_server.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(f"{address}postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{postgres_server}{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store may be made, on either database."""
    if request.param == "sqlite":
        return str(tmp_path / "lichang.db")
    url: str = request.getfixturevalue("postgres_url")
    return url
