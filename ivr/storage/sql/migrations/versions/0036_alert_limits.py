"""Rules about the service level count points below the queue's target, those about callbacks seconds after the promised time."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE alert_rules SET threshold = CASE WHEN threshold < 80 THEN 80 - threshold ELSE 0 END"
        " WHERE figure = 'service_level'"
    )
    op.execute("UPDATE alert_rules SET threshold = 900, lasts_s = 0 WHERE figure = 'callbacks_late'")
