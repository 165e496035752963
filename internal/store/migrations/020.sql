-- A mailbox that the directory publishes as that of the practitioner whom somebody says they
-- are: a code went there, and what came of it. One a registration: another address takes its
-- place. alone: when it was proved, the organisation left it at one proof, and did not ask for
-- two people.
create table registration_mailbox (
  org_id text not null,
  registration_id text not null,
  rpps text not null,
  address text not null,
  code_tag blob,
  code_tries bigint not null default 0,
  code_until datetime,
  proved_at datetime,
  alone boolean not null default false,
  ended_at datetime,
  primary key (org_id, registration_id),
  constraint registration_mailbox_registration_fk foreign key (org_id, registration_id) references registration (org_id, id)
);
