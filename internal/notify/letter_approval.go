package notify

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/approval"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// The letters about accounts that the platform's support makes for an organisation (APP-1).
const (
	KindApprovalWaits   Kind = "approval_waits"   // to those who may decide
	KindApprovalRefused Kind = "approval_refused" // to the person
)

var approvalKinds = []Kind{KindApprovalWaits, KindApprovalRefused}

// ApprovalFacts are what they say.
type ApprovalFacts struct {
	Org    Org
	Person string // whom the account is for
	By     string // who made it; of a refusal, who refused
	Ticket string
	Reason string
	At     time.Time   // of a refusal
	Until  time.Time   // without a decision, the account is gone then
	Link   secret.Text // the page of what waits; no token
}

// WriteApprovalWaits tells whoever administers that an account made by the support waits
// for a decision.
func WriteApprovalWaits(to Recipient, f ApprovalFacts) (Letter, error) {
	w := write(KindApprovalWaits, to, &f.Org, map[string]any{"By": f.By, "Person": f.Person, varUntil: f.Until})
	w.say("intro", "waits")
	w.because("ticket", f.Ticket)
	w.button(f.Link, "")
	return w.end(whyAlert, Contact{})
}

// WriteApprovalRefused tells a person that the organisation refused the account that the
// support had made for them.
func WriteApprovalRefused(to Recipient, f ApprovalFacts) (Letter, error) {
	w := write(KindApprovalRefused, to, &f.Org, map[string]any{"By": f.By, "At": f.At})
	w.say("intro")
	w.because("reason", f.Reason)
	w.say("nothing")
	return w.end("proposed", Contact{})
}

// because adds a reason that somebody typed, where there is one that a letter can say.
func (w *writer) because(key, reason string) {
	if reason = reasonOf(reason); reason != "" {
		w.letter.Blocks = append(w.letter.Blocks, Block{Facts: []Fact{w.fact(key, 1, secret.NewText(reason))}})
	}
}

// approvalWaits writes to those who administer what the account is for, unless it was
// decided of since.
func (h handlers) approvalWaits(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	args, err := decode[approval.WaitsLetter](j)
	if err != nil {
		return nil, err
	}
	v, ok, err := approval.Find(ctx, tx, args.Org, args.Member)
	if err != nil || !ok || v.Status != approval.Waiting {
		return nil, err
	}
	o, err := org.Get(ctx, tx, args.Org)
	if err != nil {
		return nil, err
	}
	facts := ApprovalFacts{
		Person: v.Name, By: v.CreatedBy, Ticket: v.Ticket, Until: v.ExpiresAt, Link: h.link("o", o.Slug, "approvals"),
	}
	a := matter{args.Org, setting.AlertApproval, preference.Told{What: preference.ApprovalWaits, Subject: args.Member}}
	return subscribed(ctx, tx, a, v.Sites, func(to addressee) (Letter, error) {
		facts.Org = to.org
		return WriteApprovalWaits(recipient(to.account), facts)
	})
}

// approvalRefused writes to the address that the account was made for, whether or not
// somebody has an account there.
func approvalRefused(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[approval.RefusedLetter](j)
	if err != nil {
		return Letter{}, err
	}
	v, ok, err := approval.Find(ctx, tx, args.Org, args.Member)
	if err != nil || !ok || v.Status != approval.Refused {
		return Letter{}, orMoot(err)
	}
	email, code := account.ParseEmail(v.Email)
	if code != "" {
		return Letter{}, errMoot
	}
	o, err := plaque(ctx, tx, args.Org)
	if err != nil {
		return Letter{}, err
	}
	by := v.DecidedBy
	if by == "" {
		by = o.Name
	}
	to := Recipient{Name: v.Name, Email: mailbox(email), Lang: v.Language}
	return WriteApprovalRefused(to, ApprovalFacts{Org: o, By: by, Reason: v.Reason, At: v.DecidedAt})
}

func orMoot(err error) error {
	if err != nil {
		return err
	}
	return errMoot
}

// toAdministrators writes a letter to each of those who administer a scope.
func toAdministrators(
	ctx context.Context, tx *store.Tx, at access.Scope, write func(addressee) (Letter, error),
) (map[string]Letter, error) {
	all, err := member.Administrators(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	letters := make(map[string]Letter, len(all))
	for i := range all {
		to, err := addressed(ctx, tx, at.Org, all[i].ID)
		if errors.Is(err, errMoot) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if letters[to.account.ID.String()], err = write(to); err != nil {
			return nil, err
		}
	}
	return letters, nil
}
