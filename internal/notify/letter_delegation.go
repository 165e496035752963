package notify

import (
	"context"
	"slices"
	"strings"
	"time"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/preference"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// DelegationFacts are what a letter about delegations says.
type DelegationFacts struct {
	Org        Org
	By         string   // who gave or proposed it; to a holder only
	Member     string   // the delegate; to a holder only
	Identities []string // in whose names; to a delegate only
	Acts       []DelegatedAct
	At         time.Time // when it ended
	Link       secret.Text
	Contact    Contact
}

// DelegatedAct is one act, and until when.
type DelegatedAct struct {
	Act   grant.Act
	Until *time.Time // nil: without an end
}

// WriteDelegationGiven tells a holder that somebody may act in their name (RGT-6).
func WriteDelegationGiven(to Recipient, f DelegationFacts) (Letter, error) {
	return writeDelegation(KindDelegationGiven, to, f, map[string]any{"By": f.By, "Member": f.Member})
}

// WriteDelegationProposed asks a holder whether somebody may draft in their name (MEM-6).
func WriteDelegationProposed(to Recipient, f DelegationFacts) (Letter, error) {
	return writeDelegation(KindDelegationProposed, to, f, map[string]any{"By": f.By, "Member": f.Member})
}

// WriteDelegationStarted tells a delegate that they may act in others' names from now on.
func WriteDelegationStarted(to Recipient, f DelegationFacts) (Letter, error) {
	return writeDelegation(KindDelegationStarted, to, f, map[string]any{})
}

// WriteDelegationEnded tells a delegate that they no longer may.
func WriteDelegationEnded(to Recipient, f DelegationFacts) (Letter, error) {
	return writeDelegation(KindDelegationEnded, to, f, map[string]any{"At": f.At})
}

func writeDelegation(kind Kind, to Recipient, f DelegationFacts, vars map[string]any) (Letter, error) {
	if len(f.Identities) > 0 {
		vars["Identities"] = namesOf(to, f.Identities)
	}
	w := write(kind, to, &f.Org, vars)
	w.say("intro")
	items := make([]string, 0, len(f.Acts))
	for _, a := range f.Acts {
		item := w.printer.T("delegation.act." + string(a.Act))
		if a.Until != nil {
			item = w.printer.T("letters.delegation_until", "Act", item, varUntil, lastMoment(w.printer, *a.Until))
		}
		items = append(items, item)
	}
	w.letter.Blocks = append(w.letter.Blocks, Block{List: items})
	w.say("withdraw")
	w.button(f.Link, "")
	return w.end("delegations", f.Contact)
}

// lastMoment is a last day, or the hour of it when it is not whole.
func lastMoment(p *text.Printer, until time.Time) string {
	day, whole := grant.LastDay(until)
	if whole {
		return p.Date(day)
	}
	return p.DateTime(day)
}

// maxNamed is how many identities a letter names: a subject line holds no more.
const maxNamed = 3

// namesOf says in whose names: «Dr Morvan, Dr Diallo, Accueil et 4 autres identités».
func namesOf(to Recipient, names []string) string {
	p := text.For(to.Lang)
	if len(names) <= maxNamed {
		return p.List(names)
	}
	return p.T("letters.delegation_more", "Names", strings.Join(names[:maxNamed], ", "), varCount, len(names)-maxNamed)
}

// holderTold tells the holder of identities what is done in their name, or proposed to
// them, as far as it still stands.
func (h handlers) holderTold() composer {
	return letter(
		func(l grant.HolderLetter) (ident.Org, ident.Member) { return l.Org, l.Holder },
		func(ctx context.Context, tx *store.Tx, _ job.Job, l grant.HolderLetter, to addressee) (Letter, error) {
			list, f, err := h.delegationFacts(ctx, tx, l.Org, l.Delegations, to, func(d grant.Delegation) bool {
				return d.State != grant.Ended && (d.State == grant.Proposed) == l.Proposed && d.Identity.Holder == l.Holder
			})
			if err != nil {
				return Letter{}, err
			}
			f.By, f.Member, f.Identities = to.by(l.By), list[0].Name, nil
			if l.Proposed {
				return WriteDelegationProposed(recipient(to.account), f)
			}
			return WriteDelegationGiven(recipient(to.account), f)
		})
}

// delegateStarts tells a delegate what begins, unless its beginning was moved or it ended
// before.
func (h handlers) delegateStarts(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	l, err := decode[grant.StartLetter](j)
	if err != nil {
		return nil, err
	}
	a := matter{l.Org, setting.AlertDelegation, preference.Told{What: preference.DelegationStarts}}
	begins := func(d grant.Delegation) bool { return d.State == grant.InForce && d.Idle == "" && d.From.Equal(l.At) }
	return h.delegateTold(ctx, tx, a, l.Member, l.Delegations, begins, WriteDelegationStarted)
}

// delegateEnds tells a delegate what ended, unless its end was moved since.
func (h handlers) delegateEnds(ctx context.Context, tx *store.Tx, j job.Job) (*told, error) {
	l, err := decode[grant.EndLetter](j)
	if err != nil {
		return nil, err
	}
	a := matter{l.Org, setting.AlertDelegation, preference.Told{What: preference.DelegationEnds}}
	ended := func(d grant.Delegation) bool { return d.State == grant.Ended && d.EndedAt.Equal(l.At) }
	return h.delegateTold(ctx, tx, a, l.Member, l.Delegations, ended, func(to Recipient, f DelegationFacts) (Letter, error) {
		for i := range f.Acts {
			f.Acts[i].Until = nil
		}
		f.At = l.At
		return WriteDelegationEnded(to, f)
	})
}

// delegateTold tells a delegate of what was given together, at the sites that they chose, as far
// as keep says that it still is so.
func (h handlers) delegateTold(ctx context.Context, tx *store.Tx, a matter, of ident.Member, ids []ident.Delegation,
	keep func(grant.Delegation) bool, write func(Recipient, DelegationFacts) (Letter, error),
) (*told, error) {
	who, err := addressed(ctx, tx, a.org, of)
	if err != nil {
		return nil, err
	}
	to, wants, err := preference.Wants(ctx, tx, a.org, of, a.alert)
	if err != nil || !wants {
		return nil, err
	}
	_, f, err := h.delegationFacts(ctx, tx, a.org, ids, who, func(d grant.Delegation) bool { return keep(d) && to.Follows(d.Identity.Site) })
	if err != nil {
		return nil, err
	}
	t := a.tells()
	t.notice.Count = int64(len(f.Identities))
	err = t.tell(ctx, tx, to, 0, func(to addressee) (Letter, error) { return write(recipient(to.account), f) })
	return t, err
}

// delegationFacts reads what a letter tells of, as far as keep says that it still is so.
func (h handlers) delegationFacts(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Delegation, to addressee,
	keep func(grant.Delegation) bool,
) ([]grant.Delegation, DelegationFacts, error) {
	f := DelegationFacts{Org: to.org}
	if !to.inForce() {
		return nil, f, errMoot
	}
	list, err := grant.LoadDelegations(ctx, tx, in, ids)
	if err != nil {
		return nil, f, err
	}
	list = slices.DeleteFunc(list, func(d grant.Delegation) bool { return !keep(d) })
	if len(list) == 0 {
		return nil, f, errMoot
	}
	o, err := org.Get(ctx, tx, in)
	if err != nil {
		return nil, f, err
	}
	f.Link = h.link("o", o.Slug, "me", "delegations")
	for _, d := range list {
		if !slices.Contains(f.Identities, d.Identity.Name) {
			f.Identities = append(f.Identities, d.Identity.Name)
		}
		if !slices.ContainsFunc(f.Acts, func(a DelegatedAct) bool { return a.Act == d.Act }) {
			f.Acts = append(f.Acts, DelegatedAct{Act: d.Act, Until: d.Until})
		}
	}
	slices.SortFunc(f.Acts, func(a, b DelegatedAct) int { return slices.Index(grant.Acts, a.Act) - slices.Index(grant.Acts, b.Act) })
	return list, f, nil
}
