"""How far reviewers agree beyond chance."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal values: 1 is perfect agreement, 0 is chance.

    A unit is what its reviewers said, any number of them; units that only one judged are left out. None
    where nothing varies, so that chance alone would agree.

    >>> krippendorff_alpha([("a", "a"), ("b", "b"), ("a", "b")])
    0.4444444444444444
    >>> krippendorff_alpha([("a", "a"), ("a", "a")])
    """
    observed = 0.0  # disagreeing pairs, each unit's weighted to its number of values
    totals: Counter[Hashable] = Counter()
    for values in units:
        if len(values) < 2:
            continue
        counts = Counter(values)
        totals += counts
        alike = sum(count * (count - 1) for count in counts.values())
        observed += (len(values) * (len(values) - 1) - alike) / (len(values) - 1)
    n = totals.total()
    expected = n * n - sum(count * count for count in totals.values())
    return 1 - (n - 1) * observed / expected if expected else None
