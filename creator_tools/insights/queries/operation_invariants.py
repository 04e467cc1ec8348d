"""What must hold for the machinery: nothing lost, nothing stuck, the guards at their posts."""

from creator_tools.insights.queries.invariant import Invariant

_FACTS = (
    "('journal_entries'), ('postings'), ('ledger_accounts'), ('payments'), ('inbox_facts'), "
    "('audit_events'), ('revisions'), ('order_lines'), ('refund_lines'), ('revision_attachments')"
)

OPERATION_INVARIANTS = (
    Invariant(
        "inbox.once",
        "每个收到的事实只有一行，并且有处理进度",
        "Every fact of the inbox is there once, with its progress",
        "SELECT count(*) FROM inbox_facts",
        "SELECT min(source_key) AS source_key, count(*) AS facts FROM inbox_facts "
        "GROUP BY account_id, source, source_key HAVING count(*) > 1 "
        "UNION ALL SELECT fact.source_key, 0 FROM inbox_facts AS fact "
        "LEFT JOIN inbox_progress AS progress ON progress.fact_id = fact.id "
        "WHERE progress.fact_id IS NULL "
        "OR (progress.state IN ('done', 'parked') AND progress.handled_at IS NULL)",
    ),
    Invariant(
        "inbox.not_waiting",
        "收件箱没有到期一小时仍未处理的事实",
        "No fact waits an hour past its time",
        "SELECT count(*) FROM inbox_progress WHERE state = 'new'",
        "SELECT fact_id, next_at, attempts_count FROM inbox_progress WHERE state = 'new' "
        "AND next_at < CAST(:quiet_at AS timestamptz) - interval '1 hour'",
    ),
    Invariant(
        "inbox.payload_is_kept",
        "未处理完的事实都还保留着原文",
        "A fact that is not handled yet still has what was said",
        "SELECT count(*) FROM inbox_progress WHERE state <> 'done'",
        "SELECT progress.fact_id, progress.state FROM inbox_progress AS progress "
        "LEFT JOIN inbox_payloads AS payload ON payload.fact_id = progress.fact_id "
        "WHERE progress.state <> 'done' AND payload.fact_id IS NULL",
    ),
    Invariant(
        "inbox.dead_has_alarm",
        "处理失败的事实都有告警",
        "A fact that was given up has its alarm",
        "SELECT count(*) FROM inbox_progress WHERE state = 'dead'",
        "SELECT progress.fact_id FROM inbox_progress AS progress WHERE progress.state = 'dead' "
        "AND NOT EXISTS (SELECT FROM alarms AS alarm WHERE alarm.code = 'inbox_fact_dead' "
        "AND alarm.object_key = CAST(progress.fact_id AS text))",
    ),
    Invariant(
        "effects.once",
        "每个外部动作的幂等键唯一，完成的写明时间",
        "An effect has a key of its own, and says when it was done",
        "SELECT count(*) FROM effects",
        "SELECT kind, min(idempotency_key) AS idempotency_key FROM effects "
        "GROUP BY kind, idempotency_key HAVING count(*) > 1 "
        "UNION ALL SELECT kind, idempotency_key FROM effects "
        "WHERE (state = 'done') <> (done_at IS NOT NULL)",
    ),
    Invariant(
        "effects.not_stuck",
        "外部动作没有到期一小时仍未执行的，租约也没有过期一小时的",
        "No effect waits an hour past its time or past the end of its lease",
        "SELECT count(*) FROM effects WHERE state IN ('due', 'in_flight', 'unknown')",
        "SELECT kind, idempotency_key, state, next_at FROM effects "
        "WHERE state IN ('due', 'in_flight', 'unknown') AND greatest(next_at, leased_until) "
        "< CAST(:quiet_at AS timestamptz) - interval '1 hour'",
    ),
    Invariant(
        "effects.dead_has_alarm",
        "放弃的外部动作都有告警",
        "An effect that was given up has its alarm",
        "SELECT count(*) FROM effects WHERE state = 'dead'",
        "SELECT effect.kind, effect.idempotency_key FROM effects AS effect "
        "WHERE effect.state = 'dead' AND NOT EXISTS (SELECT FROM alarms AS alarm "
        "WHERE alarm.code = 'effect_dead' "
        "AND alarm.object_key = effect.kind || ':' || effect.idempotency_key)",
    ),
    Invariant(
        "requests.are_answered",
        "带幂等编号的请求都有结果",
        "A request with an idempotency key got its answer",
        "SELECT count(*) FROM idempotent_requests",
        "SELECT scope, created_at FROM idempotent_requests WHERE response IS NULL "
        "AND object_id IS NULL "
        "AND created_at < CAST(:quiet_at AS timestamptz) - interval '1 hour'",
    ),
    Invariant(
        "alarms.resolved_says_how",
        "处理过的告警写明了说明",
        "An alarm that was resolved says how",
        "SELECT count(*) FROM alarms WHERE resolved_at IS NOT NULL",
        "SELECT code, object_key FROM alarms "
        "WHERE (resolved_at IS NOT NULL) <> (coalesce(trim(resolution), '') <> '')",
    ),
    Invariant(
        "guards.stand",
        "事实表的防改触发器都在并且启用",
        "Every table of facts has its guard, switched on",
        f"SELECT count(*) FROM (VALUES {_FACTS}) AS facts (name)",  # noqa: S608 - a constant
        f"SELECT facts.name FROM (VALUES {_FACTS}, "  # noqa: S608 - a constant
        "('postings.balance'), ('journal_entries.balance')) AS facts (name) "
        "WHERE NOT EXISTS (SELECT FROM pg_trigger AS guard "
        "JOIN pg_class AS guarded ON guarded.oid = guard.tgrelid "
        "WHERE guarded.relname = split_part(facts.name, '.', 1) "
        "AND guarded.relnamespace = CAST('public' AS regnamespace) "
        "AND guard.tgname = CASE WHEN facts.name LIKE '%.balance' "
        "THEN replace(facts.name, '.', '_') ELSE facts.name || '_are_facts' END "
        "AND guard.tgenabled IN ('O', 'A'))",
    ),
    Invariant(
        "guards.role_is_bound",
        "运行角色不能改写或删除事实",
        "The running role may neither update nor delete facts",
        f"SELECT count(*) FROM (VALUES {_FACTS}) AS facts (name) "  # noqa: S608 - a constant
        "JOIN pg_roles ON rolname = 'juanliu_app'",
        f"SELECT facts.name FROM (VALUES {_FACTS}) AS facts (name) "  # noqa: S608 - a constant
        "JOIN pg_roles ON rolname = 'juanliu_app' "
        "WHERE has_table_privilege(rolname, 'public.' || facts.name, 'UPDATE, DELETE, TRUNCATE')",
    ),
)
