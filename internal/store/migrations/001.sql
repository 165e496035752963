-- The ground. One text for both engines; the domains of 001.pg.sql stand for
-- SQLite's loose types. Rows that bear a right or a state are never changed:
-- they are closed (known_until) and a new one is inserted, so that "who could,
-- on 12 March" is a plain query. Everything of an organisation carries org_id.

create table installation_fact (
  name text primary key,
  value text not null,
  at datetime not null
);

-- Organisations and their sites --------------------------------------------------

create table org (
  id text primary key,
  slug text not null,
  created_at datetime not null
);
create unique index org_slug_uq on org (slug);

-- Bumped by every committed change of the organisation, in its own transaction.
create table org_version (
  org_id text primary key references org (id),
  version bigint not null
);

create table org_state (
  org_id text not null references org (id),
  rev bigint not null,
  name text not null constraint org_state_name_ck check (length(trim(name)) > 0),
  kind text not null constraint org_state_kind_ck check (kind in ('practice', 'clinic', 'hospital', 'cpts', 'other')),
  status text not null constraint org_state_status_ck check (status in ('active', 'suspended')),
  enamel text not null,
  sort_key sorttext not null default '',
  search text not null default '',
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, rev)
);
create unique index org_state_org_id_uq on org_state (org_id) where known_until is null;
create index org_state_list on org_state (sort_key, org_id) where known_until is null;

create table site (
  org_id text not null references org (id),
  id text not null,
  created_at datetime not null,
  primary key (org_id, id)
);

create table site_state (
  org_id text not null,
  site_id text not null,
  rev bigint not null,
  name text not null constraint site_state_name_ck check (length(trim(name)) > 0),
  finess text not null,
  street text not null,
  postal_code text not null,
  city text not null,
  phone text not null,
  status text not null constraint site_state_status_ck check (status in ('active', 'closed')),
  sort_key sorttext not null,
  search text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, site_id, rev),
  foreign key (org_id, site_id) references site (org_id, id)
);
create unique index site_state_org_id_site_id_uq on site_state (org_id, site_id) where known_until is null;

create table org_setting (
  org_id text not null references org (id),
  name text not null,
  rev bigint not null,
  value text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, name, rev)
);
create unique index org_setting_org_id_name_uq on org_setting (org_id, name) where known_until is null;

-- Accounts, credentials, sessions, tokens -----------------------------------------

create table account (
  id text primary key,
  last_sign_in_at datetime not null,
  created_at datetime not null
);

create table account_state (
  account_id text not null references account (id),
  rev bigint not null,
  email_key text not null,
  email text not null,
  title text not null,
  given_name text not null,
  family_name text not null,
  language text not null constraint account_state_language_ck check (language in ('fr', 'en')),
  status text not null constraint account_state_status_ck check (status in ('active', 'blocked')),
  platform_role text not null constraint account_state_platform_role_ck check (platform_role in ('', 'administrator', 'support')),
  known_from datetime not null,
  known_until datetime,
  primary key (account_id, rev)
);
create unique index account_state_account_id_uq on account_state (account_id) where known_until is null;
create unique index account_state_email_key_uq on account_state (email_key) where known_until is null;

create table credential (
  id text primary key,
  account_id text not null references account (id),
  kind text not null constraint credential_kind_ck check (kind in ('password')),
  hash text not null,
  created_at datetime not null,
  removed_at datetime
);
create unique index credential_account_id_kind_uq on credential (account_id, kind) where removed_at is null;

-- One row an account that somebody failed to open (security/rules.md 4).
create table credential_guard (
  account_id text primary key references account (id),
  failures bigint not null,
  day_failures bigint not null,
  day_began_at datetime not null,
  blocked_until datetime not null,
  locked_at datetime
);

-- The same for addresses that have no account, so that the two cannot be told
-- apart (ENU-01). subject is a keyed digest of what was typed, never the text.
create table sign_in_guard (
  subject text primary key,
  day_failures bigint not null,
  day_began_at datetime not null,
  blocked_until datetime not null
);
create index sign_in_guard_age on sign_in_guard (day_began_at);

-- Links that set a new password. Only the hash is kept.
create table password_reset (
  token_hash blob primary key,
  account_id text not null references account (id),
  created_at datetime not null,
  expires_at datetime not null,
  used_at datetime
);
create index password_reset_account_id on password_reset (account_id);

create table session (
  id text primary key,
  account_id text not null references account (id),
  token_hash blob not null,
  created_at datetime not null,
  seen_at datetime not null,
  idle_until datetime not null,
  expires_at datetime not null,
  step_up_at datetime not null,
  address text not null,
  user_agent text not null,
  ended_at datetime,
  end_reason text not null
);
create unique index session_token_hash_uq on session (token_hash);
create index session_account_id on session (account_id) where ended_at is null;

-- Links shown on the console, such as the first platform administrator's.
create table setup_link (
  token_hash blob primary key,
  purpose text not null,
  email text not null,
  created_at datetime not null,
  expires_at datetime not null,
  used_at datetime
);

create table token (
  id text primary key,
  kind text not null constraint token_kind_ck check (kind in ('organization', 'platform', 'person')),
  org_id text references org (id),
  account_id text references account (id),
  name text not null,
  token_hash blob not null,
  created_by text references account (id),
  created_at datetime not null,
  expires_at datetime not null,
  last_used_at datetime not null,
  revoked_at datetime,
  revoked_by text,
  constraint token_owner_ck check (
    (kind = 'organization' and org_id is not null and account_id is null)
    or (kind = 'platform' and org_id is null and account_id is null)
    or (kind = 'person' and org_id is null and account_id is not null))
);
create unique index token_token_hash_uq on token (token_hash);
create index token_org_id on token (org_id);

create table token_permission (
  token_id text not null references token (id),
  permission text not null,
  primary key (token_id, permission)
);

-- Roles ---------------------------------------------------------------------------

create table role (
  org_id text not null references org (id),
  id text not null,
  builtin text not null,
  created_at datetime not null,
  primary key (org_id, id)
);
create unique index role_org_id_builtin_uq on role (org_id, builtin) where builtin <> '';

create table role_state (
  org_id text not null,
  role_id text not null,
  rev bigint not null,
  name text not null,
  status text not null constraint role_state_status_ck check (status in ('active', 'removed')),
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, role_id, rev),
  foreign key (org_id, role_id) references role (org_id, id)
);
create unique index role_state_org_id_role_id_uq on role_state (org_id, role_id) where known_until is null;

create table role_permission (
  org_id text not null,
  role_id text not null,
  permission text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, role_id, permission, known_from),
  foreign key (org_id, role_id) references role (org_id, id)
);
create unique index role_permission_org_id_role_id_permission_uq on role_permission (org_id, role_id, permission) where known_until is null;

-- Members -------------------------------------------------------------------------

create table member (
  org_id text not null references org (id),
  id text not null,
  version bigint not null,
  last_sign_in_at datetime not null,
  created_at datetime not null,
  primary key (org_id, id)
);
create index member_last_sign_in on member (org_id, last_sign_in_at, id);
create index member_created on member (org_id, created_at, id);

create table member_state (
  org_id text not null,
  member_id text not null,
  rev bigint not null,
  account_id text references account (id),
  email text not null,
  status text not null constraint member_state_status_ck check (status in ('pending_approval', 'created', 'active', 'deactivated', 'left')),
  profile_type text not null constraint member_state_profile_type_ck check (profile_type in ('regulated', 'unregulated', 'non_practitioner')),
  title text not null,
  given_name text not null,
  family_name text not null,
  function text not null,
  profession text not null,
  specialty text not null,
  rpps text not null,
  phone text not null,
  mssante text not null,
  messaging_reach text not null constraint member_state_messaging_reach_ck check (messaging_reach in ('site', 'everyone')),
  ends_at datetime,
  sort_key sorttext not null,
  search text not null,
  keywords text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, member_id, rev),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index member_state_org_id_member_id_uq on member_state (org_id, member_id) where known_until is null;
create unique index member_state_org_id_account_id_uq on member_state (org_id, account_id) where known_until is null and status <> 'left';
create unique index member_state_org_id_rpps_uq on member_state (org_id, rpps) where known_until is null and rpps <> '' and status <> 'left';
create index member_state_account_id on member_state (account_id) where known_until is null;
-- The list of members is chosen from this index alone: known_until is in it because
-- SQLite would read each row to look at it.
create index member_state_list on member_state (org_id, sort_key, member_id, status, known_until, search) where known_until is null;

create table member_site (
  org_id text not null,
  member_id text not null,
  site_id text not null,
  given_by text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, member_id, site_id, known_from),
  foreign key (org_id, member_id) references member (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id)
);
create unique index member_site_org_id_member_id_site_id_uq on member_site (org_id, member_id, site_id) where known_until is null;
create index member_site_site on member_site (org_id, site_id, member_id, known_until) where known_until is null;

-- scope is 'organization' or the ID of a site; site_id repeats it for the foreign key.
create table member_role (
  org_id text not null,
  id text not null,
  member_id text not null,
  role_id text not null,
  scope text not null,
  site_id text,
  starts_at datetime not null,
  ends_at datetime,
  given_by text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  foreign key (org_id, role_id) references role (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id),
  constraint member_role_scope_ck check ((scope = 'organization' and site_id is null) or (site_id is not null and scope = site_id))
);
create unique index member_role_org_id_member_id_role_id_scope_uq on member_role (org_id, member_id, role_id, scope) where known_until is null;
create index member_role_role on member_role (org_id, role_id, member_id, ends_at, known_until) where known_until is null;

create table member_permission (
  org_id text not null,
  id text not null,
  member_id text not null,
  permission text not null,
  scope text not null,
  site_id text,
  starts_at datetime not null,
  ends_at datetime,
  given_by text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id),
  constraint member_permission_scope_ck check ((scope = 'organization' and site_id is null) or (site_id is not null and scope = site_id))
);
create unique index member_permission_org_id_member_id_permission_scope_uq on member_permission (org_id, member_id, permission, scope) where known_until is null;

-- The only definition of "in force" (architecture.md, rule of dependency 3): which
-- account may do what, where. The reader still compares starts_at and ends_at
-- with the time of its transaction. "<> 'left'" says nothing new: by it SQLite knows
-- that the unique index of accounts serves, and begins with the one member.
create view standing as
select s.org_id, s.member_id, s.account_id, r.scope, p.permission, r.starts_at, r.ends_at, s.ends_at as member_ends_at
from member_state s
join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
join member_role r on r.org_id = s.org_id and r.member_id = s.member_id and r.known_until is null
join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.known_until is null
where s.known_until is null and s.status in ('created', 'active') and s.status <> 'left'
union all
select s.org_id, s.member_id, s.account_id, g.scope, g.permission, g.starts_at, g.ends_at, s.ends_at as member_ends_at
from member_state s
join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
join member_permission g on g.org_id = s.org_id and g.member_id = s.member_id and g.known_until is null
where s.known_until is null and s.status in ('created', 'active') and s.status <> 'left';

-- Invitations ---------------------------------------------------------------------

create table invitation (
  org_id text not null references org (id),
  id text not null,
  member_id text,
  email_key text not null,
  email text not null,
  language text not null,
  function text not null,
  welcome text not null constraint invitation_welcome_ck check (welcome in ('invitation', 'temporary_password')),
  status text not null constraint invitation_status_ck check (status in ('pending', 'accepted', 'deleted')),
  token_hash blob,
  token_until datetime not null,
  temporary_hash text not null,
  temporary_until datetime not null,
  temporary_used_at datetime,
  invited_by text not null,
  invited_by_name text not null,
  sent_at datetime not null,
  expires_at datetime not null,
  accepted_at datetime,
  accepted_by text,
  version bigint not null,
  created_at datetime not null,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index invitation_org_id_email_key_uq on invitation (org_id, email_key) where status = 'pending';
create unique index invitation_token_hash_uq on invitation (token_hash);
create index invitation_email_key on invitation (email_key) where status = 'pending';
create index invitation_list on invitation (org_id, status, created_at, id);
create index invitation_member on invitation (org_id, member_id) where status = 'pending';

create table invitation_role (
  org_id text not null,
  invitation_id text not null,
  role_id text not null,
  scope text not null,
  site_id text,
  primary key (org_id, invitation_id, role_id, scope),
  foreign key (org_id, invitation_id) references invitation (org_id, id),
  foreign key (org_id, role_id) references role (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id)
);

create table invitation_site (
  org_id text not null,
  invitation_id text not null,
  site_id text not null,
  primary key (org_id, invitation_id, site_id),
  foreign key (org_id, invitation_id) references invitation (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id)
);

-- Machinery -----------------------------------------------------------------------

create table draft (
  id text primary key,
  account_id text not null references account (id),
  org_id text references org (id),
  kind text not null,
  body text not null,
  created_at datetime not null,
  updated_at datetime not null,
  expires_at datetime not null
);
create index draft_account_id on draft (account_id, kind);

create table counter (
  name text not null,
  subject text not null,
  window_began_at datetime not null,
  n bigint not null,
  primary key (name, subject, window_began_at)
);
create index counter_age on counter (window_began_at);

create table idempotency (
  caller text not null,
  key text not null,
  act text not null,
  body_hash blob not null,
  result text not null,
  created_at datetime not null,
  primary key (caller, key, act)
);
create index idempotency_age on idempotency (created_at);

create table job (
  id text primary key,
  kind text not null,
  priority bigint not null,
  args text not null,
  sealed blob,
  unique_key text,
  state text not null constraint job_state_ck check (state in ('ready', 'running', 'done', 'failed')),
  attempt bigint not null,
  max_attempts bigint not null,
  run_at datetime not null,
  lease text,
  lease_until datetime,
  last_error text not null,
  created_at datetime not null,
  finished_at datetime
);
create index job_ready on job (priority, run_at, id) where state in ('ready', 'running');
create unique index job_unique_key_uq on job (unique_key) where state = 'ready';
create index job_finished on job (finished_at) where state in ('done', 'failed');

-- The audit trail (security/rules.md 20): one chain an organisation, and one for
-- acts without an organisation. What names people sits in audit_payload, which
-- erasure may remove without breaking the chain.
create table audit_event (
  chain text not null,
  seq bigint not null,
  id text not null,
  at datetime not null,
  verb text not null,
  outcome text not null constraint audit_event_outcome_ck check (outcome in ('done', 'refused')),
  actor_kind text not null,
  actor text not null,
  on_behalf_of text not null,
  object text not null,
  subject text not null,
  site text not null,
  via text not null,
  code text not null,
  payload_hash blob not null,
  prev_hash blob not null,
  hash blob not null,
  primary key (chain, seq)
);
create unique index audit_event_id_uq on audit_event (id);
create index audit_event_object on audit_event (chain, object, seq);
create index audit_event_subject on audit_event (chain, subject, seq);
create index audit_event_actor on audit_event (chain, actor, seq);

create table audit_payload (
  chain text not null,
  seq bigint not null,
  salt blob not null,
  payload text not null,
  primary key (chain, seq),
  foreign key (chain, seq) references audit_event (chain, seq)
);

create table audit_head (
  chain text primary key,
  seq bigint not null,
  hash blob not null
);
