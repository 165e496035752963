package dossier

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Certification is «Autoriser ce compte»: somebody of this organisation knows the person. It
// has effect in this organisation only (VER-3).
type Certification struct {
	By          string
	At          time.Time
	ConfirmedBy string     // the second person, where two are asked
	ConfirmedAt *time.Time // nil: not yet
	People      int64
	Void        bool // it does not count any more: see known.void

	id      string
	version int64  // of what was declared
	ground  string // of what the first of two people saw
	by      ident.Account
}

// The acts on certifications.
const verbCertify, verbRevoke = "dossier.certify", "dossier.revoke"

// whole reports whether everybody who has to has certified.
func (c *Certification) whole() bool { return c.People == 1 || c.ConfirmedAt != nil }

// last is when the last of them did.
func (c *Certification) last() time.Time {
	if c.ConfirmedAt != nil {
		return *c.ConfirmedAt
	}
	return c.At
}

// Certify is what somebody says who certifies.
type Certify struct {
	Seen  string // File.Seen: what they saw
	Knows bool   // «Je connais cette personne»
}

// Certify says that the person is a health professional whom the actor knows: a person of
// the organisation, not the one of the file, with a fresh proof. Where the organisation asks
// for two, the second one completes what the first began, as long as it still is what the first
// saw; else it begins anew. Then the file is judged anew:
// what the directory says still counts. Errors: fields to correct, ErrPersonOnly, ErrOwnFile,
// ErrCertified, ErrSecondPerson, ErrFileChanged, ErrFileNotFound.
func (d Dossiers) Certify(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, c Certify) (File, error) {
	return d.decide(ctx, by, org, id, verbCertify, func(tx *action.Tx, w warden, k *known) error {
		if err := w.mayCertify(k); err != nil {
			return err
		}
		if !c.Knows {
			return fault.OnField("knows", "dossier.knows")
		}
		if k.seen() != c.Seen {
			return ErrFileChanged
		}
		two, err := twoPeople(ctx, tx.Tx, org)
		if err != nil {
			return err
		}
		e := fileEvent(org, id, k.member.Name(), verbCertify)
		if k.stands() {
			e.After["first"] = k.certification.By
			err = confirmCertification(ctx, tx.Tx, org, k.certification.id, by)
		} else {
			people := int64(1)
			if two {
				people = 2
			}
			e.After["people"] = people
			err = replaceCertification(ctx, tx.Tx, k, people, by)
		}
		tx.Record(e)
		return err
	})
}

// stands reports whether there is a certification that counts.
func (k *known) stands() bool { return k.certification != nil && !k.certification.Void }

// void reports whether a certification has stopped to count: something else was declared since;
// or, of one half, the second person would complete what the first did not see, or somebody who
// may not certify any more began (INV-16, rules.md 13).
func (k *known) void(ctx context.Context, tx *store.Tx) (bool, error) {
	c := k.certification
	switch {
	case c.version != k.declared.Version:
		return true, nil
	case c.whole():
		return false, nil
	case c.ground != k.ground():
		return true, nil
	}
	still, err := member.StillOver(ctx, tx, c.by, k.member.Org, k.member.ID, access.DossiersCertify)
	return !still, err
}

// mayCertify: never of oneself, never twice by the same person (INV-14). Errors: those of
// Certify.
func (w warden) mayCertify(k *known) error {
	switch {
	case w.by.Kind != access.Person:
		return ErrPersonOnly
	case w.own(k):
		return ErrOwnFile
	case k.stands() && k.certification.whole():
		return ErrCertified
	case k.stands() && k.certification.by == w.by.Account:
		return ErrSecondPerson
	}
	return nil
}

// Revoke takes a certification back, with a reason: the file is judged without it. Errors:
// ErrNotCertified, fields to correct, ErrFileNotFound.
func (d Dossiers) Revoke(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, reason string) (File, error) {
	return d.decide(ctx, by, org, id, verbRevoke, func(tx *action.Tx, _ warden, k *known) error {
		if k.certification == nil {
			return ErrNotCertified
		}
		reason, err := reasonOf(reason)
		if err != nil {
			return err
		}
		e := fileEvent(org, id, k.member.Name(), verbRevoke)
		e.Before["certified_by"], e.After[fieldReason] = k.certification.By, reason
		tx.Record(e)
		return endCertification(ctx, tx.Tx, org, k.certification.id, by, reason)
	})
}

// reasonOf checks a reason: one line at least.
func reasonOf(reason string) (string, error) {
	var f fault.Fields
	clean, problem := text.Line(reason, MaxReason)
	f.Check(fieldReason, string(problem), "Max", MaxReason)
	return clean, f.Err()
}

// decide runs a decision of the organisation on one file, then judges the file anew with
// what the directory says now.
func (d Dossiers) decide(ctx context.Context, by access.Actor, org ident.Org, id ident.Member, verb string,
	do func(*action.Tx, warden, *known) error,
) (File, error) {
	var w warden
	var k known
	act := action.Act{
		Verb: verb, Orgs: []ident.Org{org}, Accounts: true, StepUp: true, Object: ident.DossierOf(id).String(), Subject: id.String(),
		Resolve: about(by, org, id, &w, &k),
	}
	asked, err := action.View(ctx, d.Run, by, act, func(*store.Tx) (inquiry, error) { return k.inquiry(), nil })
	if err != nil {
		return File{}, err
	}
	answer := d.ask(ctx, asked)
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (File, error) {
		if err := do(tx, w, &k); err != nil {
			return File{}, err
		}
		if err := renewed(ctx, tx, org, id, answer); err != nil {
			return File{}, err
		}
		after, err := read(ctx, tx.Tx, org, id)
		if err != nil {
			return File{}, err
		}
		return w.file(ctx, tx.Tx, &after)
	})
}

// renewed judges a file again after a decision.
func renewed(ctx context.Context, tx *action.Tx, org ident.Org, id ident.Member, a answered) error {
	k, err := read(ctx, tx.Tx, org, id)
	if err != nil {
		return err
	}
	_, err = renew(ctx, tx, &k, k.heard(a))
	return err
}

func twoPeople(ctx context.Context, tx *store.Tx, org ident.Org) (bool, error) {
	v, err := setting.ReadRegistration(ctx, tx, org)
	return v.TwoPeople, err
}

// toldOf bounds the letters about one file.
var toldOf = limit.Counter{Name: "dossier.tell", Window: time.Hour, Max: 1}

// Tell writes to the person what is missing in their file, with the way back to it
// («Prévenir par e-mail», VER-3): once an hour at most. Errors: ErrVerified,
// limit.ErrExceeded, ErrFileNotFound.
func (d Dossiers) Tell(ctx context.Context, by access.Actor, org ident.Org, id ident.Member) error {
	var w warden
	var k known
	act := action.Act{
		Verb: "dossier.tell", Orgs: []ident.Org{org}, Accounts: true, Object: ident.DossierOf(id).String(), Subject: id.String(),
		Resolve: about(by, org, id, &w, &k),
	}
	_, err := action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		if k.member.Verification == member.Verified {
			return struct{}{}, ErrVerified
		}
		if err := toldOf.Within(ctx, tx.Tx, id.String()); err != nil {
			return struct{}{}, err
		}
		tx.Record(fileEvent(org, id, k.member.Name(), act.Verb))
		tell(tx, OutcomeLetter{Org: org, Member: id, Outcome: Lacking, By: tx.By.Name})
		return struct{}{}, RegistrationLink(ctx, tx, org, id)
	})
	return err
}
