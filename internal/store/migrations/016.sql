-- The papers of a file (VER-1, VER-3): what somebody gives to prove who they are, hung on
-- their membership. The bytes are a file of 011; file_id is null once they are gone, purged
-- or infected, and the hash and the dates stay. purge_at is null until a decision.

create table document (
  org_id text not null,
  id text not null,
  member_id text not null,
  kind text not null,
  name text not null,
  media_type text not null,
  bytes bigint not null,
  sum blob not null,
  file_id text,
  state text not null constraint document_state_ck check (state in ('pending', 'clean', 'unscanned', 'infected', 'purged')),
  own boolean not null,
  added_by text not null,
  added_name text not null,
  added_at datetime not null,
  purge_at datetime,
  primary key (org_id, id),
  constraint document_member_fk foreign key (org_id, member_id) references member (org_id, id),
  constraint document_file_fk foreign key (org_id, file_id) references file (org_id, id)
);
create index document_member on document (org_id, member_id);
create index document_added on document (added_at) where file_id is not null;

-- Who opened which, the last time. Each look is in the trail, too.
create table document_look (
  org_id text not null,
  document_id text not null,
  actor text not null,
  name text not null,
  support boolean not null,
  seen_at datetime not null,
  primary key (org_id, document_id, actor),
  constraint document_look_document_fk foreign key (org_id, document_id) references document (org_id, id)
);
