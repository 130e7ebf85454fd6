"""What several test modules need: the loaded pipeline, the sample article, the data beside the checkout."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def analyze():
    """The default pipeline, loaded once."""
    import lichang

    return lichang.load()


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
