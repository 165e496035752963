-- What people hold in connected applications (OFF-5). An item is known by the application's
-- own names, source and external_id; no is its short number here, in its organisation.
-- due_at of an item without a date is the year 9999. Only the present is kept: no right
-- hangs on it, and the trail tells who moved what.
create table work_item (
  org_id text not null references org (id),
  no bigint not null,
  source text not null,
  external_id text not null,
  kind text not null constraint work_item_kind_ck check (kind in ('task', 'appointment', 'letter', 'invoice', 'patient', 'setting')),
  title text not null,
  owner_id text not null,
  site_id text,
  due_at datetime not null,
  state text not null constraint work_item_state_ck check (state in ('open', 'done', 'cancelled')),
  version bigint not null,
  created_at datetime not null,
  changed_at datetime not null,
  primary key (org_id, no),
  foreign key (org_id, owner_id) references member (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id)
);
create unique index work_item_org_id_source_external_id_uq on work_item (org_id, source, external_id);
create index work_item_held on work_item (org_id, owner_id, kind, due_at, no) where state = 'open';

-- How many open items each member has, of each kind, and how many items the organisation
-- has in all: written with the items, so that nobody counts a million.
create table work_item_count (
  org_id text not null,
  owner_id text not null,
  kind text not null,
  items bigint not null,
  primary key (org_id, owner_id, kind),
  foreign key (org_id, owner_id) references member (org_id, id)
);

create table work_item_total (
  org_id text not null references org (id),
  items bigint not null,
  last_no bigint not null,
  primary key (org_id)
);
