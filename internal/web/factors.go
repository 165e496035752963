package web

import (
	"time"

	"github.com/a-h/templ"

	"habilis/internal/credential"
	"habilis/internal/login"
	"habilis/internal/web/ui"
)

var factorRoutes = []route{
	{"GET " + pathTOTP, signed, (*visit).totpForm},
	{"POST " + pathTOTP, signed, (*visit).beginTOTP},
	{"POST " + pathTOTP + "/confirm", signed, (*visit).confirmTOTP},
	{"GET " + pathFactor + "{factor}/rename", signed, onFactor((*visit).renameForm)},
	{"POST " + pathFactor + "{factor}/rename", signed, onFactor((*visit).renameFactor)},
	{"GET " + pathFactor + "{factor}/remove", signed, onFactor((*visit).removeForm)},
	{"POST " + pathFactor + "{factor}/remove", signed, onFactor((*visit).removeFactor)},
	{"POST " + pathFactor + "{factor}/remove-later", signed, onFactor((*visit).removeLater)},
	{"POST " + pathFactor + "{factor}/keep", signed, onFactor((*visit).keepFactor)},
	{"GET " + pathRecovery, signed, (*visit).recoveryForm},
	{"POST " + pathRecovery, signed, (*visit).makeRecovery},
	{"GET " + pathStop + "/{token}", linkPages, (*visit).stopLink},
	{"GET " + pathStop, linkPages, (*visit).stopForm},
	{"POST " + pathStop, linkPages, (*visit).stopRemoval},
}

// additions are the pages that add a factor, by kind, in the order in which they are
// offered. Which of them a person sees, the rules of their organisations say.
var additions = []struct {
	Kind credential.FactorKind
	Path string
}{
	{credential.Passkey, ui.PathPasskeys},
	{credential.TOTP, pathTOTP},
	{credential.SMS, pathPhone},
}

// factorsView is the card of somebody's second factors.
type factorsView struct {
	Lines []factorLine
	Note  *ui.NoteProps
	Add   []ui.LinkButtonProps
}

// factorLine is one second factor, in words.
type factorLine struct {
	ID, Title, Detail string
	Icon              ui.IconName
	Chip              *ui.ChipProps
	Rename, Remove    string // addresses
	Keep              string // stops the removal that waits; empty: none does
	Prove             string // where a number that waits is proved; empty: nothing is to be
}

func (v *visit) factorsCard(p ui.Page) (templ.Component, error) {
	own, err := v.s.Logins.Factors(v.Context(), v.by)
	if err != nil {
		return nil, err
	}
	view := factorsView{Note: v.factorsNote(own)}
	for i := range own.Factors {
		view.Lines = append(view.Lines, v.factorLine(own.Factors[i]))
	}
	for _, a := range additions {
		if own.Policy.Allows(a.Kind) && v.offers(a.Kind) {
			view.Add = append(view.Add, ui.LinkButtonProps{
				Label: v.addLabel(a.Kind, own), Href: a.Path, Icon: ui.IconPlus, Small: true,
			})
		}
	}
	return FactorsCard(p, view), nil
}

// addLabel says what adding a factor does: of numbers there is one, which is changed.
func (v *visit) addLabel(kind credential.FactorKind, own login.OwnFactors) string {
	for i := range own.Factors {
		if f := &own.Factors[i]; kind == credential.SMS && f.Kind == kind && !f.ProvedAt.IsZero() {
			return v.t.T("phone.change")
		}
	}
	return v.t.T("factors.add." + string(kind))
}

// offers reports whether this installation has a kind at all.
func (v *visit) offers(kind credential.FactorKind) bool {
	switch kind {
	case credential.Passkey:
		return v.s.Logins.Passkeys.Available()
	case credential.SMS:
		return v.s.Logins.SMS.On
	case credential.TOTP, credential.Address, credential.Recovery:
	}
	return true
}

// factorsNote says what is missing, and from when on it will be in the way.
func (v *visit) factorsNote(own login.OwnFactors) *ui.NoteProps {
	switch n := own.Count(); {
	case n == 0 && own.Policy.Due(v.s.now()):
		return &ui.NoteProps{Tone: ui.ToneWait, Text: v.t.T("factors.note.due")}
	case n == 0 && own.Policy.Required:
		return &ui.NoteProps{Tone: ui.ToneWait, Text: v.t.T("factors.note.due_at", "Date", v.t.Date(own.Policy.DueAt))}
	case n == 0:
		return &ui.NoteProps{Text: v.t.T("factors.note.none")}
	}
	return nil
}

func (v *visit) factorLine(f login.OwnFactor) factorLine {
	at := pathFactor + f.ID.String()
	l := factorLine{
		ID: f.ID.String(), Title: v.factorTitle(f.Kind, f.Name, f.Hint), Icon: wayIcon(f.Kind), Detail: v.factorDetail(f),
		Rename: at + "/rename", Remove: at + "/remove",
	}
	switch now := v.s.now(); {
	case !f.RemovedAt.IsZero():
		l.Chip = &ui.ChipProps{Tone: ui.ToneWait, Icon: ui.IconClockFill, Label: v.t.T("factors.removed_at", "Date", v.t.ShortDate(f.RemovedAt))}
		l.Keep = at + "/keep"
	case f.ProvedAt.IsZero():
		l.Chip = &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("factors.unproved")}
		if f.Kind == credential.SMS {
			l.Prove = pathPhoneSend + "?" + fieldFactor + "=" + f.ID.String()
		}
	case now.Before(f.LockedUntil):
		l.Chip = &ui.ChipProps{Tone: ui.ToneBad, Icon: ui.IconLockFill, Label: v.t.T("factors.locked_until", "Time", v.t.DateTime(f.LockedUntil))}
	}
	return l
}

// factorTitle is what a factor is called: by its person, or by its kind.
func (v *visit) factorTitle(kind credential.FactorKind, name, hint string) string {
	switch {
	case name != "":
		return name
	case hint != "":
		return v.t.T("factors.kind_hint."+string(kind), "Hint", hint)
	}
	return v.t.T("factors.kind." + string(kind))
}

// factorDetail says what it is, where its name does not, and when it was used.
func (v *visit) factorDetail(f login.OwnFactor) string {
	if f.Name == "" {
		return v.factorUse(f)
	}
	return v.t.T("factors.kind_and", "Kind", v.t.T("factors.kind."+string(f.Kind)), "Detail", v.factorUse(f))
}

func (v *visit) factorUse(f login.OwnFactor) string {
	added := v.t.ShortDate(f.CreatedAt)
	if f.LastUsedAt.IsZero() {
		return v.t.T("factors.never_used", "Date", added)
	}
	return v.t.T("factors.used", "Date", added, "Ago", v.t.Ago(f.LastUsedAt, v.s.now()))
}

// recoveryView is the card of somebody's recovery codes.
type recoveryView struct {
	Title, Detail string
	Chip          *ui.ChipProps
	Make          string // the words of the link that makes some; empty: they cannot be made yet
}

// fewCodes is how many codes left ask for new ones.
const fewCodes = 3

func (v *visit) recoveryCard(p ui.Page) (templ.Component, error) {
	own, err := v.s.Logins.Factors(v.Context(), v.by)
	if err != nil {
		return nil, err
	}
	return RecoveryCard(p, v.recoveryView(own, v.s.now())), nil
}

func (v *visit) recoveryView(own login.OwnFactors, now time.Time) recoveryView {
	switch {
	case own.Count() == 0:
		return recoveryView{Title: v.t.T("factors.recovery.none"), Detail: v.t.T("factors.recovery.factor_first")}
	case !own.HasRecovery:
		return recoveryView{
			Title: v.t.T("factors.recovery.none"), Detail: v.t.T("factors.recovery.why"), Make: v.t.T("factors.recovery.make"),
			Chip: &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("factors.recovery.to_make")},
		}
	}
	r := own.Recovery
	view := recoveryView{
		Title:  v.t.T("factors.recovery.left", "Count", r.Left, "Total", credential.RecoveryCodes),
		Detail: v.t.T("factors.recovery.made", "Date", v.t.ShortDate(r.MadeAt)), Make: v.t.T("factors.recovery.make_again"),
	}
	switch {
	case now.Before(r.LockedUntil):
		view.Chip = &ui.ChipProps{
			Tone: ui.ToneBad, Icon: ui.IconLockFill,
			Label: v.t.T("factors.locked_until", "Time", v.t.DateTime(r.LockedUntil)),
		}
	case r.Left <= fewCodes:
		view.Chip = &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("factors.recovery.few")}
	}
	return view
}
