-- Of whom is taken away by an access review: what was decided that they leave. In a review of a site it
-- is the site, or the organisation when it was their only one; that is not decided anew by what became
-- of their other sites. Empty: nobody is taken away.
alter table review_person add column leaves text not null default '' constraint review_person_leaves_ck check (leaves in ('', 'site', 'organization'));
update review_person set leaves = case when (
    select count(*) from review r join member_site b on b.org_id = r.org_id
    where r.org_id = review_person.org_id and r.id = review_person.review_id and r.site_id is not null and b.site_id <> r.site_id
      and b.member_id = review_person.member_id and b.known_from <= review_person.decided_at
      and (b.known_until is null or b.known_until > review_person.decided_at)
  ) > 0 then 'site' else 'organization' end
where decision = 'remove';

-- What is left to do of the end of a review is found without reading those of whom all is done.
create index review_person_pending on review_person (org_id, review_id, decision, no) where outcome = '';
