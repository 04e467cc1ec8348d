"""What may be found by its words, and who was brought by a shared link.

Why:    Chinese has no spaces to search by, so each text is kept with its characters and their
        pairs under an index of PostgreSQL's own. A visit by a shared link is a fact that a creator
        may count, once for each person.
Locks:  None: both tables are new; the foreign keys take SHARE ROW EXCLUSIVE on creators and
        people for an instant.
Deploy: Before the code. What is published already is put into the search by the hourly upkeep,
        which runs once at every start.
Back:   Drops both tables. The search is made again by going forward; counted visits are lost.
"""

from alembic import op

revision = "0005_search_and_shares"
down_revision = "0004_dispositions"

_IF_ROLE = "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN {} END IF; END $$"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute(
        """
        CREATE TABLE search_entries (
            kind varchar NOT NULL,
            object_id uuid NOT NULL,
            creator_id uuid NOT NULL,
            text varchar NOT NULL,
            grams text[] NOT NULL,
            CONSTRAINT pk_search_entries PRIMARY KEY (kind, object_id)
        )
        """
    )
    op.execute("CREATE INDEX ix_search_entries_grams ON search_entries USING gin (grams)")
    op.execute("CREATE INDEX ix_search_entries_creator_id ON search_entries (creator_id)")
    op.execute(
        """
        CREATE TABLE share_visits (
            id uuid NOT NULL,
            creator_id uuid NOT NULL,
            object_type varchar NOT NULL,
            object_id uuid NOT NULL,
            inviter_id uuid NOT NULL,
            visitor_id uuid NOT NULL,
            campaign varchar NOT NULL,
            visited_at timestamptz NOT NULL,
            CONSTRAINT pk_share_visits PRIMARY KEY (id),
            CONSTRAINT uq_share_visits_visitor_id_inviter_id_object_type_object_id
                UNIQUE (visitor_id, inviter_id, object_type, object_id),
            CONSTRAINT fk_share_visits_creator_id_creators
                FOREIGN KEY (creator_id) REFERENCES creators (id),
            CONSTRAINT fk_share_visits_inviter_id_people
                FOREIGN KEY (inviter_id) REFERENCES people (id),
            CONSTRAINT fk_share_visits_visitor_id_people
                FOREIGN KEY (visitor_id) REFERENCES people (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_share_visits_creator_id ON share_visits (creator_id, visited_at)")
    op.execute(
        _IF_ROLE.format(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON search_entries, share_visits TO juanliu_app;"
        )
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("DROP TABLE share_visits")
    op.execute("DROP TABLE search_entries")
