package privacy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/decision"
	"habilis/internal/exchange"
	"habilis/internal/ident"
	"habilis/internal/message"
	"habilis/internal/preference"
	"habilis/internal/review"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Retentions says and applies how long things are kept (AUD-4).
type Retentions struct {
	Run *action.Runner
	// Signed gives, by chain, the latest head that was signed and kept outside the database. Without
	// it nothing of a trail goes.
	Signed func(context.Context) (map[string]audit.Head, error)
	// Installation is how long the chain of the installation keeps what; the defaults where it is
	// silent.
	Installation setting.Retention

	between func() error // for tests: after each batch
}

// RetentionChange is what a change of the settings would do.
type RetentionChange struct {
	Before, After setting.Retention
	Goes          map[setting.RetentionKind]int64 // rows that are older than After keeps
}

// ErrForeignHead means that the signed head of a chain is not in it: nothing of it was removed.
var ErrForeignHead = errors.New("privacy: the signed head of a chain is not the one of the trail: " +
	"nothing of it was removed; run habilis verify-audit")

const (
	verbRetention = "retention.edit"
	verbRetained  = "retention.apply"
)

// sweptAtOnce is how many rows one transaction of retention removes.
const sweptAtOnce = 200

// sweeping is how the rows of a kind are counted, and removed.
type sweeping struct {
	measure store.Measure
	sweep   func(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error)
}

var sweepings = map[setting.RetentionKind]sweeping{
	setting.KeepMessages:  {store.Measure{Table: "message", Of: ofOrg, Time: created}, message.SweepIn},
	setting.KeepDecisions: {store.Measure{Table: "decision_log", Of: ofOrg, Time: "at"}, decision.SweepLogIn},
	setting.KeepNotices:   {store.Measure{Table: "notice", Of: ofOrg, Time: created}, preference.SweepIn},
	setting.KeepReviews:   {store.Measure{Table: "review", Of: ofOrg, Time: "finished_at"}, review.SweepIn},
	setting.KeepImports:   {store.Measure{Table: "member_import", Of: ofOrg, Time: created}, exchange.SweepIn},
}

// classes are the kinds that are details of the trail.
var classes = map[setting.RetentionKind]audit.Class{setting.KeepSecurityLog: audit.Security, setting.KeepRightsAudit: audit.Rights}

// Get tells how long an organisation keeps what: its members may know.
func (r Retentions) Get(ctx context.Context, by access.Actor, org ident.Org) (setting.Retention, error) {
	act := action.Act{Verb: "retention.read", Orgs: []ident.Org{org}, Object: org.String(), Needs: []access.Need{access.MemberOf(org)}}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) (setting.Retention, error) { return setting.ReadRetention(ctx, tx, org) })
}

// Preview says what other settings would remove. It needs settings.edit in the whole organisation.
// Errors: fields to correct.
func (r Retentions) Preview(ctx context.Context, by access.Actor, org ident.Org, next map[setting.RetentionKind]int64,
) (RetentionChange, error) {
	act := action.Act{
		Verb: verbRetention, Orgs: []ident.Org{org}, Object: org.String(),
		Needs: []access.Need{access.At(access.SettingsEdit, access.OrgScope(org))},
	}
	return action.ViewLong(ctx, r.Run, by, act, func(tx *store.Tx) (c RetentionChange, err error) {
		if c.Before, err = setting.ReadRetention(ctx, tx, org); err != nil {
			return c, err
		}
		if c.After, err = c.Before.With(next); err != nil {
			return c, err
		}
		c.Goes = map[setting.RetentionKind]int64{}
		for _, b := range setting.RetentionKinds {
			if c.Goes[b.Kind], err = older(ctx, tx, org, b.Kind, b.Before(tx.Now, c.After.Of(b.Kind))); err != nil {
				return c, err
			}
		}
		return c, nil
	})
}

// older counts what there is of a kind from before a time.
func older(ctx context.Context, tx *store.Tx, org ident.Org, k setting.RetentionKind, before time.Time) (int64, error) {
	if c, ok := classes[k]; ok {
		n, _, err := audit.Details(ctx, tx, org.String(), c, before)
		return n, err
	}
	return sweepings[k].measure.Before(ctx, tx, org.String(), before)
}

// Set changes how long an organisation keeps what; kinds that next leaves out stay as they are, and
// rev is the version that was read. It needs settings.edit in the whole organisation, and a fresh
// proof of the person. Errors: setting.ErrStale, fields to correct.
func (r Retentions) Set(ctx context.Context, by access.Actor, org ident.Org, rev int64, next map[setting.RetentionKind]int64,
) (setting.Retention, error) {
	act := action.Act{
		Verb: verbRetention, Orgs: []ident.Org{org}, Object: org.String(), StepUp: true,
		Needs: []access.Need{access.At(access.SettingsEdit, access.OrgScope(org))},
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (setting.Retention, error) {
		return setting.WriteRetention(ctx, tx, act.Verb, org, rev, next)
	})
}

// orgsAtOnce is how many organisations are read at once.
const orgsAtOnce = 100

// Apply removes what is kept for longer than it may be, in every organisation and of the
// installation; the timetable calls it. It may be stopped at any moment: the next call goes on.
// What fails in one organisation keeps nothing from the others.
func (r Retentions) Apply(ctx context.Context) error {
	var signed map[string]audit.Head
	var failed []error
	if r.Signed != nil {
		var err error
		if signed, err = r.Signed(ctx); err != nil {
			failed = append(failed, err)
		}
	}
	failed = append(failed, r.applyTo(ctx, "", signed[audit.Installation]))
	for last := ident.Org(""); ; {
		var some []ident.Org
		err := r.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			some, err = orgsAfter(ctx, tx, last, orgsAtOnce)
			return err
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, org := range some {
			failed = append(failed, r.applyTo(ctx, org, signed[org.String()]))
		}
		if len(some) < orgsAtOnce {
			return errors.Join(failed...)
		}
		last = some[len(some)-1]
	}
}

// applyTo applies what one organisation decided, or what holds of the installation, and records how
// much went.
func (r Retentions) applyTo(ctx context.Context, org ident.Org, signed audit.Head) error {
	keeps, stands, err := r.read(ctx, org, signed)
	if err != nil {
		return err
	}
	var failed []error
	for _, b := range setting.RetentionKinds {
		failed = append(failed, r.sweep(ctx, org, b, keeps.Of(b.Kind), signed, stands))
	}
	if !stands && signed.Seq > 0 {
		failed = append(failed, fmt.Errorf("%w (%s #%d)", ErrForeignHead, signed.Chain, signed.Seq))
	}
	return errors.Join(append(failed, r.tell(ctx, org))...)
}

func (r Retentions) read(ctx context.Context, org ident.Org, signed audit.Head) (keeps setting.Retention, stands bool, err error) {
	err = r.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if keeps = r.Installation; !org.IsZero() {
			if keeps, err = setting.ReadRetention(ctx, tx, org); err != nil {
				return err
			}
		}
		if signed.Seq > 0 {
			stands, err = audit.Stands(ctx, tx, signed)
		}
		return err
	})
	return keeps, stands, err
}

// sweep removes what is too old of one kind, a batch at a time.
func (r Retentions) sweep(ctx context.Context, org ident.Org, b setting.RetentionBounds, keep int64, signed audit.Head, stands bool) error {
	class, details := classes[b.Kind]
	if (details && !stands) || (!details && org.IsZero()) {
		return nil
	}
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := r.Run.DB.Write(ctx, []store.Lock{lockOf(org)}, func(tx *store.Tx) (err error) {
			var n int64
			before := b.Before(tx.Now, keep)
			if details {
				n, more, err = audit.Cut(ctx, tx, class, before, signed)
			} else {
				n, err = sweepings[b.Kind].sweep(ctx, tx, org, before, sweptAtOnce)
				more = n == sweptAtOnce
			}
			if err != nil || n == 0 {
				return err
			}
			return addRemoved(ctx, tx, chainOf(org), string(b.Kind), n)
		})
		if err == nil && r.between != nil {
			err = r.between()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tell records what went since it was last told.
func (r Retentions) tell(ctx context.Context, org ident.Org) error {
	act := action.Act{Verb: verbRetained, Object: org.String(), Needs: []access.Need{access.Everybody()}}
	if !org.IsZero() {
		act.Orgs = []ident.Org{org}
	}
	found := false
	err := r.Run.DB.Read(ctx, func(tx *store.Tx) error {
		list, err := removedOf(ctx, tx, chainOf(org))
		found = len(list) > 0
		return err
	})
	if err != nil || !found {
		return err
	}
	_, err = action.Run(ctx, r.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		list, err := removedOf(ctx, tx.Tx, chainOf(org))
		if err != nil || len(list) == 0 {
			return struct{}{}, firstError(err, action.Nothing)
		}
		e := audit.Event{Org: org, Verb: verbRetained, Object: org.String(), After: map[string]any{}}
		for _, l := range list {
			e.After["removed_"+l.kind] = l.n
		}
		tx.Record(e)
		return struct{}{}, dropRemoved(ctx, tx.Tx, chainOf(org))
	})
	return err
}

func chainOf(org ident.Org) string { return audit.Event{Org: org}.Chain() }

func lockOf(org ident.Org) store.Lock {
	if org.IsZero() {
		return store.Installation
	}
	return store.Lock(org)
}

// firstError is err, unless there is none.
func firstError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
