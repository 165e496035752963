-- What the national directory says differently of a member (VER-5). At most one alert of a
-- member is open; it is decided by somebody, or withdrawn by the watch when the directory
-- agrees again.

create table directory_alert (
  org_id text not null references org (id),
  id text not null,
  member_id text not null,
  kind text not null constraint directory_alert_kind_ck check (kind in ('closed', 'found', 'renamed', 'profession', 'place')),
  status text not null constraint directory_alert_status_ck check (status in ('open', 'accepted', 'dismissed', 'withdrawn')),
  digest text not null,
  body text not null,
  raised_at datetime not null,
  decided_at datetime not null,
  decided_by text not null,
  decided_name text not null,
  version bigint not null,
  primary key (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create unique index directory_alert_org_id_member_id_uq on directory_alert (org_id, member_id) where status = 'open';
create index directory_alert_list on directory_alert (org_id, status, raised_at, id);
create index directory_alert_digest on directory_alert (org_id, member_id, digest);
