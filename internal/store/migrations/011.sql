-- Files that people give (package blob): sealed, in chunks, inside the database, so that a
-- backup holds them and every node reads them. What a file is of, its own noun says.

create table file (
  org_id text not null references org (id),
  id text not null,
  media_type text not null,
  bytes bigint not null,
  sum blob not null,
  created_at datetime not null,
  primary key (org_id, id)
);

create table file_chunk (
  org_id text not null,
  file_id text not null,
  n bigint not null,
  sealed blob not null,
  primary key (org_id, file_id, n),
  constraint file_chunk_file_fk foreign key (org_id, file_id) references file (org_id, id)
);
