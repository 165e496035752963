package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

// «Réunir deux comptes»: a person who has two accounts keeps the one that they are signed in with, and
// proves the other one wholly before it gives way (ADR 0017).
const (
	pathMerges      = ui.PathSecurity + "/accounts"
	pathMergeNew    = pathMerges + "/new"
	pathMergeSecond = pathMergeNew + "/second-factor"
	pathMergeReview = pathMergeNew + "/review"
	pathUnmerge     = "/accounts/undo" // behind the link in the mailbox of the account that gave way
)

var accountMergeRoutes = []route{
	{"GET " + pathMerges, signed, (*visit).merges},
	{"GET " + pathMergeNew, signed, (*visit).mergeForm},
	{"POST " + pathMergeNew, signed, (*visit).askMerge},
	{"POST " + pathMergeNew + "/leave", signed, (*visit).leaveMerge},
	{"GET " + pathMergeSecond, signed, (*visit).mergeSecondForm},
	{"POST " + pathMergeSecond, signed, (*visit).mergeSecond},
	{"POST " + pathMergeSecond + "/sms", signed, (*visit).mergeSecondSMS},
	{"POST " + pathMergeSecond + "/passkey", signed, (*visit).mergeSecondPasskey},
	{"POST " + ui.PathPasskeyMerge, signed, (*visit).passkeyMergeOptions},
	{"GET " + pathMergeReview, signed, (*visit).mergeReview},
	{"POST " + pathMergeReview, signed, (*visit).mergeAccounts},
	{"GET " + pathMerges + "/{merge}/undo", signed, (*visit).unmergeAsk},
	{"POST " + pathMerges + "/{merge}/undo", signed, (*visit).unmerge},
	{"GET " + pathUnmerge + "/{token}", linkPages, (*visit).unmergeLink},
	{"GET " + pathUnmerge, linkPages, (*visit).unmergeLinkForm},
	{"POST " + pathUnmerge, linkPages, (*visit).unmergeByLink},
}

// mergeCookieLife is how long both proofs of the other account, and reading what follows, may take.
const mergeCookieLife = session.HalfLife + session.ProofLife

// merging is the token of the proof of the other account; empty: none is under way.
func (v *visit) merging() string { return v.s.cookie(v.Request, cookieMerge) }

// mergeCard leads to the merging of two accounts. Nobody who has a role of the platform may.
func (v *visit) mergeCard(p ui.Page) (templ.Component, error) {
	if v.me.PlatformRole != account.NoRole {
		return nil, nil //nolint:nilnil // a card that is not shown
	}
	list, err := v.s.Merges.List(v.Context(), v.by)
	if err != nil {
		return nil, err
	}
	return OwnMergeCard(p, len(list)), nil
}

// mergeLine is one account that gave way to the person's.
type mergeLine struct {
	ID, Title   string
	Chip        ui.ChipProps
	Facts       []ui.Fact
	Undo        string // address; empty: it cannot be undone
	Why, Hidden string
}

// merges lists what was merged into one's account, with the way back while there is one.
func (v *visit) merges() error {
	list, err := v.s.Merges.List(v.Context(), v.by)
	if err != nil {
		return err
	}
	lines := make([]mergeLine, 0, len(list))
	for i := range list {
		lines = append(lines, v.mergeLine(&list[i]))
	}
	numberAlike(lines)
	return v.show(http.StatusOK, MergesPage(v.accountFrame("accounts.list"), lines))
}

// numberAlike tells mergings of one account apart, and accounts whose address is free and whose person
// has one name: every card has its own title. The last stands first in lines.
func numberAlike(lines []mergeLine) {
	seen := map[string]int{}
	for i := range slices.Backward(lines) {
		l := &lines[i]
		title := l.Title
		seen[title]++
		if seen[title] > 1 {
			l.Title = title + " (" + strconv.Itoa(seen[title]) + ")"
		}
	}
}

func (v *visit) mergeLine(m *merge.AccountMerge) mergeLine {
	l := mergeLine{
		ID: m.ID.String(), Title: v.goneName(m), Chip: v.mergeChip(m),
		Facts: []ui.Fact{{Term: v.t.T("accounts.at"), Value: v.t.DateTime(m.At)}, v.mergeOrgs(m)},
	}
	switch {
	case m.MayUndo:
		l.Undo, l.Hidden = pathMerges+"/"+m.ID.String()+"/undo", l.Title
		l.Facts = append(l.Facts, ui.Fact{Term: v.t.T("accounts.until"), Value: v.t.Date(m.UndoTill)})
	case m.State == merge.AccountsApart:
		l.Facts = append(l.Facts, ui.Fact{Term: v.t.T("accounts.undone_at"), Value: v.t.DateTime(m.UndoneAt)})
	case m.NoUndo != "":
		l.Why = v.because(m.NoUndo)
	}
	return l
}

// goneName is the address of the account that gave way, as long as it is kept.
func (v *visit) goneName(m *merge.AccountMerge) string {
	switch {
	case m.GoneEmail != "":
		return m.GoneEmail
	case m.GoneName != "":
		return m.GoneName
	}
	return v.t.T("accounts.erased")
}

func (v *visit) mergeChip(m *merge.AccountMerge) ui.ChipProps {
	switch m.State {
	case merge.AccountsApart:
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("accounts.state.apart")}
	case merge.AccountsFinished:
		return ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("accounts.state.finished")}
	case merge.AccountsMerged:
	}
	return ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("accounts.state.merged")}
}

// mergeOrgs names the organisations that came over, those that were left long since aside.
func (v *visit) mergeOrgs(m *merge.AccountMerge) ui.Fact {
	var names []string
	for i := range m.Members {
		if x := &m.Members[i]; x.Status != member.Left && !slices.Contains(names, x.OrgName) {
			names = append(names, x.OrgName)
		}
	}
	f := ui.Fact{Term: v.t.T("accounts.orgs", "Count", max(1, len(names))), Value: v.t.List(names)}
	if len(names) == 0 {
		f.Value = v.t.T("accounts.no_org")
	}
	return f
}

// mergeOf is the merging that the address names.
func (v *visit) mergeOf() (merge.AccountMerge, error) {
	id, err := ident.ParseAccountMerge(v.PathValue("merge"))
	if err != nil {
		return merge.AccountMerge{}, errPage
	}
	list, err := v.s.Merges.List(v.Context(), v.by)
	if err != nil {
		return merge.AccountMerge{}, err
	}
	at := slices.IndexFunc(list, func(m merge.AccountMerge) bool { return m.ID == id })
	if at < 0 {
		return merge.AccountMerge{}, merge.ErrAccountsNotFound
	}
	return list[at], nil
}

func (v *visit) unmergeAsk() error {
	m, err := v.mergeOf()
	if err != nil {
		return err
	}
	if !m.MayUndo {
		return v.to(pathMerges)
	}
	return v.askUnmerge(m, nil)
}

// askUnmerge says what comes back, before it does.
func (v *visit) askUnmerge(m merge.AccountMerge, refusal error) error {
	return v.confirm(confirmation{
		Own: true, Title: v.t.T("accounts.undo"), Crumb: v.t.T("accounts.list"), Back: pathMerges, Why: v.t.T("accounts.undo_proof"),
		Facts: []ui.Fact{{Term: v.t.T("accounts.reopened"), Value: v.goneName(&m)}, v.mergeOrgs(&m)},
		Ask: ui.ConfirmProps{
			Title: v.t.T("accounts.undo_question", "Email", v.goneName(&m)), Text: v.t.T("accounts.undo_text"),
			Action: pathMerges + "/" + m.ID.String() + "/undo", Hidden: []ui.Hidden{{Name: fieldVersion, Value: version(m.Version)}},
			Button: ui.ButtonProps{Label: v.t.T("accounts.undo"), Kind: ui.Primary}, Keep: v.t.T("accounts.keep"),
		},
	}, refusal)
}

// unmerge takes a merging back. One that was taken back meanwhile is shown as it is.
func (v *visit) unmerge() error {
	m, err := v.mergeOf()
	if err != nil {
		return err
	}
	if err = v.prove(); err == nil {
		_, err = v.s.Merges.Undo(v.Context(), v.by, m.ID, parseVersion(v.PostFormValue(fieldVersion)))
	}
	switch {
	case fault.Is(err, fault.Stale):
		v.flash(ui.ToneWait, v.t.T("accounts.stale"))
		return v.to(pathMerges)
	case err != nil:
		return v.askUnmerge(m, err)
	}
	v.flash(ui.ToneOK, v.t.T("accounts.undone", "Email", v.goneName(&m)))
	return v.to(pathMerges)
}

func (v *visit) unmergeLink() error { return v.keepLink(pathUnmerge) }

// unmergeLinkForm says what the link undoes. Opening it undoes nothing: mail programs open links.
func (v *visit) unmergeLinkForm() error {
	m, err := v.s.Merges.ByLink(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	return v.showLink(nil, linkView{
		Title: v.t.T("accounts.link_title"), Lead: v.t.T("accounts.link_lead"), Action: pathUnmerge,
		Button: v.t.T("accounts.link_undo"), Danger: true,
		Facts: []ui.Fact{
			{Term: v.t.T("accounts.reopened"), Value: v.goneName(&m)}, {Term: v.t.T("accounts.kept_by"), Value: masked(m.KeptEmail)},
			v.mergeOrgs(&m), {Term: v.t.T("accounts.at"), Value: v.t.DateTime(m.At)},
		},
	})
}

// masked is an address as somebody may read it who perhaps does not know it.
func masked(address string) string {
	e, code := account.ParseEmail(address)
	if code != "" {
		return ""
	}
	return e.Masked()
}

// unmergeByLink takes the merging back for whoever holds the mailbox, who then chooses a password: whoever
// merged it knows the one before.
func (v *visit) unmergeByLink() error {
	m, err := v.s.Merges.UndoByLink(v.Context(), v.by, v.s.cookie(v.Request, cookieLink))
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("accounts.link_undone"))
	return v.toNewPassword(m.Reset)
}

// pastLabel and pastHref lead to what was merged before, once there is something.
func pastLabel(p ui.Page, past int) string {
	if past == 0 {
		return ""
	}
	return p.Text.T("accounts.see", "Count", past)
}

func pastHref(past int) string {
	if past == 0 {
		return ""
	}
	return pathMerges
}
