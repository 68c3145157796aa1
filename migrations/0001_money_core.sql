-- The money core. tenant_id leads every key; every tenant table is closed by row level security (end of the file);
-- amounts are whole fen in bigint; counters carry CHECKs, the last wall when code is wrong.

create table merchant (
  tenant_id   integer primary key,
  name        text not null,
  phone       text not null default '',
  settings    jsonb not null default '{}',
  created_at  timestamptz not null default now()
);

create table store (
  tenant_id   integer not null references merchant,
  store_no    text not null,
  name        text not null,
  address     text not null default '',
  phone       text not null default '',
  primary key (tenant_id, store_no)
);

create table terminal (
  tenant_id   integer not null,
  terminal_no text not null,
  store_no    text not null,
  name        text not null,
  printer     text,
  primary key (tenant_id, terminal_no),
  foreign key (tenant_id, store_no) references store
);

create table staff (
  tenant_id   integer not null,
  staff_no    text not null,
  store_no    text,
  name        text not null,
  role        text not null check (role in ('cashier', 'supervisor', 'owner')),
  left_at     timestamptz,
  primary key (tenant_id, staff_no),
  foreign key (tenant_id, store_no) references store
);

-- A key is kept as the hash of its secret; which terminal or person it stands for never changes.
create table api_key (
  tenant_id   integer not null references merchant,
  key_hash    bytea not null,
  terminal_no text,
  staff_no    text,
  created_at  timestamptz not null default now(),
  revoked_at  timestamptz,
  primary key (tenant_id, key_hash),
  foreign key (tenant_id, terminal_no) references terminal,
  foreign key (tenant_id, staff_no) references staff,
  check ((terminal_no is null) <> (staff_no is null))
);

create table channel_account (
  tenant_id   integer not null references merchant,
  account_no  text not null check (account_no ~ '^[a-z0-9-]{1,32}$'),
  channel     text not null,
  settings    jsonb not null,
  secrets     bytea not null,
  contract    jsonb not null default '{}',
  is_default  boolean not null default false,
  -- No real money moves at it: every slip of its payments says so.
  sandbox     boolean not null default false,
  paused      text,
  created_at  timestamptz not null default now(),
  primary key (tenant_id, account_no)
);

-- What flows to a channel account, counted over all nodes: what this second has used of the account's budget, and
-- whether the channel answers. No row: nothing was sent yet. probe_at is null while sends may go freely.
create table account_traffic (
  tenant_id     integer not null,
  account_no    text not null,
  second        timestamptz not null,
  sent          integer not null default 0,
  asked         integer not null default 0,
  errors        integer not null default 0,
  failures      integer not null default 0,
  failing_since timestamptz,
  probe_at      timestamptz,
  primary key (tenant_id, account_no),
  foreign key (tenant_id, account_no) references channel_account
) with (fillfactor = 50);

create table sale (
  tenant_id    integer not null references merchant,
  sale_no      text not null,
  store_no     text,
  terminal_no  text,
  staff_no     text,
  source       text not null check (source in ('till', 'import', 'channel')),
  order_fen    bigint not null check (order_fen > 0),
  discount_fen bigint not null check (discount_fen >= 0),
  paid_fen     bigint not null check (paid_fen > 0 and paid_fen = order_fen - discount_fen),
  description  text not null default '',
  fingerprint  bytea not null,
  created_at   timestamptz not null,
  primary key (tenant_id, sale_no),
  foreign key (tenant_id, store_no) references store,
  foreign key (tenant_id, terminal_no) references terminal
);
create index sale_recent on sale (tenant_id, created_at desc, sale_no desc);

create table sale_item (
  tenant_id         integer not null,
  sale_no           text not null,
  line              integer not null check (line > 0),
  name              text not null,
  quantity          integer not null check (quantity > 0),
  price_fen         bigint not null check (price_fen >= 0),
  fen               bigint not null check (fen >= 0),
  held_quantity     integer not null default 0 check (held_quantity >= 0),
  held_fen          bigint not null default 0 check (held_fen >= 0),
  refunded_quantity integer not null default 0 check (refunded_quantity >= 0),
  refunded_fen      bigint not null default 0 check (refunded_fen >= 0),
  primary key (tenant_id, sale_no, line),
  foreign key (tenant_id, sale_no) references sale,
  check (held_quantity + refunded_quantity <= quantity),
  check (held_fen + refunded_fen <= fen)
) with (fillfactor = 85);

create table payment (
  tenant_id       integer not null,
  payment_no      text not null,
  sale_no         text not null,
  account_no      text not null,
  channel         text not null,
  method          text not null check (method in ('code', 'qr', 'outside')),
  state           text not null check (state in ('created', 'submitted', 'waiting', 'paid', 'reversing', 'reversed', 'closed')),
  paid_fen        bigint not null check (paid_fen > 0),
  payer_total_fen bigint check (payer_total_fen >= 0),
  currency        text not null default 'CNY' check (currency = 'CNY'),
  -- The number the channel knows it by, the channel's own number, and what the customer's bill shows.
  channel_number  text not null,
  channel_no      text,
  bill_no         text,
  payer_masked    text,
  payer_ref       bigint,
  -- A blind index of the payer, for channels that want refunds to one person one after the other.
  payer_subject   text,
  paid_at         timestamptz,
  imported_with_refunds boolean not null default false,
  blocked         text,
  held_fen        bigint not null default 0 check (held_fen >= 0),
  refunded_fen    bigint not null default 0 check (refunded_fen >= 0),
  kept_fen        bigint not null default 0 check (kept_fen >= 0),
  excess_fen      bigint not null default 0 check (excess_fen >= 0),
  refund_count    integer not null default 0,
  last_refund_sent_at timestamptz,
  -- The drive: one act at a time, its frozen body, and who holds it.
  act             text not null default 'pay' check (act in ('pay', 'reverse', 'close')),
  body            text not null,
  code_url        text,
  valid_until     timestamptz,
  due_at          timestamptz,
  tries           integer not null default 0,
  lease_until     timestamptz,
  fence           integer not null default 0,
  first_send_at   timestamptz,
  send_by         timestamptz,
  last_send_by    timestamptz,
  submitted_at    timestamptz,
  refusal         text,
  fingerprint     bytea not null,
  event_seq       integer not null default 0,
  event_head      bytea,
  created_at      timestamptz not null,
  -- How numbers end, for customers without a receipt. Columns and no index on an expression: row level security lets
  -- only plain comparisons go before itself.
  bill_end        text generated always as (right(bill_no, 4)) stored,
  channel_end     text generated always as (right(channel_no, 4)) stored,
  sale_end        text generated always as (right(sale_no, 4)) stored,
  primary key (tenant_id, payment_no),
  foreign key (tenant_id, sale_no) references sale,
  foreign key (tenant_id, account_no) references channel_account,
  unique (tenant_id, account_no, channel_number),
  check (held_fen + refunded_fen + kept_fen <= paid_fen + excess_fen)
) with (fillfactor = 80);
create index payment_payer on payment (tenant_id, payer_subject) where payer_subject is not null;
create index payment_sale on payment (tenant_id, sale_no);
create unique index payment_channel_no on payment (tenant_id, account_no, channel_no) where channel_no is not null;
create index payment_number on payment (tenant_id, channel_number);
create index payment_transaction on payment (tenant_id, channel_no) where channel_no is not null;
create index payment_bill_no on payment (tenant_id, bill_no) where bill_no is not null;
create index payment_due on payment (due_at) where due_at is not null;
-- Sales without a receipt: by the payment's time, by its amount, by the end of a number.
create index payment_time on payment (tenant_id, (coalesce(paid_at, created_at)) desc, payment_no desc);
create index payment_amount on payment (tenant_id, paid_fen, (coalesce(paid_at, created_at)) desc, payment_no desc);
create index payment_bill_end on payment (tenant_id, bill_end, (coalesce(paid_at, created_at)) desc, payment_no desc);
create index payment_channel_end on payment (tenant_id, channel_end, (coalesce(paid_at, created_at)) desc, payment_no desc);
create index payment_sale_end on payment (tenant_id, sale_end, (coalesce(paid_at, created_at)) desc, payment_no desc);

create table refund (
  tenant_id     integer not null,
  refund_no     text not null,
  payment_no    text not null,
  sale_no       text not null,
  state         text not null check (state in ('requested', 'awaiting_goods', 'approved', 'sending', 'succeeded', 'owed', 'closed', 'rejected', 'withdrawn')),
  method        text not null check (method in ('original', 'cash')),
  amount_fen    bigint not null check (amount_fen > 0),
  fee_kept_fen  bigint not null default 0 check (fee_kept_fen >= 0),
  reason_code   text not null,
  note_ref      bigint,
  store_no      text,
  terminal_no   text,
  requested_by  text,
  judgement     jsonb not null,
  send_at       timestamptz,
  send_reason   text,
  lease_until   timestamptz,
  ended_reason  text,
  -- The end it was given, remembered while a late success covers it.
  ended_as      text check (ended_as in ('closed', 'rejected', 'withdrawn')),
  replaces      text,
  outside       boolean not null default false,
  attempts      integer not null default 0,
  fingerprint   bytea not null,
  event_seq     integer not null default 0,
  event_head    bytea,
  created_at    timestamptz not null,
  settled_at    timestamptz,
  primary key (tenant_id, refund_no),
  foreign key (tenant_id, payment_no) references payment,
  foreign key (tenant_id, sale_no) references sale
) with (fillfactor = 80);
create index refund_payment on refund (tenant_id, payment_no);
create index refund_recent on refund (tenant_id, created_at desc, refund_no desc);
create index refund_open on refund (tenant_id, created_at desc, refund_no desc)
  where state in ('requested', 'awaiting_goods', 'approved', 'sending', 'owed');
create index refund_due on refund (send_at) where state = 'approved' and send_at is not null;

create table refund_item (
  tenant_id        integer not null,
  refund_no        text not null,
  sale_no          text not null,
  line             integer not null,
  quantity         integer not null check (quantity > 0),
  fen              bigint not null check (fen >= 0),
  standing         text not null check (standing in ('none', 'held', 'refunded')),
  let_go           boolean not null default false,
  counted_quantity integer not null check (counted_quantity >= 0 and counted_quantity <= quantity),
  counted_fen      bigint not null check (counted_fen >= 0 and counted_fen <= fen),
  primary key (tenant_id, refund_no, line),
  foreign key (tenant_id, refund_no) references refund,
  foreign key (tenant_id, sale_no, line) references sale_item
);

create table attempt (
  tenant_id       integer not null,
  refund_no       text not null,
  seq             integer not null check (seq > 0),
  payment_no      text not null,
  account_no      text not null,
  kind            text not null check (kind in ('refund', 'void', 'cash', 'transfer', 'outside')),
  state           text not null check (state in ('submitted', 'processing', 'stuck', 'succeeded', 'declined', 'returned')),
  channel_number  text not null,
  channel_no      text,
  body            text not null,
  amount_fen      bigint not null check (amount_fen > 0),
  due_at          timestamptz,
  tries           integer not null default 0,
  sends           integer not null default 0,
  lease_until     timestamptz,
  fence           integer not null default 0,
  -- send_by: until when the holder of the fence may let a send go. last_send_by: the same of the last send that went.
  first_send_at   timestamptz,
  send_by         timestamptz,
  last_send_by    timestamptz,
  send_again      boolean not null default false,
  not_found_count integer not null default 0,
  last_not_found_at timestamptz,
  waiting         text check (waiting in ('spacing', 'funds', 'rate', 'account')),
  hint_code       text,
  hint_final      boolean not null default false,
  alarm           text,
  inferred        boolean not null default false,
  reopened        boolean not null default false,
  stopped_by      text,
  remedy          text check (remedy in ('to_bank_card', 'to_merchant')),
  remedy_body     text,
  remedy_first_send_at timestamptz,
  channel_time    timestamptz,
  destination     text,
  destination_text text,
  payer_fen       bigint,
  settlement_fen  bigint,
  discount_fen    bigint,
  fee_returned_fen bigint,
  last_code       text,
  created_at      timestamptz not null,
  settled_at      timestamptz,
  primary key (tenant_id, refund_no, seq),
  foreign key (tenant_id, refund_no) references refund,
  foreign key (tenant_id, payment_no) references payment,
  foreign key (tenant_id, account_no) references channel_account,
  unique (tenant_id, account_no, channel_number)
) with (fillfactor = 80);
-- One refund never has two attempts under way; a reopened one is only ever asked about.
create unique index attempt_open on attempt (tenant_id, refund_no)
  where state in ('submitted', 'processing', 'stuck') and not reopened;
create unique index attempt_channel_no on attempt (tenant_id, account_no, channel_no) where channel_no is not null;
create index attempt_payment on attempt (tenant_id, payment_no);
create index attempt_due on attempt (due_at) where due_at is not null;

create table approval (
  tenant_id   integer not null,
  refund_no   text not null,
  seq         integer not null,
  staff_no    text not null,
  decision    text not null check (decision in ('approve', 'second', 'reject')),
  -- What exactly was approved: amount, route, payment, requester.
  binding     bytea not null,
  at          timestamptz not null,
  voided_at   timestamptz,
  primary key (tenant_id, refund_no, seq),
  foreign key (tenant_id, refund_no) references refund,
  foreign key (tenant_id, staff_no) references staff
);

-- Every exchange with a channel, secrets blanked.
create table channel_call (
  tenant_id    integer not null references merchant,
  id           bigint generated always as identity,
  account_no   text not null,
  payment_no   text,
  refund_no    text,
  attempt_seq  integer,
  act          text not null,
  method       text not null,
  url          text not null,
  request_body text not null,
  status       integer,
  response_body text,
  response_headers jsonb not null,
  verified     text not null check (verified in ('good', 'bad', 'unsigned')),
  error        text,
  at           timestamptz not null,
  took_ms      integer not null,
  primary key (tenant_id, id)
);
create index channel_call_refund on channel_call (tenant_id, refund_no, id) where refund_no is not null;
create index channel_call_payment on channel_call (tenant_id, payment_no, id) where payment_no is not null;

-- Notifications that a channel verifiably signed, whole and for good.
create table raw_notice (
  tenant_id   integer not null references merchant,
  id          bigint generated always as identity,
  account_no  text not null,
  received_at timestamptz not null,
  headers     jsonb not null,
  body        bytea not null,
  verdict     text not null,
  notice_id   text,
  primary key (tenant_id, id)
);

-- Notifications that nobody verifiably signed, which anyone may send as many of as they like: the beginning of the
-- newest ones. bytes: how long the body was.
create table unproven_notice (
  tenant_id   integer not null,
  id          bigint generated always as identity,
  account_no  text not null,
  received_at timestamptz not null,
  headers     jsonb not null,
  body        bytea not null,
  bytes       integer not null,
  verdict     text not null,
  primary key (tenant_id, account_no, id),
  foreign key (tenant_id, account_no) references channel_account
);

-- Two legs in one row: what leaves one account enters another, so the ledger is balanced by construction.
create table transfer (
  tenant_id   integer not null,
  id          bigint generated always as identity,
  payment_no  text not null,
  refund_no   text not null,
  kind        text not null,
  debit       text not null,
  credit      text not null check (credit <> debit),
  fen         bigint not null check (fen > 0),
  at          timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, refund_no) references refund
);
create index transfer_refund on transfer (tenant_id, refund_no);
create index transfer_payment on transfer (tenant_id, payment_no);

-- What happened, chained per subject (a refund or a payment); the row is also the outbox.
create table event (
  tenant_id   integer not null references merchant,
  id          bigint generated always as identity,
  subject     text not null check (subject in ('refund', 'payment')),
  subject_no  text not null,
  seq         integer not null check (seq > 0),
  type        text not null,
  at          timestamptz not null,
  body        text not null,
  prev        bytea,
  hash        bytea not null,
  relayed_at  timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, subject, subject_no, seq)
) with (fillfactor = 90);
create index event_unrelayed on event (id) where relayed_at is null;

-- Personal data lies here alone, encrypted under its subject's key; elsewhere only its salted commitment.
create table subject_key (
  tenant_id   integer not null references merchant,
  subject     text not null,
  wrapped     bytea not null,
  primary key (tenant_id, subject)
);
create table personal (
  tenant_id   integer not null,
  ref         bigint generated always as identity,
  subject     text not null,
  kind        text not null,
  salt        bytea,
  commitment  bytea not null,
  ciphertext  bytea,
  at          timestamptz not null,
  primary key (tenant_id, ref),
  foreign key (tenant_id, subject) references subject_key
);

-- What was put on paper: the last facts of each document and copy, and how often it was printed, at any terminal.
-- subject_no: the sale's number for a sale's slip, else the refund's.
create table slip (
  tenant_id   integer not null references merchant,
  subject_no  text not null,
  kind        text not null check (kind in ('sale', 'request', 'pending_refund', 'refund')),
  copy        text not null check (copy in ('merchant', 'customer')),
  facts       jsonb not null,
  prints      integer not null check (prints >= 0),
  at          timestamptz not null,
  primary key (tenant_id, subject_no, kind, copy)
);

-- The slip of a refund as it was at an event, to be looked up later; made when that event is relayed.
create table refund_slip (
  tenant_id   integer not null,
  refund_no   text not null,
  event_seq   integer not null,
  kind        text not null check (kind in ('request', 'pending_refund', 'refund')),
  facts       jsonb not null,
  at          timestamptz not null,
  primary key (tenant_id, refund_no, event_seq),
  foreign key (tenant_id, refund_no) references refund
);

create table webhook (
  tenant_id   integer not null references merchant,
  webhook_no  text not null,
  url         text not null,
  secret      bytea not null,
  -- A receiver on the shop's own network; without it only public addresses are spoken to.
  allow_private boolean not null default false,
  paused      boolean not null default false,
  created_at  timestamptz not null,
  primary key (tenant_id, webhook_no)
);
-- One row for each event a receiver is to get, from the moment the event is relayed.
create table webhook_delivery (
  tenant_id   integer not null,
  webhook_no  text not null,
  event_id    bigint not null,
  status      integer,
  error       text,
  tries       integer not null default 0,
  created_at  timestamptz not null,
  tried_at    timestamptz,
  delivered_at timestamptz,
  -- Asked for again by a person; taken back when the relay has put it into the queue.
  wanted      boolean not null default false,
  primary key (tenant_id, webhook_no, event_id),
  foreign key (tenant_id, webhook_no) references webhook on delete cascade
);
create index webhook_delivery_open on webhook_delivery (tenant_id, webhook_no, event_id) where delivered_at is null;
create index webhook_delivery_wanted on webhook_delivery (tenant_id, webhook_no, event_id) where wanted;
create index webhook_delivery_old on webhook_delivery (tenant_id, created_at);
create index webhook_delivery_told on webhook_delivery (tenant_id, tried_at) where error is not null;

-- Differences that a person must look at: audit findings, amounts that do not match, refunds beyond the payment.
create table incident (
  tenant_id   integer not null references merchant,
  id          bigint generated always as identity,
  kind        text not null,
  payment_no  text,
  refund_no   text,
  -- Where it is about a channel account as a whole.
  account_no  text,
  detail      jsonb not null,
  at          timestamptz not null,
  closed_at   timestamptz,
  closed_by   text,
  primary key (tenant_id, id)
);
create unique index incident_open on incident
  (tenant_id, kind, coalesce(payment_no, ''), coalesce(refund_no, ''), coalesce(account_no, '')) where closed_at is null;

-- Rights. The application may not rewrite what has happened.
grant usage on schema public to yuanlu_app, yuanlu_claim;
grant select, insert, update, delete on all tables in schema public to yuanlu_app;
revoke update, delete on event, transfer, channel_call, raw_notice from yuanlu_app;
grant update (relayed_at) on event to yuanlu_app;
-- An approval stays as it was given; it can only become void.
revoke update on approval from yuanlu_app;
grant update (voided_at) on approval to yuanlu_app;
revoke delete on sale, sale_item, payment, refund, refund_item, attempt, approval, incident from yuanlu_app;

do $$
declare t text;
begin
  for t in select c.table_name from information_schema.columns c
            where c.table_schema = 'public' and c.column_name = 'tenant_id'
  loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format(
      'create policy tenant on public.%I using (tenant_id = nullif(current_setting(''yuanlu.tenant'', true), '''')::integer)', t);
  end loop;
end $$;

-- The one narrow way across tenants: who has work that is due. It hands out tenant and number, and nothing else.
grant select, update (lease_until, send_by, fence) on attempt, payment to yuanlu_claim;
grant select, update (lease_until) on refund to yuanlu_claim;
grant select (tenant_id, id, relayed_at) on event to yuanlu_claim;
grant select (tenant_id) on merchant to yuanlu_claim;
grant select (tenant_id, webhook_no, event_id, wanted) on webhook_delivery to yuanlu_claim;
create policy claim on attempt to yuanlu_claim using (true);
create policy claim on payment to yuanlu_claim using (true);
create policy claim on refund to yuanlu_claim using (true);
create policy claim on event for select to yuanlu_claim using (true);
create policy claim on merchant for select to yuanlu_claim using (true);
create policy claim on webhook_delivery for select to yuanlu_claim using (true);

create function claim_attempts(most integer, lease interval, send_within interval, clock_offset interval)
returns table (tenant_id integer, refund_no text, seq integer, fence integer)
language sql security definer set search_path = public, pg_temp as $$
  -- Materialized: as a plain subquery it could be run once for each row it is joined to, past its limit.
  with due as materialized (
    select d.tenant_id, d.refund_no, d.seq from attempt d
     where d.due_at <= clock_timestamp() + clock_offset
       and (d.lease_until is null or d.lease_until < clock_timestamp())
     order by d.due_at limit most for update skip locked
  )
  update attempt a
     set lease_until = clock_timestamp() + lease, send_by = clock_timestamp() + send_within, fence = a.fence + 1
    from due
   where a.tenant_id = due.tenant_id and a.refund_no = due.refund_no and a.seq = due.seq
  returning a.tenant_id, a.refund_no, a.seq, a.fence
$$;

create function claim_payments(most integer, lease interval, send_within interval, clock_offset interval)
returns table (tenant_id integer, payment_no text, fence integer)
language sql security definer set search_path = public, pg_temp as $$
  -- Materialized: as a plain subquery it could be run once for each row it is joined to, past its limit.
  with due as materialized (
    select d.tenant_id, d.payment_no from payment d
     where d.due_at <= clock_timestamp() + clock_offset
       and (d.lease_until is null or d.lease_until < clock_timestamp())
     order by d.due_at limit most for update skip locked
  )
  update payment p
     set lease_until = clock_timestamp() + lease, send_by = clock_timestamp() + send_within, fence = p.fence + 1
    from due
   where p.tenant_id = due.tenant_id and p.payment_no = due.payment_no
  returning p.tenant_id, p.payment_no, p.fence
$$;

create function claim_refunds(most integer, lease interval, clock_offset interval)
returns table (tenant_id integer, refund_no text)
language sql security definer set search_path = public, pg_temp as $$
  with due as materialized (
    select d.tenant_id, d.refund_no from refund d
     where d.state = 'approved' and d.send_at <= clock_timestamp() + clock_offset
       and (d.lease_until is null or d.lease_until < clock_timestamp())
     order by d.send_at limit most for update skip locked
  )
  update refund r
     set lease_until = clock_timestamp() + lease
    from due
   where r.tenant_id = due.tenant_id and r.refund_no = due.refund_no
  returning r.tenant_id, r.refund_no
$$;

-- Notes the turns that a tenant's accounts want in this second. A function, so that the accounts' rows, which all turns
-- wait for, are held for no longer than it takes the server, not for a caller's round trips; nor for the disk.
create function want_turns(tenant integer, wanted json)
returns setof account_traffic
language plpgsql security invoker set search_path = public, pg_temp as $$
begin
  perform set_config('yuanlu.tenant', tenant::text, true), set_config('synchronous_commit', 'off', true);
  return query
    insert into account_traffic as t (tenant_id, account_no, second, sent, asked)
    select tenant, w.account_no, date_trunc('second', clock_timestamp()), w.sends, w.asks
      from json_to_recordset(wanted) as w(account_no text, sends integer, asks integer)
     order by w.account_no
        on conflict on constraint account_traffic_pkey do update
       set second = greatest(t.second, excluded.second),
           sent = excluded.sent + case when t.second >= excluded.second then t.sent else 0 end,
           asked = excluded.asked + case when t.second >= excluded.second then t.asked else 0 end,
           errors = case when t.second >= excluded.second then t.errors else 0 end
    returning t.*;
end $$;
revoke all on function want_turns(integer, json) from public;
grant execute on function want_turns(integer, json) to yuanlu_app;

create function tenants_to_relay(most integer)
returns table (tenant_id integer)
language sql security definer set search_path = public, pg_temp as $$
  select e.tenant_id from (select tenant_id from event where relayed_at is null order by id limit most) e
  union
  select d.tenant_id from (select tenant_id from webhook_delivery where wanted limit most) d
$$;

-- Every tenant has its books audited, whether it has due work or not.
create function tenants_after(place integer, most integer)
returns table (tenant_id integer)
language sql security definer set search_path = public, pg_temp as $$
  select m.tenant_id from merchant m where m.tenant_id > place order by m.tenant_id limit most
$$;

-- A function can only be given to a role that may create in its schema; the right is taken back at once.
grant create on schema public to yuanlu_claim;
alter function claim_attempts(integer, interval, interval, interval) owner to yuanlu_claim;
alter function claim_payments(integer, interval, interval, interval) owner to yuanlu_claim;
alter function claim_refunds(integer, interval, interval) owner to yuanlu_claim;
alter function tenants_to_relay(integer) owner to yuanlu_claim;
alter function tenants_after(integer, integer) owner to yuanlu_claim;
revoke create on schema public from yuanlu_claim;
revoke all on function claim_attempts(integer, interval, interval, interval), claim_payments(integer, interval, interval, interval),
  claim_refunds(integer, interval, interval), tenants_to_relay(integer), tenants_after(integer, integer) from public;
grant execute on function claim_attempts(integer, interval, interval, interval), claim_payments(integer, interval, interval, interval),
  claim_refunds(integer, interval, interval), tenants_to_relay(integer), tenants_after(integer, integer) to yuanlu_app;
