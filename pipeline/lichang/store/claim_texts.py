"""Each claim's own text, folded, to search in: cut out of its article's passage once, not at every search."""

from sqlalchemy import ColumnElement, Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from lichang.store.schema import claim_texts, claims, passages


def cut_texts(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Cut out the texts of these claims, a condition on `claims`; what was cut out of them before is replaced."""
    span = func.substr(passages.c.folded, claims.c.start + 1, claims.c.end - claims.c.start)
    texts = (
        select(claims.c.document, claims.c.key, span)
        .join(passages, passages.c.document == claims.c.document)
        .where(chosen)
        .order_by(claims.c.document, claims.c.key)
    )
    into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = into(claim_texts).from_select(["document", "claim", "folded"], texts)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["document", "claim"], set_={"folded": statement.excluded.folded}
        )
    )


def drop_text(connection: Connection, document: int, claim: int) -> None:
    """Forget the text of a claim that is gone."""
    connection.execute(
        delete(claim_texts).where(claim_texts.c.document == document, claim_texts.c.claim == claim)
    )
