"""A table for the bands of the newest documents, so that a batch of them writes to few pages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "new_bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column(
            "document",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("documents.key"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("band", "document"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Keep its rows with the others."""
    op.execute("INSERT INTO bands SELECT band, document FROM new_bands")
    op.drop_table("new_bands")
