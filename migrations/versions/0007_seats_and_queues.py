"""Gates and keepers of groups, kinds of ways in, seats that lapse, and a queue.

Why:    A group lets in everybody, followers or readers; a way in is a link, a code or a way made
        by the platform; a seat that nobody takes goes to the next in the queue; the keeper is
        told once when a way in is about to end.
Locks:  ACCESS EXCLUSIVE on fan_groups, join_ways and seats for an instant: new columns have
        constant defaults, so no row is rewritten. Checks are validated under a lock that lets
        others write. New indexes are on small tables.
Deploy: Before the code. Old code writes rows that carry the defaults; its seats are confirmed,
        so that nobody who was seated before loses the place.
Back:   Drops the queue, the rooms and the new columns; what they held is lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007_seats_and_queues"
down_revision = "0006_media"

_GRANT = (
    "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'juanliu_app') THEN "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON seat_waits, group_rooms TO juanliu_app; "
    "END IF; END $$"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _widen_groups()
    _widen_ways()
    _widen_seats()
    _add_queue()
    _add_rooms()
    op.execute(_GRANT)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("group_rooms")
    op.drop_table("seat_waits")
    op.drop_index("ix_seats_join_way_id", "seats")
    op.drop_index("ix_seats_lapses_at", "seats")
    for name in ("room_ref", "confirmed_at", "lapses_at", "state"):
        op.drop_column("seats", name)
    op.drop_index("uq_join_ways_external_ref", "join_ways")
    for name in ("full_warned_at", "expiry_warned_at", "external_ref", "kind"):
        op.drop_column("join_ways", name)
    op.drop_index("ix_fan_groups_keeper_person_id", "fan_groups")
    for name in ("keeper_code_expires_at", "keeper_code", "keeper_person_id", "gate"):
        op.drop_column("fan_groups", name)


def _widen_groups() -> None:
    op.add_column("fan_groups", _text("gate", default="buyer"))
    op.add_column("fan_groups", sa.Column("keeper_person_id", sa.Uuid(), nullable=True))
    op.add_column("fan_groups", sa.Column("keeper_code", sa.String(), nullable=True))
    op.add_column("fan_groups", _moment("keeper_code_expires_at"))
    op.create_foreign_key(
        op.f("fk_fan_groups_keeper_person_id"), "fan_groups", "people", ["keeper_person_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_fan_groups_keeper_code"), "fan_groups", ["keeper_code"])
    _check("fan_groups", "gate", "gate IN ('free', 'follower', 'buyer')")
    _check(
        "fan_groups",
        "keeper_code_ends",
        "(keeper_code IS NULL) = (keeper_code_expires_at IS NULL)",
    )
    op.create_index(
        "ix_fan_groups_keeper_person_id",
        "fan_groups",
        ["keeper_person_id"],
        postgresql_where=sa.text("keeper_person_id IS NOT NULL"),
    )


def _widen_ways() -> None:
    op.add_column("join_ways", _text("kind", default="link"))
    op.add_column("join_ways", sa.Column("external_ref", sa.String(), nullable=True))
    op.add_column("join_ways", _moment("expiry_warned_at"))
    op.add_column("join_ways", _moment("full_warned_at"))
    _check("join_ways", "kind", "kind IN ('link', 'qr', 'wecom')")
    _check(
        "join_ways",
        "wecom_is_known_there",
        "kind <> 'wecom' OR (account_id IS NOT NULL AND external_ref IS NOT NULL)",
    )
    op.create_index(
        "uq_join_ways_external_ref",
        "join_ways",
        ["account_id", "external_ref"],
        unique=True,
        postgresql_where=sa.text("external_ref IS NOT NULL"),
    )


def _widen_seats() -> None:
    op.add_column("seats", _text("state", default="confirmed"))
    op.add_column("seats", _moment("lapses_at"))
    op.add_column("seats", _moment("confirmed_at"))
    op.add_column("seats", sa.Column("room_ref", sa.String(), nullable=True))
    _check("seats", "state", "state IN ('reserved', 'confirmed')")
    _check("seats", "lapses_or_confirmed", "(state = 'confirmed') = (lapses_at IS NULL)")
    op.create_index(
        "ix_seats_lapses_at",
        "seats",
        ["lapses_at"],
        postgresql_where=sa.text("lapses_at IS NOT NULL"),
    )
    op.create_index("ix_seats_join_way_id", "seats", ["join_way_id"])


def _add_queue() -> None:
    op.create_table(
        "seat_waits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("fan_group_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_seat_waits_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["fan_group_id"], ["fan_groups.id"], name=op.f("fk_seat_waits_fan_group_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_seat_waits_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_waits")),
        sa.UniqueConstraint(
            "fan_group_id", "person_id", name=op.f("uq_seat_waits_fan_group_id_person_id")
        ),
    )
    op.create_index("ix_seat_waits_queue", "seat_waits", ["fan_group_id", "waits_since", "id"])


def _add_rooms() -> None:
    op.create_table(
        "group_rooms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("fan_group_id", sa.Uuid(), nullable=False),
        sa.Column("room_ref", sa.String(), nullable=False),
        sa.Column("members_count", sa.BigInteger(), nullable=False),
        sa.Column("known_count", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_group_rooms_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_group_rooms_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["fan_group_id"], ["fan_groups.id"], name=op.f("fk_group_rooms_fan_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_rooms")),
        sa.UniqueConstraint(
            "account_id", "room_ref", name=op.f("uq_group_rooms_account_id_room_ref")
        ),
    )


def _text(name: str, *, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _check(table: str, name: str, rule: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({rule}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
