"""The JSON API: what the page does, for scripts too. All keys are those of the store."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from fastapi import APIRouter, Body, Depends, HTTPException, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from lichang.records import Attitude, Camp, Kind
from lichang.review import decisions, seconds
from lichang.review.corpus_export import export_zip
from lichang.review.desk import BIGGEST_KEY, Desk, desk_of, fields_of, reviewer_of
from lichang.review.disputes import subject
from lichang.review.filters import Address, wanted_of
from lichang.review.overview import read_overview
from lichang.review.queries import Order, Wanted, count_wide, list_work, read_article
from lichang.review.saved import drop_filter, read_filters, save_filter
from lichang.store.events import Event, history

router = APIRouter(prefix="/api")
_Desk = Annotated[Desk, Depends(desk_of)]
_Reviewer = Annotated[str, Depends(reviewer_of)]
_Key = Annotated[int, Path(ge=1, le=BIGGEST_KEY)]
_Count = Annotated[int, Field(ge=0, le=BIGGEST_KEY)]
_Item = Annotated[str, Field(max_length=40)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Decision(_Strict):
    """One decision; `after` is the item's latest event as the reviewer saw it, 0 for none."""

    record: _Count
    item: _Item  # id of a claim or figure; empty is the article
    field: Annotated[str, Field(max_length=20)]
    value: Any = None
    after: _Count = 0


class Addition(_Strict):
    """A claim or figure that the pipeline missed; the span in code points of the article's text."""

    record: _Count
    what: Literal["claim", "figure"]
    start: _Count
    end: _Count


class Filters(_Strict):
    """The worklist's filters; without a status, open claims."""

    status: Literal["open", "accepted", "corrected", "rejected", "any"] = "open"
    camp: Camp | None = None
    attitude: Attitude | None = None
    kind: Kind | None = None
    holder: Annotated[str, Field(max_length=200)] | None = None  # 作者: the writer
    outlet: Annotated[str, Field(max_length=200)] | None = None
    since: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")] | None = None
    until: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")] | None = None
    text: Annotated[str, Field(max_length=200)] | None = None
    conflict: bool = False


class Listing(Filters):
    """The worklist's filters with order and page."""

    order: Order = "worth"
    view: Literal["claims", "articles"] = "claims"
    page: Annotated[int, Field(ge=0, le=99_999)] = 0


class Bulk(_Strict):
    """A decision on all claims of a filter; `stamp` is the preview's."""

    filters: Filters
    field: Literal["verdict", "camp", "attitude", "kind"]
    value: Annotated[str, Field(max_length=20)]
    stamp: Annotated[str, Field(max_length=80)]


class Kept(_Strict):
    """A filter to save: its name and the inbox's address."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    address: Annotated[str, Field(max_length=2000)]


class Settlement(_Strict):
    """Whose judgement of a claim stands."""

    record: _Count
    item: _Item
    take: Literal["first", "second"]
    after: _Count


def wanted_from(filters: Filters, desk: Desk) -> Wanted:
    """What the filters ask the store for."""
    given = {name: str(value) for name, value in filters.model_dump().items() if value not in (None, False)}
    return wanted_of(given, desk.disputes.current().claims)


def _event(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = fields_of(event)
    return found


@router.get("/claims")
def claims(desk: _Desk, listing: Annotated[Listing, Query()]) -> JSONResponse:
    """A page of the worklist, and the counts beside its filters."""
    wanted = wanted_from(listing, desk)
    with desk.store.read() as connection:
        found = fields_of(list_work(connection, wanted))
        found["facets"] |= fields_of(count_wide(connection, wanted))
    return JSONResponse(found)


@router.get("/articles/{document}")
def article(desk: _Desk, document: _Key) -> JSONResponse:
    """An article with its record as people left it, its copies and its revisions."""
    with desk.store.read() as connection:
        reading = read_article(connection, document)
    if reading is None:
        raise HTTPException(404, "no such article, or it has no record yet")
    return JSONResponse(fields_of(reading))


@router.get("/articles/{document}/history")
def article_history(desk: _Desk, document: _Key) -> JSONResponse:
    """Who decided what on the article and when, oldest first."""
    with desk.store.read() as connection:
        reading = read_article(connection, document)
        if reading is None:
            raise HTTPException(404, "no such article, or it has no record yet")
        return JSONResponse(fields_of(history(connection, reading.record)))


@router.post("/decisions", status_code=201)
def decide(desk: _Desk, reviewer: _Reviewer, decision: Annotated[Decision, Body()]) -> JSONResponse:
    """Append a decision. 201 is answered when it is on disk; 409 when somebody else decided since `after`."""
    with desk.store.write() as connection:
        event = decisions.decide(connection, reviewer=reviewer, **decision.model_dump())
    return JSONResponse(_event(event), 201)


@router.post("/additions", status_code=201)
def add(desk: _Desk, reviewer: _Reviewer, addition: Annotated[Addition, Body()]) -> JSONResponse:
    """Add a missed claim or figure; its fields are then decided like any other's."""
    with desk.store.write() as connection:
        item, event = decisions.add(connection, reviewer=reviewer, **addition.model_dump())
    return JSONResponse({"item": item, "event": _event(event)}, 201)


@router.post("/undo")
def undo(desk: _Desk, reviewer: _Reviewer) -> JSONResponse:
    """Undo the reviewer's last decision, or the batch it was part of; lists what was undone."""
    with desk.store.write() as connection:
        found = decisions.undo(connection, reviewer)
    return JSONResponse({"undone": [_event(event) for event in found]})


@router.post("/bulk/preview")
def preview(desk: _Desk, filters: Annotated[Filters, Body()]) -> JSONResponse:
    """How many claims a decision on this filter would touch, with a few of them."""
    wanted = wanted_from(filters, desk)
    with desk.store.read() as connection:
        return JSONResponse(fields_of(decisions.preview(connection, wanted)))


@router.post("/bulk", status_code=201)
def bulk(desk: _Desk, reviewer: _Reviewer, order: Annotated[Bulk, Body()]) -> JSONResponse:
    """Make one decision on all claims of a filter, in one go that is undone in one."""
    wanted = wanted_from(order.filters, desk)
    with desk.store.write() as connection:
        batch, count = decisions.decide_all(
            connection, wanted, reviewer=reviewer, field=order.field, value=order.value, stamp=order.stamp
        )
    return JSONResponse({"batch": batch, "count": count}, 201)


@router.get("/second")
def next_second(desk: _Desk, reviewer: _Reviewer) -> JSONResponse:
    """A claim for the reviewer to judge blindly, null where there is none."""
    with desk.store.read() as connection:
        return JSONResponse(fields_of(seconds.next_blind(connection, reviewer)))


@router.get("/agreement")
def agreement(desk: _Desk) -> JSONResponse:
    """Krippendorff's alpha by field, and the disagreements to settle."""
    with desk.store.read() as connection:
        return JSONResponse(fields_of(seconds.agreement(connection)))


@router.post("/settlements", status_code=201)
def settle(desk: _Desk, reviewer: _Reviewer, settlement: Annotated[Settlement, Body()]) -> JSONResponse:
    """Settle a disagreement."""
    with desk.store.write() as connection:
        made = seconds.settle(connection, reviewer=reviewer, **settlement.model_dump())
    return JSONResponse({"events": [_event(event) for event in made]}, 201)


@router.get("/filters")
def filters(desk: _Desk) -> JSONResponse:
    """The filters that reviewers saved."""
    with desk.store.read() as connection:
        return JSONResponse(fields_of(read_filters(connection)))


@router.put("/filters")
def keep_filter(desk: _Desk, reviewer: _Reviewer, kept: Annotated[Kept, Body()]) -> JSONResponse:
    """Save a filter under a name; one of the same name is replaced. Lists what is saved."""
    address = Address(dict(parse_qsl(kept.address.removeprefix("/").removeprefix("?")))).with_()
    with desk.store.write() as connection:
        save_filter(connection, name=kept.name, address=address, reviewer=reviewer)
        return JSONResponse(fields_of(read_filters(connection)))


@router.delete("/filters")
def forget_filter(desk: _Desk, name: Annotated[str, Query(max_length=40)]) -> JSONResponse:
    """Drop a saved filter. Lists what is saved."""
    with desk.store.write() as connection:
        if not drop_filter(connection, name):
            raise HTTPException(404, f"no filter is called {name!r}; GET /api/filters lists them")
        return JSONResponse(fields_of(read_filters(connection)))


@router.get("/overview")
def overview(desk: _Desk) -> JSONResponse:
    """What the overview's plots are drawn from."""
    with desk.store.read() as connection:
        found = fields_of(read_overview(connection))
    found["disputes"] = [subject(one) for one in desk.disputes.current().found]
    return JSONResponse(found)


@router.get("/corpus.zip")
def corpus(desk: _Desk) -> Response:
    """The articles that were reviewed to the end, as a corpus folder for `lichang train camps --corpus`."""
    with desk.store.read() as connection:
        body = export_zip(connection)
    return Response(
        body, media_type="application/zip", headers={"content-disposition": "attachment; filename=corpus.zip"}
    )
