"""Copies among articles that many machines hold: by the same rules as `lichang.copies` on one.

The signatures of all articles are small (400 bytes each) and go to every node; a task a band links what
shares it and is alike by signature. What hangs together by such links is compared for real, in order of
arrival, so that the first one seen is kept: the outcome does not depend on who did which part.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lichang import copies
from lichang.cluster.rows import COPY_ROW, articles_of
from lichang.copies import CROWD, WORTH_A_LOOK, CopyIndex

Orders = npt.NDArray[np.int64]
Links = npt.NDArray[np.int64]  # of shape (n, 2): the orders of two articles that may be copies


def link(number: int, orders: Orders, minhashes: npt.NDArray[np.uint32]) -> Links:
    """What shares the band of that number and half of what copies share of their signatures.

    `minhashes` has shape ``(n_articles, values)``. Each article is paired with the first one that it hangs
    together with, so that a report that a thousand reprint gives a thousand links and not a million.
    """
    keys = copies.band(minhashes, number)
    by_key = np.lexsort((orders, keys))
    edges = np.flatnonzero(np.diff(keys[by_key])) + 1
    shared = [same for same in np.split(by_key, edges) if len(same) > 1]
    links = [pair for same in shared for pair in _links_among(orders[same], minhashes[same])]
    if not links:
        return np.empty((0, 2), np.int64)
    return np.stack(groups(np.concatenate(links)), axis=1)


def _links_among(orders: Orders, minhashes: npt.NDArray[np.uint32]) -> Iterator[Links]:
    for place in range(1, len(orders)):
        earlier = minhashes[: min(place, CROWD)]
        alike = np.mean(earlier == minhashes[place], axis=1) >= WORTH_A_LOOK
        others = orders[: len(earlier)][alike]
        yield np.stack([others, np.full_like(others, orders[place])], axis=1)


def groups(links: Links) -> tuple[Orders, Orders]:
    """The articles that hang together by links: their orders, sorted, and for each the first order of its group.

    >>> members, firsts = groups(np.array([[1, 5], [5, 7], [2, 9]]))
    >>> members.tolist(), firsts.tolist()
    ([1, 2, 5, 7, 9], [1, 2, 1, 1, 2])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    members, places = np.unique(links, return_inverse=True)
    if not len(members):
        return members, members
    pairs = places.reshape(-1, 2)
    shape = (len(members), len(members))
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape)
    _, labels = connected_components(graph, directed=False)
    _, first = np.unique(labels, return_index=True)  # members are sorted: the first of a label is its least
    return members, members[first[labels]]


def settle(group: pa.Table) -> pa.Table:
    """Which articles of a group are copies, and of which: rows of `COPY_ROW`."""
    group = group.sort_by("order")
    articles = articles_of(group)
    index = CopyIndex[int]()
    rows: list[dict[str, Any]] = []
    for place, (order, content) in enumerate(
        zip(group["order"].to_pylist(), group["content"].to_pylist(), strict=True)
    ):
        article = articles[place]
        match = index.add(place, article.text)
        if match is not None:
            rows.append(
                {
                    "of": articles[match.original].id,
                    "similarity": match.similarity,
                    "id": article.id,
                    "outlet": article.source,
                    "published": article.published,
                    "url": article.url,
                    "content": content,
                    "order": order,
                }
            )
    return pa.Table.from_pylist(rows, COPY_ROW)
