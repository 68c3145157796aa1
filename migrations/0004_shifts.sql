-- Shifts at a till, the cash that left its drawer, and the closes of a store's days.

create table shift (
  tenant_id    integer not null references merchant,
  shift_no     text not null,
  store_no     text not null,
  terminal_no  text not null,
  staff_no     text not null,
  opened_at    timestamptz not null,
  opening_fen  bigint not null check (opening_fen >= 0),
  fingerprint  bytea not null,
  -- The close: all of it or nothing, and then for good. totals: what was seen and printed then.
  closed_at    timestamptz,
  closed_by    text,
  counted_fen  bigint check (counted_fen >= 0),
  expected_fen bigint,
  totals       jsonb,
  close_fingerprint bytea,
  note_ref     bigint,
  primary key (tenant_id, shift_no),
  foreign key (tenant_id, store_no) references store,
  foreign key (tenant_id, terminal_no) references terminal,
  foreign key (tenant_id, staff_no) references staff,
  foreign key (tenant_id, closed_by) references staff (tenant_id, staff_no),
  check (num_nulls(closed_at, closed_by, counted_fen, expected_fen, totals, close_fingerprint) in (0, 6))
);
-- One drawer, one shift.
create unique index shift_open on shift (tenant_id, terminal_no) where closed_at is null;
create index shift_recent on shift (tenant_id, opened_at desc, shift_no desc);

-- Cash that was handed out: from which drawer, by whom, and in which shift it is missing from it. The amount is the
-- attempt's. terminal_no is null where neither who said so nor the refund had one; shift_no while none was open there.
create table cash_handout (
  tenant_id   integer not null,
  refund_no   text not null,
  seq         integer not null,
  terminal_no text,
  staff_no    text,
  shift_no    text,
  at          timestamptz not null,
  primary key (tenant_id, refund_no, seq),
  foreign key (tenant_id, refund_no, seq) references attempt,
  foreign key (tenant_id, terminal_no) references terminal,
  foreign key (tenant_id, staff_no) references staff,
  foreign key (tenant_id, shift_no) references shift
);
create index cash_handout_shift on cash_handout (tenant_id, shift_no) where shift_no is not null;
create index cash_handout_time on cash_handout (tenant_id, at);

-- What a store's day had come to whenever somebody closed it; a day can be closed again.
create table day_close (
  tenant_id   integer not null,
  close_no    text not null,
  store_no    text not null,
  -- yymmdd in the shop's calendar.
  day         text not null check (day ~ '^\d{6}$'),
  nth         integer not null check (nth > 0),
  terminal_no text,
  staff_no    text not null,
  at          timestamptz not null,
  totals      jsonb not null,
  fingerprint bytea not null,
  primary key (tenant_id, close_no),
  unique (tenant_id, store_no, day, nth),
  foreign key (tenant_id, store_no) references store,
  foreign key (tenant_id, terminal_no) references terminal,
  foreign key (tenant_id, staff_no) references staff
);

-- What was handed out before there were shifts. The owner reads past the tenants' walls for this one statement.
alter table attempt no force row level security;
alter table refund no force row level security;
alter table sale no force row level security;
insert into cash_handout (tenant_id, refund_no, seq, terminal_no, at)
select a.tenant_id, a.refund_no, a.seq, coalesce(r.terminal_no, s.terminal_no), coalesce(a.settled_at, a.created_at)
  from attempt a
  join refund r on r.tenant_id = a.tenant_id and r.refund_no = a.refund_no
  join sale s on s.tenant_id = r.tenant_id and s.sale_no = r.sale_no
 where a.kind = 'cash' and a.state = 'succeeded';
alter table attempt force row level security;
alter table refund force row level security;
alter table sale force row level security;

-- Both are slips like the others: drawn, printed and counted in one way.
alter table slip drop constraint slip_kind_check;
alter table slip add constraint slip_kind_check
  check (kind in ('sale', 'request', 'pending_refund', 'refund', 'hand_over', 'day_close'));

-- What was counted stays as it was counted.
grant select, insert on shift, cash_handout, day_close to yuanlu_app;
grant update (closed_at, closed_by, counted_fen, expected_fen, totals, close_fingerprint, note_ref) on shift to yuanlu_app;

do $$
declare t text;
begin
  foreach t in array array['shift', 'cash_handout', 'day_close']
  loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format(
      'create policy tenant on public.%I using (tenant_id = nullif(current_setting(''yuanlu.tenant'', true), '''')::integer)', t);
  end loop;
end $$;
