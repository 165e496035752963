-- How far the dates that pass have been told in an organisation: up to at, and of what begins or
-- ends at that very moment up to the row of the branch (package dated).
create table dated_told (
  org_id text primary key references org (id),
  at datetime not null,
  branch bigint not null,
  row_id text not null
);

create index member_role_begins on member_role (starts_at, org_id, id) where starts_at > known_from;
create index member_role_ends on member_role (ends_at, org_id, id) where ends_at is not null;
create index member_permission_begins on member_permission (starts_at, org_id, id) where starts_at > known_from;
create index member_permission_ends on member_permission (ends_at, org_id, id) where ends_at is not null;
create index access_grant_begins on access_grant (starts_at, org_id, id) where starts_at > known_from;
create index access_grant_ends on access_grant (ends_at, org_id, id) where ends_at is not null;
create index delegation_begins on delegation (starts_at, org_id, id) where starts_at > known_from;
create index delegation_ends on delegation (ends_at, org_id, id) where ends_at is not null;
create index record_group_member_begins on record_group_member (starts_at, org_id, id) where starts_at > known_from;
create index record_group_member_ends on record_group_member (ends_at, org_id, id) where ends_at is not null;
create index member_state_begins on member_state (starts_at, org_id, member_id) where starts_at > known_from;
create index member_state_ends on member_state (ends_at, org_id, member_id) where ends_at is not null;
