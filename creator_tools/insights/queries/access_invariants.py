"""What must hold for access and content: opened by a cause, shown after a check, seats that fit."""

from creator_tools.insights.queries.invariant import Invariant

_ORDER_SOURCES = "SELECT count(*) FROM entitlement_sources WHERE kind = 'order'"
_PUBLISHED = "SELECT count(*) FROM works WHERE state = 'published'"
_SEATS = "SELECT count(*) FROM seats"

ACCESS_INVARIANTS = (
    Invariant(
        "access.paid_order_opens",
        "已付款的订单，每一行都有有效的权益来源",
        "Every line of a paid order has its live source of access",
        "SELECT count(*) FROM order_lines AS line JOIN orders ON orders.id = line.order_id "
        "WHERE orders.state = 'paid'",
        "SELECT orders.id AS order_id, line.line FROM orders "
        "JOIN order_lines AS line ON line.order_id = orders.id "
        "JOIN people AS buyer ON buyer.id = orders.person_id "
        "WHERE orders.state = 'paid' AND NOT EXISTS (SELECT FROM refund_lines AS given "
        "JOIN refunds AS refund ON refund.id = given.refund_id "
        "WHERE given.order_line_id = line.id AND given.ends_access "
        "AND refund.state NOT IN ('declined', 'failed')) "
        "AND NOT EXISTS (SELECT FROM entitlement_sources AS source "
        "JOIN entitlements AS entitlement ON entitlement.id = source.entitlement_id "
        "JOIN people AS holder ON holder.id = entitlement.person_id "
        "WHERE source.kind = 'order' AND source.source_id = orders.id "
        "AND entitlement.object_type = line.object_type "
        "AND entitlement.object_id = line.object_id "
        "AND coalesce(holder.merged_into_id, holder.id) "
        "= coalesce(buyer.merged_into_id, buyer.id) "
        "AND (source.ended_at IS NULL OR source.ended_at >= source.ends_at))",
    ),
    Invariant(
        "access.source_has_paid_order",
        "来自订单的有效权益都对应同一人、同一内容的已付款订单",
        "A live source of kind order names a paid order of the same person and object",
        _ORDER_SOURCES,
        "SELECT source.id AS source_id, source.entitlement_id FROM entitlement_sources AS source "
        "LEFT JOIN entitlements AS entitlement ON entitlement.id = source.entitlement_id "
        "LEFT JOIN people AS holder ON holder.id = entitlement.person_id "
        "WHERE source.kind = 'order' AND source.ended_at IS NULL "
        "AND NOT EXISTS (SELECT FROM orders "
        "JOIN order_lines AS line ON line.order_id = orders.id "
        "JOIN people AS buyer ON buyer.id = orders.person_id "
        "WHERE orders.id = source.source_id AND orders.state = 'paid' "
        "AND line.object_type = entitlement.object_type "
        "AND line.object_id = entitlement.object_id "
        "AND coalesce(buyer.merged_into_id, buyer.id) "
        "= coalesce(holder.merged_into_id, holder.id))",
    ),
    Invariant(
        "access.term_is_bought",
        "权益的期限等于订单买下的天数",
        "A source lasts as many days as the order line bought, or for ever",
        _ORDER_SOURCES,
        "SELECT source.id AS source_id, source.starts_at, source.ends_at, line.term_days "
        "FROM entitlement_sources AS source "
        "JOIN entitlements AS entitlement ON entitlement.id = source.entitlement_id "
        "JOIN order_lines AS line ON line.order_id = source.source_id "
        "AND line.object_type = entitlement.object_type "
        "AND line.object_id = entitlement.object_id "
        "WHERE source.kind = 'order' AND source.ends_at IS DISTINCT FROM source.starts_at "
        "+ line.term_days * interval '1 day'",
    ),
    Invariant(
        "access.has_source",
        "每个权益都有来源，结束的来源写明原因",
        "Every entitlement has a source, and a source that ended says why",
        "SELECT count(*) FROM entitlements",
        "SELECT entitlement.id AS entitlement_id FROM entitlements AS entitlement "
        "LEFT JOIN entitlement_sources AS source ON source.entitlement_id = entitlement.id "
        "GROUP BY entitlement.id HAVING count(source.id) = 0 "
        "UNION ALL SELECT entitlement_id FROM entitlement_sources "
        "WHERE (ended_at IS NULL) <> (ended_reason IS NULL)",
    ),
    Invariant(
        "access.object_is_the_creators",
        "权益指向的内容存在，并属于同一创作者",
        "An entitlement opens something that exists and is that creator's",
        "SELECT count(*) FROM entitlements",
        "SELECT entitlement.id AS entitlement_id FROM entitlements AS entitlement "
        "LEFT JOIN works AS work ON entitlement.object_type = 'work' "
        "AND work.id = entitlement.object_id "
        "LEFT JOIN columns AS col ON entitlement.object_type = 'column' "
        "AND col.id = entitlement.object_id "
        "WHERE coalesce(work.creator_id, col.creator_id) IS DISTINCT FROM entitlement.creator_id",
    ),
    Invariant(
        "works.published_was_checked",
        "已发布的内容，正在展示的版本通过了对同样字节的审核",
        "What is published passed a check of the very bytes that are shown",
        _PUBLISHED,
        "SELECT work.id AS work_id, work.live_revision_id FROM works AS work "
        "LEFT JOIN revisions AS revision ON revision.id = work.live_revision_id "
        "AND revision.work_id = work.id "
        "WHERE work.state = 'published' AND NOT EXISTS (SELECT FROM content_checks AS passed "
        "WHERE passed.revision_id = revision.id AND passed.verdict = 'pass' "
        "AND passed.decided_at IS NOT NULL "
        "AND passed.content_sha256 = revision.content_sha256)",
    ),
    Invariant(
        "works.revision_is_its_hash",
        "每个版本的内容与它的哈希相符，没有被改动",
        "Every revision is what its hash says; nobody changed a word under its check",
        "SELECT count(*) FROM revisions",
        "SELECT id AS revision_id, work_id FROM revisions WHERE content_sha256 "
        "<> encode(sha256(convert_to(title, 'UTF8') || decode('00', 'hex') "
        "|| convert_to(markdown, 'UTF8') || decode('00', 'hex') "
        "|| convert_to(body_html, 'UTF8') || coalesce((SELECT string_agg(decode('00', 'hex') "
        "|| convert_to(media.sha256 || ':' || carried.title, 'UTF8'), ''::bytea "
        "ORDER BY carried.position) FROM revision_attachments AS carried "
        "JOIN attachments ON attachments.id = carried.attachment_id "
        "JOIN media_objects AS media ON media.id = attachments.media_id "
        "WHERE carried.revision_id = revisions.id), ''::bytea)), 'hex')",
    ),
    Invariant(
        "works.stands_among_its_own",
        "作品只放进同一创作者的专栏，且不重复放进自己所在的专栏",
        "A work stands in columns of its own creator, and not in its home a second time",
        "SELECT count(*) FROM works",
        "SELECT standing.id AS column_work_id FROM column_works AS standing "
        "JOIN works AS work ON work.id = standing.work_id "
        "JOIN columns AS col ON col.id = standing.column_id "
        "WHERE col.creator_id <> work.creator_id OR standing.creator_id <> work.creator_id "
        "OR standing.column_id = work.column_id",
    ),
    Invariant(
        "media.published_is_stored",
        "已发布版本的每个附件都有已存好的文件",
        "Every attachment of a published revision has its stored object",
        "SELECT count(*) FROM revision_attachments",
        "SELECT carried.attachment_id, carried.revision_id FROM works AS work "
        "JOIN revision_attachments AS carried ON carried.revision_id = work.live_revision_id "
        "LEFT JOIN attachments AS attachment ON attachment.id = carried.attachment_id "
        "LEFT JOIN media_objects AS media ON media.id = attachment.media_id "
        "WHERE media.stored_at IS NULL OR media.dropped_at IS NOT NULL "
        "OR attachment.work_id IS DISTINCT FROM work.id",
    ),
    Invariant(
        "media.attachment_is_own",
        "附件、作品和文件属于同一位创作者",
        "An attachment, its work and its object are one creator's",
        "SELECT count(*) FROM attachments",
        "SELECT attachment.id AS attachment_id FROM attachments AS attachment "
        "LEFT JOIN works AS work ON work.id = attachment.work_id "
        "LEFT JOIN media_objects AS media ON media.id = attachment.media_id "
        "WHERE work.creator_id IS DISTINCT FROM attachment.creator_id "
        "OR media.creator_id IS DISTINCT FROM attachment.creator_id",
    ),
    Invariant(
        "media.revision_counts_what_it_carries",
        "每个版本记下的附件数与附件相符",
        "A revision carries as many attachments as it says",
        "SELECT count(*) FROM revisions",
        "SELECT revision.id AS revision_id FROM revisions AS revision "
        "LEFT JOIN revision_attachments AS carried ON carried.revision_id = revision.id "
        "GROUP BY revision.id HAVING count(carried.attachment_id) <> revision.attachments_count",
    ),
    Invariant(
        "works.nothing_risky_is_live",
        "没有被判违规的内容在展示，除非人工改判",
        "Nothing judged risky is live, unless a person overruled it",
        _PUBLISHED,
        "SELECT work.id AS work_id FROM works AS work "
        "JOIN revisions AS revision ON revision.id = work.live_revision_id "
        "JOIN content_checks AS risky ON risky.content_sha256 = revision.content_sha256 "
        "AND risky.verdict = 'risky' WHERE work.state = 'published' "
        "AND NOT EXISTS (SELECT FROM content_checks AS passed "
        "WHERE passed.content_sha256 = revision.content_sha256 AND passed.verdict = 'pass' "
        "AND passed.decided_by_operator_id IS NOT NULL "
        "AND passed.decided_at >= risky.decided_at)",
    ),
    Invariant(
        "works.machine_check_answers",
        "机器审核不会超过一天没有结论",
        "No machine check waits for longer than a day",
        "SELECT count(*) FROM content_checks WHERE decided_at IS NULL",
        "SELECT id AS check_id, work_id FROM content_checks "
        "WHERE verdict = 'pending' AND decided_at IS NULL "
        "AND requested_at < CAST(:quiet_at AS timestamptz) - interval '1 day'",
    ),
    Invariant(
        "fan_groups.seats_fit",
        "每个进群方式的名额不超过上限，计数与名单相符",
        "A join way seats no more than fit, and counts what it seats",
        "SELECT count(*) FROM join_ways",
        "SELECT way.id AS join_way_id, way.seats_count, count(seat.id) AS seats "
        "FROM join_ways AS way LEFT JOIN seats AS seat ON seat.join_way_id = way.id "
        "GROUP BY way.id HAVING count(seat.id) > way.capacity_count "
        "OR count(seat.id) <> way.seats_count",
    ),
    Invariant(
        "fan_groups.seat_is_in_its_group",
        "名额所在的进群方式属于同一个群，一人一席",
        "A seat's join way is of the same group, and a person has one seat",
        _SEATS,
        "SELECT seat.id AS seat_id FROM seats AS seat "
        "LEFT JOIN join_ways AS way ON way.id = seat.join_way_id "
        "WHERE way.fan_group_id IS DISTINCT FROM seat.fan_group_id "
        "UNION ALL SELECT min(CAST(id AS text))::uuid FROM seats "
        "GROUP BY fan_group_id, person_id HAVING count(*) > 1",
    ),
    Invariant(
        "fan_groups.seated_or_waiting",
        "没有人既有名额又在排队，一人在一个群只排一次",
        "Nobody both has a seat and waits for one, and nobody waits twice for a group",
        "SELECT count(*) FROM seat_waits",
        "SELECT wait.id AS wait_id FROM seat_waits AS wait JOIN seats AS seat "
        "ON seat.fan_group_id = wait.fan_group_id AND seat.person_id = wait.person_id "
        "UNION ALL SELECT min(CAST(id AS text))::uuid FROM seat_waits "
        "GROUP BY fan_group_id, person_id HAVING count(*) > 1",
    ),
    Invariant(
        "fan_groups.seat_lapses",
        "没有确认的名额到时间就让给别人",
        "A seat that nobody confirmed is not held an hour longer than promised",
        "SELECT count(*) FROM seats WHERE lapses_at IS NOT NULL",
        "SELECT id AS seat_id, lapses_at FROM seats "
        "WHERE lapses_at < CAST(:quiet_at AS timestamptz) - interval '1 hour'",
    ),
    Invariant(
        "people.merged_is_flat",
        "合并过的人没有身份，也不再被合并第二层",
        "Who was merged away keeps no identity and no chain",
        "SELECT count(*) FROM people WHERE merged_into_id IS NOT NULL",
        "SELECT gone.id AS person_id FROM people AS gone "
        "JOIN people AS survivor ON survivor.id = gone.merged_into_id "
        "WHERE survivor.merged_into_id IS NOT NULL "
        "UNION ALL SELECT gone.id FROM people AS gone "
        "JOIN identities AS identity ON identity.person_id = gone.id "
        "WHERE gone.merged_into_id IS NOT NULL",
    ),
)
