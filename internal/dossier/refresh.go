package dossier

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Refreshed is what «Rafraîchir» found of one member.
type Refreshed struct {
	Member  ident.Member
	Name    string
	Before  member.Verification
	State   member.Verification // member.NotNeeded: nothing is to be verified
	Reasons []Reason
	// Unasked: the directory could not say anything of the number; what was open stays open.
	Unasked bool
}

// Refresh computes the state of some members' files again: green opens sign-in, orange does
// not (VER-2). The directory is asked before, without holding anything. Members of whom
// nothing is to be verified are passed over. It needs dossiers.certify over each. Errors:
// fields to correct, ErrFileNotFound.
func (d Dossiers) Refresh(ctx context.Context, by access.Actor, org ident.Org, ids []ident.Member) ([]Refreshed, error) {
	ids, err := chosen(ids)
	if err != nil {
		return nil, err
	}
	act := action.Act{Verb: "dossier.refresh", Orgs: []ident.Org{org}, Accounts: true}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		w, err := wardenOf(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if err := w.over(ctx, tx, org, id); err != nil {
				return nil, err
			}
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
	claimed, err := action.View(ctx, d.Run, by, act, func(tx *store.Tx) (map[ident.Member]inquiry, error) {
		return claims(ctx, tx, org, ids)
	})
	if err != nil {
		return nil, err
	}
	if len(claimed) > MaxRefresh {
		return nil, fault.OnField("members", "member.too_many", "Max", MaxRefresh)
	}
	answers := make(map[ident.Member]answered, len(claimed))
	for _, id := range ids {
		answers[id] = d.ask(ctx, claimed[id])
	}
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) ([]Refreshed, error) {
		return refreshAll(ctx, tx, org, ids, answers)
	})
}

// chosen is the members to refresh, each once.
func chosen(ids []ident.Member) ([]ident.Member, error) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	switch ids = slices.Compact(ids); {
	case len(ids) == 0:
		return nil, fault.OnField("members", "member.none_chosen")
	case len(ids) > member.MaxBulk:
		return nil, fault.OnField("members", "member.too_many", "Max", member.MaxBulk)
	}
	return ids, nil
}

// claims reads which numbers are claimed, and of whom a mailbox was proved.
func claims(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Member) (map[ident.Member]inquiry, error) {
	claimed := map[ident.Member]inquiry{}
	for _, id := range ids {
		r, ok, err := RegistrationOf(ctx, tx, org, id)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		b, err := mailboxOf(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		claimed[id] = inquiry{r.RPPS, b.proves(r.RPPS)}
	}
	return claimed, nil
}

// answered is what the directory said, and of what: it is asked before anything is held.
type answered struct {
	about  inquiry
	answer directory.Answer
}

// ask asks the directory about a number, if there is one; what it cannot say is «not
// checked» (DIR-1).
func (d Dossiers) ask(ctx context.Context, about inquiry) answered {
	if about.rpps == "" {
		return answered{about: about}
	}
	a, err := d.Source.ByRPPS(ctx, about.rpps)
	if err != nil {
		a = directory.Answer{}
	}
	if about.mailbox {
		a.Mailboxes = directory.MailboxesOf(ctx, d.Source, about.rpps)
	}
	return answered{about, a}
}

// heard is an answer, when it is about what is declared and proved now. About what was so before it
// is none: it judges nothing, and ends no proof.
func (k *known) heard(a answered) directory.Answer {
	if k.inquiry() != a.about {
		return directory.Answer{}
	}
	return a.answer
}

func refreshAll(
	ctx context.Context, tx *action.Tx, org ident.Org, ids []ident.Member, answers map[ident.Member]answered,
) ([]Refreshed, error) {
	list := make([]Refreshed, 0, len(ids))
	renewed := false
	for _, id := range ids {
		k, err := read(ctx, tx.Tx, org, id)
		if fault.Is(err, fault.NotFound) {
			m, err := member.Find(ctx, tx.Tx, org, id)
			if err != nil {
				return nil, err
			}
			list = append(list, Refreshed{Member: id, Name: m.Name(), Before: m.Verification, State: m.Verification})
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := renew(ctx, tx, &k, k.heard(answers[id]))
		if err != nil {
			return nil, err
		}
		tx.Record(r.event(org))
		list, renewed = append(list, r), true
	}
	if !renewed {
		return list, action.Nothing
	}
	return list, nil
}

// event is the record of one «Rafraîchir».
func (r Refreshed) event(org ident.Org) audit.Event {
	e := fileEvent(org, r.Member, r.Name, "dossier.refresh")
	e.Before, e.After = map[string]any{"verification": r.Before}, map[string]any{"verification": r.State}
	codes, papers := told(r.Reasons)
	if len(codes) > 0 {
		e.After["reasons"] = codes
	}
	if len(papers) > 0 {
		e.After["papers"] = papers
	}
	return e
}

// fileEvent is the record of what was done with a file.
func fileEvent(org ident.Org, id ident.Member, name, verb string) audit.Event {
	return audit.Event{
		Org: org, Verb: verb, Object: ident.DossierOf(id).String(), Subject: id.String(), Names: map[string]string{"member": name},
		Before: map[string]any{}, After: map[string]any{},
	}
}

// told writes reasons for the trail: the papers that lack are named.
func told(reasons []Reason) (codes, papers []string) {
	for _, r := range reasons {
		if r.Paper != "" {
			papers = append(papers, string(r.Paper))
		} else {
			codes = append(codes, string(r.Code))
		}
	}
	return codes, papers
}

// renew judges a file and makes it so: green opens, orange closes; the person is told of
// either. A directory that says nothing leaves what it said before. Papers are kept as long as
// the organisation keeps them once the file is green; while it is orange nothing is decided, and
// they stay in the hands of who gave them (FIL-07).
func renew(ctx context.Context, tx *action.Tx, k *known, a directory.Answer) (Refreshed, error) {
	r := Refreshed{
		Member: k.member.ID, Name: k.member.Name(), Before: k.member.Verification,
		Unasked: k.declared.RPPS != "" && a.Origin == directory.NotChecked,
	}
	r.State, r.Reasons = Judge(k.facts(a))
	if err := k.fallen(ctx, tx, a); err != nil {
		return r, err
	}
	if r.Unasked {
		boxes := a.Mailboxes
		a = k.answer()
		a.Mailboxes = boxes
	}
	if err := writeCheck(ctx, tx.Tx, k.member, r, a, tx.By.Name); err != nil {
		return r, err
	}
	if err := transit(ctx, tx, k, r, a); err != nil {
		return r, err
	}
	if r.State == member.Verified {
		return r, DocumentsDecided(ctx, tx, k.member.Org, k.member.ID)
	}
	return r, DocumentsReopened(ctx, tx, k.member.Org, k.member.ID)
}

// transit opens or closes, when the state changes.
func transit(ctx context.Context, tx *action.Tx, k *known, r Refreshed, a directory.Answer) error {
	org, id := k.member.Org, k.member.ID
	if r.State == r.Before {
		return nil
	}
	if r.State != member.Verified {
		if err := enrolment.Unverified(ctx, tx, org, id); err != nil {
			return err
		}
		if r.Before == member.Verified {
			tell(tx, OutcomeLetter{Org: org, Member: id, Outcome: Shut, By: tx.By.Name})
		}
		return nil
	}
	as := enrolment.VerifiedAs{RPPS: k.declared.RPPS, Settled: k.facts(a).Ruling == Validated}
	if _, now := publishedOf(k.declared, a); now.RPPS != "" {
		chosen := closest(now, directory.Activity{Profession: directory.Code{Code: k.declared.ProfessionCode, Label: k.declared.Profession}})
		i := imported(now, a, chosen)
		as.Import = &i
	}
	if err := enrolment.Verified(ctx, tx, org, id, as); err != nil {
		return err
	}
	tell(tx, OutcomeLetter{Org: org, Member: id, Outcome: Opened, By: tx.By.Name})
	return nil
}

// Outcome is what a person is told of their file.
type Outcome string

// The outcomes.
const (
	Opened   Outcome = "opened"   // they may sign in
	Shut     Outcome = "shut"     // they may not any more
	Declined Outcome = "declined" // support refused, and says why
	Lacking  Outcome = "lacking"  // «Prévenir par e-mail»: what is missing
)

// OutcomeLetter tells a person what became of their file (VER-3, VER-4).
type OutcomeLetter struct {
	Org     ident.Org    `json:"org"`
	Member  ident.Member `json:"member"`
	Outcome Outcome      `json:"outcome"`
	By      string       `json:"by"`
	Reason  string       `json:"reason,omitempty"`
}

// Kind names the job.
func (OutcomeLetter) Kind() string { return "letter.dossier_outcome" }

func tell(tx *action.Tx, l OutcomeLetter) {
	tx.After(job.Order{Args: l, Priority: job.Normal})
}
