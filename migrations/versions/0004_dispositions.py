"""Two more things that money can be: for other goods, or from another payer.

Why:    A payment for goods or by a payer that the order does not name opens nothing. It needs a
        name of its own, so that whoever looks at it knows what to look for.
Locks:  ACCESS EXCLUSIVE on payments for an instant; the rows are read under a lock that lets
        others write.
Deploy: Before the code that writes the new names.
Back:   The shorter list again; refused by the database while a row carries a new name.
"""

from alembic import op

revision = "0004_dispositions"
down_revision = "0003_roles"

BEFORE = (
    "settled",
    "second_payment",
    "wrong_amount",
    "wrong_currency",
    "wrong_account",
    "unknown_order",
)
AFTER = (*BEFORE[:-1], "wrong_goods", "wrong_payer", BEFORE[-1])


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow(AFTER)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _allow(BEFORE)


def _allow(names: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{name}'" for name in names)
    op.execute("ALTER TABLE payments DROP CONSTRAINT ck_payments_disposition")
    op.execute(
        "ALTER TABLE payments ADD CONSTRAINT ck_payments_disposition "
        f"CHECK (disposition IN ({listed})) NOT VALID"
    )
    op.execute("ALTER TABLE payments VALIDATE CONSTRAINT ck_payments_disposition")
