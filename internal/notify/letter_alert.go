package notify

import (
	"context"

	"habilis/internal/dossier"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/workitem"
)

// The letters that are alerts and nothing else.
const (
	KindRegistrationArrived Kind = "registration_arrived" // VER-1: to whoever judges files, once an hour at most
	KindWorkReceived        Kind = "work_received"        // OFF-1: to whoever was handed work, once an hour at most
)

var alertKinds = []Kind{KindRegistrationArrived, KindWorkReceived}

// ArrivedFacts are what the letter about files that arrived says: it names nobody.
type ArrivedFacts struct {
	Org     Org
	Files   int64
	Link    secret.Text // the page of the files; no token
	Contact Contact
}

// WriteRegistrationArrived tells somebody who judges files that some can be judged.
func WriteRegistrationArrived(to Recipient, f ArrivedFacts) (Letter, error) {
	w := write(KindRegistrationArrived, to, &f.Org, map[string]any{varCount: f.Files})
	w.say("intro", "waits")
	w.button(f.Link, "")
	return w.end(whyAlert, f.Contact)
}

func (h handlers) registrationArrived(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[dossier.ArrivedLetter](j)
	if err != nil {
		return nil, err
	}
	files, err := dossier.Arrived(ctx, tx, args.Org, args.From)
	if err != nil {
		return nil, err
	}
	o, err := org.Get(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	a := matter{args.Org, setting.AlertRegistration, preference.Told{What: preference.RegistrationReady, Count: int64(len(files))}}
	return tallied(ctx, tx, a, files, func(to addressee, n int64) (Letter, error) {
		return WriteRegistrationArrived(recipient(to.account), ArrivedFacts{Org: to.org, Files: n, Link: h.link("o", o.Slug, "dossiers")})
	})
}

// WorkFacts are what the letter about work handed over says: how much there is of each kind, and
// nothing of what it is (DESIGN.md 10).
type WorkFacts struct {
	Org     Org
	Held    []workitem.Holding
	Link    secret.Text // one's own sheet; no token
	Contact Contact
}

// WriteWorkReceived tells somebody that work was handed over to them.
func WriteWorkReceived(to Recipient, f WorkFacts) (Letter, error) {
	w := write(KindWorkReceived, to, &f.Org, map[string]any{})
	w.say("intro")
	items := make([]string, 0, len(f.Held))
	for _, k := range f.Held {
		items = append(items, text.For(to.Lang).T("workitem.count."+string(k.Kind), varCount, k.Items))
	}
	w.letter.Blocks = append(w.letter.Blocks, Block{List: items})
	w.button(f.Link, "")
	return w.end(whyAlert, f.Contact)
}

// workReceived says what somebody holds now: what was handed on since is not theirs to know of.
func (h handlers) workReceived(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[workitem.ReceivedLetter](j)
	if err != nil {
		return nil, err
	}
	held, err := workitem.HeldBy(ctx, tx, args.Org, args.Member)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	o, err := org.Get(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	var all int64
	for _, k := range held {
		all += k.Items
	}
	a := matter{args.Org, setting.AlertWork, preference.Told{What: preference.WorkReceived, Count: all}}
	return wanted(ctx, tx, a, args.Member, nil, func(to addressee) (Letter, error) {
		return WriteWorkReceived(recipient(to.account), WorkFacts{
			Org: to.org, Held: held, Link: h.link("o", o.Slug, "members", args.Member.String()),
		})
	})
}
