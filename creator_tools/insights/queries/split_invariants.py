"""What must hold for splits: signed, in force, exact, back to zero, and in time."""

from creator_tools.insights.queries.invariant import Invariant
from creator_tools.splits.queries import DUE, IN_FORCE

_DIVISIONS = "SELECT count(*) FROM split_divisions"
_SPLITS = "SELECT count(*) FROM journal_entries WHERE kind = 'split'"

# Who must have signed a version, by its own words.
_SIGNERS = """
    SELECT CAST(version.terms AS jsonb) ->> 'creator_person' AS person
    UNION ALL SELECT party ->> 'person'
    FROM jsonb_array_elements(CAST(version.terms AS jsonb) -> 'parties') AS party
"""
# What each of the parties has of a payment, by all its companions.
_HELD = """
    SELECT entry.payment_id, account.code, -sum(posting.amount_fen) AS held_fen
    FROM journal_entries AS entry
    JOIN postings AS posting ON posting.entry_id = entry.id
    JOIN ledger_accounts AS account ON account.id = posting.account_id
    WHERE entry.kind = 'split' AND account.kind = 'party_payable'
    GROUP BY entry.payment_id, account.code
"""

SPLIT_INVARIANTS = (
    Invariant(
        "splits.signed_by_all",
        "每笔分成依据的版本，各方都签署过它的原文",
        "Every version that divided was signed by all its parties, under its exact words",
        "SELECT count(*) FROM split_versions WHERE in_force_at IS NOT NULL",
        "SELECT version.id AS version_id FROM split_versions AS version "  # noqa: S608 - constants
        "WHERE (version.in_force_at IS NOT NULL OR EXISTS (SELECT FROM split_divisions "
        "AS division WHERE division.version_id = version.id)) "
        "AND (version.terms_hash <> encode(sha256(convert_to(version.terms, 'UTF8')), 'hex') "
        f"OR EXISTS (SELECT FROM ({_SIGNERS}) AS signer WHERE NOT EXISTS ("
        "SELECT FROM split_signatures AS signature WHERE signature.version_id = version.id "
        "AND CAST(signature.person_id AS text) = signer.person "
        "AND signature.terms_hash = version.terms_hash "
        "AND signature.signed_at <= version.in_force_at)))",
    ),
    Invariant(
        "splits.signature_fits_words",
        "签名里的条款指纹等于版本原文的指纹",
        "The hash under every signature is that of its version's words",
        "SELECT count(*) FROM split_signatures",
        "SELECT signature.version_id, signature.person_id FROM split_signatures AS signature "
        "LEFT JOIN split_versions AS version ON version.id = signature.version_id "
        "WHERE version.id IS NULL OR signature.terms_hash "
        "<> encode(sha256(convert_to(version.terms, 'UTF8')), 'hex')",
    ),
    Invariant(
        "splits.in_force_when_paid",
        "每笔收款按付款时生效的版本分成",
        "Every payment was divided by the version in force when it was paid",
        _DIVISIONS,
        "SELECT division.entry_id, division.version_id "  # noqa: S608 - constants
        "FROM split_divisions AS division "
        "JOIN journal_entries AS paid ON paid.payment_id = division.payment_id "
        "AND paid.kind = 'payment' "
        "JOIN payments AS payment ON payment.id = division.payment_id "
        f"LEFT JOIN LATERAL ({IN_FORCE}) AS version ON true "
        "WHERE version.id IS DISTINCT FROM division.version_id",
    ),
    Invariant(
        "splits.entry_fits_division",
        "每张分成凭证都对应它所分的凭证，只动协议里的人的科目",
        "Every split entry belongs to the entry it divides and touches only the parties' pots",
        _SPLITS,
        "SELECT entry.id AS entry_id FROM journal_entries AS entry "
        "LEFT JOIN split_divisions AS division ON division.split_entry_id = entry.id "
        "LEFT JOIN journal_entries AS divided ON divided.id = division.entry_id "
        "LEFT JOIN split_versions AS version ON version.id = division.version_id "
        "WHERE entry.kind = 'split' AND (divided.id IS NULL "
        "OR entry.source_key <> 'split:' || divided.id "
        "OR (entry.payment_id, entry.order_id, entry.creator_id, entry.column_id, entry.rail, "
        "entry.occurred_at) IS DISTINCT FROM (divided.payment_id, divided.order_id, "
        "divided.creator_id, divided.column_id, divided.rail, divided.occurred_at) "
        "OR EXISTS (SELECT FROM postings AS posting JOIN ledger_accounts AS account "
        "ON account.id = posting.account_id WHERE posting.entry_id = entry.id "
        "AND account.code <> 'creator_payable:' || entry.creator_id "
        "AND NOT (account.kind = 'party_payable' AND EXISTS (SELECT FROM "
        "jsonb_array_elements(CAST(version.terms AS jsonb) -> 'parties') AS party "
        "WHERE account.code = 'party_payable:' || (party ->> 'person')))))",
    ),
    Invariant(
        "splits.within_creator_part",
        "一笔款项的分成不为负，合计不超过创作者那一份；全额退款后为零",
        "The parts of a payment are within what the creator has of it: zero after all went back",
        "SELECT count(DISTINCT payment_id) FROM split_divisions",
        f"WITH held AS ({_HELD}), own AS ("  # noqa: S608 - constants
        "SELECT divided.payment_id, -sum(posting.amount_fen) AS own_fen "
        "FROM split_divisions AS division "
        "JOIN journal_entries AS divided ON divided.id = division.entry_id "
        "JOIN postings AS posting ON posting.entry_id = divided.id "
        "JOIN ledger_accounts AS account ON account.id = posting.account_id "
        "WHERE account.kind = 'creator_payable' GROUP BY divided.payment_id) "
        "SELECT held.payment_id, sum(held.held_fen) AS held_fen, max(own.own_fen) AS own_fen "
        "FROM held LEFT JOIN own ON own.payment_id = held.payment_id GROUP BY held.payment_id "
        "HAVING min(held.held_fen) < 0 OR sum(held.held_fen) > coalesce(max(own.own_fen), 0)",
    ),
    Invariant(
        "splits.undone_exactly",
        "退款撤销时，分成原样恢复",
        "A refund that failed gave every party back exactly what the refund had taken",
        "SELECT count(*) FROM split_divisions AS division JOIN journal_entries AS entry "
        "ON entry.id = division.entry_id WHERE entry.kind = 'refund_failed'",
        "SELECT undone.id AS entry_id, account.code FROM journal_entries AS undone "
        "JOIN split_divisions AS undoing ON undoing.entry_id = undone.id "
        "JOIN journal_entries AS refund ON refund.source_key "
        "= replace(undone.source_key, 'refund_failed:', 'refund:') "
        "LEFT JOIN split_divisions AS taking ON taking.entry_id = refund.id "
        "JOIN postings AS posting "
        "ON posting.entry_id IN (undoing.split_entry_id, taking.split_entry_id) "
        "JOIN ledger_accounts AS account ON account.id = posting.account_id "
        "WHERE undone.kind = 'refund_failed' GROUP BY undone.id, account.code "
        "HAVING sum(posting.amount_fen) <> 0",
    ),
    Invariant(
        "splits.divided_in_time",
        "该分成的凭证在十分钟内都已分成",
        "Nothing that is due to be divided waits longer than ten minutes",
        "SELECT count(*) FROM journal_entries AS entry "
        "WHERE entry.kind IN ('payment', 'refund', 'refund_failed') "
        "AND entry.creator_id IN (SELECT creator_id FROM split_agreements)",
        f"SELECT entry.id AS entry_id, entry.source_key {DUE} "  # noqa: S608 - a constant
        "AND entry.creator_id IN (SELECT creator_id FROM split_agreements) "
        "AND entry.posted_at < CAST(:quiet_at AS timestamptz) - interval '10 minutes'",
    ),
)
