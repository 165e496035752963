package grant

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/store"
)

// PreviewScopes says what ApplyScopes would do: lines before and after, warnings. It
// refuses what ApplyScopes would refuse, but for the fresh proof, and keeps nothing.
// Errors: those of ApplyScopes.
func (g Grants) PreviewScopes(ctx context.Context, by access.Actor, in ident.Org, w ScopesWanted) (ScopeSet, error) {
	var e editor
	set, err := action.View(ctx, g.Run, by, editing(by, in, in.String(), &e), func(tx *store.Tx) (ScopeSet, error) {
		d, err := drawScopes(ctx, tx, e, w)
		if err != nil {
			return ScopeSet{}, err
		}
		return d.ScopeSet, nil
	})
	if err != nil || !slices.ContainsFunc(set.Lines, func(l ScopeLine) bool { return l.Realm == Administration }) {
		return set, err
	}
	return g.scopes(ctx, by, in, w, true) // whether somebody would still administer takes doing it (ORG-4)
}

// ApplyScopes gives and takes the rights that make levels at scopes, for several people,
// all of it or nothing, as one change set: by the rules of member.ChangeRights. Errors:
// ErrUnknown, ErrNotYoursHere, ErrByRole, ErrChangedMeanwhile, ErrTooManyScopes, those of
// member.ChangeRights, each with a field "changes[3]" for each line refused;
// access.ErrStepUp.
func (g Grants) ApplyScopes(ctx context.Context, by access.Actor, in ident.Org, w ScopesWanted) (ScopeSet, error) {
	return g.scopes(ctx, by, in, w, false)
}

func (g Grants) scopes(ctx context.Context, by access.Actor, in ident.Org, w ScopesWanted, rehearsal bool) (ScopeSet, error) {
	var e editor
	return action.Run(ctx, g.Run, by, editing(by, in, in.String(), &e), func(tx *action.Tx) (ScopeSet, error) {
		d, err := drawScopes(ctx, tx.Tx, e, w)
		if err != nil {
			return ScopeSet{}, err
		}
		if len(d.Lines) == 0 {
			return d.ScopeSet, action.Nothing
		}
		done, err := member.ChangeRightsTogether(ctx, tx, in, d.people)
		switch d.NeedsStepUp = done.Administers; {
		case err != nil:
			return d.ScopeSet, d.told(err, done.Refused)
		case rehearsal || len(done.Lines) == 0:
			return d.ScopeSet, action.Nothing
		case done.Administers && !by.Proven(tx.Now):
			return d.ScopeSet, access.ErrStepUp
		}
		return d.ScopeSet, d.keep(ctx, tx, w.Reason, done.Lines)
	})
}

// scopeDraft is an edit of levels at scopes that is not made yet.
type scopeDraft struct {
	ScopeSet

	scopes *scopes
	people []member.PersonRights
	places []string // of each line, in what was asked
}

// keep writes the change set, and its one entry of the trail.
func (d *scopeDraft) keep(ctx context.Context, tx *action.Tx, reason string, lines []changeset.Line) error {
	e := d.scopes.editor
	set, err := member.NewSet(ctx, tx)
	if err != nil {
		return err
	}
	set.Reason = reason
	if set, err = changeset.Write(ctx, tx.Tx, e.held.Org, set, lines); err != nil {
		return err
	}
	about, err := e.consult(ctx, tx.Tx, lines)
	if err != nil {
		return err
	}
	c := ChangeSet{Kind: Edit, Reason: reason}
	about.tell(&c, lines)
	keptAs(&c, set)
	d.ID = set.ID
	event := eventOf(e.held.Org, verbChange, c)
	for _, l := range c.Rights {
		put(event.Before, l, l.Before)
		put(event.After, l, l.After)
	}
	if site := lines[0].Site; !site.IsZero() && !slices.ContainsFunc(lines, func(l changeset.Line) bool { return l.Site != site }) {
		event.Site, event.Names["site"] = site, about.sites[site]
	}
	tx.Record(event)
	return nil
}

// drawScopes judges each line, and gathers the changes of rights by person.
func drawScopes(ctx context.Context, tx *store.Tx, e editor, all ScopesWanted) (*scopeDraft, error) {
	wanted := all.Changes
	switch {
	case len(wanted) > MaxScopeChanges:
		return nil, ErrTooManyScopes
	case utf8.RuneCountInString(all.Reason) > MaxReason:
		return nil, fault.OnField("reason", "text.too_long", "Max", MaxReason)
	}
	var ids []ident.Member
	for _, w := range wanted {
		if !slices.Contains(ids, w.Member) {
			ids = append(ids, w.Member)
		}
	}
	people, err := readPeople(ctx, tx, e.held.Org, ids, false)
	if err != nil {
		return nil, err
	}
	d := &scopeDraft{}
	if d.scopes, err = readScopes(ctx, tx, e, people); err != nil {
		return nil, err
	}
	read, err := e.scopesRead(ctx, tx)
	if err != nil {
		return nil, err
	}
	var no scopeRefusals
	for i, w := range wanted {
		at := "changes[" + strconv.Itoa(i) + "]"
		column := slices.IndexFunc(read, func(c ScopeColumn) bool { return c.Scope == w.Scope })
		p, there := people[w.Member]
		switch {
		case !there || !e.sees(p):
			no.unknown.Add(at, member.ErrNotFound.Code)
		case column < 0:
			no.unknown.Add(at, org.ErrNoSuchSite.Code)
		default:
			d.add(at, p, read[column], w, &no)
		}
	}
	d.weighScopes()
	return d, no.err()
}

// add judges one line, and takes it into the draft when it changes something.
func (d *scopeDraft) add(at string, p person, column ScopeColumn, w ScopeChange, no *scopeRefusals) {
	c := d.scopes.bare(p, w.Scope, w.Realm)
	if c.Level == w.Level {
		return
	}
	if w.Was != nil && *w.Was != c.Level {
		no.changed.Add(at, "grant.scope_changed", "Name", p.name())
		return
	}
	change, err := d.scopes.plan(p, c, w.Scope, w.Realm, w.Level)
	if err != nil {
		f := fault.Of(err)
		no.refused.Add(at, f.Code)
		no.why = f
		return
	}
	d.Lines = append(d.Lines, ScopeLine{
		Member: p.ID, MemberName: p.name(), Scope: w.Scope, SiteName: column.Name, Realm: w.Realm, Before: c.Level, After: w.Level,
	})
	d.places = append(d.places, at)
	n := slices.IndexFunc(d.people, func(x member.PersonRights) bool { return x.Member == p.ID })
	if n < 0 {
		n, d.people = len(d.people), append(d.people, member.PersonRights{Member: p.ID})
	}
	all := &d.people[n].Change
	all.AddRoles, all.DropRoles = append(all.AddRoles, change.AddRoles...), append(all.DropRoles, change.DropRoles...)
	all.AddPermissions = append(all.AddPermissions, change.AddPermissions...)
	all.DropPermissions = append(all.DropPermissions, change.DropPermissions...)
}

// told names, in a refusal of package member, the lines that it is about.
func (d *scopeDraft) told(err error, person int) error {
	f, is := errors.AsType[*fault.Error](err)
	if !is || f.Kind == fault.Internal {
		return err
	}
	refusal := *f
	refusal.Fields = nil
	scope, _ := f.Args["Scope"].(string)
	for i, l := range d.Lines {
		theirs := person >= 0 && l.Member == d.people[person].Member
		there := scope == "" || l.Scope.Code() == scope || l.Scope.Site.IsZero()
		last := person < 0 && there && l.Realm == Administration && l.Before == ScopeAdministrator
		if theirs || last {
			refusal.Fields = append(refusal.Fields, fault.Field{Location: d.places[i], Code: f.Code, Args: f.Args})
		}
	}
	if len(refusal.Fields) == 0 {
		for _, at := range d.places {
			refusal.Fields = append(refusal.Fields, fault.Field{Location: at, Code: f.Code, Args: f.Args})
		}
	}
	return &refusal
}

// scopeRefusals are the lines that cannot be done, by why.
type scopeRefusals struct {
	unknown, refused, changed fault.Fields
	why                       *fault.Error // of a line that is refused
}

// err tells of one sort of refusal at a time, the one that says least first.
func (r *scopeRefusals) err() error {
	for _, sort := range []struct {
		list    *fault.Fields
		refusal *fault.Error
	}{{&r.unknown, ErrUnknown}, {&r.refused, r.why}, {&r.changed, ErrChangedMeanwhile}} {
		if err := sort.list.Err(); err != nil {
			refusal := *sort.refusal
			refusal.Fields = fault.Of(err).Fields
			return &refusal
		}
	}
	return nil
}

// weighScopes says what an edit would do that is worth reading before saving.
func (d *scopeDraft) weighScopes() {
	rank := func(l ScopeLine, of ScopeLevel) int { return slices.Index(ScopeLevelsOf(l.Realm), of) }
	gains := func(l ScopeLine) bool {
		return l.After != ScopeNone && (l.Before == ScopeCustom || rank(l, l.After) > rank(l, l.Before))
	}
	opens := func(l ScopeLine) bool {
		before := l.Before == ScopeRead || l.Before == ScopeWrite
		return l.Realm == Records && !before && (l.After == ScopeRead || l.After == ScopeWrite)
	}
	if slices.ContainsFunc(d.Lines, func(l ScopeLine) bool { return gains(l) && d.scopes.isSelf(d.scopes.people[l.Member]) }) {
		d.warn("yourself")
	}
	d.perLine("opens_records", opens)
	d.perLine("gains_administration", func(l ScopeLine) bool { return l.After == ScopeAdministrator })
	d.perLine("loses_administration", func(l ScopeLine) bool { return l.Realm == Administration && l.After == ScopeNone })
	everywhere := func(l ScopeLine) bool { return l.Scope.Site.IsZero() && gains(l) && l.After != ScopeAdministrator }
	if n := len(d.about(everywhere)); n > 0 {
		d.warn("everywhere", "Count", n)
	}
}

func (d *scopeDraft) warn(code string, args ...any) {
	d.Warnings = append(d.Warnings, Warning{Code: code, Args: args})
}

// perLine warns of each person of whom some line is so; of many, how many they are.
func (d *scopeDraft) perLine(code string, is func(ScopeLine) bool) {
	names := d.about(is)
	if len(names) > apart {
		d.warn(code+many, "Count", len(names))
		return
	}
	for _, name := range names {
		d.warn(code, "Name", name)
	}
}

// about names the people of whom some line is so, each once.
func (d *scopeDraft) about(is func(ScopeLine) bool) (names []string) {
	var met []ident.Member
	for _, l := range d.Lines {
		if is(l) && !slices.Contains(met, l.Member) {
			met, names = append(met, l.Member), append(names, l.MemberName)
		}
	}
	return names
}
