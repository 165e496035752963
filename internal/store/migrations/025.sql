-- What members have for themself otherwise than their organisation sets for all (CHG-3): one
-- document a revision. And what they are told in Habilis: identifiers and numbers, no name.

create table member_setting (
  org_id text not null,
  member_id text not null,
  rev bigint not null,
  value text not null,
  known_from datetime not null,
  known_until datetime,
  primary key (org_id, member_id, rev),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index member_setting_uq on member_setting (org_id, member_id) where known_until is null;

create table notice (
  org_id text not null,
  id text not null,
  member_id text not null,
  source text not null,
  alert text not null,
  what text not null,
  number bigint not null,
  subject_id text,
  day datetime,
  created_at datetime not null,
  read_at datetime,
  primary key (org_id, id),
  constraint notice_member_fk foreign key (org_id, member_id) references member (org_id, id),
  constraint notice_subject_fk foreign key (org_id, subject_id) references member (org_id, id)
);
-- A job that is tried again tells nobody twice.
create unique index notice_source_uq on notice (org_id, member_id, source);
create index notice_latest on notice (org_id, member_id, created_at);
create index notice_unread on notice (org_id, member_id) where read_at is null;
create index notice_age on notice (created_at);
create index notice_subject on notice (org_id, subject_id) where subject_id is not null;
