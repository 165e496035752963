package preference

import (
	"context"
	"slices"
	"time"

	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// ChangedLetter tells a member what somebody else changed of their settings in the
// job.GatherEvery that begins with From: ChangedByOthers reads what it says. It is no alert: nobody
// chooses not to be told (rules.md 6).
type ChangedLetter struct {
	Org    ident.Org
	Member ident.Member
	From   time.Time
}

// Kind names the job.
func (ChangedLetter) Kind() string { return "letter.settings_changed" }

// ByOther is what one other than the member changed of their settings.
type ByOther struct {
	By     string         // their account or token
	Parts  []setting.Part // but the notifications, which are told alert by alert
	Alerts []setting.Alert
}

// ChangedByOthers reads it, for the job.GatherEvery that begins with from: each author once, in
// order, also of what was made as it had been.
func ChangedByOthers(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, from time.Time) ([]ByOther, error) {
	list, err := revisionsOf(ctx, tx, org, of, from, from.Add(job.GatherEvery))
	var out []ByOther
	var was Own
	for _, r := range list {
		if r.by != "" && !r.from.Before(from) {
			n := slices.IndexFunc(out, func(b ByOther) bool { return b.By == r.by })
			if n < 0 {
				n = len(out)
				out = append(out, ByOther{By: r.by})
			}
			out[n].add(was, r.own)
		}
		was = r.own
	}
	return out, err
}

func (b *ByOther) add(was, is Own) {
	for _, p := range was.Differs(is) {
		if p != setting.PartNotifications && !slices.Contains(b.Parts, p) {
			b.Parts = append(b.Parts, p)
		}
	}
	for _, a := range setting.Alerts {
		before, had := was.Notifications[a]
		after, has := is.Notifications[a]
		if (had != has || !before.same(after)) && !slices.Contains(b.Alerts, a) {
			b.Alerts = append(b.Alerts, a)
		}
	}
}
