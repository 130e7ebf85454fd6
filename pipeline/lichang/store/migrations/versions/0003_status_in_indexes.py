"""The status in the indexes on holder, outlet and date, so that counts by these look at no rows."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_claims_holder": ["holder", "published"],
    "ix_claims_outlet": ["outlet", "published"],
    "ix_claims_published": ["published"],
}


def upgrade() -> None:
    """Make the three indexes anew, with the status at their end."""
    for name, columns in INDEXES.items():
        op.drop_index(name, "claims")
        op.create_index(name, "claims", [*columns, "status"])


def downgrade() -> None:
    """Make them as they were."""
    for name, columns in INDEXES.items():
        op.drop_index(name, "claims")
        op.create_index(name, "claims", columns)
