-- Access reviews (AUD-3). site_id and function say whom a campaign is about; null and empty: everybody.
-- opened_by and ended_by are on whose authority, as departure.decided_by is. reminded is how many
-- reminders were sent. typed says that it was ended with people who were not reviewed.
create table review (
  org_id text not null references org (id),
  id text not null,
  site_id text,
  function text not null,
  state text not null constraint review_state_ck check (state in ('open', 'closing', 'ended')),
  version bigint not null,
  scheduled boolean not null,
  opened_by text not null,
  opened_at datetime not null,
  deadline datetime not null,
  reminded bigint not null,
  ended_by text not null,
  ended_at datetime,
  typed boolean not null,
  finished_at datetime,
  primary key (org_id, id),
  foreign key (org_id, site_id) references site (org_id, id)
);
create index review_opened on review (org_id, opened_at, id);
create index review_under_way on review (state, org_id, id) where state in ('open', 'closing');

-- Whom a campaign is about, in the order in which they are reviewed. photograph is what they might
-- do when it was opened, by IDs; judged what they might do when somebody decided. reviewer_id is on
-- whose list they are; null: nobody's. drops are the rights that go. outcome, code and what follows
-- say what became of the decision after the end.
create table review_person (
  org_id text not null,
  review_id text not null,
  member_id text not null,
  no bigint not null,
  photograph text not null,
  judged text not null,
  reviewer_id text,
  version bigint not null,
  decision text not null constraint review_person_decision_ck check (decision in ('', 'keep', 'reduce', 'remove')),
  drops text not null,
  comment text not null,
  decided_by text not null,
  decided_at datetime,
  outcome text not null,
  code text not null,
  change_set_id text not null,
  done_at datetime,
  primary key (org_id, review_id, member_id),
  foreign key (org_id, review_id) references review (org_id, id),
  foreign key (org_id, member_id) references member (org_id, id),
  foreign key (org_id, reviewer_id) references member (org_id, id)
);
create unique index review_person_org_id_review_id_no_uq on review_person (org_id, review_id, no);
create index review_person_member on review_person (org_id, member_id);

-- What a campaign leaves: the signed core names nobody; who is named stands in review_part, of which
-- the core holds the hash. A part that is erased leaves the signature good.
create table review_file (
  org_id text not null,
  review_id text not null,
  core blob not null,
  signature blob not null,
  made_at datetime not null,
  primary key (org_id, review_id),
  foreign key (org_id, review_id) references review (org_id, id)
);

create table review_part (
  org_id text not null,
  review_id text not null,
  part text not null,
  salt blob not null,
  body text not null,
  primary key (org_id, review_id, part),
  foreign key (org_id, review_id) references review_file (org_id, review_id)
);
