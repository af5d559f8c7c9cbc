"""Numbers are sealed: a longer column, and what stood there in plain text sealed.

Sealing needs the installation's secret, handed in by `ivr.storage.sql.migrate`. Without it a database that holds plain
numbers stays at the version before; an empty one needs none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from ivr.core.errors import OperatorError
from ivr.storage.sql.seals import Seals

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

calls = sa.table("calls", sa.column("call", sa.String), sa.column("number", sa.String))


def upgrade() -> None:
    with op.batch_alter_table("calls") as table:
        table.alter_column("number", type_=sa.String(length=200), existing_type=sa.String(length=80), nullable=False)
    connection = op.get_bind()
    plain = connection.execute(sa.select(calls.c.call, calls.c.number).where(calls.c.number.like("+%"))).all()
    if not plain:
        return
    secret = context.config.attributes.get("secret") or b""
    if not secret:
        raise OperatorError("the database holds telephone numbers in plain text: IVR_SECRET_KEY is needed to seal them")
    seals = Seals(secret)
    connection.execute(
        calls.update().where(calls.c.call == sa.bindparam("of")).values(number=sa.bindparam("sealed")),
        [{"of": call, "sealed": seals.seal(number, place=f"calls.number:{call}")} for call, number in plain],
    )
