-- Payments to refund and refunds of the past, so that plans and indexes are those of tables in use.

insert into floor.payment (id, shop, paid, channel_no)
  select n, n % 500, 1000000000, 'F' || n from generate_series(1, 100000) n;

insert into floor.refund (payment, request_key, fen, state, settled_at)
  select 1 + n * 7 % 100000, 'past-' || n, 5, 'succeeded', now() from generate_series(1, 50000) n;
update floor.payment p set refunded = s.fen
  from (select payment, sum(fen)::bigint as fen from floor.refund group by payment) s where s.payment = p.id;
insert into floor.evidence (refund, what, facts)
  select id, what, '{}' from floor.refund, unnest(array['requested', 'succeeded']) what;
insert into floor.entry (refund, account, fen)
  select id, account, fen * sign from floor.refund, (values ('merchant', -1), ('channel', 1)) legs (account, sign);

analyze floor.payment, floor.refund, floor.evidence, floor.entry, floor.job;
