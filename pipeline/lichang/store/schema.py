"""The tables, as SQLAlchemy Core sees them; docs/store.md says what each is for.

Three kinds of table stand side by side. *What came in*: inputs, rejections, documents. *What was
made of it*: the ledger and the records, whose bodies are never edited. *What lists are drawn
from*: claims, claim_texts, figures and passages hold only each document's current record, as people
left it, and can be rebuilt from it and its events. Events are what people decided; they are only ever
appended.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

STAGES = ("read", "compare", "analyze")
STATES = ("pending", "done", "skipped", "failed", "quarantined")
STATUSES = ("open", "accepted", "corrected", "rejected")

# Names that Alembic can drop again on both databases.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the type is spelt INTEGER.
_Key = BigInteger().with_variant(Integer(), "sqlite")


runs = Table(
    "runs",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("started", Text, nullable=False),
    Column("ended", Text),  # null: running, or killed; the run's lock tells which
)

inputs = Table(
    "inputs",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("mtime_ns", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),  # of the bytes
    Column("reader", Text, nullable=False),  # hash of the version and settings that read it
    Column("read_at", Text, nullable=False),
)

rejections = Table(
    "rejections",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("path", Text, nullable=False, index=True),  # the input that it came in
    Column("place", Text, nullable=False),  # file, or file:line
    Column("article", Text),  # its id where it had one
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Text, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("key", _Key, primary_key=True),
    Column("id", Text, nullable=False),  # Article.id
    Column("revision", Integer, nullable=False),  # 1, 2, …; the greatest is current
    Column("hash", Text, nullable=False),  # of all that the article says
    Column("copy_of", _Key, ForeignKey("documents.key"), index=True),  # the first one seen
    Column("outlet", Text),
    Column("published", Text),
    Column("path", Text, nullable=False),  # the input that it came in
    Column("seen", Text, nullable=False),
    Column("head", LargeBinary, nullable=False),  # the Article as JSON, its text left out
    Column("text", Text, nullable=False),
    UniqueConstraint("id", "revision"),
)

signatures = Table(
    "signatures",
    metadata,
    Column("document", _Key, ForeignKey("documents.key"), primary_key=True),
    Column("exact", LargeBinary, nullable=False, index=True),  # hash of the normalised text
    Column("minhash", LargeBinary, nullable=False),
)


def _bands(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("band", BigInteger, nullable=False),  # one LSH bucket; near texts share some
        Column("document", _Key, ForeignKey("documents.key"), nullable=False),
        PrimaryKeyConstraint("band", "document"),
        sqlite_with_rowid=False,
    )


bands = _bands("bands")
# Those of the newest documents, for a while: in a table of their own they are few pages, which a batch of them writes
# to; in the large one each would be a page of its own.
new_bands = _bands("new_bands")

ledger = Table(
    "ledger",
    metadata,
    Column("document", _Key, ForeignKey("documents.key"), nullable=False),
    Column("stage", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),  # that ended without a result
    Column("reason", Text),  # a stable word
    Column("detail", Text),  # a sentence for a person
    Column("made_by", Text),  # hash of what produced the result
    Column("run", _Key, ForeignKey("runs.id"), nullable=False),  # who holds it, or held it last
    Column("at", Text, nullable=False),
    PrimaryKeyConstraint("document", "stage"),
    sqlite_with_rowid=False,
)
# What is left to do is small beside what is done.
Index(
    "ix_ledger_open",
    ledger.c.state,
    ledger.c.document,
    sqlite_where=text("state IN ('pending', 'failed', 'quarantined')"),
    postgresql_where=text("state IN ('pending', 'failed', 'quarantined')"),
)
Index("ix_ledger_made_by", ledger.c.stage, ledger.c.state, ledger.c.made_by)

provenances = Table(
    "provenances",
    metadata,
    Column("hash", Text, primary_key=True),  # what ledger.made_by and records.made_by hold
    Column("body", LargeBinary, nullable=False),  # Provenance as JSON
)

records = Table(
    "records",
    metadata,
    Column("key", _Key, primary_key=True),
    Column("document", _Key, ForeignKey("documents.key"), nullable=False),
    Column("made_by", Text, ForeignKey("provenances.hash"), nullable=False),
    Column("current", Boolean, nullable=False),  # at most one a document
    Column("relevant", Boolean, nullable=False),
    Column("balance", Text, nullable=False),
    Column("written", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # the record's JSON line, deflated by zlib
    UniqueConstraint("document", "made_by"),
)

claims = Table(
    "claims",
    metadata,
    Column("key", _Key, primary_key=True),
    Column("document", _Key, ForeignKey("documents.key"), nullable=False),
    Column("id", Text, nullable=False),  # Claim.id, unique in its record
    Column("start", Integer, nullable=False),  # code points into documents.text
    Column("end", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("camp", Text, nullable=False),
    Column("attitude", Text),
    Column("holder", Text),  # null: the article's writer
    Column("quote", Text, nullable=False),
    Column("certainty", Float, nullable=False),  # the tagger's probability of the camp
    Column("outlet", Text),
    Column("published", Text),
    Column("status", Text, nullable=False, server_default="open"),
    # As the pipeline wrote them, once somebody mended the claim; was_kind is null until then, and
    # "none" where a person added a claim that the pipeline missed.
    Column("was_kind", Text),
    Column("was_camp", Text),
    Column("was_attitude", Text),
    Column("was_holder", Text),
    UniqueConstraint("document", "id"),
)
Index("ix_claims_camp", claims.c.camp, claims.c.attitude, claims.c.published)
# With the status at their end, so that what is open is counted from them alone.
Index("ix_claims_holder", claims.c.holder, claims.c.published, claims.c.status)
Index("ix_claims_outlet", claims.c.outlet, claims.c.published, claims.c.status)
Index("ix_claims_published", claims.c.published, claims.c.status)
# Every facet is counted from this one without a look at the rows.
Index("ix_claims_facets", claims.c.status, claims.c.camp, claims.c.attitude, claims.c.kind)
# The worklist: claims of a camp that nobody has looked at, the least certain first.
Index(
    "ix_claims_worklist",
    claims.c.status,
    claims.c.certainty,
    sqlite_where=text("camp <> 'neither'"),
    postgresql_where=text("camp <> 'neither'"),
)

figures = Table(
    "figures",
    metadata,
    Column("key", _Key, primary_key=True),
    Column("document", _Key, ForeignKey("documents.key"), nullable=False),
    Column("id", Text, nullable=False),
    Column("claim", Text),  # Claim.id
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("value", Text),
    Column("unit", Text),
    Column("bound", Text, nullable=False),
    Column("of", Text),
    UniqueConstraint("document", "id"),
)
Index("ix_figures_of", figures.c.of, figures.c.unit)

# The full-text index hangs on this table by triggers (SQLite) or a generated column (PostgreSQL);
# the first migration makes both.
passages = Table(
    "passages",
    metadata,
    Column("document", _Key, ForeignKey("documents.key"), primary_key=True),
    Column("folded", Text, nullable=False),  # simplified, half-width, lower case; as long as the text
    Column("words", Text, nullable=False),  # what search.index_words makes of it
)

# A claim's own stretch of passages.folded: cut out once, since a search for a common word would
# otherwise cut it out of tens of thousands of articles.
claim_texts = Table(
    "claim_texts",
    metadata,
    Column("document", _Key, ForeignKey("documents.key"), nullable=False),
    Column("claim", _Key, nullable=False),  # claims.key
    Column("folded", Text, nullable=False),
    PrimaryKeyConstraint("document", "claim"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("record", _Key, ForeignKey("records.key"), nullable=False),
    Column("item", Text, nullable=False),  # id of a claim or figure; "" is the article itself
    Column("after", BigInteger, nullable=False),  # the item's previous event, 0 for none
    Column("reviewer", Text, nullable=False),
    Column("field", Text, nullable=False),  # verdict, camp, attitude, holder, span, comment, undo, …
    Column("value", Text, nullable=False),  # JSON
    Column("batch", Text),  # decisions made in one go, and undone in one
    Column("at", Text, nullable=False),
    UniqueConstraint("record", "item", "after"),  # the second of two at once is a conflict
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("address", Text, nullable=False),  # the inbox's query string
    Column("reviewer", Text, nullable=False),  # who saved it last
    Column("at", Text, nullable=False),
)
