"""The worklist's state and the page's address: one is made from the other."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from lichang.records import ATTITUDES, CAMPS, KINDS
from lichang.review.queries import ORDERS, Wanted
from lichang.store.listing import Filter
from lichang.store.schema import STATUSES

WRITER = "作者"  # what the address says for claims without a named holder
NO_ATTITUDE = "none"
_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_CHOICES = {"camp": CAMPS, "attitude": ATTITUDES, "kind": KINDS, "status": STATUSES}
_LONGEST_PAGE = 5  # digits
_LONGEST = 200  # characters of a search or a name
NAMES = (
    "status",
    "camp",
    "attitude",
    "kind",
    "holder",
    "outlet",
    "since",
    "until",
    "text",
    "conflict",
    "order",
    "view",
    "page",
)


def wanted_of(given: Mapping[str, str], disputed: frozenset[int]) -> Wanted:
    """What an address asks for; what makes no sense is passed over.

    >>> wanted_of({"camp": "dependency", "order": "sideways"}, frozenset()).filter.camp
    'dependency'
    >>> wanted_of({"status": "any"}, frozenset()).filter.status, wanted_of({}, frozenset()).filter.status
    (None, 'open')
    """
    chosen = {name: given[name] for name, values in _CHOICES.items() if given.get(name) in values}
    if "status" not in given:
        chosen["status"] = "open"
    for name in ("holder", "outlet", "text"):
        if value := given.get(name, "").replace("\0", "")[:_LONGEST]:
            chosen[name] = "" if name == "holder" and value == WRITER else value
    for name in ("since", "until"):
        if _DAY.fullmatch(given.get(name, "")):
            chosen[name] = given[name]
    page = given.get("page", "0")
    order = next((order for order in ORDERS if order == given.get("order")), ORDERS[0])
    return Wanted(
        filter=Filter(**chosen),
        order=order,
        page=int(page) if page.isascii() and page.isdigit() and len(page) <= _LONGEST_PAGE else 0,
        articles=given.get("view") == "articles",
        among=disputed if given.get("conflict") else None,
        disputed=disputed,
    )


class Address:
    """The inbox's address, and those of the same list with one thing changed."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = {name: given[name] for name in NAMES if given.get(name)}

    def with_(self, **changed: str | None) -> str:
        """The address with these changed, from the first page on; None leaves one out."""
        state = {**self.given, "page": None, **changed}
        rest = {name: value for name, value in state.items() if value}
        return "/" + (f"?{urlencode(rest)}" if rest else "")

    def is_(self, facet: str, value: str) -> bool:
        """Is this what the list is filtered by?"""
        if facet == "months":
            return self.given.get("since") == self.given.get("until") == value
        return self.given.get(facet, "open" if facet == "status" else None) == value

    def switched(self, facet: str, value: str) -> str:
        """The address with this filter taken off where it is on, and put on where it is off."""
        is_on = self.is_(facet, value)
        if facet == "months":
            bound = None if is_on else value
            return self.with_(since=bound, until=bound)
        off = "any" if facet == "status" else None
        return self.with_(**{facet: off if is_on else value})

    def get(self, name: str) -> str:
        """The value of a filter, empty for none."""
        return self.given.get(name, "")
