package app

import (
	"context"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/credential"
	"habilis/internal/dated"
	"habilis/internal/decision"
	"habilis/internal/directory"
	"habilis/internal/draft"
	"habilis/internal/exchange"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/message"
	"habilis/internal/preference"
	"habilis/internal/session"
)

// How often the chores of this package come.
const (
	keysEvery      = 10 * time.Second
	restEvery      = 20 * time.Second
	integrityEvery = 24 * time.Hour
	plansEvery     = 15 * time.Second
	watchEvery     = 30 * time.Minute // it makes one round a night
)

// chores is the timetable. What must not wait for it is checked when it is used:
// a link past its time is dead whether or not a sweep came by.
func (a *App) chores() job.Chores {
	keys, rest := keyWatch{base: a.Base}, restWatch{front: a.front, worked: true}
	return job.Chores{Log: a.Log, List: []job.Recurring{
		{Name: "signed heads", Every: time.Minute, Do: a.heads.keep},
		{Name: "keys", Every: keysEvery, Do: keys.look},
		{Name: "memory", Every: restEvery, Do: rest.look},
		{Name: "planned deactivations", Every: plansEvery, Do: a.Members.CarryOutPlans},
		{Name: "departures", Every: plansEvery, Do: a.Departures.Sweep},
		{Name: "ended reviews", Every: plansEvery, Do: a.Reviews.Sweep},
		{Name: "due reviews", Every: time.Hour, Do: a.Reviews.Timetable},
		{Name: "personal data", Every: plansEvery, Do: a.People.Sweep},
		{Name: "merged accounts", Every: time.Hour, Do: a.Merges.Finish},
		{Name: "retention", Every: time.Hour, Do: a.Retentions.Apply},
		{Name: "organisations that leave", Every: plansEvery, Do: a.Exits.Sweep},
		{Name: "full exports", Every: plansEvery, Do: a.Exits.SweepExports},
		{Name: "counters", Every: time.Hour, Do: func(ctx context.Context) error { return limit.Sweep(ctx, a.DB) }},
		{Name: "idempotency keys", Every: time.Hour, Do: func(ctx context.Context) error { return action.SweepKeys(ctx, a.DB) }},
		{Name: "journal", Every: time.Minute, Do: func(ctx context.Context) error { return audit.CatchUp(ctx, a.DB) }},
		{Name: "jobs", Every: time.Hour, Do: a.Worker.Sweep},
		{Name: "imports", Every: time.Hour, Do: func(ctx context.Context) error { return exchange.Sweep(ctx, a.DB) }},
		{Name: "drafts", Every: time.Hour, Do: func(ctx context.Context) error { return draft.SweepDrafts(ctx, a.DB) }},
		{Name: "sessions", Every: time.Hour, Do: func(ctx context.Context) error { return session.Sweep(ctx, a.DB) }},
		{Name: "addresses", Every: time.Hour, Do: func(ctx context.Context) error { return account.Sweep(ctx, a.DB) }},
		{Name: "links", Every: time.Hour, Do: func(ctx context.Context) error { return credential.Sweep(ctx, a.DB) }},
		{Name: "approvals", Every: time.Hour, Do: a.Approvals.Expire},
		{Name: "messages", Every: time.Hour, Do: func(ctx context.Context) error { return message.Sweep(ctx, a.DB) }},
		{Name: "notices", Every: time.Hour, Do: func(ctx context.Context) error { return preference.Sweep(ctx, a.DB) }},
		{Name: "change sets", Every: time.Hour, Do: func(ctx context.Context) error { return changeset.Sweep(ctx, a.DB) }},
		{Name: "dates", Every: dated.Every, Do: a.Dates.Tell},
		{Name: "events", Every: time.Hour, Do: a.Webhooks.Sweep},
		{Name: "log of decisions", Every: time.Hour, Do: func(ctx context.Context) error { return decision.SweepLog(ctx, a.DB) }},
		{Name: "uses of rights", Every: decision.UseEvery, Do: a.Uses.Flush},
		{Name: "old uses of rights", Every: time.Hour, Do: func(ctx context.Context) error { return decision.SweepUses(ctx, a.DB) }},
		{Name: "directory cache", Every: time.Hour, Do: func(ctx context.Context) error { return directory.SweepCache(ctx, a.DB) }},
		{Name: "documents to purge", Every: time.Hour, Do: a.Documents.Purge},
		{Name: "documents to scan", Every: time.Minute, Do: a.Documents.Scan},
		{Name: "registrations", Every: time.Hour, Do: a.Registrations.Sweep},
		{Name: "directory watch", Every: watchEvery, Do: a.Watch.Nightly},
		{Name: "integrity", Every: integrityEvery, Do: a.integrity},
	}}
}

// integrity reads the whole database once a day (F20). A damaged one is no longer
// ready: what it would answer is not to be believed.
func (a *App) integrity(ctx context.Context) error {
	found, err := a.DB.Damage(ctx)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		what := strings.Join(found, "; ")
		a.health.damage.Store(&what)
		a.Log.Error("the database is damaged: stop the server and restore a backup", "found", what)
	}
	return nil
}

// keyWatch reloads the key file when a command rotated it.
type keyWatch struct {
	base *Base
	seen time.Time
}

func (k *keyWatch) look(context.Context) error {
	info, err := os.Stat(k.base.Config.KeyPath())
	if err != nil || info.ModTime().Equal(k.seen) {
		return err
	}
	if err := k.base.Ring.Reload(); err != nil {
		return err
	}
	k.seen = info.ModTime()
	return nil
}

// restWatch gives memory back to the machine once requests stop coming: hashing
// passwords leaves 19 MiB behind each, which the runtime would keep for minutes.
type restWatch struct {
	front  *front
	served int64
	worked bool
}

func (r *restWatch) look(context.Context) error {
	n := r.front.served.Load()
	switch {
	case n != r.served:
		r.served, r.worked = n, true
	case r.worked:
		debug.FreeOSMemory()
		r.worked = false
	}
	return nil
}
