-- People at the till: what each may do, their PINs, who is signed in where, who stood behind what, and how a terminal
-- gets its key.

-- Only what differs from the role's rights; see domain/rights.ts.
alter table staff add column rights jsonb not null default '{}';

-- A PIN as an argon2id string with its parameters, useless without the pepper that the master key gives.
create table pin (
  tenant_id   integer not null,
  staff_no    text not null,
  hash        text not null,
  set_at      timestamptz not null,
  primary key (tenant_id, staff_no),
  foreign key (tenant_id, staff_no) references staff
);

-- Wrong PINs in a row, for whatever name was typed: names that nobody has are counted just like those of people.
create table pin_try (
  tenant_id   integer not null references merchant,
  staff_no    text not null,
  failures    integer not null check (failures >= 0),
  -- Until then the row counts; with enough failures, until then the PIN is locked.
  until       timestamptz not null,
  primary key (tenant_id, staff_no)
);

-- Somebody signed in at a terminal by PIN; the token is kept as the hash of its secret.
create table session (
  tenant_id   integer not null,
  token_hash  bytea not null,
  staff_no    text not null,
  terminal_no text not null,
  made_at     timestamptz not null,
  expires_at  timestamptz not null,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, staff_no) references staff,
  foreign key (tenant_id, terminal_no) references terminal
);
create index session_staff on session (tenant_id, staff_no);
create index session_terminal on session (tenant_id, terminal_no);

-- A second person's yes at a terminal, to one act of one colleague. binding: what exactly; see domain/second.ts.
create table second_grant (
  tenant_id    integer not null,
  grant_hash   bytea not null,
  staff_no     text not null,
  requested_by text not null check (requested_by <> staff_no),
  terminal_no  text not null,
  way          text not null check (way in ('pin', 'code')),
  binding      bytea not null,
  made_at      timestamptz not null,
  expires_at   timestamptz not null,
  used_at      timestamptz,
  primary key (tenant_id, grant_hash),
  foreign key (tenant_id, staff_no) references staff,
  foreign key (tenant_id, requested_by) references staff,
  foreign key (tenant_id, terminal_no) references terminal
);
create index second_grant_staff on second_grant (tenant_id, staff_no);

-- A yes given from elsewhere, to be read over the phone: at most one for one claim. code_mac: under the master key,
-- since eight digits alone would be found again from any plain hash.
create table approval_code (
  tenant_id   integer not null,
  binding     bytea not null,
  code_mac    bytea not null,
  staff_no    text not null,
  failures    integer not null default 0 check (failures >= 0),
  made_at     timestamptz not null,
  expires_at  timestamptz not null,
  primary key (tenant_id, binding),
  foreign key (tenant_id, staff_no) references staff
);
create index approval_code_staff on approval_code (tenant_id, staff_no);

-- A terminal waits for a device to fetch its key: at most one code for one terminal.
create table enrolment (
  tenant_id   integer not null,
  terminal_no text not null,
  code_mac    bytea not null,
  -- Null: from the command line.
  made_by     text,
  made_at     timestamptz not null,
  expires_at  timestamptz not null,
  primary key (tenant_id, terminal_no),
  unique (tenant_id, code_mac),
  foreign key (tenant_id, terminal_no) references terminal,
  foreign key (tenant_id, made_by) references staff
);

-- By which way whoever decided or stood behind it showed who they are.
alter table approval add column way text not null default 'key' check (way in ('key', 'pin', 'code'));

-- What a person has asked for today.
create index refund_person on refund (tenant_id, requested_by, created_at) where requested_by is not null;
-- To revoke a terminal's keys.
create index api_key_terminal on api_key (tenant_id, terminal_no) where terminal_no is not null;

grant select, insert, update, delete on pin, pin_try, session, second_grant, approval_code, enrolment to yuanlu_app;
-- What a grant was for stays as it was given; it can only be used up.
revoke update on second_grant from yuanlu_app;
grant update (used_at) on second_grant to yuanlu_app;

do $$
declare t text;
begin
  foreach t in array array['pin', 'pin_try', 'session', 'second_grant', 'approval_code', 'enrolment']
  loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format(
      'create policy tenant on public.%I using (tenant_id = nullif(current_setting(''yuanlu.tenant'', true), '''')::integer)', t);
  end loop;
end $$;
