-- Which organisation's administrators stopped an act that waited for its day: of somebody who
-- belongs to several, they do so once in a while (rules.md 4). Null: nobody's did.

alter table factor_recovery add column kept_by text;
