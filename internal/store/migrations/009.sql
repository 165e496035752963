-- Every edit of rights is a change set, whatever it is about (RGT-1 to RGT-7): package
-- changeset. A line says of which domain it is, and what it is about there.

-- object is the resource, the role, the site or the group, by ID, or the code of a
-- permission. detail is the scope of a role or permission, the act of a delegation. site_id
-- is where the right holds; null: the whole organisation. An empty value is nothing. The
-- times are those of the right before and after. records are the names of the records put
-- in a group or taken out, one a line, as long as the change can be undone; count stays.
create table change_line_of_domain (
  org_id text not null,
  change_set_id text not null,
  n bigint not null,
  domain text not null constraint change_line_domain_ck
    check (domain in ('level', 'role', 'permission', 'site', 'delegation', 'group_member', 'group_record')),
  member_id text,
  object text not null,
  detail text not null,
  site_id text,
  before_value text not null,
  before_starts_at datetime,
  before_ends_at datetime,
  after_value text not null,
  after_starts_at datetime,
  after_ends_at datetime,
  count bigint not null,
  records text,
  primary key (org_id, change_set_id, n),
  foreign key (org_id, change_set_id) references change_set (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id),
  constraint change_line_member_ck check ((domain = 'group_record') = (member_id is null))
);
insert into change_line_of_domain (org_id, change_set_id, n, domain, member_id, object, detail, site_id,
    before_value, before_starts_at, before_ends_at, after_value, after_starts_at, after_ends_at, count)
  select l.org_id, l.change_set_id, l.n, 'level', l.member_id, l.resource_id, '', r.site_id,
    l.before_level, l.before_starts_at, l.before_ends_at, l.after_level, l.after_starts_at, l.after_ends_at, 1
  from change_line l
  join resource_state r on r.org_id = l.org_id and r.resource_id = l.resource_id and r.known_until is null;
drop table change_line;
alter table change_line_of_domain rename to change_line;

-- What concerns a person among others (AUD-2), and what was done to a resource or a group.
create index change_line_member on change_line (org_id, member_id, change_set_id) where member_id is not null;
create index change_line_object on change_line (org_id, object, change_set_id);
create index change_line_records on change_line (org_id, change_set_id) where records is not null;
