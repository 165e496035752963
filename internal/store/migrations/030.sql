-- A person's data (AUD-4): what was prepared for somebody to take away, and erasures. org_id is
-- empty for what is of an account, in the whole installation.

-- asked_by alone may have it. Its bytes are in sealed chunks, and go with the row, some days after
-- ready_at.
create table data_export (
  org_id text not null,
  id text not null,
  member_id text not null,
  account_id text not null,
  asked_by text not null,
  language text not null constraint data_export_language_ck check (language in ('fr', 'en')),
  state text not null constraint data_export_state_ck check (state in ('making', 'ready', 'failed', 'over')),
  bytes bigint not null,
  asked_at datetime not null,
  ready_at datetime,
  primary key (org_id, id)
);
create index data_export_subject on data_export (org_id, member_id, account_id);
create index data_export_state on data_export (state, asked_at);

create table data_export_chunk (
  org_id text not null,
  export_id text not null,
  n bigint not null,
  sealed blob not null,
  primary key (org_id, export_id, n),
  foreign key (org_id, export_id) references data_export (org_id, id)
);

-- One erasure of a member, or of an account: stage and place say how far it is, and name nobody.
create table erasure (
  org_id text not null,
  id text not null,
  subject text not null,
  account_id text not null,
  stage text not null,
  place text not null,
  items bigint not null,
  asked_by text not null,
  asked_at datetime not null,
  done_at datetime,
  primary key (org_id, id)
);
create unique index erasure_org_id_subject_uq on erasure (org_id, subject);
create index erasure_under_way on erasure (asked_at, id) where done_at is null;

-- A departure that somebody was erased after: its undoing was given up knowingly.
alter table departure add column concluded boolean not null default false;
