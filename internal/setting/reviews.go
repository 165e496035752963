package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Reviews says how often an organisation reviews who has access to what (AUD-3).
type Reviews struct {
	Months int // from one campaign to the next
	Days   int // from its opening to its deadline
	By     ReviewBy
	Rev    int64 // 0: never changed, the defaults hold
}

// ReviewBy says which campaigns the timetable opens.
type ReviewBy string

// One of the whole organisation, one of each site, one of each function.
const (
	ReviewAll        ReviewBy = "organization"
	ReviewBySite     ReviewBy = "site"
	ReviewByFunction ReviewBy = "function"
)

// Bounds and defaults of reviews.
const (
	MinReviewMonths, DefaultReviewMonths, MaxReviewMonths = 1, 6, 24
	MinReviewDays, DefaultReviewDays, MaxReviewDays       = 1, 30, 90
)

// DueAfter is when the next campaign is due, after the last one or the making of the organisation.
func (r Reviews) DueAfter(last time.Time) time.Time { return last.AddDate(0, r.Months, 0) }

// reviewsName is the name of the row.
const reviewsName = "reviews"

// reviewsRow is the setting as it is kept.
type reviewsRow struct {
	Months int      `json:"months"`
	Days   int      `json:"days"`
	By     ReviewBy `json:"by"`
}

// DefaultReviews hold until an organisation sets its own.
func DefaultReviews() Reviews {
	return Reviews{Months: DefaultReviewMonths, Days: DefaultReviewDays, By: ReviewAll}
}

// ReadReviews reads the setting in the caller's transaction: the defaults, when the organisation
// never set any.
func ReadReviews(ctx context.Context, tx *store.Tx, org ident.Org) (Reviews, error) {
	value, rev, err := current(ctx, tx, org, reviewsName)
	if err != nil || rev == 0 {
		return DefaultReviews(), err
	}
	var row reviewsRow
	if err := json.Unmarshal([]byte(value), &row); err != nil {
		return Reviews{}, fmt.Errorf("setting: reviews of %s: %w", org, err)
	}
	return Reviews{Months: row.Months, Days: row.Days, By: row.By, Rev: rev}, nil
}

// Reviews reads how often org reviews accesses: for whoever changes its settings, or runs reviews.
func (s Settings) Reviews(ctx context.Context, by access.Actor, org ident.Org) (Reviews, error) {
	act := action.Act{Verb: verbRead, Orgs: []ident.Org{org}, Object: org.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if held.HasAnywhere(access.ReviewsRun) {
			return []access.Need{access.MemberOf(org)}, nil
		}
		return []access.Need{access.At(access.SettingsEdit, access.OrgScope(org))}, nil
	}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Reviews, error) { return ReadReviews(ctx, tx, org) })
}

// SetReviews changes it; rev is the version that was read. It needs settings.edit in the
// organisation, and a fresh proof of the person (rules.md 6). Errors: ErrStale, fields to correct:
// «months», «days», «by».
func (s Settings) SetReviews(ctx context.Context, by access.Actor, org ident.Org, rev int64, v Reviews) (Reviews, error) {
	act := editAct("settings.edit", access.SettingsEdit, org)
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Reviews, error) {
		old, err := ReadReviews(ctx, tx.Tx, org)
		if err != nil {
			return Reviews{}, err
		}
		if old.Rev != rev {
			return Reviews{}, ErrStale
		}
		if err := v.check(); err != nil {
			return Reviews{}, err
		}
		before, after := old.changed(v)
		if len(after) == 0 {
			return old, action.Nothing
		}
		tx.Record(audit.Event{Org: org, Verb: act.Verb, Object: org.String(), Before: before, After: after})
		value, err := json.Marshal(reviewsRow{Months: v.Months, Days: v.Days, By: v.By})
		if err != nil {
			return Reviews{}, err
		}
		v.Rev = old.Rev + 1
		return v, replace(ctx, tx.Tx, org, reviewsName, v.Rev, string(value))
	})
}

func (r Reviews) check() error {
	var f fault.Fields
	bounded(&f, "months", r.Months, MinReviewMonths, MaxReviewMonths)
	bounded(&f, "days", r.Days, MinReviewDays, MaxReviewDays)
	if r.By != ReviewAll && r.By != ReviewBySite && r.By != ReviewByFunction {
		f.Add("by", "review.by_unknown")
	}
	return f.Err()
}

// changed are the facts that differ.
func (r Reviews) changed(next Reviews) (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	for _, fact := range []struct {
		name     string
		old, new any
	}{{"review_months", r.Months, next.Months}, {"review_days", r.Days, next.Days}, {"review_by", string(r.By), string(next.By)}} {
		if fact.old != fact.new {
			before[fact.name], after[fact.name] = fact.old, fact.new
		}
	}
	return before, after
}
