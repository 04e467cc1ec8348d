"""Two roles: one migrates, one runs and cannot change the ledger, facts or the audit.

Why:    A stolen or careless connection of the running program must not be able to rewrite
        money. The role `juanliu_app` gets INSERT and SELECT on facts, and no more.
Locks:  None worth naming; grants touch the catalogue only.
Deploy: With 0001. Where the role does not exist (a single-role database), nothing is granted
        and the triggers of 0002 stand alone; `app.cli doctor` says so.
Back:   Takes the grants back.
"""

from alembic import op

revision = "0003_roles"
down_revision = "0002_guards"

FACTS = (
    "journal_entries",
    "postings",
    "ledger_accounts",
    "payments",
    "inbox_facts",
    "audit_events",
    "revisions",
    "order_lines",
)

_IF_ROLE = "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN {} END IF; END $$"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    facts = ", ".join(FACTS)
    op.execute(
        _IF_ROLE.format(
            "GRANT USAGE ON SCHEMA public TO juanliu_app; "
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO juanliu_app; "
            f"REVOKE UPDATE, DELETE ON {facts} FROM juanliu_app; "
            "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM juanliu_app;"
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute(
        _IF_ROLE.format(
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM juanliu_app; "
            "REVOKE USAGE ON SCHEMA public FROM juanliu_app;"
        )
    )
