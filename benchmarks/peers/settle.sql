-- One sale settled by hand-written SQL, a round trip for every statement; tables of the naive shop.
\set number :first + :turn * :nclients + :client_id
\set turn :turn + 1
BEGIN;
INSERT INTO notices (id, seen_at) VALUES ('B-' || :number, now()) ON CONFLICT DO NOTHING;
UPDATE sales SET state = 'paid', transaction_id = 'T-' || :number, paid_at = now() WHERE id = :number AND state = 'pending' RETURNING fan, work, amount_fen \gset s_
INSERT INTO bookings (sale_id, booked_at) VALUES (:number, now()) RETURNING id \gset b_
INSERT INTO booking_lines (booking_id, account, amount_fen) VALUES (:b_id, 'receivable', :s_amount_fen), (:b_id, 'platform', -99), (:b_id, 'creator', 99 - :s_amount_fen);
INSERT INTO accesses (fan, work, sale_id, ends_at) VALUES (:s_fan, :s_work, :number, now() + interval '31 days') ON CONFLICT (fan, work) DO UPDATE SET ends_at = accesses.ends_at + interval '31 days';
INSERT INTO outgoing (topic, sale_id) VALUES ('receipt', :number), ('creator', :number);
COMMIT;
