-- What connected applications asked, and were answered: a bounded sample that helps to
-- understand, not a proof (package decision; the proof is audit_event). stands_for is how
-- many like answers the row represents. The resource is known by the name that the
-- application gives it. asked_about is the past moment asked about; null for now.

create table decision_log (
  org_id text not null references org (id),
  id text not null,
  at datetime not null,
  caller text not null,
  caller_name text not null,
  subject_type text not null,
  subject_id text not null,
  action text not null,
  resource_type text not null,
  resource_id text not null,
  allowed boolean not null,
  code text not null,
  version bigint not null,
  asked_about datetime,
  stands_for bigint not null,
  primary key (org_id, id)
);
create index decision_log_list on decision_log (org_id, at, id);
