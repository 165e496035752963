-- The day at whose end a member is deactivated (CHG-4): one plan of a member at a time. What
-- became of plans stands in the trail. acts_at is the end of the day, Europe/Paris. planned_by
-- answers for it: what they may do is read again then (rules.md 13). held is the rule that
-- refused it on its day: it waits for somebody to confirm.
create table deactivation_plan (
  org_id text not null references org (id),
  member_id text not null,
  day text not null,
  acts_at datetime not null,
  planned_by text not null,
  planned_name text not null,
  planned_at datetime not null,
  held text not null default '',
  primary key (org_id, member_id),
  foreign key (org_id, member_id) references member (org_id, id)
);
create index deactivation_plan_due on deactivation_plan (acts_at) where held = '';
