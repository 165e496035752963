-- Verification of those who registered themselves (VER-2 to VER-4): what the last
-- «Rafraîchir» found, who certified whom for one organisation, what support decided. The
-- state itself stands with the member (012), where "in force" is defined.

-- What was found the last time. answer is what the directory said, as package directory
-- writes it.
create table dossier_check (
  org_id text not null,
  member_id text not null,
  state text not null constraint dossier_check_state_ck check (state in ('incomplete', 'verified')),
  reasons text not null,
  answer text not null,
  checked_at datetime not null,
  checked_by text not null,
  primary key (org_id, member_id),
  foreign key (org_id, member_id) references member (org_id, id)
);

-- «Autoriser ce compte»: somebody of the organisation knows the person. version is that of
-- what was declared: other facts, another certification. people is how many had to say so.
create table dossier_certification (
  org_id text not null,
  id text not null,
  member_id text not null,
  version bigint not null,
  people bigint not null constraint dossier_certification_people_ck check (people in (1, 2)),
  certified_at datetime not null,
  certified_by text not null references account (id),
  certified_name text not null,
  confirmed_at datetime,
  confirmed_by text references account (id),
  confirmed_name text not null default '',
  revoked_at datetime,
  revoked_by text not null default '',
  revoked_name text not null default '',
  reason text not null default '',
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  constraint dossier_certification_two_ck check (confirmed_by is null or confirmed_by <> certified_by)
);
create unique index dossier_certification_member_uq on dossier_certification (org_id, member_id) where revoked_at is null;

-- What the platform's support decided of a file; the last one holds.
create table dossier_ruling (
  org_id text not null,
  id text not null,
  member_id text not null,
  version bigint not null,
  decision text not null constraint dossier_ruling_decision_ck check (decision in ('validated', 'refused')),
  reason text not null,
  decided_at datetime not null,
  decided_by text not null,
  decided_name text not null,
  ended_at datetime,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index dossier_ruling_member_uq on dossier_ruling (org_id, member_id) where ended_at is null;
