"""The ground: every table that the first sale needs.

Why:    A creator earns 9.90 yuan; accounts, inbox, people, works, orders, ledger, access.
Locks:  Creates only; nothing that exists is touched.
Deploy: Before the code that uses it.
Back:   Drops every table; all that was in them is gone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_ground"
down_revision = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "alarms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("code", "object_key", name=op.f("uq_alarms_code_object_key")),
    )
    op.create_index(
        "ix_alarms_open",
        "alarms",
        ["raised_at"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_type", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(
        "ix_audit_events_object", "audit_events", ["object_type", "object_id", "id"], unique=False
    )
    op.create_table(
        "effects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts_count", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('due', 'in_flight', 'unknown', 'done', 'failed', 'dead')",
            name=op.f("ck_effects_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effects")),
        sa.UniqueConstraint(
            "kind", "idempotency_key", name=op.f("uq_effects_kind_idempotency_key")
        ),
    )
    op.create_index(
        "ix_effects_due",
        "effects",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('due', 'in_flight', 'unknown')"),
    )
    op.create_index("ix_effects_object", "effects", ["object_type", "object_id"], unique=False)
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "idempotent_requests",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("response", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotent_requests")),
    )
    op.create_index(
        op.f("ix_idempotent_requests_created_at"),
        "idempotent_requests",
        ["created_at"],
        unique=False,
    )
    op.create_table(
        "operators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_key_id", sa.String(), nullable=False),
        sa.Column("sealed_totp_secret", sa.LargeBinary(), nullable=False),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("login", name=op.f("uq_operators_login")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nickname", sa.String(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["people.id"], name=op.f("fk_people_merged_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index(
        "ix_people_merged_into_id",
        "people",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_table(
        "platform_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sealed_credentials", sa.LargeBinary(), nullable=False),
        sa.Column("freshness_s", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('oa', 'mini', 'merchant', 'xpay', 'wecom')",
            name=op.f("ck_platform_accounts_kind"),
        ),
        sa.CheckConstraint("freshness_s > 0", name=op.f("ck_platform_accounts_freshness_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_accounts")),
        sa.UniqueConstraint(
            "kind", "external_id", name=op.f("uq_platform_accounts_kind_external_id")
        ),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("throttle_key", sa.String(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(
        "ix_sign_in_attempts_key_at", "sign_in_attempts", ["throttle_key", "at"], unique=False
    )
    op.create_table(
        "creators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("introduction", sa.String(), nullable=False),
        sa.Column("platform_share_bp", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_creators_state")),
        sa.CheckConstraint(
            "platform_share_bp >= 0 AND platform_share_bp <= 10000",
            name=op.f("ck_creators_share_in_range"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_creators_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creators")),
        sa.UniqueConstraint("handle", name=op.f("uq_creators_handle")),
        sa.UniqueConstraint("person_id", name=op.f("uq_creators_person_id")),
    )
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("union_subject", sa.String(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.Column("follow_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_key_id", sa.String(), nullable=True),
        sa.Column("sealed_session_key", sa.LargeBinary(), nullable=True),
        sa.Column("session_key_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_identities_account_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("account_id", "subject", name=op.f("uq_identities_account_id_subject")),
    )
    op.create_index("ix_identities_person_id", "identities", ["person_id"], unique=False)
    op.create_index("ix_identities_union_subject", "identities", ["union_subject"], unique=False)
    op.create_table(
        "inbox_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_inbox_facts_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_facts")),
        sa.UniqueConstraint(
            "account_id",
            "source",
            "source_key",
            name=op.f("uq_inbox_facts_account_id_source_source_key"),
        ),
    )
    op.create_table(
        "operator_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_operator_sessions_operator_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_operator_sessions")),
    )
    op.create_index(
        op.f("ix_operator_sessions_operator_id"), "operator_sessions", ["operator_id"], unique=False
    )
    op.create_table(
        "platform_tokens",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renewed_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_platform_tokens_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_platform_tokens")),
    )
    op.create_table(
        "price_tiers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("goods_id", sa.String(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('wanted', 'uploading', 'publishing', 'live', 'failed')",
            name=op.f("ck_price_tiers_state"),
        ),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_price_tiers_price_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_price_tiers_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_tiers")),
        sa.UniqueConstraint(
            "account_id", "price_fen", name=op.f("uq_price_tiers_account_id_price_fen")
        ),
    )
    op.create_table(
        "studio_confirmations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("command", postgresql.JSONB(), nullable=False),
        sa.Column("attempts_count", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_studio_confirmations_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_studio_confirmations")),
    )
    op.create_table(
        "studio_dialogs",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("memory", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_studio_dialogs_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_studio_dialogs")),
    )
    op.create_table(
        "studio_undos",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("command", postgresql.JSONB(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_studio_undos_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_studio_undos")),
    )
    op.create_table(
        "columns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("introduction", sa.String(), nullable=False),
        sa.Column("field_kind", sa.String(), nullable=False),
        sa.Column("field_name", sa.String(), nullable=False),
        sa.Column("promised_cadence", sa.String(), nullable=False),
        sa.Column("promised_count", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "field_kind IN ('interest', 'occupation')", name=op.f("ck_columns_field_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'paused', 'closed')", name=op.f("ck_columns_state")),
        sa.CheckConstraint(
            "promised_count >= 0", name=op.f("ck_columns_promised_count_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_columns_creator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_columns")),
        sa.UniqueConstraint("creator_id", "title", name=op.f("uq_columns_creator_id_title")),
    )
    op.create_index("ix_columns_creator_id", "columns", ["creator_id"], unique=False)
    op.create_table(
        "entitlements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "object_type IN ('work', 'column')", name=op.f("ck_entitlements_object_type")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_entitlements_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_entitlements_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlements")),
        sa.UniqueConstraint(
            "person_id",
            "object_type",
            "object_id",
            name=op.f("uq_entitlements_person_id_object_type_object_id"),
        ),
    )
    op.create_table(
        "inbox_payloads",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sealed_payload", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["fact_id"], ["inbox_facts.id"], name=op.f("fk_inbox_payloads_fact_id")
        ),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_inbox_payloads")),
    )
    op.create_index(
        op.f("ix_inbox_payloads_kept_until"), "inbox_payloads", ["kept_until"], unique=False
    )
    op.create_table(
        "inbox_progress",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts_count", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("reply_key_id", sa.String(), nullable=True),
        sa.Column("sealed_reply", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'done', 'parked', 'dead')", name=op.f("ck_inbox_progress_state")
        ),
        sa.ForeignKeyConstraint(
            ["fact_id"], ["inbox_facts.id"], name=op.f("fk_inbox_progress_fact_id")
        ),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_inbox_progress")),
    )
    op.create_index(
        "ix_inbox_progress_due",
        "inbox_progress",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_table(
        "invitations",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("invited_by_creator_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by_person_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by_creator_id"],
            ["creators.id"],
            name=op.f("fk_invitations_invited_by_creator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["used_by_person_id"], ["people.id"], name=op.f("fk_invitations_used_by_person_id")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invitations")),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rail", sa.String(), nullable=True),
        sa.Column("creator_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receivable', 'fee', 'platform_share', 'creator_payable', 'suspense')",
            name=op.f("ck_ledger_accounts_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_ledger_accounts_creator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_accounts_code")),
    )
    op.create_table(
        "person_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("surface", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("surface IN ('oa', 'mini')", name=op.f("ck_person_sessions_surface")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_person_sessions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identities.id"], name=op.f("fk_person_sessions_identity_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_person_sessions_person_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_person_sessions")),
    )
    op.create_index(
        op.f("ix_person_sessions_identity_id"), "person_sessions", ["identity_id"], unique=False
    )
    op.create_index(
        op.f("ix_person_sessions_person_id"), "person_sessions", ["person_id"], unique=False
    )
    op.create_table(
        "pictures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("width_px", sa.BigInteger(), nullable=False),
        sa.Column("height_px", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_pictures_creator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("creator_id", "sha256", name=op.f("uq_pictures_creator_id_sha256")),
    )
    op.create_table(
        "entitlement_sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entitlement_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('order', 'gift', 'operator')", name=op.f("ck_entitlement_sources_kind")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_reason IS NULL)",
            name=op.f("ck_entitlement_sources_end_has_reason"),
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at",
            name=op.f("ck_entitlement_sources_ends_after_start"),
        ),
        sa.ForeignKeyConstraint(
            ["entitlement_id"],
            ["entitlements.id"],
            name=op.f("fk_entitlement_sources_entitlement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement_sources")),
        sa.UniqueConstraint(
            "kind",
            "source_id",
            "entitlement_id",
            name=op.f("uq_entitlement_sources_kind_source_id_entitlement_id"),
        ),
    )
    op.create_index(
        "ix_entitlement_sources_live",
        "entitlement_sources",
        ["entitlement_id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "fan_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_fan_groups_state")),
        sa.ForeignKeyConstraint(
            ["column_id"], ["columns.id"], name=op.f("fk_fan_groups_column_id")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_fan_groups_creator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fan_groups")),
        sa.UniqueConstraint("code", name=op.f("uq_fan_groups_code")),
    )
    op.create_index("ix_fan_groups_column_id", "fan_groups", ["column_id"], unique=False)
    op.create_table(
        "works",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.Column("draft_revision_id", sa.Uuid(), nullable=True),
        sa.Column("live_revision_id", sa.Uuid(), nullable=True),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'published' OR live_revision_id IS NOT NULL",
            name=op.f("ck_works_published_has_revision"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'scheduled', 'published', 'withdrawn', 'rejected')",
            name=op.f("ck_works_state"),
        ),
        sa.ForeignKeyConstraint(["column_id"], ["columns.id"], name=op.f("fk_works_column_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_works_creator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works")),
    )
    op.create_index("ix_works_column_id", "works", ["column_id", "published_at"], unique=False)
    op.create_index("ix_works_creator_id", "works", ["creator_id"], unique=False)
    op.create_index(
        "ix_works_due",
        "works",
        ["publish_at"],
        unique=False,
        postgresql_where=sa.text("state = 'scheduled'"),
    )
    op.create_table(
        "join_ways",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("fan_group_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("capacity_count", sa.BigInteger(), nullable=False),
        sa.Column("seats_count", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("capacity_count > 0", name=op.f("ck_join_ways_capacity_positive")),
        sa.CheckConstraint(
            "seats_count >= 0 AND seats_count <= capacity_count",
            name=op.f("ck_join_ways_seats_fit"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_join_ways_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_join_ways_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["fan_group_id"], ["fan_groups.id"], name=op.f("fk_join_ways_fan_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_ways")),
    )
    op.create_index(
        "ix_join_ways_open",
        "join_ways",
        ["fan_group_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=True),
        sa.Column("term_days", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'column_term') = (term_days IS NOT NULL)",
            name=op.f("ck_products_term_has_days"),
        ),
        sa.CheckConstraint(
            "(kind = 'work') = (work_id IS NOT NULL)", name=op.f("ck_products_work_has_work")
        ),
        sa.CheckConstraint(
            "kind IN ('work', 'column_forever', 'column_term')", name=op.f("ck_products_kind")
        ),
        sa.CheckConstraint("state IN ('on_sale', 'off_sale')", name=op.f("ck_products_state")),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_products_price_not_negative")),
        sa.ForeignKeyConstraint(["column_id"], ["columns.id"], name=op.f("fk_products_column_id")),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_products_creator_id")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_products_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint(
            "kind",
            "column_id",
            "work_id",
            "term_days",
            name=op.f("uq_products_kind_column_id_work_id_term_days"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_products_column_id", "products", ["column_id"], unique=False)
    op.create_index("ix_products_work_id", "products", ["work_id"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("markdown", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("preview_html", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_revisions_creator_id")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_revisions_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("work_id", "number", name=op.f("uq_revisions_work_id_number")),
    )
    op.create_table(
        "content_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("work_id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_operator_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('pending', 'pass', 'needs_person', 'risky')",
            name=op.f("ck_content_checks_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_content_checks_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_operator_id"],
            ["operators.id"],
            name=op.f("fk_content_checks_decided_by_operator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revisions.id"], name=op.f("fk_content_checks_revision_id")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_content_checks_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_checks")),
        sa.UniqueConstraint("revision_id", name=op.f("uq_content_checks_revision_id")),
    )
    op.create_index(
        "ix_content_checks_open",
        "content_checks",
        ["requested_at"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(op.f("ix_content_checks_work_id"), "content_checks", ["work_id"], unique=False)
    op.create_table(
        "quotes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("rail", sa.String(), nullable=True),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("may_show_price", sa.Boolean(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "device IN ('android', 'ios', 'windows', 'mac', 'harmony', 'unknown')",
            name=op.f("ck_quotes_device"),
        ),
        sa.CheckConstraint("payable_fen >= 0", name=op.f("ck_quotes_payable_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_quotes_account_id")
        ),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_quotes_creator_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_quotes_person_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_quotes_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_table(
        "seats",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("fan_group_id", sa.Uuid(), nullable=False),
        sa.Column("join_way_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_seats_creator_id")),
        sa.ForeignKeyConstraint(
            ["fan_group_id"], ["fan_groups.id"], name=op.f("fk_seats_fan_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["join_way_id"], ["join_ways.id"], name=op.f("fk_seats_join_way_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_seats_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seats")),
        sa.UniqueConstraint(
            "fan_group_id", "person_id", name=op.f("uq_seats_fan_group_id_person_id")
        ),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trade_no", sa.String(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("payee_account_id", sa.Uuid(), nullable=True),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("rail", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("platform_share_bp", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("prepay_ref", sa.String(), nullable=True),
        sa.Column("prepaid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("query_attempts_count", sa.BigInteger(), nullable=False),
        sa.Column("next_query_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "rail IN ('jsapi', 'xpay_android', 'xpay_ios', 'free')", name=op.f("ck_orders_rail")
        ),
        sa.CheckConstraint(
            "state = 'pending' OR state = 'closed' OR paid_at IS NOT NULL",
            name=op.f("ck_orders_paid_has_time"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'paid', 'closed', 'refunded')", name=op.f("ck_orders_state")
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_orders_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_orders_account_id")
        ),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_orders_creator_id")),
        sa.ForeignKeyConstraint(
            ["payee_account_id"], ["platform_accounts.id"], name=op.f("fk_orders_payee_account_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_orders_person_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quotes.id"], name=op.f("fk_orders_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_orders_quote_id")),
        sa.UniqueConstraint("trade_no", name=op.f("uq_orders_trade_no")),
    )
    op.create_index("ix_orders_creator_id", "orders", ["creator_id", "id"], unique=False)
    op.create_index("ix_orders_person_id", "orders", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_orders_query_due",
        "orders",
        ["next_query_at"],
        unique=False,
        postgresql_where=sa.text("next_query_at IS NOT NULL"),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("column_id", sa.Uuid(), nullable=False),
        sa.Column("term_days", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_order_lines_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["column_id"], ["columns.id"], name=op.f("fk_order_lines_column_id")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_order_lines_creator_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "line", name=op.f("uq_order_lines_order_id_line")),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("fact_key", sa.String(), nullable=False),
        sa.Column("rail", sa.String(), nullable=False),
        sa.Column("trade_no", sa.String(), nullable=False),
        sa.Column("payment_ref", sa.String(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("seen_by", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "disposition = 'unknown_order' OR order_id IS NOT NULL",
            name=op.f("ck_payments_known_has_order"),
        ),
        sa.CheckConstraint(
            "disposition IN ('settled', 'second_payment', 'wrong_amount', 'wrong_currency', 'wrong_account', 'unknown_order')",
            name=op.f("ck_payments_disposition"),
        ),
        sa.CheckConstraint(
            "rail IN ('jsapi', 'xpay_android', 'xpay_ios', 'free')", name=op.f("ck_payments_rail")
        ),
        sa.CheckConstraint(
            "seen_by IN ('notification', 'query', 'delivery')", name=op.f("ck_payments_seen_by")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payments_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["platform_accounts.id"], name=op.f("fk_payments_account_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("account_id", "fact_key", name=op.f("uq_payments_account_id_fact_key")),
    )
    op.create_index(op.f("ix_payments_order_id"), "payments", ["order_id"], unique=False)
    op.create_index(
        "uq_payments_settled_order",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("disposition = 'settled'"),
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("creator_id", sa.Uuid(), nullable=True),
        sa.Column("column_id", sa.Uuid(), nullable=True),
        sa.Column("rail", sa.String(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('payment', 'suspense', 'fee_true_up', 'reversal')",
            name=op.f("ck_journal_entries_kind"),
        ),
        sa.CheckConstraint(
            "rail IN ('jsapi', 'xpay_android', 'xpay_ios', 'free')",
            name=op.f("ck_journal_entries_rail"),
        ),
        sa.ForeignKeyConstraint(
            ["column_id"], ["columns.id"], name=op.f("fk_journal_entries_column_id")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_journal_entries_creator_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_journal_entries_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_journal_entries_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("source_key", name=op.f("uq_journal_entries_source_key")),
    )
    op.create_index(
        "ix_journal_entries_business_day", "journal_entries", ["business_day", "kind"], unique=False
    )
    op.create_index("ix_journal_entries_order_id", "journal_entries", ["order_id"], unique=False)
    op.create_table(
        "postings",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_postings_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_accounts.id"], name=op.f("fk_postings_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["journal_entries.id"], name=op.f("fk_postings_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", "line", name=op.f("pk_postings")),
    )
    op.create_index("ix_postings_account_id", "postings", ["account_id"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index("ix_postings_account_id", table_name="postings")
    op.drop_table("postings")
    op.drop_index("ix_journal_entries_order_id", table_name="journal_entries")
    op.drop_index("ix_journal_entries_business_day", table_name="journal_entries")
    op.drop_table("journal_entries")
    op.drop_index(
        "uq_payments_settled_order",
        table_name="payments",
        postgresql_where=sa.text("disposition = 'settled'"),
    )
    op.drop_index(op.f("ix_payments_order_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_table("order_lines")
    op.drop_index(
        "ix_orders_query_due",
        table_name="orders",
        postgresql_where=sa.text("next_query_at IS NOT NULL"),
    )
    op.drop_index("ix_orders_person_id", table_name="orders")
    op.drop_index("ix_orders_creator_id", table_name="orders")
    op.drop_table("orders")
    op.drop_table("seats")
    op.drop_table("quotes")
    op.drop_index(op.f("ix_content_checks_work_id"), table_name="content_checks")
    op.drop_index(
        "ix_content_checks_open",
        table_name="content_checks",
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_table("content_checks")
    op.drop_table("revisions")
    op.drop_index("ix_products_work_id", table_name="products")
    op.drop_index("ix_products_column_id", table_name="products")
    op.drop_table("products")
    op.drop_index(
        "ix_join_ways_open", table_name="join_ways", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("join_ways")
    op.drop_index(
        "ix_works_due", table_name="works", postgresql_where=sa.text("state = 'scheduled'")
    )
    op.drop_index("ix_works_creator_id", table_name="works")
    op.drop_index("ix_works_column_id", table_name="works")
    op.drop_table("works")
    op.drop_index("ix_fan_groups_column_id", table_name="fan_groups")
    op.drop_table("fan_groups")
    op.drop_index(
        "ix_entitlement_sources_live",
        table_name="entitlement_sources",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("entitlement_sources")
    op.drop_table("pictures")
    op.drop_index(op.f("ix_person_sessions_person_id"), table_name="person_sessions")
    op.drop_index(op.f("ix_person_sessions_identity_id"), table_name="person_sessions")
    op.drop_table("person_sessions")
    op.drop_table("ledger_accounts")
    op.drop_table("invitations")
    op.drop_index(
        "ix_inbox_progress_due",
        table_name="inbox_progress",
        postgresql_where=sa.text("state = 'new'"),
    )
    op.drop_table("inbox_progress")
    op.drop_index(op.f("ix_inbox_payloads_kept_until"), table_name="inbox_payloads")
    op.drop_table("inbox_payloads")
    op.drop_table("entitlements")
    op.drop_index("ix_columns_creator_id", table_name="columns")
    op.drop_table("columns")
    op.drop_table("studio_undos")
    op.drop_table("studio_dialogs")
    op.drop_table("studio_confirmations")
    op.drop_table("price_tiers")
    op.drop_table("platform_tokens")
    op.drop_index(op.f("ix_operator_sessions_operator_id"), table_name="operator_sessions")
    op.drop_table("operator_sessions")
    op.drop_table("inbox_facts")
    op.drop_index("ix_identities_union_subject", table_name="identities")
    op.drop_index("ix_identities_person_id", table_name="identities")
    op.drop_table("identities")
    op.drop_table("creators")
    op.drop_index("ix_sign_in_attempts_key_at", table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.drop_table("platform_accounts")
    op.drop_index(
        "ix_people_merged_into_id",
        table_name="people",
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.drop_table("people")
    op.drop_table("operators")
    op.drop_index(op.f("ix_idempotent_requests_created_at"), table_name="idempotent_requests")
    op.drop_table("idempotent_requests")
    op.drop_table("heartbeats")
    op.drop_index("ix_effects_object", table_name="effects")
    op.drop_index(
        "ix_effects_due",
        table_name="effects",
        postgresql_where=sa.text("state IN ('due', 'in_flight', 'unknown')"),
    )
    op.drop_table("effects")
    op.drop_index("ix_audit_events_object", table_name="audit_events")
    op.drop_table("audit_events")
    op.drop_index(
        "ix_alarms_open", table_name="alarms", postgresql_where=sa.text("resolved_at IS NULL")
    )
    op.drop_table("alarms")
