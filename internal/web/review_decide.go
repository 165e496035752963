package web

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/review"
	"habilis/internal/web/ui"
)

// decideReview saves what was chosen on a page of people: of each person by itself, so that what is
// refused of one holds up nobody else.
func (v *visit) decideReview() error {
	c, err := v.campaign()
	if err != nil {
		return err
	}
	s := readReviewState(v.URL.Query().Get, c)
	chosen := v.chosenDecisions(v.PostFormValue(fieldDo) == doKeepTogether)
	view := v.reviewView(c, s)
	saved, refused, err := v.saveDecisions(c.ID, chosen)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		return v.showRefused(view, saved, refused)
	}
	if saved == 0 {
		v.flash(ui.ToneWait, v.t.T("reviewpage.none_chosen"))
	} else {
		v.flash(ui.ToneOK, v.t.T("reviewpage.saved", "Count", saved))
	}
	return v.nextPeople(view)
}

// nextPeople leads on to who is left: when nobody is on one's own list any more, to what comes then.
func (v *visit) nextPeople(view reviewView) error {
	next := view.Action
	if view.State.Filter == review.FMine {
		c, err := v.s.Reviews.Get(v.Context(), v.by, v.org.ID, view.Campaign.ID)
		if err != nil {
			return err
		}
		if c.Counts.Mine == 0 {
			next = view.Base
		}
	}
	return v.to(next + atPeople)
}

// chosenDecisions are those that the form changes, in its order; with the button that keeps the others
// too, those who may be kept together and of whom nothing was chosen.
func (v *visit) chosenDecisions(together bool) (list []review.Decision) {
	for id := range strings.FieldsSeq(v.PostFormValue(fieldPeople)) {
		m, err := ident.ParseMember(id)
		if err != nil {
			continue // not a member: nothing on the page
		}
		d := review.Decision{
			Member: m, Choice: review.Choice(v.PostFormValue(reviewChoice + id)), Drop: v.PostForm[reviewDrop+id],
			Comment: strings.TrimSpace(v.PostFormValue(reviewComment + id)), Version: v.PostFormValue(reviewVersion + id),
		}
		if together && d.Choice == review.Undecided && v.PostFormValue(reviewTogether+id) != "" {
			d.Choice, d.Group = review.Keep, true
		}
		if d.Choice != review.Undecided && knownDecision(d) != v.PostFormValue(reviewKnown+id) {
			list = append(list, d)
		}
	}
	return list
}

// knownBytes is how much of the print of a decision the form carries.
const knownBytes = 8

// knownDecision is the print of a decision: the same is not decided again.
func knownDecision(d review.Decision) string {
	drop := []string(nil)
	if d.Choice == review.Reduce {
		drop = slices.Sorted(slices.Values(d.Drop))
	}
	comment := strings.ReplaceAll(d.Comment, "\r\n", "\n")
	sum := sha256.Sum256([]byte(string(d.Choice) + "\n" + strings.Join(drop, "\n") + "\n\n" + comment))
	return hex.EncodeToString(sum[:knownBytes])
}

// refusedDecision is a decision that was not taken, and why.
type refusedDecision struct {
	review.Decision

	why error
}

// saveDecisions saves one after the other. A refusal that concerns all of them ends it.
func (v *visit) saveDecisions(id ident.Review, list []review.Decision) (saved int, refused []refusedDecision, err error) {
	for _, d := range list {
		_, err := v.s.Reviews.Decide(v.Context(), v.by, v.org.ID, id, []review.Decision{d})
		switch {
		case err == nil:
			saved++
		case mendable(err):
			refused = append(refused, refusedDecision{d, err})
		default:
			return saved, nil, err
		}
	}
	return saved, refused, nil
}

// mendable reports whether a refusal is about one person, and can be said at their place.
func mendable(err error) bool {
	f := fault.Of(err)
	switch f.Kind {
	case fault.Invalid, fault.Stale, fault.NotFound:
		return true
	case fault.Forbidden:
		return f.Code == review.ErrYourself.Code || strings.HasPrefix(f.Code, "member.")
	case fault.Conflict:
		return f.Code == review.ErrReviewer.Code || f.Code == review.ErrOneByOne.Code
	case fault.Internal, fault.Malformed, fault.Unauthenticated, fault.Gone, fault.TooLarge, fault.Misdirected, fault.NoVersion,
		fault.Limited, fault.Unavailable, fault.Full:
	}
	return false
}

// showRefused shows those alone whose decision was refused, as they are now, with what was typed.
func (v *visit) showRefused(view reviewView, saved int, refused []refusedDecision) error {
	view.Only, view.Errors = true, map[string]string{}
	if saved > 0 {
		view.Sent = v.t.T("reviewpage.saved", "Count", saved)
	}
	for _, r := range refused {
		p, err := v.s.Reviews.Person(v.Context(), v.by, v.org.ID, view.Campaign.ID, r.Member)
		if fault.Is(err, fault.NotFound) {
			continue // left meanwhile: there is nothing to decide
		}
		if err != nil {
			return err
		}
		said := v.refusedAt(p, r.why)
		card := v.personCard(p, view.Campaign, r.Decision)
		if !card.May {
			said = []ui.FieldError{{ID: card.ID, Text: said[0].Text}}
		}
		for _, e := range said {
			view.Errors[e.ID] = e.Text
		}
		view.Summary = append(view.Summary, said...)
		view.add(card)
	}
	if len(view.People) == 0 {
		v.flash(ui.ToneWait, v.t.T("reviewpage.meanwhile"))
		return v.to(view.Action)
	}
	return v.showCampaign(view, nil)
}

// refusedAt says what is to be corrected of somebody, at its field.
func (v *visit) refusedAt(p review.Person, why error) (list []ui.FieldError) {
	f, id := fault.Of(why), p.Member.String()
	say := func(field, sentence string) {
		list = append(list, ui.FieldError{ID: field + id, Text: v.t.T("web.at_field", "Field", v.reviewedName(p), "Text", lowerFirst(sentence))})
	}
	for _, x := range f.Fields {
		at := reviewChoice
		switch {
		case strings.HasSuffix(x.Location, ".comment"):
			at = reviewComment
		case strings.HasSuffix(x.Location, ".drop"):
			at = reviewDrop
		}
		say(at, v.say(x.Code, x.Args, nil))
	}
	if len(list) == 0 {
		code := f.Code
		if f.Code == review.ErrStale.Code {
			code = "web.review_stale"
		}
		say(reviewChoice, v.say(code, f.Args, f))
	}
	return list
}
