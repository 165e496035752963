package web

import (
	"slices"

	"habilis/internal/grant"
	"habilis/internal/web/ui"
)

// reviewed is the domain whose pending changes the address is about: those of levels are
// one draft, and those of the realms another.
func (v *visit) reviewed() domain { return domainNamed(v.URL.Query().Get(fieldOrigin)) }

func (v *visit) reviewScopes() error {
	if err := v.mayEditScopes(); err != nil {
		return err
	}
	p, err := v.scopePending()
	if err != nil {
		return err
	}
	return v.showScopesReview(&p, nil)
}

func (v *visit) showScopesReview(p *scopePending, refusal error) error {
	view, status, err := v.accessReview(refusal)
	if err != nil {
		return err
	}
	back, origin := v.typedOn()
	view.Back, view.Path = back, v.levelsReviewPath(origin)
	if view.Pending, err = v.scopesPendingView(p, nil, grant.MaxScopeChanges); err != nil {
		return err
	}
	view.block(v.t)
	if view.Pending.StepUp && view.Blocked == "" {
		view.Proof = v.proof(v.t.T("access.proof"), view.Errors)
	}
	return v.showAccess(status, v.t.T("access.review"), func(page ui.Page) error {
		return v.show(status, AccessReviewPage(page, view))
	})
}

// actReviewScopes changes the pending list, or saves it.
func (v *visit) actReviewScopes() error {
	if err := v.mayEditScopes(); err != nil {
		return err
	}
	p, err := v.scopePending()
	switch {
	case err != nil:
		return err
	case v.PostFormValue("do") == doSave:
		return v.saveScopes(&p)
	}
	if err := v.mendScopes(&p); err != nil {
		return err
	}
	return v.afterMend(v.keepScopes(&p), len(p.Wishes))
}

// saveScopes makes the changes, all of them or none, once however often the form arrives.
func (v *visit) saveScopes(p *scopePending) error {
	back, origin := v.typedOn()
	if len(p.Wishes) == 0 {
		return v.to(back) // saved by this very form, sent twice
	}
	if err := v.proveScopes(p); err != nil {
		return v.showScopesReview(p, err)
	}
	by, err := v.once(p.ID, p.write())
	if err != nil {
		return err
	}
	wanted := make([]grant.ScopeChange, 0, len(p.Wishes))
	for _, w := range p.Wishes {
		wanted = append(wanted, grant.ScopeChange{Member: w.Member, Scope: w.Scope, Realm: w.Realm, Level: w.Level, Was: &w.Was})
	}
	set, err := v.s.Grants.ApplyScopes(v.Context(), by, v.org.ID, grant.ScopesWanted{Changes: wanted, Reason: v.PostFormValue(fieldReason)})
	if err != nil {
		return v.showScopesReview(p, err)
	}
	if err := v.forgetPending(p.ID); err != nil {
		return err
	}
	if set.ID.IsZero() {
		v.flash(ui.ToneInfo, v.t.T("edit.nothing"))
		return v.to(back)
	}
	v.flashUndo(v.t.T("access.saved", "Count", len(set.Lines)), inState(v.changePath(set.ID)+"/undo", origin))
	if slices.ContainsFunc(set.Lines, v.givesUp) {
		return v.to(v.at("home")) // this page may be theirs no more
	}
	return v.to(back)
}

// givesUp reports whether a line takes administration from whoever made it.
func (v *visit) givesUp(l grant.ScopeLine) bool {
	return l.Member == v.held.Member && l.Realm == grant.Administration && l.After == grant.ScopeNone
}

// proveScopes asks for the password when administration is given or taken (rules.md 6).
func (v *visit) proveScopes(p *scopePending) error {
	if !v.mustProve() {
		return nil
	}
	f, err := v.foreseeScopes(p)
	if err != nil || !f.set.NeedsStepUp {
		return err
	}
	return v.prove()
}
