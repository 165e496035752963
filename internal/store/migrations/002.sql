-- Members in full (MEM-2 to MEM-5): who replaces whom and when, the numbers printed on
-- documents, national codes, and where a professional identity comes from.

alter table member_state add column starts_at datetime;
alter table member_state add column locum_for text not null default '';
alter table member_state add column locum_name text not null default '';
alter table member_state add column siret text not null default '';
alter table member_state add column am_number text not null default '';
alter table member_state add column profession_code text not null default '';
alter table member_state add column specialty_code text not null default '';
-- '' no professional identity; 'declared' typed by an administrator, to be verified;
-- 'directory' imported from the Annuaire Santé. identity_body is what was imported, as
-- package directory writes it; identity_at its date.
alter table member_state add column identity_source text not null default '' constraint member_state_identity_source_ck check (identity_source in ('', 'declared', 'directory'));
alter table member_state add column identity_at datetime;
alter table member_state add column identity_body text not null default '';

-- Rights begin and end with the membership: a locum's on the first day, after the last.
drop view standing;
create view standing as
select s.org_id, s.member_id, s.account_id, r.scope, p.permission, r.starts_at, r.ends_at,
	s.starts_at as member_starts_at, s.ends_at as member_ends_at
from member_state s
join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
join member_role r on r.org_id = s.org_id and r.member_id = s.member_id and r.known_until is null
join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.known_until is null
where s.known_until is null and s.status in ('created', 'active') and s.status <> 'left'
union all
select s.org_id, s.member_id, s.account_id, g.scope, g.permission, g.starts_at, g.ends_at,
	s.starts_at as member_starts_at, s.ends_at as member_ends_at
from member_state s
join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
join member_permission g on g.org_id = s.org_id and g.member_id = s.member_id and g.known_until is null
where s.known_until is null and s.status in ('created', 'active') and s.status <> 'left';
