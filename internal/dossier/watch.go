package dossier

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Bounds of the watch.
const (
	MassPercent = 5 // of the watched members: more is a change of the directory, not of them
	MassLeast   = 3 // so many changes are never "mass"
	pageOfOne   = 200
	raiseAtOnce = 200 // alerts of one transaction
)

// Watch compares members with the directory, once a night.
type Watch struct {
	Run    *action.Runner
	Source directory.Source
	Log    *slog.Logger
}

// Report is what one round found.
type Report struct {
	Watched   int // members with an RPPS number
	Checked   int // of whom the directory said something
	Changed   int // who are not as they were; a declared identity that is found is no change
	Raised    int
	Withdrawn int
	Halted    bool
}

// round is one comparison of everybody.
type round struct {
	Report
	orgs []orgRound
}

// orgRound is what was found in one organisation.
type orgRound struct {
	org      ident.Org
	watched  map[ident.Member]bool
	agreeing map[ident.Member]bool // checked, and nothing differs
	findings []memberFinding
}

type memberFinding struct {
	Finding
	member ident.Member
	name   string
}

// Compare makes one round: it asks the directory about every watched member, and raises and
// withdraws alerts, unless too many changed at once.
func (w Watch) Compare(ctx context.Context) (Report, error) {
	r, err := w.look(ctx)
	if err != nil {
		return r.Report, err
	}
	confirmed, err := w.isConfirmed(ctx)
	if err != nil {
		return r.Report, err
	}
	if r.mass() && !confirmed {
		r.Halted = true
		return r.Report, w.halt(ctx, r.Report)
	}
	for i := range r.orgs {
		if err := w.write(ctx, &r, r.orgs[i]); err != nil {
			return r.Report, err
		}
	}
	return r.Report, w.resume(ctx, r.Report)
}

// mass reports whether it is the directory that changed.
func (r round) mass() bool {
	return r.Changed > MassLeast && r.Changed*100 > r.Checked*MassPercent
}

// look asks about everybody, one organisation after another, without holding anything.
func (w Watch) look(ctx context.Context) (r round, err error) {
	var orgs []ident.Org
	if err := w.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		orgs, err = member.WatchedOrgs(ctx, tx)
		return err
	}); err != nil {
		return r, err
	}
	for _, org := range orgs {
		o := orgRound{org: org, watched: map[ident.Member]bool{}, agreeing: map[ident.Member]bool{}}
		if err := w.lookAt(ctx, &r, &o); err != nil {
			return r, err
		}
		r.orgs = append(r.orgs, o)
	}
	return r, nil
}

func (w Watch) lookAt(ctx context.Context, r *round, o *orgRound) error {
	var last ident.Member
	for {
		var page []member.Member
		if err := w.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			page, err = member.Watched(ctx, tx, o.org, last, pageOfOne)
			return err
		}); err != nil {
			return err
		}
		for i := range page {
			if err := w.lookAtOne(ctx, r, o, page[i]); err != nil {
				return err
			}
			last = page[i].ID
		}
		if len(page) < pageOfOne {
			return nil
		}
	}
}

func (w Watch) lookAtOne(ctx context.Context, r *round, o *orgRound, m member.Member) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.Watched++
	o.watched[m.ID] = true
	a, err := w.Source.ByRPPS(ctx, m.RPPS)
	if err != nil || a.Origin == directory.NotChecked {
		return nil //nolint:nilerr // nobody could say: nothing is compared (DIR-1)
	}
	r.Checked++
	f, differs := compare(m, a)
	if !differs {
		o.agreeing[m.ID] = true
		return nil
	}
	if f.Kind != Found {
		r.Changed++
	}
	o.findings = append(o.findings, memberFinding{f, m.ID, m.Name()})
	return nil
}

// write raises and withdraws the alerts of one organisation, some at a time.
func (w Watch) write(ctx context.Context, r *round, o orgRound) error {
	first := true
	for chunk := range slices.Chunk(append(o.findings, memberFinding{}), raiseAtOnce) {
		n, err := w.writeSome(ctx, o, chunk, first)
		if err != nil {
			return err
		}
		r.Raised, r.Withdrawn = r.Raised+n.raised, r.Withdrawn+n.withdrawn
		first = false
	}
	return nil
}

// written counts what one transaction did.
type written struct{ raised, withdrawn int }

func (w Watch) writeSome(ctx context.Context, o orgRound, some []memberFinding, withdraw bool) (written, error) {
	act := action.Act{Verb: "alert.raise", Orgs: []ident.Org{o.org}, Needs: []access.Need{access.Everybody()}}
	var n written
	_, err := action.Run(ctx, w.Run, access.Operator("job"), act, func(tx *action.Tx) (_ bool, err error) {
		n = written{}
		open, err := openOf(ctx, tx.Tx, o.org)
		if err != nil {
			return false, err
		}
		if withdraw {
			if n.withdrawn, open, err = withdrawAll(ctx, tx, o, open); err != nil {
				return false, err
			}
		}
		if n.raised, err = raise(ctx, tx, o.org, some, open); err != nil {
			return false, err
		}
		if n.raised > 0 {
			tx.After(job.Order{Args: DigestLetter{Org: o.org}, Priority: job.Bulk, Unique: o.org.String()})
		}
		if n == (written{}) {
			return false, action.Nothing
		}
		return true, nil
	})
	return n, err
}

// withdrawAll takes back the alerts that say nothing any more, and gives those that stay
// open.
func withdrawAll(ctx context.Context, tx *action.Tx, o orgRound, open []standsOpen) (n int, left []standsOpen, err error) {
	differs := map[ident.Member]string{}
	for _, f := range o.findings {
		differs[f.member] = f.digest()
	}
	for _, v := range open {
		now, still := differs[v.Member]
		if (still && now == v.digest) || (!still && o.watched[v.Member] && !o.agreeing[v.Member]) {
			left = append(left, v)
			continue
		}
		v.Status, v.DecidedAt, v.Version = Withdrawn, tx.Now, v.Version+1
		if err := settle(ctx, tx.Tx, v.Alert); err != nil {
			return n, left, err
		}
		tx.Record(audit.Event{
			Org: v.Org, Verb: "alert.withdraw", Object: v.ID.String(), Subject: v.Member.String(), Before: map[string]any{"kind": string(v.Kind)},
		})
		n++
	}
	return n, left, nil
}

func raise(ctx context.Context, tx *action.Tx, org ident.Org, some []memberFinding, open []standsOpen) (n int, err error) {
	for _, f := range some {
		if f.member.IsZero() || slices.ContainsFunc(open, func(v standsOpen) bool { return v.Member == f.member }) {
			continue
		}
		decided, err := decidedBefore(ctx, tx.Tx, org, f.member, f.digest())
		if err != nil {
			return n, err
		}
		if decided {
			continue
		}
		v := Alert{
			ID: ident.NewAlert(), Org: org, Member: f.member, Name: f.name, Kind: f.Kind, Status: Open, Changes: f.Changes, RaisedAt: tx.Now,
		}
		if err := insert(ctx, tx.Tx, v, f.Finding); err != nil {
			return n, err
		}
		tx.Record(v.event("alert.raise"))
		n++
	}
	return n, nil
}

// DigestLetter tells the administrators of an organisation that alerts were raised: one
// letter for a night.
type DigestLetter struct{ Org ident.Org }

// Kind names the job.
func (DigestLetter) Kind() string { return "letter.directory_alerts" }

// night is when the watch makes its round, by the calendar of metropolitan France.
const nightBegins, nightEnds = 2, 5

// Nightly makes the round of the night, unless another node made it, or it is day. The
// timetable calls it every so often.
func (w Watch) Nightly(ctx context.Context) error {
	now := w.Run.DB.Now().In(paris)
	if h := now.Hour(); h < nightBegins || h >= nightEnds {
		return nil
	}
	mine, err := w.claim(ctx, now.Format(time.DateOnly))
	if err != nil || !mine {
		return err
	}
	r, err := w.Compare(ctx)
	if w.Log != nil {
		w.Log.Info("directory watch", "watched", r.Watched, "checked", r.Checked, "changed", r.Changed, "raised", r.Raised,
			"withdrawn", r.Withdrawn, "halted", r.Halted)
	}
	return err
}
