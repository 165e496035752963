-- What rights bear on, and who has which (RGT-1 to RGT-8). Rows that bear a right or a
-- state are closed and re-inserted, as everywhere.

-- Agendas, messaging profiles and identities: package resource ----------------------

create table resource (
  org_id text not null references org (id),
  id text not null,
  type text not null constraint resource_type_ck check (type in ('agenda', 'messaging_profile', 'identity')),
  version bigint not null,
  created_at datetime not null,
  primary key (org_id, id)
);

-- site_id is null for what belongs to the whole organisation (never an agenda). holder_id
-- is the practitioner whose it is; null for a room's, a service's or a shared one. detail is the
-- short line under the name; address that of a mailbox.
create table resource_state (
  org_id text not null,
  resource_id text not null,
  rev bigint not null,
  site_id text,
  kind text not null constraint resource_state_kind_ck check (kind in ('practitioner', 'room', 'service')),
  name text not null constraint resource_state_name_ck check (length(trim(name)) > 0),
  detail text not null,
  address text not null,
  holder_id text,
  status text not null constraint resource_state_status_ck check (status in ('active', 'closed')),
  sort_key sorttext not null,
  search text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, resource_id, rev),
  foreign key (org_id, resource_id) references resource (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id),
  foreign key (org_id, holder_id) references member (org_id, id),
  constraint resource_state_holder_ck check ((kind = 'practitioner') = (holder_id is not null))
);
create unique index resource_state_org_id_resource_id_uq on resource_state (org_id, resource_id) where known_until is null;
create index resource_state_holder on resource_state (org_id, holder_id) where known_until is null;

-- Levels, change sets and delegations: package grant ----------------------------------

-- A level of a member on an agenda or a messaging profile; none is no row.
create table access_grant (
  org_id text not null,
  id text not null,
  member_id text not null,
  resource_id text not null,
  level text not null constraint access_grant_level_ck check (level in ('availability', 'read', 'reply', 'manage')),
  starts_at datetime not null,
  ends_at datetime,
  given_by text not null,
  change_set_id text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  foreign key (org_id, resource_id) references resource (org_id, id)
);
create unique index access_grant_org_id_member_id_resource_id_uq on access_grant (org_id, member_id, resource_id) where known_until is null;
create index access_grant_resource on access_grant (org_id, resource_id) where known_until is null;

-- One edit of rights: many lines, one entry of the trail, undone as a whole.
create table change_set (
  org_id text not null references org (id),
  id text not null,
  kind text not null constraint change_set_kind_ck check (kind in ('edit', 'clone', 'creation', 'undo')),
  reason text not null,
  made_by text not null,
  made_by_name text not null,
  made_at datetime not null,
  undoes_id text,
  undone_by_id text,
  primary key (org_id, id)
);
create index change_set_list on change_set (org_id, made_at, id);

-- An empty level is none. The times are those of the grant before and after.
create table change_line (
  org_id text not null,
  change_set_id text not null,
  n bigint not null,
  member_id text not null,
  resource_id text not null,
  before_level text not null,
  before_starts_at datetime,
  before_ends_at datetime,
  after_level text not null,
  after_starts_at datetime,
  after_ends_at datetime,
  primary key (org_id, change_set_id, n),
  foreign key (org_id, change_set_id) references change_set (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  foreign key (org_id, resource_id) references resource (org_id, id)
);

-- One act that a member may do in the name of an identity (RGT-6). To draft consultations
-- is proposed by an administrator or given by the practitioner, who alone confirms it.
create table delegation (
  org_id text not null,
  id text not null,
  rev bigint not null,
  identity_id text not null,
  member_id text not null,
  act text not null constraint delegation_act_ck check (act in ('send', 'receive', 'draft_consultation')),
  state text not null constraint delegation_state_ck check (state in ('proposed', 'active')),
  starts_at datetime not null,
  ends_at datetime,
  given_by text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, id, rev),
  foreign key (org_id, identity_id) references resource (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index delegation_org_id_id_uq on delegation (org_id, id) where known_until is null;
create unique index delegation_org_id_identity_id_member_id_act_uq on delegation (org_id, identity_id, member_id, act) where known_until is null;
create index delegation_member on delegation (org_id, member_id) where known_until is null;

-- The levels that an invitation gives to whoever comes in by it: package invitation.
create table invitation_level (
  org_id text not null,
  invitation_id text not null,
  resource_id text not null,
  level text not null constraint invitation_level_level_ck check (level in ('availability', 'read', 'reply', 'manage')),
  starts_at datetime,
  ends_at datetime,
  primary key (org_id, invitation_id, resource_id),
  foreign key (org_id, invitation_id) references invitation (org_id, id),
  foreign key (org_id, resource_id) references resource (org_id, id)
);

-- Access groups: package recordgroup ----------------------------------------------------

-- no is the group's short number in its organisation: records are many, and hold it.
-- records is how many it holds now, kept with each change: they are too many to be counted.
create table record_group (
  org_id text not null references org (id),
  id text not null,
  no bigint not null,
  records bigint not null default 0,
  version bigint not null,
  created_at datetime not null,
  primary key (org_id, id)
);
create unique index record_group_org_id_no_uq on record_group (org_id, no);

create table record_group_state (
  org_id text not null,
  group_id text not null,
  rev bigint not null,
  name text not null constraint record_group_state_name_ck check (length(trim(name)) > 0),
  description text not null,
  status text not null constraint record_group_state_status_ck check (status in ('active', 'removed')),
  sort_key sorttext not null,
  search text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, group_id, rev),
  foreign key (org_id, group_id) references record_group (org_id, id)
);
create unique index record_group_state_org_id_group_id_uq on record_group_state (org_id, group_id) where known_until is null;

create table record_group_member (
  org_id text not null,
  id text not null,
  group_id text not null,
  member_id text not null,
  starts_at datetime not null,
  ends_at datetime,
  given_by text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, id),
  foreign key (org_id, group_id) references record_group (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index record_group_member_org_id_group_id_member_id_uq on record_group_member (org_id, group_id, member_id) where known_until is null;
create index record_group_member_member on record_group_member (org_id, member_id) where known_until is null;

-- record is the connected application's own name of a patient record.
create table record_group_record (
  org_id text not null,
  group_no bigint not null,
  record text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, group_no, record, known_from),
  foreign key (org_id, group_no) references record_group (org_id, no)
);
create unique index record_group_record_org_id_record_group_no_uq on record_group_record (org_id, record, group_no) where known_until is null;

-- Whether what a token says of its caller's address and second factor is believed (rest.md,
-- Decisions).
alter table token add column trusted boolean not null default false;

-- Decisions are answered from memory: what a transaction changed is found by its time,
-- which every row it wrote bears. recent lists the times of the latest versions, the last
-- one first, 16 hexadecimal digits of microseconds each (package action).
alter table org_version add column recent text not null default '';
create index member_state_known_from on member_state (org_id, known_from);
create index member_state_known_until on member_state (org_id, known_until) where known_until is not null;
create index member_site_known_from on member_site (org_id, known_from, member_id);
create index member_site_known_until on member_site (org_id, known_until) where known_until is not null;
create index member_role_known_from on member_role (org_id, known_from);
create index member_role_known_until on member_role (org_id, known_until) where known_until is not null;
create index member_permission_known_from on member_permission (org_id, known_from);
create index member_permission_known_until on member_permission (org_id, known_until) where known_until is not null;
create index resource_state_known_from on resource_state (org_id, known_from);
create index resource_state_known_until on resource_state (org_id, known_until) where known_until is not null;
create index access_grant_known_from on access_grant (org_id, known_from);
create index access_grant_known_until on access_grant (org_id, known_until) where known_until is not null;
create index delegation_known_from on delegation (org_id, known_from);
create index delegation_known_until on delegation (org_id, known_until) where known_until is not null;
create index record_group_member_known_from on record_group_member (org_id, known_from);
create index record_group_member_known_until on record_group_member (org_id, known_until) where known_until is not null;
create index record_group_record_known_from on record_group_record (org_id, known_from, record);
create index record_group_record_known_until on record_group_record (org_id, known_until) where known_until is not null;
