-- Account security (SEC-2 to SEC-5): second factors, half-signed browsers, remembered
-- devices, changes of address, and the long way back when everything is lost. All of it
-- belongs to accounts, not to organisations.

-- A way to prove oneself beside the password. kind says which columns mean something:
--   totp     secret: the seed, sealed; last_step: the last time step that was used
--   passkey  handle: the credential's ID, hashed; body: the credential as WebAuthn gives it
--   sms      secret: the number, sealed; handle: the number under a key, hashed
--   address  network_org: the organisation whose allow-list counts
-- proved_at null: added (by the person, or for them by an administrator: given_by) and not
-- yet proved. A factor that failed too often in a day rests until locked_until.
create table factor (
  id text primary key,
  account_id text not null references account (id),
  kind text not null constraint factor_kind_ck check (kind in ('totp', 'passkey', 'sms', 'address')),
  name text not null,
  secret blob,
  handle blob,
  body text not null default '',
  network_org text references org (id),
  given_by text not null default '',
  session_id text not null default '',
  last_step bigint not null default 0,
  day_failures bigint not null default 0,
  day_began_at datetime not null,
  locked_until datetime,
  created_at datetime not null,
  proved_at datetime,
  last_used_at datetime,
  removed_at datetime,
  removed_by text not null default ''
);
create index factor_account_id on factor (account_id) where removed_at is null;
create unique index factor_handle_uq on factor (kind, handle) where removed_at is null and kind = 'passkey';

-- Codes printed for the day when the telephone is lost. One salt a set, so that one slow
-- hash tells which code was typed.
create table recovery_set (
  id text primary key,
  account_id text not null references account (id),
  salt blob not null,
  cost text not null,
  created_at datetime not null,
  day_failures bigint not null default 0,
  day_began_at datetime not null,
  locked_until datetime,
  removed_at datetime
);
create unique index recovery_set_account_id_uq on recovery_set (account_id) where removed_at is null;

create table recovery_code (
  set_id text not null references recovery_set (id),
  hash blob not null,
  used_at datetime,
  primary key (set_id, hash)
);

-- A code sent by SMS: for one purpose, in one browser, once.
create table sms_code (
  id text primary key,
  account_id text not null references account (id),
  factor_id text not null references factor (id),
  purpose text not null constraint sms_code_purpose_ck check (purpose in ('enrol', 'sign_in', 'prove')),
  place text not null,
  hash blob not null,
  tries bigint not null default 0,
  created_at datetime not null,
  expires_at datetime not null,
  used_at datetime
);
create index sms_code_account_id on sms_code (account_id);

-- A WebAuthn challenge: spent once, within minutes, in the browser (place) that asked.
create table ceremony (
  hash blob primary key,
  account_id text references account (id),
  purpose text not null constraint ceremony_purpose_ck check (purpose in ('enrol', 'sign_in', 'second', 'step_up')),
  place text not null,
  body text not null,
  created_at datetime not null,
  expires_at datetime not null,
  used_at datetime
);

-- A browser whose person gave the first proof and owes the second. It opens nothing but the
-- pages that ask for it.
create table half_session (
  id text primary key,
  account_id text not null references account (id),
  token_hash blob not null,
  first text not null,
  created_at datetime not null,
  expires_at datetime not null,
  failures bigint not null default 0,
  address text not null,
  user_agent text not null,
  ended_at datetime,
  end_reason text not null
);
create unique index half_session_token_hash_uq on half_session (token_hash);
create index half_session_account_id on half_session (account_id) where ended_at is null;

-- A browser that its person said to remember: the second factor is not asked there.
create table device (
  id text primary key,
  account_id text not null references account (id),
  token_hash blob not null,
  created_at datetime not null,
  used_at datetime not null,
  expires_at datetime not null,
  address text not null,
  user_agent text not null,
  ended_at datetime,
  end_reason text not null
);
create unique index device_token_hash_uq on device (token_hash);
create index device_account_id on device (account_id) where ended_at is null;

-- How a session was opened: with which first proof and second factor ('' none was due,
-- 'device' a remembered one), by what it was last proved, and whether it is of a workstation
-- that several people use, and locked.
alter table session add column first text not null default 'password';
alter table session add column second text not null default '';
alter table session add column second_at datetime;
alter table session add column step_up_by text not null default 'password';
alter table session add column device_id text not null default '';
alter table session add column shared boolean not null default false;
alter table session add column locked_at datetime;

-- A new address of an account: confirmed by a link to it, undone by one to the old.
create table email_change (
  id text primary key,
  account_id text not null references account (id),
  old_key text not null,
  old_email text not null,
  new_key text not null,
  new_email text not null,
  asked_by text not null,
  token_hash blob not null,
  created_at datetime not null,
  expires_at datetime not null,
  confirmed_at datetime,
  undo_hash blob,
  undo_until datetime,
  undone_at datetime,
  ended_at datetime
);
create unique index email_change_token_hash_uq on email_change (token_hash);
create unique index email_change_undo_hash_uq on email_change (undo_hash);
create index email_change_account_id on email_change (account_id);

-- Everything is lost, or a weak factor asks to remove a strong one: it happens after a
-- delay, unless the person, told everywhere, says no.
create table factor_recovery (
  id text primary key,
  account_id text not null references account (id),
  what text not null,
  token_hash blob not null,
  created_at datetime not null,
  acts_at datetime not null,
  done_at datetime,
  stopped_at datetime
);
create unique index factor_recovery_token_hash_uq on factor_recovery (token_hash);
create index factor_recovery_account_id on factor_recovery (account_id);
