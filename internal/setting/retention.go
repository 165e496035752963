package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// RetentionKind is something that an organisation says how long it keeps (AUD-4).
type RetentionKind string

// The kinds.
const (
	KeepSecurityLog RetentionKind = "security_log" // sign-ins and refusals: their details in the trail
	KeepRightsAudit RetentionKind = "rights_audit" // all other acts: their details in the trail
	KeepMessages    RetentionKind = "messages"     // what was written to members, and what became of each letter
	KeepDecisions   RetentionKind = "decision_log"
	KeepNotices     RetentionKind = "notices"
	KeepImports     RetentionKind = "imports" // what was sent, and the result
	KeepReviews     RetentionKind = "reviews" // access reviews that are over, with their signed files
)

// RetentionUnit is what is counted.
type RetentionUnit string

// The units.
const (
	Days   RetentionUnit = "days"
	Months RetentionUnit = "months" // of the calendar
)

// RetentionBounds says how long a kind may be kept: security logs for 6 to 12 months, the trail of
// rights up to 3 years (rules.md 20).
type RetentionBounds struct {
	Kind              RetentionKind
	Unit              RetentionUnit
	Min, Default, Max int64
}

// The most days, which the nouns keep in every organisation.
const (
	MaxMessageDays  = 365
	MaxDecisionDays = 30
	MaxNoticeDays   = 90
	MaxImportDays   = 30
)

// RetentionKinds are all of them, in the order of the pages.
var RetentionKinds = []RetentionBounds{
	{KeepSecurityLog, Months, 6, 12, 12},
	{KeepRightsAudit, Months, 12, 36, 36},
	{KeepReviews, Months, 12, 60, 60},
	{KeepMessages, Days, 30, MaxMessageDays, MaxMessageDays},
	{KeepDecisions, Days, 1, MaxDecisionDays, MaxDecisionDays},
	{KeepNotices, Days, 7, MaxNoticeDays, MaxNoticeDays},
	{KeepImports, Days, 1, MaxImportDays, MaxImportDays},
}

// BoundsOf gives the bounds of a kind; the second value is false for an unknown one.
func BoundsOf(k RetentionKind) (RetentionBounds, bool) {
	for _, b := range RetentionKinds {
		if b.Kind == k {
			return b, true
		}
	}
	return RetentionBounds{}, false
}

// Before is the time before which what is kept so long is removed.
func (b RetentionBounds) Before(now time.Time, value int64) time.Time {
	if b.Unit == Months {
		return now.AddDate(0, -int(value), 0)
	}
	return now.AddDate(0, 0, -int(value))
}

// Retention is how long an organisation keeps what; what it never set has its default.
type Retention struct {
	Values map[RetentionKind]int64
	Rev    int64 // 0: never changed, the defaults hold
}

// Of is how long a kind is kept.
func (r Retention) Of(k RetentionKind) int64 {
	if v, ok := r.Values[k]; ok {
		return v
	}
	b, _ := BoundsOf(k)
	return b.Default
}

// With is r with other values for some kinds. Errors: the fields values.<kind>.
func (r Retention) With(next map[RetentionKind]int64) (Retention, error) {
	var f fault.Fields
	out := Retention{Values: maps.Clone(r.Values), Rev: r.Rev}
	if out.Values == nil {
		out.Values = map[RetentionKind]int64{}
	}
	for _, k := range slices.Sorted(maps.Keys(next)) {
		v := next[k]
		b, known := BoundsOf(k)
		switch {
		case !known:
			f.Add("values."+string(k), "setting.retention_kind")
		case v < b.Min || v > b.Max:
			f.Add("values."+string(k), "setting.retention_bounds", "Min", b.Min, "Max", b.Max)
		default:
			out.Values[k] = v
		}
	}
	return out, f.Err()
}

const retentionName = "retention"

// ReadRetention reads how long an organisation keeps what, in the caller's transaction.
func ReadRetention(ctx context.Context, tx *store.Tx, org ident.Org) (Retention, error) {
	value, rev, err := current(ctx, tx, org, retentionName)
	if err != nil || rev == 0 {
		return Retention{}, err
	}
	r := Retention{Rev: rev}
	if err := json.Unmarshal([]byte(value), &r.Values); err != nil {
		return Retention{}, fmt.Errorf("setting: retention of %s: %w", org, err)
	}
	return r, nil
}

// WriteRetention changes how long an organisation keeps what; rev is the version that was read,
// verb that of the caller's act. Errors: ErrStale, fields to correct, action.Nothing.
func WriteRetention(
	ctx context.Context, tx *action.Tx, verb string, org ident.Org, rev int64, next map[RetentionKind]int64,
) (Retention, error) {
	old, err := ReadRetention(ctx, tx.Tx, org)
	if err != nil {
		return Retention{}, err
	}
	if old.Rev != rev {
		return Retention{}, ErrStale
	}
	r, err := old.With(next)
	if err != nil {
		return Retention{}, err
	}
	before, after := map[string]any{}, map[string]any{}
	for _, b := range RetentionKinds {
		if was, is := old.Of(b.Kind), r.Of(b.Kind); was != is {
			before["keep_"+string(b.Kind)], after["keep_"+string(b.Kind)] = was, is
		}
	}
	if len(after) == 0 {
		return old, action.Nothing
	}
	tx.Record(audit.Event{Org: org, Verb: verb, Object: org.String(), Before: before, After: after})
	text, err := json.Marshal(r.Values)
	if err != nil {
		return Retention{}, err
	}
	r.Rev = old.Rev + 1
	return r, replace(ctx, tx.Tx, org, retentionName, r.Rev, string(text))
}
