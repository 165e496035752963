-- What the first of two people saw who certify: the second one completes nothing else. Of what
-- was begun before, nobody knows: it begins anew.
alter table dossier_certification add column ground text not null default '';

-- Nothing is decided of a file that is not verified: its papers have no day on which they go, and
-- wait for a decision since their file was looked at last.
alter table document add column reopened_at datetime;
update document set purge_at = null, reopened_at = coalesce((
  select checked_at from dossier_check c where c.org_id = document.org_id and c.member_id = document.member_id), purge_at)
where file_id is not null and purge_at is not null and exists (
  select 1 from member_state s where s.org_id = document.org_id and s.member_id = document.member_id and s.known_until is null
    and s.status <> 'left' and s.verification in ('unchecked', 'incomplete'));

-- Who bears a number, in whatever organisation: whoever registers asks (MEM-3).
create index member_state_rpps on member_state (rpps) where known_until is null and rpps <> '';
