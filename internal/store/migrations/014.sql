-- What was written to members from the list (LST-3), and what became of each letter. Text
-- and deliveries go after a year; the record in the trail stays.
create table message (
  org_id text not null references org (id),
  id text not null,
  sender_id text not null references account (id),
  sender_name text not null,
  subject text not null,
  body text not null,
  created_at datetime not null,
  primary key (org_id, id)
);
create index message_list on message (org_id, created_at, id);
create index message_age on message (created_at);

create table message_delivery (
  org_id text not null,
  message_id text not null,
  member_id text not null,
  name text not null,
  email text not null,
  state text not null constraint message_delivery_state_ck check (state in ('queued', 'sent', 'refused', 'dropped')),
  done_at datetime,
  primary key (org_id, message_id, member_id),
  constraint message_delivery_message_fk foreign key (org_id, message_id) references message (org_id, id) on delete cascade,
  constraint message_delivery_member_fk foreign key (org_id, member_id) references member (org_id, id)
);
