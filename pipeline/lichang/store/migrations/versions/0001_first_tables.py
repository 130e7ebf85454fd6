"""The first tables, and the full-text index of either database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOT_NEITHER = sa.text("camp <> 'neither'")
OPEN = sa.text("state IN ('pending', 'failed', 'quarantined')")


def text(name: str, **options: object) -> sa.Column[str]:
    """A text column that must be filled, unless told otherwise."""
    return sa.Column(name, sa.Text(), **{"nullable": False, **options})  # type: ignore[arg-type]


def number(name: str, **options: object) -> sa.Column[int]:
    """An integer column that must be filled, unless told otherwise."""
    return sa.Column(name, sa.Integer(), **{"nullable": False, **options})  # type: ignore[arg-type]


def document(**options: object) -> sa.Column[int]:
    """The document that a row belongs to."""
    return sa.Column("document", KEY, sa.ForeignKey("documents.key"), nullable=False, **options)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make everything in an empty database."""
    _make_inputs()
    _make_results()
    _make_lists()
    if op.get_bind().dialect.name == "sqlite":
        _index_words_sqlite()
    else:
        _index_words_postgresql()


def downgrade() -> None:
    """Drop everything."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE passages_fts")
    for name in (
        "events", "passages", "figures", "claims", "records", "provenances", "ledger", "bands",
        "signatures", "documents", "rejections", "inputs", "runs",
    ):  # fmt: skip
        op.drop_table(name)


def _make_inputs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", KEY, primary_key=True),
        text("started"),
        text("ended", nullable=True),
    )
    op.create_table(
        "inputs",
        text("path", primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        text("hash"),
        text("reader"),
        text("read_at"),
    )
    op.create_table(
        "rejections",
        sa.Column("id", KEY, primary_key=True),
        text("path", index=True),
        text("place"),
        text("article", nullable=True),
        text("reason"),
        text("detail"),
        text("at"),
    )
    op.create_table(
        "documents",
        sa.Column("key", KEY, primary_key=True),
        text("id"),
        number("revision"),
        text("hash"),
        sa.Column("copy_of", KEY, sa.ForeignKey("documents.key"), index=True),
        text("outlet", nullable=True),
        text("published", nullable=True),
        text("path"),
        text("seen"),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        text("text"),
        sa.UniqueConstraint("id", "revision"),
    )
    op.create_table(
        "signatures",
        document(primary_key=True),
        sa.Column("exact", sa.LargeBinary(), nullable=False, index=True),
        sa.Column("minhash", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        document(),
        sa.PrimaryKeyConstraint("band", "document"),
        sqlite_with_rowid=False,
    )


def _make_results() -> None:
    op.create_table(
        "ledger",
        document(),
        text("stage"),
        text("state"),
        number("tries", server_default="0"),
        text("reason", nullable=True),
        text("detail", nullable=True),
        text("made_by", nullable=True),
        sa.Column("run", KEY, sa.ForeignKey("runs.id"), nullable=False),
        text("at"),
        sa.PrimaryKeyConstraint("document", "stage"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_ledger_open", "ledger", ["state", "document"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_ledger_made_by", "ledger", ["stage", "state", "made_by"])
    op.create_table(
        "provenances", text("hash", primary_key=True), sa.Column("body", sa.LargeBinary(), nullable=False)
    )
    op.create_table(
        "records",
        sa.Column("key", KEY, primary_key=True),
        document(),
        sa.Column("made_by", sa.Text(), sa.ForeignKey("provenances.hash"), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=False),
        text("balance"),
        text("written"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("document", "made_by"),
    )
    op.create_table(
        "events",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("record", KEY, sa.ForeignKey("records.key"), nullable=False),
        text("item"),
        sa.Column("after", sa.BigInteger(), nullable=False),
        text("reviewer"),
        text("field"),
        text("value"),
        text("batch", nullable=True),
        text("at"),
        sa.UniqueConstraint("record", "item", "after"),
    )


def _make_lists() -> None:
    op.create_table(
        "claims",
        sa.Column("key", KEY, primary_key=True),
        document(),
        text("id"),
        number("start"),
        number("end"),
        text("kind"),
        text("camp"),
        text("attitude", nullable=True),
        text("holder", nullable=True),
        text("quote"),
        sa.Column("certainty", sa.Float(), nullable=False),
        text("outlet", nullable=True),
        text("published", nullable=True),
        text("status", server_default="open"),
        sa.UniqueConstraint("document", "id"),
    )
    op.create_index("ix_claims_camp", "claims", ["camp", "attitude", "published"])
    op.create_index("ix_claims_holder", "claims", ["holder", "published"])
    op.create_index("ix_claims_outlet", "claims", ["outlet", "published"])
    op.create_index("ix_claims_published", "claims", ["published"])
    op.create_index("ix_claims_facets", "claims", ["status", "camp", "attitude", "kind"])
    op.create_index(
        "ix_claims_worklist",
        "claims",
        ["status", "certainty"],
        sqlite_where=NOT_NEITHER,
        postgresql_where=NOT_NEITHER,
    )
    op.create_table(
        "figures",
        sa.Column("key", KEY, primary_key=True),
        document(),
        text("id"),
        text("claim", nullable=True),
        number("start"),
        number("end"),
        text("kind"),
        sa.Column("low", sa.Float()),
        sa.Column("high", sa.Float()),
        text("value", nullable=True),
        text("unit", nullable=True),
        text("bound"),
        text("of", nullable=True),
        sa.UniqueConstraint("document", "id"),
    )
    op.create_index("ix_figures_of", "figures", ["of", "unit"])
    op.create_table("passages", document(primary_key=True), text("folded"), text("words"))


def _index_words_sqlite() -> None:
    # detail=none: a document's words are kept as a set, so their places need no room.
    op.execute(
        "CREATE VIRTUAL TABLE passages_fts USING fts5(words, content='passages', content_rowid='document', "
        "tokenize='unicode61 remove_diacritics 0', detail='none')"
    )
    add = "INSERT INTO passages_fts(rowid, words) VALUES (new.document, new.words);"
    drop = "INSERT INTO passages_fts(passages_fts, rowid, words) VALUES ('delete', old.document, old.words);"
    op.execute(f"CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN {add} END")
    op.execute(f"CREATE TRIGGER passages_dropped AFTER DELETE ON passages BEGIN {drop} END")
    op.execute(f"CREATE TRIGGER passages_changed AFTER UPDATE ON passages BEGIN {drop} {add} END")


def _index_words_postgresql() -> None:
    op.execute(
        "ALTER TABLE passages ADD COLUMN vector tsvector "
        "GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED"
    )
    op.execute("CREATE INDEX ix_passages_vector ON passages USING gin (vector)")
