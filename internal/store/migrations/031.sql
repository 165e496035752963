-- How long things are kept, and how an organisation leaves (AUD-4).

-- Up to which event of a chain the details of a class were judged by their age; chain as in
-- audit_event.
create table retention_mark (
  chain text not null,
  class text not null,
  seq bigint not null,
  primary key (chain, class)
);

-- What retention removed since it was last told in the trail.
create table retention_removed (
  chain text not null,
  kind text not null,
  removed bigint not null,
  primary key (chain, kind)
);

-- An organisation that asked to leave: one row while it may still take it back, and while it is
-- removed. stage is asked, letters, rows, trail. told is the last account that was told.
create table org_exit (
  org_id text primary key references org (id),
  version bigint not null,
  stage text not null,
  asked_by text not null,
  asked_name text not null,
  asked_at datetime not null,
  acts_at datetime not null,
  told text not null default '',
  removed bigint not null default 0
);
create index org_exit_due on org_exit (acts_at);

-- Everything of an organisation in one file. Its bytes are in sealed chunks, kept some days. lease
-- is who makes it, until when.
create table org_export (
  org_id text not null references org (id),
  id text not null,
  state text not null,
  asked_by text not null,
  asked_name text not null,
  asked_at datetime not null,
  ready_at datetime,
  expires_at datetime,
  tries bigint not null default 0,
  lease text not null default '',
  lease_until datetime,
  bytes bigint not null default 0,
  sum blob,
  primary key (org_id, id)
);

create table org_export_chunk (
  org_id text not null,
  export_id text not null,
  n bigint not null,
  sealed blob not null,
  primary key (org_id, export_id, n),
  foreign key (org_id, export_id) references org_export (org_id, id)
);
