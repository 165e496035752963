-- Two accounts of one person become one (MEM-3). A half that is bound to a session of another account
-- proves that its person holds both; it opens no session.

alter table half_session add column for_session text not null default '';
alter table half_session add column proved_at datetime;
create index half_session_for_session on half_session (for_session) where for_session <> '' and ended_at is null;

-- One account gave way to another. undo_hash is of the link that the one that gave way was sent; null
-- once it is good for nothing. The row stays: it tells whose the ID of that account was.
create table account_merge (
  id text primary key,
  kept_id text not null references account (id),
  gone_id text not null references account (id),
  half_id text not null,
  state text not null constraint account_merge_state_ck check (state in ('merged', 'apart', 'finished')),
  undo_hash blob,
  version bigint not null,
  merged_at datetime not null,
  undo_until datetime not null,
  undone_at datetime
);
create unique index account_merge_gone_uq on account_merge (gone_id) where state <> 'apart';
create unique index account_merge_half_uq on account_merge (half_id);
create unique index account_merge_undo_uq on account_merge (undo_hash) where undo_hash is not null;
create index account_merge_kept_id on account_merge (kept_id);
create index account_merge_due on account_merge (undo_until) where state = 'merged';

-- Which memberships went from one to the other, and which of them went back: rows of organisations, that go
-- with them. The merging itself is of the installation, and stays.
create table account_merge_member (
  org_id text not null references org (id),
  merge_id text not null,
  member_id text not null,
  back boolean not null default false,
  primary key (org_id, merge_id, member_id),
  constraint account_merge_member_fk foreign key (org_id, member_id) references member (org_id, id)
);
create index account_merge_member_merge_id on account_merge_member (merge_id);
