-- What the platform's support does for an organisation (ORG-6, APP-1).

-- The administration space of an organisation is open, unless the support closed it.
alter table org_state add column administration boolean not null default true;

-- An account that the support made for an organisation, and what its administrators decided.
-- The member is there already (status pending_approval), without an account until then.
-- created_account is the person who asked, or who made the token that did; created_by is
-- that person or token. sites are those that were asked for, by ID, one a space.
create table approval (
  org_id text not null references org (id),
  member_id text not null,
  status text not null constraint approval_status_ck check (status in ('waiting', 'authorized', 'refused', 'expired')),
  ticket text not null,
  language text not null,
  sites text not null,
  created_by text not null,
  created_account text not null,
  created_name text not null,
  created_at datetime not null,
  expires_at datetime not null,
  decided_by text not null,
  decided_name text not null,
  decided_at datetime not null,
  reason text not null,
  primary key (org_id, member_id),
  constraint approval_member_fk foreign key (org_id, member_id) references member (org_id, id)
);
create index approval_waiting on approval (expires_at) where status = 'waiting';
