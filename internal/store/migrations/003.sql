-- Reading the audit trail (AUD-1): an index for each filter and for the pairs of them
-- that people use, newest first; and the words it is searched by. What names people
-- here stands outside the hashes, as audit_payload does: erasure removes it without
-- breaking a chain.

drop index audit_event_object;
drop index audit_event_subject;
drop index audit_event_actor;
-- Two of them hold every row and say «where seq > 0» nevertheless: only a query that says
-- it too is answered by them, so that no engine reads by time what another index finds.
create index audit_event_at on audit_event (chain, at, seq) where seq > 0;
create index audit_event_actor on audit_event (chain, actor, at, seq);
create index audit_event_actor_verb on audit_event (chain, actor, verb, at, seq);
create index audit_event_actor_site on audit_event (chain, actor, site, at, seq) where site <> '';
create index audit_event_subject on audit_event (chain, subject, at, seq);
create index audit_event_object on audit_event (chain, object, at, seq);
create index audit_event_verb on audit_event (chain, verb, at, seq);
create index audit_event_site on audit_event (chain, site, at, seq) where site <> '';
create index audit_event_site_verb on audit_event (chain, site, verb, at, seq) where site <> '';
create index audit_event_refused on audit_event (chain, at, seq) where outcome = 'refused' and seq > 0;
create index audit_event_refused_actor on audit_event (chain, actor, at, seq) where outcome = 'refused';
create index audit_event_refused_site on audit_event (chain, site, at, seq) where outcome = 'refused' and site <> '';
create index audit_event_refused_verb on audit_event (chain, verb, at, seq) where outcome = 'refused';

-- The short number of a chain, in the two tables of the search.
alter table audit_head add column no bigint not null default 0;
update audit_head set no = (select count(*) from audit_head h where h.chain <= audit_head.chain);
create unique index audit_head_no_uq on audit_head (no);

-- A name or an address that events mention. actor is the account or the token that acted
-- under this name, empty for what was acted upon: who is not of the organisation is not
-- found by their name (AUD-04). folded begins with a space, as every column that is searched in.
create table audit_name (
  chain_no bigint not null,
  no bigint not null,
  actor text not null,
  folded text not null,
  primary key (chain_no, no)
);
create unique index audit_name_chain_no_actor_folded_uq on audit_name (chain_no, actor, folded);

create table audit_mention (
  chain_no bigint not null,
  seq bigint not null,
  name_no bigint not null,
  primary key (chain_no, seq, name_no)
);
create index audit_mention_name on audit_mention (chain_no, name_no, seq);

-- The events written before this migration, whose names the server puts into the two
-- tables above after it has started.
create table audit_backlog (
  chain text primary key,
  next_seq bigint not null,
  last_seq bigint not null
);
insert into audit_backlog (chain, next_seq, last_seq) select chain, 1, seq from audit_head;
