-- Answers of the directory's API, kept for a while (DIR-1). What they hold is published;
-- nothing here belongs to an organisation.

create table directory_cache (
  url text primary key,
  body blob not null,
  etag text not null,
  fetched_at datetime not null
);
create index directory_cache_age on directory_cache (fetched_at);
