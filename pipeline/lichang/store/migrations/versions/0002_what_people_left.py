"""Claims as people left them, the claims' own text to search in, and filters that reviewers saved."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AS_WRITTEN = ("was_kind", "was_camp", "was_attitude", "was_holder")


def upgrade() -> None:
    """Add columns and tables; the texts of the claims that are there come out of the passages."""
    for name in AS_WRITTEN:
        op.add_column("claims", sa.Column(name, sa.Text()))
    op.create_table(
        "claim_texts",
        sa.Column("document", KEY, sa.ForeignKey("documents.key"), nullable=False),
        sa.Column("claim", KEY, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document", "claim"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO claim_texts (document, claim, folded) "
        'SELECT c.document, c.key, substr(p.folded, c.start + 1, c."end" - c.start) '
        "FROM claims c JOIN passages p ON p.document = c.document ORDER BY c.document, c.key"
    )
    op.create_table(
        "saved_filters",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("saved_filters")
    op.drop_table("claim_texts")
    for name in AS_WRITTEN:
        op.drop_column("claims", name)
