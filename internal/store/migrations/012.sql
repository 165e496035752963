-- Coming in by oneself (VER-1, LST-4). Verification is a second fact beside the status of a
-- member: whoever registered is in force only once verified. An account made by a
-- registration, or by support (013), is pending until a membership of it can be used.
-- Documents are in 016, verdicts in 017.

alter table member_state add column verification text not null default 'not_needed'
  constraint member_state_verification_ck check (verification in ('not_needed', 'unchecked', 'incomplete', 'verified'));
create index member_state_verification on member_state (org_id, verification, member_id)
  where known_until is null and verification <> 'not_needed';

drop view standing;
create table account_state_with_pending (
  account_id text not null references account (id),
  rev bigint not null,
  email_key text not null,
  email text not null,
  title text not null,
  given_name text not null,
  family_name text not null,
  language text not null constraint account_state_language_ck check (language in ('fr', 'en')),
  status text not null constraint account_state_status_ck check (status in ('pending', 'active', 'blocked')),
  platform_role text not null constraint account_state_platform_role_ck check (platform_role in ('', 'administrator', 'support')),
  known_from datetime not null,
  known_until datetime,
  primary key (account_id, rev)
);
insert into account_state_with_pending (account_id, rev, email_key, email, title, given_name, family_name, language, status,
    platform_role, known_from, known_until)
  select account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from, known_until
  from account_state;
drop table account_state;
alter table account_state_with_pending rename to account_state;
create unique index account_state_account_id_uq on account_state (account_id) where known_until is null;
create unique index account_state_email_key_uq on account_state (email_key) where known_until is null;

create view standing as
select s.org_id, s.member_id, s.account_id, r.scope, p.permission, r.starts_at, r.ends_at,
	s.starts_at as member_starts_at, s.ends_at as member_ends_at
from member_state s
join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
join member_role r on r.org_id = s.org_id and r.member_id = s.member_id and r.known_until is null
join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.known_until is null
where s.known_until is null and s.status in ('created', 'active') and s.status <> 'left' and s.verification in ('not_needed', 'verified')
union all
select s.org_id, s.member_id, s.account_id, g.scope, g.permission, g.starts_at, g.ends_at,
	s.starts_at as member_starts_at, s.ends_at as member_ends_at
from member_state s
join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
join member_permission g on g.org_id = s.org_id and g.member_id = s.member_id and g.known_until is null
where s.known_until is null and s.status in ('created', 'active') and s.status <> 'left' and s.verification in ('not_needed', 'verified');

-- What somebody has declared so far, from the first page on. It has its member and its
-- account once it has its person; the number that they claim stays here until it is
-- verified, so that nobody holds another's. One code waits at a time, of the mailbox or of
-- the telephone; code_tag binds it to this row, to what it is for and to where it went.
create table registration (
  org_id text not null references org (id),
  id text not null,
  language text not null constraint registration_language_ck check (language in ('fr', 'en')),
  email_key text not null,
  email text not null,
  account_id text references account (id),
  member_id text,
  code_for text not null default '' constraint registration_code_for_ck check (code_for in ('', 'email', 'phone')),
  code_tag blob,
  code_tries bigint not null default 0,
  code_until datetime,
  email_proved_at datetime,
  password_hash text not null default '',
  title text not null default '',
  given_name text not null default '',
  family_name text not null default '',
  function text not null default '',
  profession_code text not null default '',
  site_id text not null default '',
  rpps text not null default '',
  no_rpps text not null default '',
  directory_body text not null default '',
  directory_at datetime,
  phone_sealed blob,
  phone_hint text not null default '',
  phone_proved_at datetime,
  phone_waived boolean not null default false,
  completed_at datetime,
  version bigint not null,
  created_at datetime not null,
  expires_at datetime not null,
  primary key (org_id, id),
  constraint registration_member_fk foreign key (org_id, member_id) references member (org_id, id)
);
create unique index registration_member_uq on registration (org_id, member_id) where member_id is not null;
create index registration_email_key on registration (org_id, email_key);
create index registration_expiry on registration (expires_at) where completed_at is null;

-- What opens a registration, without a session: the cookie of a browser, or a mailed link, of
-- which the newest works.
create table registration_key (
  token_hash blob primary key,
  org_id text not null,
  registration_id text not null,
  mailed boolean not null,
  created_at datetime not null,
  expires_at datetime not null,
  constraint registration_key_registration_fk foreign key (org_id, registration_id) references registration (org_id, id)
);
create index registration_key_registration on registration_key (org_id, registration_id);

-- Which text was accepted, word for word: setting_rev is the revision of the organisation's
-- setting, 0 the text that Habilis proposes.
create table registration_consent (
  org_id text not null,
  registration_id text not null,
  setting_rev bigint not null,
  n bigint not null,
  title text not null,
  body text not null,
  accepted_at datetime not null,
  primary key (org_id, registration_id, setting_rev, n),
  constraint registration_consent_registration_fk foreign key (org_id, registration_id) references registration (org_id, id)
);
