-- Events out: what other systems are told (packages event and webhook).

-- How far an organisation's feed goes. Positions grow by one, given under the lock of the
-- organisation, and are never given twice; those up to swept are no longer kept.
create table event_head (
  org_id text not null references org (id),
  position bigint not null,
  swept bigint not null,
  primary key (org_id)
);

-- What is told: which kind of thing happened to what, in identifiers alone.
create table event (
  org_id text not null references org (id),
  position bigint not null,
  id text not null,
  kind text not null,
  subject text not null,
  object text not null,
  site text not null,
  at datetime not null,
  primary key (org_id, position)
);
create unique index event_org_id_id_uq on event (org_id, id);
create index event_at on event (at);

-- Written by acts that do not hold the organisation's lock (sign-ins): each waits here for
-- its position.
create table event_waiting (
  org_id text not null references org (id),
  id text not null,
  kind text not null,
  subject text not null,
  at datetime not null,
  primary key (org_id, id)
);

-- Where an organisation has its events sent. kinds are chosen one by one, one a line; of two
-- secrets the one before is good until before_until. read_to is how far the feed was taken
-- into deliveries. owner must hold webhooks.edit whenever something is sent.
create table webhook (
  org_id text not null references org (id),
  id text not null,
  name text not null,
  url text not null,
  kinds text not null,
  secret blob not null,
  secret_before blob,
  before_until datetime not null,
  status text not null constraint webhook_status_ck check (status in ('active', 'stopped')),
  why text not null constraint webhook_why_ck check (why in ('', 'person', 'failures', 'owner', 'reset', 'restore')),
  owner text references account (id),
  read_to bigint not null,
  failing_since datetime,
  version bigint not null,
  created_at datetime not null,
  changed_at datetime not null,
  primary key (org_id, id)
);

-- One event for one endpoint, until it was taken over there. lease is who sends it now; first_at
-- is when it was first tried since it was to be sent, or again.
create table webhook_delivery (
  org_id text not null,
  webhook_id text not null,
  position bigint not null,
  state text not null constraint webhook_delivery_state_ck check (state in ('waiting', 'delivered', 'failed')),
  attempt bigint not null,
  due_at datetime not null,
  lease text not null,
  lease_until datetime not null,
  first_at datetime not null,
  tried_at datetime not null,
  outcome text not null,
  status bigint not null,
  took_ms bigint not null,
  said text not null,
  primary key (org_id, webhook_id, position),
  foreign key (org_id, webhook_id) references webhook (org_id, id),
  foreign key (org_id, position) references event (org_id, position)
);
create index webhook_delivery_due on webhook_delivery (org_id, webhook_id, due_at) where state = 'waiting';
create index webhook_delivery_waiting on webhook_delivery (org_id, webhook_id, position) where state = 'waiting';
create index webhook_delivery_event on webhook_delivery (org_id, position);
