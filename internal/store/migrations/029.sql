-- The last day on which a member used a right (package decision): of an agenda, a messaging
-- profile or an identity by its ID; of a permission ('permission') by the scope where it was used,
-- empty when it is not known where; of access groups ('group') without saying of which. No patient
-- record is named. It is written a minute late, beside the acts, and is no proof of anything.
create table right_use (
  org_id text not null,
  member_id text not null,
  type text not null constraint right_use_type_ck check (type in ('agenda', 'messaging_profile', 'identity', 'permission', 'group')),
  object_id text not null,
  action text not null,
  day datetime not null,
  primary key (org_id, member_id, type, object_id, action),
  foreign key (org_id, member_id) references member (org_id, id)
);
create index right_use_day on right_use (day);
