-- The floor: the least that any refund system on PostgreSQL must write durably for one refund, and nothing else.
-- It keeps no tenants, no items, no plan; it is only there to be measured beside the product in the same run.

create schema floor;

create table floor.payment (
  id          bigint primary key,
  shop        integer not null,
  paid        bigint not null,
  held        bigint not null default 0 check (held >= 0),
  refunded    bigint not null default 0 check (refunded >= 0),
  currency    text not null default 'CNY',
  channel     text not null default 'floor',
  channel_no  text not null,
  made_at     timestamptz not null default now(),
  check (held + refunded <= paid)
) with (fillfactor = 80);

create table floor.refund (
  id          bigint generated always as identity primary key,
  payment     bigint not null,
  request_key text not null unique,
  fen         bigint not null check (fen > 0),
  state       text not null default 'sending',
  asked_at    timestamptz not null default now(),
  settled_at  timestamptz
) with (fillfactor = 80);
create index on floor.refund (payment);

create table floor.evidence (
  id      bigint generated always as identity primary key,
  refund  bigint not null,
  what    text not null,
  facts   jsonb not null,
  at      timestamptz not null default now()
);

create table floor.entry (
  id      bigint generated always as identity primary key,
  refund  bigint not null,
  account text not null,
  fen     bigint not null,
  at      timestamptz not null default now()
);

create table floor.job (
  refund  bigint primary key,
  kind    text not null default 'send',
  run_at  timestamptz not null default now(),
  tries   integer not null default 0
);
create index on floor.job (run_at);
