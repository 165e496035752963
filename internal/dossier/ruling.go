package dossier

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/store"
)

// Ruling is what the platform's support decides of a file (VER-4).
type Ruling string

// The rulings.
const (
	Validated Ruling = "validated"
	Refused   Ruling = "refused"
)

// Rulings are both of them.
var Rulings = []Ruling{Validated, Refused}

// Ruled is a ruling that was made: the last one of a file holds, for what was declared then.
type Ruled struct {
	Decision Ruling
	Reason   string
	By       string
	At       time.Time

	id      string
	version int64
}

// Rule is what support says of a file.
type Rule struct {
	Decision Ruling
	Reason   string // of a refusal
	Seen     string // File.Seen: what they saw
}

// forSupport resolves an act of the platform's support on one file.
func forSupport(in ident.Org, id ident.Member, k *known) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		*k, err = read(ctx, tx, in, id)
		return []access.Need{access.OfPlatform(access.PlatformSupport)}, err
	}
}

// Queue gives the files of every organisation that wait for support, those who wait longest
// first: sent in, orange, and not decided as they are.
func (d Dossiers) Queue(ctx context.Context, by access.Actor) ([]Summary, error) {
	act := action.Act{Verb: "dossier.search", Needs: []access.Need{access.OfPlatform(access.PlatformSupport)}}
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) ([]Summary, error) { return queue(ctx, tx) })
}

// Whose finds the organisation of a file, for support: the address of a file is its ID alone.
// Errors: ErrFileNotFound.
func (d Dossiers) Whose(ctx context.Context, by access.Actor, id ident.Member) (ident.Org, error) {
	act := action.Act{Verb: "dossier.search", Needs: []access.Need{access.OfPlatform(access.PlatformSupport)}}
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) (ident.Org, error) {
		found, ok, err := orgOf(ctx, tx, id)
		if err == nil && !ok {
			err = ErrFileNotFound
		}
		return found, err
	})
}

// Examine reads one file for support: what the decision rests on, and no more of the
// organisation than its name (ORG-7). Errors: ErrFileNotFound.
func (d Dossiers) Examine(ctx context.Context, by access.Actor, in ident.Org, id ident.Member) (File, error) {
	act := action.Act{Verb: "dossier.open", Needs: []access.Need{access.OfPlatform(access.PlatformSupport)}}
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) (File, error) {
		k, err := read(ctx, tx, in, id)
		if err != nil {
			return File{}, err
		}
		return supportFile(ctx, tx, by, &k)
	})
}

func supportFile(ctx context.Context, tx *store.Tx, by access.Actor, k *known) (File, error) {
	f := k.file()
	f.May.Rule = by.Account.IsZero() || by.Account != k.member.Account
	taken := Reason{Code: RPPSTaken}
	if k.held == member.NumberContested && !slices.Contains(f.Reasons, taken) {
		f.Reasons = append(slices.Clone(f.Reasons), taken) // to validate decides it, refreshed before or not
	}
	o, err := org.Get(ctx, tx, f.Org)
	f.OrgName = o.Name
	return f, err
}

// Rule validates or refuses a file: support's, with a fresh proof, never of oneself; a
// refusal says why. The file is judged anew, and the person and the administrators are told
// (VER-4). The organisation's journal bears it with the tag «Support». Errors: fields to
// correct, ErrOwnFile, ErrRuled, ErrPapers, ErrFileChanged, ErrFileNotFound.
func (d Dossiers) Rule(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, r Rule) (File, error) {
	var k known
	act := action.Act{
		Verb: "dossier.rule", Orgs: []ident.Org{in}, Accounts: true, StepUp: true, Object: ident.DossierOf(id).String(), Subject: id.String(),
		Resolve: forSupport(in, id, &k),
	}
	asked, err := action.View(ctx, d.Run, by, act, func(*store.Tx) (inquiry, error) { return k.inquiry(), nil })
	if err != nil {
		return File{}, err
	}
	answer := d.ask(ctx, asked)
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (File, error) {
		tx.By.Support = true // only they come this far
		if err := r.check(); err != nil {
			return File{}, err
		}
		if err := mayRule(by, &k, r); err != nil {
			return File{}, err
		}
		e := fileEvent(in, id, k.member.Name(), act.Verb)
		e.After["ruling"] = r.Decision
		if r.Reason != "" {
			e.After[fieldReason] = r.Reason
		}
		tx.Record(e)
		if err := replaceRuling(ctx, tx.Tx, &k, r, by); err != nil {
			return File{}, err
		}
		return d.ruled(ctx, tx, &k, r, answer)
	})
}

// check: a decision that exists, and why, of a refusal.
func (r *Rule) check() (err error) {
	switch r.Decision {
	case Validated:
		r.Reason = ""
	case Refused:
		r.Reason, err = reasonOf(r.Reason)
	default:
		err = fault.OnField("decision", "dossier.ruling_unknown")
	}
	return err
}

func mayRule(by access.Actor, k *known, r Rule) error {
	switch {
	case !by.Account.IsZero() && by.Account == k.member.Account:
		return ErrOwnFile
	case k.seen() != r.Seen:
		return ErrFileChanged
	case k.ruled != nil && k.ruled.Decision == r.Decision && !k.changed():
		return ErrRuled
	case r.Decision == Validated && len(k.missing) > 0:
		return ErrPapers
	}
	return nil
}

// changed reports whether something was declared, or a paper given, since support decided: the
// file waits for them again.
func (k *known) changed() bool {
	return k.ruled.version != k.declared.Version || slices.ContainsFunc(k.documents, func(d Document) bool {
		return d.Counts() && d.AddedAt.After(k.ruled.At)
	})
}

// ruled judges the file after a ruling, and tells who is to be told.
func (d Dossiers) ruled(ctx context.Context, tx *action.Tx, k *known, r Rule, a answered) (File, error) {
	in, id := k.member.Org, k.member.ID
	if err := renewed(ctx, tx, in, id, a); err != nil {
		return File{}, err
	}
	if r.Decision == Refused {
		tell(tx, OutcomeLetter{Org: in, Member: id, Outcome: Declined, Reason: r.Reason})
	}
	tx.After(job.Order{Args: RulingLetter{Org: in, Member: id, Decision: r.Decision, Reason: r.Reason}, Priority: job.Normal})
	after, err := read(ctx, tx.Tx, in, id)
	if err != nil {
		return File{}, err
	}
	return supportFile(ctx, tx.Tx, tx.By, &after)
}

// RulingLetter tells the administrators of an organisation what support decided of a file.
type RulingLetter struct {
	Org      ident.Org    `json:"org"`
	Member   ident.Member `json:"member"`
	Decision Ruling       `json:"decision"`
	Reason   string       `json:"reason,omitempty"`
}

// Kind names the job.
func (RulingLetter) Kind() string { return "letter.dossier_ruling" }
