-- Departures (OFF-1 to OFF-6). One of a member is in force at most: planned, or done and not
-- taken back. stage is how far the work is; day is empty when it was at once; refused says why a
-- plan was not carried out on its day. decided_by is on whose authority. change_set_id is the set
-- of the levels, delegations and access groups that ended with it; empty: none. The name stays.
create table departure (
  org_id text not null references org (id),
  id text not null,
  member_id text not null,
  name text not null,
  kind text not null constraint departure_kind_ck check (kind in ('decided', 'self')),
  state text not null constraint departure_state_ck check (state in ('planned', 'cancelled', 'done', 'undone', 'erased')),
  stage text not null,
  version bigint not null,
  day text not null,
  ends_at datetime not null,
  decided_by text not null,
  decided_name text not null,
  decided_at datetime not null,
  refused text not null,
  change_set_id text not null,
  undone_name text not null,
  undone_at datetime,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index departure_org_id_member_id_uq on departure (org_id, member_id) where state in ('planned', 'done');
create index departure_gone on departure (org_id, ends_at, id) where state = 'done';
create index departure_due on departure (state, ends_at);
create index departure_under_way on departure (org_id, id) where stage not in ('', 'finished', 'restored');

-- What the member held that another may take over, and what became of it: given to to_member, or
-- to nobody when that is null. version is that of the thing after it was given or closed.
create table departure_choice (
  org_id text not null,
  departure_id text not null,
  what text not null constraint departure_choice_what_ck check (what in ('work', 'resource', 'management', 'administration', 'webhook')),
  object text not null,
  name text not null,
  to_member text,
  state text not null constraint departure_choice_state_ck check (state in ('', 'chosen', 'given', 'waiting', 'left')),
  why text not null,
  items bigint not null,
  moved bigint not null,
  version bigint not null,
  chosen_by text not null, -- who chose the receiver, and so gives it; empty: nobody did
  primary key (org_id, departure_id, what, object),
  foreign key (org_id, departure_id) references departure (org_id, id),
  foreign key (org_id, to_member) references member (org_id, id)
);

-- What was done, written with it: the next part of the work begins where the last one ended.
create table departure_step (
  org_id text not null,
  departure_id text not null,
  no bigint not null,
  stage text not null,
  what text not null,
  object text not null,
  to_member text,
  items bigint not null,
  left_over bigint not null,
  code text not null,
  at datetime not null,
  primary key (org_id, departure_id, no),
  foreign key (org_id, departure_id) references departure (org_id, id),
  foreign key (org_id, to_member) references member (org_id, id)
);

-- Work items that were given to somebody, with their versions after it: those that nobody
-- changed since can come back.
create table departure_item (
  org_id text not null,
  departure_id text not null,
  no bigint not null,
  version bigint not null,
  primary key (org_id, departure_id, no),
  foreign key (org_id, departure_id) references departure (org_id, id)
);

-- What an undoing left as it was, and why.
create table departure_stay (
  org_id text not null,
  departure_id text not null,
  no bigint not null,
  what text not null,
  name text not null,
  code text not null,
  items bigint not null,
  primary key (org_id, departure_id, no),
  foreign key (org_id, departure_id) references departure (org_id, id)
);

-- An appointment whose practitioner left: it is in nobody's agenda, and stays in the record.
alter table work_item add column detached_at datetime;

-- Tasks of somebody who left, hidden as if they were deleted, until they are.
create table work_item_sealed (
  org_id text not null references org (id),
  no bigint not null,
  source text not null,
  external_id text not null,
  kind text not null,
  title text not null,
  owner_id text not null,
  site_id text,
  due_at datetime not null,
  version bigint not null,
  created_at datetime not null,
  primary key (org_id, no),
  foreign key (org_id, owner_id) references member (org_id, id)
);
create index work_item_sealed_owner on work_item_sealed (org_id, owner_id, kind, no);

-- What a member had when they left is looked up by the moment at which it ended.
create index member_site_ended on member_site (org_id, member_id, known_until) where known_until is not null;

-- The act that a change set is a part of, and with which alone it is undone: 'departure', or empty.
alter table change_set add column part_of text not null default '';
