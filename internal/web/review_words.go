package web

import (
	"strings"
	"time"

	"habilis/internal/changeset"
	"habilis/internal/decision"
	"habilis/internal/member"
	"habilis/internal/review"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// personCard is somebody to review, in words.
type personCard struct {
	ID       string // of the member
	Name     string
	Sheet    string
	Initials string
	Detail   string // function and sites
	Seen     string
	Used     string
	Chips    []ui.ChipProps
	Tags     []string
	Rights   []rightLine
	More     []rightLine // those behind «Et 12 autres droits»
	MoreSaid string
	Reviewer string
	Reassign string // address; empty: not any more
	Said     string // what was decided, by whom
	Comment  string
	Changed  string // to be judged again
	Done     *ui.StatusProps
	Left     string // why it is left to do
	Depart   string // address of where it is done

	May      bool
	Remove   string // what it would be to take them away: from the site, from the organisation
	Barred   string
	Together bool
	Typed    review.Decision // what the form holds
	Known    string
}

// rightLine is one right, in words.
type rightLine struct {
	Key     string
	Name    string
	Where   string
	Source  string
	LastUse string
	Never   bool
	Tag     string
	Fixed   bool
	Gone    bool
	Dropped bool
}

// reviewCommand verifies the files of a review where there is no server.
const reviewCommand = `habilis verify-audit \
  --file revue.json \
  --signature revue.json.signature \
  --keys cles-publiques.json`

// shownRights are shown of somebody; the others are behind a click.
const shownRights = 6

// reviewedName is how a page calls somebody.
func (v *visit) reviewedName(p review.Person) string {
	if p.Name == "" {
		return v.t.T("review.file.erased")
	}
	return titled(p.Title, p.Name)
}

// typedDecision is what the form of somebody holds at first: what was decided, unless it is to be judged again.
func typedDecision(p review.Person) review.Decision {
	d := review.Decision{Member: p.Member}
	if p.Changed || p.Choice == review.Undecided {
		return d
	}
	d.Choice, d.Comment = p.Choice, p.Comment
	for _, l := range p.Rights {
		if l.Dropped && !l.Fixed && p.Choice == review.Reduce {
			d.Drop = append(d.Drop, l.Key)
		}
	}
	return d
}

func (v *visit) personCard(p review.Person, c review.Campaign, typed review.Decision) personCard {
	typed.Version = p.Version
	card := personCard{
		ID: p.Member.String(), Name: v.reviewedName(p), Initials: initialsOf(p.Name), Typed: typed, Together: p.Together,
		Remove: review.ChoiceName(v.t, review.Remove, p.Leaving),
		Known:  knownDecision(typedDecision(p)), May: c.State == review.Open && p.Barred == "" && !p.Gone && c.May.Decide,
		Detail: joinDots(named(v.t, "function.", p.Function), v.t.List(p.Sites)),
	}
	if !p.Gone && p.Name != "" {
		card.Sheet = v.sheetPath(p.Member)
	}
	v.sayUse(&card, p)
	v.sayRights(&card, p, typed)
	v.sayDecision(&card, p)
	if c.State == review.Open {
		v.sayReviewer(&card, p, c)
	} else {
		v.sayOutcome(&card, p)
	}
	return card
}

// sayUse says when somebody came last, and what asks for a look.
func (v *visit) sayUse(card *personCard, p review.Person) {
	if !p.Unused {
		card.Seen = v.t.T("reviewpage.never_seen")
	}
	if !p.LastSignIn.IsZero() {
		card.Seen = v.t.T("reviewpage.seen", "Date", v.t.ShortDate(p.LastSignIn))
	}
	if !p.LastUse.IsZero() {
		card.Used = v.usedOn(p.LastUse, p.UseWide)
	}
	switch {
	case p.Gone:
		card.Chips = append(card.Chips, ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("gone.over")})
	case p.Unused && p.LastSignIn.IsZero():
		card.Chips = append(card.Chips, ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("reviewpage.chip.never")})
	case p.Unused:
		card.Chips = append(card.Chips, ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("reviewpage.chip.unused")})
	}
	if p.Status == member.Deactivated {
		card.Chips = append(card.Chips, ui.ChipProps{Tone: ui.ToneOff, Label: v.t.T("status.deactivated")})
	}
	if p.Administers {
		card.Tags = append(card.Tags, v.t.T("reviewpage.tag.administers"))
	} else if p.Sensitive {
		card.Tags = append(card.Tags, v.t.T("reviewpage.tag.sensitive"))
	}
}

// usedOn says when something was last used: of a site, whether that is known of the whole organisation only.
func (v *visit) usedOn(day time.Time, wide bool) string {
	key := "reviewpage.used"
	if wide {
		key = "reviewpage.used_wide"
	}
	return v.t.T(key, "Date", v.t.ShortDate(day))
}

func (v *visit) sayRights(card *personCard, p review.Person, typed review.Decision) {
	dropped := map[string]bool{}
	for _, k := range typed.Drop {
		dropped[k] = true
	}
	lines := make([]rightLine, 0, len(p.Rights))
	for i := range p.Rights {
		l := v.rightLine(&p.Rights[i], p.UsesSince)
		l.Dropped = dropped[l.Key]
		lines = append(lines, l)
	}
	card.Rights = lines
	if len(lines) > shownRights+1 {
		card.Rights, card.More = lines[:shownRights], lines[shownRights:]
		card.MoreSaid = v.t.T("reviewpage.more_rights", "Count", len(card.More))
	}
}

// rightLine says a right: what, where, who gave it, when it was last used.
func (v *visit) rightLine(r *review.Line, since time.Time) rightLine {
	l := rightLine{Key: r.Key, Fixed: r.Fixed, Gone: r.Change == review.Gone, Name: v.rightName(r), Where: v.rightWhere(r)}
	switch {
	case r.Domain == review.Holds:
		l.Source = v.t.T("reviewpage.held")
	case r.GivenAt.IsZero():
	case r.GivenBy == "":
		l.Source = v.t.T("reviewpage.given", "Date", v.t.ShortDate(r.GivenAt))
	default:
		l.Source = v.t.T("reviewpage.given_by", "Name", r.GivenBy, "Date", v.t.ShortDate(r.GivenAt))
	}
	if r.Until != nil {
		l.Source = v.t.T("member.given_until", "Line", l.Source, "Date", v.t.ShortDate(*r.Until))
	}
	switch {
	case l.Gone, r.Domain == review.Holds && r.LastUse.IsZero():
	case !r.LastUse.IsZero():
		l.LastUse = v.usedOn(r.LastUse, r.UseWide)
	case since.IsZero() || v.s.now().Sub(since) < review.LongUnused: // uses are noted since too short a time to say more
		l.LastUse = v.t.T("reviewpage.no_use")
	default:
		l.LastUse, l.Never = v.t.T("reviewpage.no_use_since", "Date", v.t.ShortDate(since)), true
	}
	if r.Wide && r.Fixed && !l.Gone {
		l.Where = joinDots(l.Where, v.t.T("reviewpage.wide_fixed"))
	}
	if r.Change != review.Same {
		l.Tag = v.t.T("review.change." + string(r.Change))
	}
	return l
}

// rightName is what a right is called.
func (v *visit) rightName(r *review.Line) string {
	name := r.Name
	switch {
	case r.Domain == changeset.Role && r.BuiltIn != "":
		return v.t.T("role." + r.BuiltIn)
	case r.Domain == changeset.Permission:
		return named(v.t, "permission.", r.Name)
	case name == "":
		name = v.t.T("why.unnamed")
	}
	if r.Type != "" {
		return v.t.T("depart.typed", "Type", v.t.T("depart.type."+r.Type), "Name", name)
	}
	return name
}

// rightWhere is where a right holds, or how far it goes.
func (v *visit) rightWhere(r *review.Line) string {
	site := r.SiteName
	switch r.Domain {
	case changeset.Role, changeset.Permission:
		if site == "" {
			site = v.t.T("scope.organization")
		}
		return joinDots(v.t.T("reviewpage.domain."+string(r.Domain)), site)
	case changeset.Level:
		return joinDots(named(v.t, "level."+r.Type+".", r.Level), site)
	case changeset.Delegation:
		return joinDots(v.t.T("reviewpage.domain.delegation"), named(v.t, "why.act."+decision.TypeIdentity+".", r.Level))
	case changeset.GroupMember:
		return v.t.T("reviewpage.domain.group")
	case review.Holds:
		return joinDots(v.t.T("level.holder"), site)
	case changeset.Site, changeset.GroupRecord:
	}
	return site
}

// sayDecision says what was decided, by whom, and whether it is to be judged again.
func (v *visit) sayDecision(card *personCard, p review.Person) {
	if p.Choice == review.Undecided {
		return
	}
	by := p.DecidedBy
	if by == "" {
		by = v.t.T("depart.somebody")
	}
	choice := review.ChoiceName(v.t, p.Choice, p.Leaves)
	card.Said = v.t.T("reviewpage.decided", "Choice", choice, "Name", by, "Date", v.t.ShortDate(p.DecidedAt))
	card.Comment = p.Comment
	if p.Changed {
		card.Changed = v.t.T("reviewpage.changed")
		card.Chips = append(card.Chips, ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("reviewpage.chip.changed")})
	} else if p.Outcome == review.Pending {
		card.Chips = append(card.Chips, v.choiceChip(p))
	}
}

// choiceChip is a decision: neither is good nor bad in itself.
func (v *visit) choiceChip(p review.Person) ui.ChipProps {
	chip := ui.ChipProps{Tone: ui.ToneOK, Label: review.ChoiceName(v.t, p.Choice, p.Leaves)}
	if p.Choice != review.Keep {
		chip.Tone, chip.Icon = ui.ToneInfo, ui.IconMinusCircleFill
	}
	return chip
}

// sayReviewer says whose list somebody is on, and why whoever looks may not decide.
func (v *visit) sayReviewer(card *personCard, p review.Person, c review.Campaign) {
	if p.Gone {
		card.Barred = v.t.T("reviewpage.left")
		return
	}
	switch {
	case p.Nobody:
		card.Barred = v.t.T("reviewpage.nobody")
	case p.Barred != "":
		card.Barred = v.t.T("reviewpage.barred")
		if key := "reviewpage.barred." + p.Barred; v.t.Has(key) {
			card.Barred = v.t.T(key)
		}
	}
	switch {
	case p.ReviewerName != "" && !p.Mine:
		card.Reviewer = v.t.T("reviewpage.on_list", "Name", p.ReviewerName)
	case p.ReviewerName == "" && !p.Nobody:
		card.Reviewer = v.t.T("reviewpage.on_no_list")
	}
	if c.May.Assign && !p.Nobody && p.Choice == review.Undecided {
		card.Reassign = inState(v.campaignPath(c.ID, atReviewers), queryOf(map[string]string{fieldMember: p.Member.String()}))
	}
}

// sayOutcome says what became of a decision.
func (v *visit) sayOutcome(card *personCard, p review.Person) {
	tones := map[review.Outcome]ui.Tone{
		review.AsItWas: ui.ToneOK, review.Taken: ui.ToneOK, review.Left: ui.ToneOK, review.AlreadyGone: ui.ToneOK,
		review.ToDo: ui.ToneWait, review.NotReviewed: ui.ToneOff,
	}
	s := ui.StatusProps{Chip: v.runningChip()}
	if tone, done := tones[p.Outcome]; done {
		s.Chip = ui.ChipProps{Tone: tone, Label: review.OutcomeName(v.t, p.Outcome, p.Leaves)}
	}
	card.Done = &s
	if p.Code != "" && (p.Outcome == review.ToDo || p.Outcome == review.NotReviewed) {
		card.Left = v.reviewWhy(p.Code)
	}
	switch {
	case p.Outcome == review.ToDo && !p.Gone && p.Choice == review.Remove:
		card.Depart = v.departurePath(p.Member) + "?" + fieldForm + "=1"
	case p.Outcome == review.ToDo && !p.Gone:
		card.Depart = v.sheetPath(p.Member)
	}
}

// reviewWhy says why something was not done, or will not be.
func (v *visit) reviewWhy(code string) string {
	if key := "review.why." + code; v.t.Has(key) {
		return v.t.T(key)
	}
	return v.t.T("review.why.other")
}

// initialsOf are those of a whole name.
func initialsOf(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "–"
	}
	return initials(words[0], strings.Join(words[1:], " "))
}

// joinDots joins what is known: «Secrétariat · Saint-Aubin».
func joinDots(parts ...string) string {
	var known []string
	for _, p := range parts {
		if p != "" {
			known = append(known, p)
		}
	}
	return strings.Join(known, " · ")
}

// choice is what a choice is called for somebody.
func (c *personCard) choice(t *text.Printer, choice review.Choice) string {
	if choice == review.Remove {
		return c.Remove
	}
	return t.T("review.choice." + string(choice))
}

// reviewKey is the letter that chooses, in the language of the page.
func reviewKey(t *text.Printer, c review.Choice) string { return t.T("reviewpage.key." + string(c)) }
