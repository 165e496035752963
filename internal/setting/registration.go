package setting

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Registration says whether people may register by themselves with an organisation, and what
// they accept (VER-1).
type Registration struct {
	Open     bool      // by default for a CPTS only
	Consents []Consent // none: the one that Habilis proposes (Accepted)
	// TwoPeople asks two different people for each certification (VER-3); one by default.
	TwoPeople bool
	Rev       int64 // 0: never changed, the defaults hold
}

// Consent is a text that whoever registers must accept.
type Consent struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// Bounds of the texts.
const (
	MaxConsents     = 5
	MaxConsentTitle = 120  // code points
	MaxConsentBody  = 4000 // code points
)

// registrationName is the name of the row.
const registrationName = "registration"

// cpts is the kind of organisation that is open by default.
const cpts = "cpts"

// registrationRow is the setting as it is kept.
type registrationRow struct {
	Open      bool      `json:"registration_open"`
	Consents  []Consent `json:"registration_consents"`
	TwoPeople bool      `json:"certification_two_people"`
}

// Accepted are the texts to accept, in the language of the reader where Habilis proposes them.
func (r Registration) Accepted(t *text.Printer) []Consent {
	if len(r.Consents) > 0 {
		return r.Consents
	}
	return []Consent{{Title: t.T("registration.consent.title"), Body: t.T("registration.consent.body")}}
}

// ReadRegistration reads the setting in the caller's transaction.
func ReadRegistration(ctx context.Context, tx *store.Tx, org ident.Org) (Registration, error) {
	value, rev, err := current(ctx, tx, org, registrationName)
	if err != nil {
		return Registration{}, err
	}
	if rev == 0 {
		kind, err := kindOf(ctx, tx, org)
		return Registration{Open: kind == cpts}, err
	}
	var row registrationRow
	if err := json.Unmarshal([]byte(value), &row); err != nil {
		return Registration{}, fmt.Errorf("setting: registration of %s: %w", org, err)
	}
	return Registration{Open: row.Open, Consents: row.Consents, TwoPeople: row.TwoPeople, Rev: rev}, nil
}

// Registration reads what org has set about registrations: for its members.
func (s Settings) Registration(ctx context.Context, by access.Actor, org ident.Org) (Registration, error) {
	act := action.Act{
		Verb: verbRead, Orgs: []ident.Org{org}, Object: org.String(), Needs: []access.Need{access.MemberOf(org)},
	}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) (Registration, error) { return ReadRegistration(ctx, tx, org) })
}

// SetRegistration changes it; rev is the version that was read. What somebody accepted before
// stays what they accepted. It needs settings.edit in the organisation, and a fresh proof of
// the person (rules.md 6). Errors: ErrStale, fields to correct ("consents[0].title").
func (s Settings) SetRegistration(ctx context.Context, by access.Actor, org ident.Org, rev int64, v Registration) (Registration, error) {
	act := editAct("settings.registration", access.SettingsEdit, org)
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (Registration, error) {
		old, err := ReadRegistration(ctx, tx.Tx, org)
		switch {
		case err != nil:
			return Registration{}, err
		case old.Rev != rev:
			return Registration{}, ErrStale
		}
		consents, err := cleanConsents(v.Consents)
		if err != nil {
			return Registration{}, err
		}
		value, err := json.Marshal(registrationRow{Open: v.Open, Consents: consents, TwoPeople: v.TwoPeople})
		if err != nil {
			return Registration{}, err
		}
		was, err := json.Marshal(registrationRow{Open: old.Open, Consents: old.Consents, TwoPeople: old.TwoPeople})
		if err != nil {
			return Registration{}, err
		}
		if bytes.Equal(value, was) {
			return old, action.Nothing
		}
		next := Registration{Open: v.Open, Consents: consents, TwoPeople: v.TwoPeople, Rev: old.Rev + 1}
		tx.Record(audit.Event{Org: org, Verb: act.Verb, Object: org.String(), Before: old.facts(), After: next.facts()})
		return next, replace(ctx, tx.Tx, org, registrationName, next.Rev, string(value))
	})
}

// cleanConsents reads the texts as they were typed; those that are wholly empty are left out.
func cleanConsents(typed []Consent) ([]Consent, error) {
	var f fault.Fields
	if len(typed) > MaxConsents {
		f.Add("consents", "setting.too_many_consents", "Max", MaxConsents)
		return nil, f.Err()
	}
	out := []Consent{}
	for i, c := range typed {
		if c == (Consent{}) {
			continue
		}
		at := "consents[" + strconv.Itoa(i) + "]."
		var problem text.Problem
		c.Title, problem = text.Line(c.Title, MaxConsentTitle)
		f.Check(at+"title", string(problem), "Max", MaxConsentTitle)
		c.Body, problem = paragraphs(c.Body)
		f.Check(at+"body", string(problem), "Max", MaxConsentBody)
		out = append(out, c)
	}
	return out, f.Err()
}

// paragraphs reads a text of several lines, each by the rules of one.
func paragraphs(typed string) (string, text.Problem) {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n")), "\n") {
		clean, problem := text.Line(line, MaxConsentBody)
		if problem != "" && problem != text.Empty {
			return "", problem
		}
		lines = append(lines, clean)
	}
	body := strings.Join(lines, "\n")
	switch {
	case body == "":
		return "", text.Empty
	case utf8.RuneCountInString(body) > MaxConsentBody:
		return "", text.TooLong
	}
	return body, ""
}

// facts is the setting as the trail shows it.
func (r Registration) facts() map[string]any {
	titles := make([]string, 0, len(r.Consents))
	for _, c := range r.Consents {
		titles = append(titles, c.Title)
	}
	return map[string]any{"registration_open": r.Open, "consents": strings.Join(titles, ", "), "certification_two_people": r.TwoPeople}
}
