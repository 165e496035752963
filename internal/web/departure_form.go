package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// The fields of the form of a departure.
const (
	fieldWhen     = "when"
	fieldDay      = "day"
	fieldFullName = "full_name"
	fieldEveryone = "everyone" // «Tout confier à»
	fieldFind     = "find"     // words of a colleague's name
	fieldTo       = "to"       // to.<what>.<object>: who takes it over
	fieldShown    = "shown"    // the choice that the words of the button are about
	doEveryone    = "give_all"
)

// When access ends. The style sheet shows the day under the choice that is called «other».
const (
	whenDay = "other"
	whenNow = "now"
)

// departForm is the form as it was typed. The password is no part of it.
type departForm struct {
	When, Day, Name, Everyone, Find string

	Version int64
	To      map[string]string // by field
}

// toField is the field of one thing that somebody holds.
func toField(h departure.Holding) string {
	return fieldTo + "." + string(h.What) + "." + h.Object
}

// proposedForm is the form before anything is typed: as it was planned, else with the day on which the
// membership ends anyway and the colleagues who come first. Administration is proposed to nobody: it is
// a right that is given.
func (v *visit) proposedForm(d departure.View) departForm {
	f := departForm{When: whenDay, Day: v.endDay(d), To: map[string]string{}}
	planned := d.Departure != nil && d.Departure.State == departure.Planned
	if planned {
		f.Version = d.Departure.Version
		if f.Day = d.Departure.Day; d.Departure.ToConfirm() {
			f.When, f.Day = whenNow, ""
		}
	}
	for i := range d.Holdings {
		switch h := &d.Holdings[i]; {
		case planned:
			f.To[toField(*h)] = idOrNone(h.To)
		case h.May && h.What != departure.Administration && len(h.People) > 0 && h.People[0].SameFunction && h.People[0].SameSite:
			f.To[toField(*h)] = h.People[0].Member.String()
		}
	}
	return f
}

// endDay is the last day of a membership that ends, if a departure may be planned for it.
func (v *visit) endDay(d departure.View) string {
	if d.EndsAt == nil {
		return ""
	}
	last, now := lastDay(*d.EndsAt), v.s.now()
	if last.Before(now) || last.After(now.Add(departure.MaxAhead)) {
		return ""
	}
	return last.In(text.Zone).Format(time.DateOnly)
}

// dayHint says when access ends on the day, and where a day that nobody typed comes from.
func (v *visit) dayHint(d departure.View, f departForm) string {
	if day := v.endDay(d); day != "" && d.Departure == nil && day == f.Day {
		return v.t.T("depart.day_hint") + " " + v.t.T("depart.day_end_hint")
	}
	return v.t.T("depart.day_hint")
}

func idOrNone(id ident.Member) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// typedForm reads the form. The name is kept to the letter: spaces before and after it count (OFF-2).
func (v *visit) typedForm(d departure.View) departForm {
	f := departForm{
		When: v.PostFormValue(fieldWhen), Day: v.PostFormValue(fieldDay), Name: v.PostFormValue(fieldFullName),
		Everyone: v.PostFormValue(fieldEveryone), Find: strings.TrimSpace(v.PostFormValue(fieldFind)),
		Version: parseVersion(v.PostFormValue(fieldVersion)), To: map[string]string{},
	}
	for i := range d.Holdings {
		field := toField(d.Holdings[i])
		f.To[field] = v.PostFormValue(field)
	}
	return f
}

// all gives everything to one colleague that they may take over; the rest stays as it is.
func (f departForm) all(d departure.View) departForm {
	if f.Everyone == "" {
		return f
	}
	for i := range d.Holdings {
		h := &d.Holdings[i]
		takes := func(r departure.Receiver) bool { return r.Member.String() == f.Everyone }
		if h.May && h.What != departure.Administration && slices.ContainsFunc(h.People, takes) {
			f.To[toField(*h)] = f.Everyone
		}
	}
	return f
}

// choices are what the form gives, in the order of the page, and the field of each.
func (f departForm) choices(d departure.View) (list []departure.Choice, fields []string) {
	for i := range d.Holdings {
		h := &d.Holdings[i]
		typed := f.To[toField(*h)]
		if !h.May || typed == "" {
			continue
		}
		to, err := ident.ParseMember(typed)
		if err != nil {
			continue // the list offered no such person
		}
		list = append(list, departure.Choice{What: h.What, Object: h.Object, To: to})
		fields = append(fields, toField(*h))
	}
	return list, fields
}

func (f departForm) order(d departure.View) departure.Order {
	o := departure.Order{FullName: f.Name, Version: f.Version}
	if f.When == whenDay {
		o.Day = f.Day
	}
	o.Choices, _ = f.choices(d)
	return o
}

// spots are where the page asks for what a refusal of the order names.
func (f departForm) spots(d departure.View) map[string]spot {
	at := map[string]spot{}
	_, fields := f.choices(d)
	for i, field := range fields {
		place := "reassignments[" + strconv.Itoa(i) + "]."
		at[place+"to"], at[place+"what"] = spot{Name: field}, spot{Name: field}
	}
	return at
}

// findReceivers adds to each list those whose name was asked for: a list proposes a few only.
func (v *visit) findReceivers(d *departure.View, f departForm) error {
	if f.Find == "" {
		return nil
	}
	for i := range d.Holdings {
		h := &d.Holdings[i]
		if !h.May || !h.More {
			continue
		}
		found, err := v.s.Departures.Propose(v.Context(), v.by, v.org.ID, d.Member, h.What, h.Object, f.Find)
		if fault.Is(err, fault.Invalid) { // too many words find nobody
			return nil
		}
		if err != nil {
			return err
		}
		for _, r := range found.People {
			if !slices.ContainsFunc(h.People, func(known departure.Receiver) bool { return known.Member == r.Member }) {
				h.People = append(h.People, r)
			}
		}
	}
	return nil
}

// receivers are the choices of one list: nobody, then the likeliest first. Somebody who was
// chosen, and is proposed no longer, stays until another choice.
func (v *visit) receivers(h departure.Holding, chosen string) []ui.Option {
	none := "depart.nobody"
	if h.Fate == departure.Required {
		none = "depart.choose"
	}
	list := []ui.Option{{Label: v.t.T(none)}}
	for _, r := range h.People {
		list = append(list, ui.Option{Value: r.Member.String(), Label: v.receiverLabel(r, h.People)})
	}
	if known := slices.ContainsFunc(list, func(o ui.Option) bool { return o.Value == chosen }); !known && chosen == idOrNone(h.To) {
		list = append(list, ui.Option{Value: chosen, Label: h.ToName})
	}
	return list
}

// receiverLabel tells namesakes apart, and says the function of whoever has another.
func (v *visit) receiverLabel(r departure.Receiver, all []departure.Receiver) string {
	name := titled(r.Title, r.Name)
	twice := func(o departure.Receiver) bool { return o.Member != r.Member && o.Name == r.Name }
	switch {
	case slices.ContainsFunc(all, twice):
		return v.t.T("depart.receiver", "Name", name, "Detail", r.Email)
	case !r.SameFunction:
		return v.t.T("depart.receiver", "Name", name, "Detail", named(v.t, "function.", r.Function))
	}
	return name
}

// takers are those who may take over something, the likeliest for the most things first.
func (v *visit) takers(d departure.View) []ui.Option {
	var all []departure.Receiver
	times := map[ident.Member]int{}
	for i := range d.Holdings {
		h := &d.Holdings[i]
		if !h.May || h.What == departure.Administration {
			continue
		}
		for _, r := range h.People {
			if times[r.Member] == 0 {
				all = append(all, r)
			}
			times[r.Member]++
		}
	}
	slices.SortStableFunc(all, func(a, b departure.Receiver) int { return times[b.Member] - times[a.Member] })
	list := []ui.Option{{Label: v.t.T("depart.choose")}}
	for _, r := range all {
		list = append(list, ui.Option{Value: r.Member.String(), Label: v.receiverLabel(r, all)})
	}
	return list
}

// isDay reports whether a field holds a day.
func isDay(iso string) bool {
	_, err := time.ParseInLocation(time.DateOnly, iso, text.Zone)
	return err == nil
}
