package preference

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/setting"
	"habilis/internal/store"
)

const (
	verbRead = "preference.read"
	verbEdit = "member.edit_settings"
)

// looking is somebody before the settings of a member.
type looking struct {
	member member.Member
	self   bool
	edits  error // nil: they may edit the member
	sight  org.Sight
}

func look(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, of ident.Member) (l looking, err error) {
	eye, err := member.LookAs(ctx, tx, by, in)
	if err != nil {
		return l, err
	}
	if l.member, err = eye.See(ctx, tx, in, of); err != nil {
		return l, err
	}
	l.sight = eye.Sight()
	if l.self = !eye.Member().IsZero() && eye.Member() == of; l.self {
		return l, nil
	}
	if l.edits = eye.MayEdit(ctx, tx, in, of); l.edits != nil && !member.Refusal(l.edits) {
		return l, l.edits
	}
	return l, nil
}

func (l looking) mayEdit() bool { return l.self || l.edits == nil }

// Get reads the settings of a member: for whoever sees the member. Their alerts and the length of
// their sessions are told to themself, and to whoever may edit them. Errors: member.ErrNotFound,
// access.ErrForbidden.
func (p Preferences) Get(ctx context.Context, by access.Actor, in ident.Org, of ident.Member) (Sheet, error) {
	var l looking
	act := action.Act{Verb: verbRead, Orgs: []ident.Org{in}, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		l, err = look(ctx, tx, by, in, of)
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.View(ctx, p.Run, by, act, func(tx *store.Tx) (Sheet, error) { return l.sheet(ctx, tx) })
}

// Edit changes what a member has of their own: for themself, and for whoever may edit the member
// as a whole. version is the one that was read. What somebody else changes is told to the member by
// a letter that nobody may refuse; their alerts and the length of their sessions ask for a fresh
// proof (rules.md 6). Errors: ErrStale, fields to correct, member.ErrNotFound,
// member.ErrMorePowerful, access.ErrForbidden, access.ErrStepUp.
func (p Preferences) Edit(ctx context.Context, by access.Actor, in ident.Org, of ident.Member, version int64, e Edit) (Sheet, error) {
	var l looking
	act := action.Act{Verb: verbEdit, Orgs: []ident.Org{in}, Object: of.String(), Subject: of.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if l, err = look(ctx, tx, by, in, of); err == nil && !l.mayEdit() {
			err = l.edits
		}
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.Run(ctx, p.Run, by, act, func(tx *action.Tx) (Sheet, error) {
		was, rev, err := current(ctx, tx.Tx, in, of)
		if err != nil {
			return Sheet{}, err
		}
		if rev != version {
			return Sheet{}, ErrStale
		}
		sites, err := member.SitesOf(ctx, tx.Tx, in, []ident.Member{of})
		if err != nil {
			return Sheet{}, err
		}
		g, err := groundOf(ctx, tx.Tx, in, of, sites[of])
		if err != nil {
			return Sheet{}, err
		}
		next, err := g.apply(was, e)
		if err != nil {
			return Sheet{}, err
		}
		if was.same(next) {
			return l.nothing(ctx, tx.Tx)
		}
		author, err := l.author(tx, was, next)
		if err != nil {
			return Sheet{}, err
		}
		l.record(tx, g.inherited, was, next)
		if err := replace(ctx, tx.Tx, in, of, rev+1, next, author); err != nil {
			return Sheet{}, err
		}
		return l.sheet(ctx, tx.Tx)
	})
}

// guarded are the parts that concern security: somebody else changes them by a fresh proof.
var guarded = []setting.Part{setting.PartNotifications, setting.PartSession}

// author is who changes what is not theirs, of whom the member is told; empty: oneself.
func (l looking) author(tx *action.Tx, was, next Own) (string, error) {
	if l.self {
		return "", nil
	}
	sensitive := slices.ContainsFunc(was.Differs(next), func(p setting.Part) bool { return slices.Contains(guarded, p) })
	if sensitive && !tx.By.Proven(tx.Now) {
		return "", access.ErrStepUp
	}
	in, of := l.member.Org, l.member.ID
	tx.After(job.Gather(tx.Now, of.String(), func(from time.Time) job.Args { return ChangedLetter{Org: in, Member: of, From: from} }))
	return tx.By.ID(), nil
}

// nothing is the answer to a change that changes nothing.
func (l looking) nothing(ctx context.Context, tx *store.Tx) (Sheet, error) {
	s, err := l.sheet(ctx, tx)
	if err != nil {
		return Sheet{}, err
	}
	return s, action.Nothing
}

// record notes what holds before and after, of the parts that changed, and which are one's own.
func (l looking) record(tx *action.Tx, inherited setting.Personal, was, next Own) {
	parts := was.Differs(next)
	tx.Record(audit.Event{
		Org: l.member.Org, Verb: verbEdit, Object: l.member.ID.String(), Subject: l.member.ID.String(),
		Names:  map[string]string{"member": l.member.Name()},
		Before: was.facts(inherited, parts), After: next.facts(inherited, parts),
	})
}

// facts are some parts as the trail keeps them: what holds, and which of them are one's own.
func (o Own) facts(inherited setting.Personal, parts []setting.Part) map[string]any {
	holds := o.Over(inherited)
	facts := holds.Facts(parts...)
	var own []string
	for _, p := range parts {
		if p != setting.PartNotifications && o.Has(p) {
			own = append(own, string(p))
		}
	}
	if slices.Contains(parts, setting.PartNotifications) {
		for _, a := range setting.Alerts {
			if s, has := o.Notifications[a]; has {
				own = append(own, "alert_"+string(a))
				facts["settings_sites_"+string(a)] = s.Sites
			}
		}
	}
	facts["settings_own"] = own
	return facts
}

// sheet reads the settings as the one who looks may see them.
func (l looking) sheet(ctx context.Context, tx *store.Tx) (Sheet, error) {
	in, of := l.member.Org, l.member.ID
	s := Sheet{Org: in, Member: of, Name: l.member.Name(), Self: l.self, MayEdit: l.mayEdit()}
	inherited, err := setting.ReadDefaults(ctx, tx, in)
	if err != nil {
		return s, err
	}
	if s.Own, s.Version, err = current(ctx, tx, in, of); err != nil {
		return s, err
	}
	s.Inherited = inherited.Personal
	s.Effective = s.Own.Over(s.Inherited)
	if !s.MayEdit {
		return s.outline(), nil
	}
	policy, err := setting.ReadSecurity(ctx, tx, in)
	if err != nil {
		return s, err
	}
	s.Policy = setting.SessionLength{IdleMinutes: policy.IdleMinutes, AbsoluteHours: policy.AbsoluteHours}
	s.Alerts, err = l.alerts(ctx, tx, s)
	return s, err
}

// outline is what of a sheet is told to whoever sees the member and may not edit them.
func (s Sheet) outline() Sheet {
	s.Own.Notifications, s.Own.Session = nil, nil
	for _, of := range []*setting.Personal{&s.Inherited, &s.Effective.Personal} {
		of.Notifications, of.Session = nil, setting.SessionLength{}
	}
	s.Effective.Sites = nil
	return s
}

// alerts are the lines of the alerts.
func (l looking) alerts(ctx context.Context, tx *store.Tx, s Sheet) ([]AlertRow, error) {
	all, err := org.ActiveSites(ctx, tx, s.Org)
	if err != nil {
		return nil, err
	}
	own, err := member.SitesOf(ctx, tx, s.Org, []ident.Member{s.Member})
	if err != nil {
		return nil, err
	}
	held, err := access.GivenTo(ctx, tx, s.Org, s.Member)
	if err != nil {
		return nil, err
	}
	at := reaches(held, own[s.Member])
	open := make(map[ident.Site]bool, len(all))
	for i := range all {
		open[all[i].ID] = true
	}
	names, err := member.SiteNames(ctx, tx, s.Org)
	if err != nil {
		return nil, err
	}
	rows := make([]AlertRow, 0, len(setting.Alerts))
	for _, a := range setting.Alerts {
		chosen, has := s.Own.Notifications[a]
		s.Effective.Sites[a] = at[a].standing(s.Effective.Sites[a], open)
		row := AlertRow{Alert: a, Holds: at[a].holds, Own: has, On: s.Effective.Notifications[a], Chosen: s.Effective.Sites[a]}
		for i := range all {
			if at[a].covers(all[i].ID) && (l.self || l.sight.Of(all[i].ID)) {
				row.Sites = append(row.Sites, SiteRef{all[i].ID, all[i].Name})
			}
		}
		for _, site := range chosen.Sites {
			switch known := l.self || l.sight.Of(site); {
			case open[site] && at[a].covers(site):
			case known:
				row.Left = append(row.Left, SiteRef{site, names[site]})
			default:
				row.Left = append(row.Left, SiteRef{ID: site})
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
