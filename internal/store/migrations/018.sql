-- The browsers in which each person has signed in, and from which network: what is none of
-- them is told to its person. One row a pair, not one a sign-in.

create table known_browser (
  account_id text not null references account (id),
  browser text not null,
  network text not null,
  seen_at datetime not null,
  primary key (account_id, browser, network)
);

-- An address that was given up stays with its account while the change can be undone: every
-- new address is looked up there.
create index email_change_old_key on email_change (old_key);
