package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// levelForm is the lines of a member's levels as they were sent, and what must be
// corrected in them.
type levelForm struct {
	lines map[string]typedLine
	wrong []ui.FieldError
}

// typedLine is one line of the form.
type typedLine struct {
	level, from, until string
	errors             map[string]string
}

// onto puts what was sent into a line that is shown again.
func (f *levelForm) onto(t *text.Printer, of resource.Type, line *levelLine) {
	if f == nil {
		return
	}
	sent, known := f.lines[line.N]
	if !known || !line.May {
		return
	}
	if l, ok := byLetter(of, sent.level); ok {
		line.Shown = levelOf(t, of, l)
	}
	line.From, line.Until, line.Errors = sent.from, sent.until, sent.errors
}

// readLevels takes the lines that were changed into the pending changes. One with a date
// that is none stays as it was, and is told.
func (v *visit) readLevels(id ident.Member, p *pending) (levelForm, error) {
	f := levelForm{lines: map[string]typedLine{}}
	for n, s := range strings.Fields(v.PostFormValue("ids")) {
		res, err := resource.ParseID(s)
		if err != nil {
			return f, errForm
		}
		number := strconv.Itoa(n)
		if _, there := v.PostForm["l."+number]; !there { // not this person's to change
			continue
		}
		sent := typedLine{level: v.PostFormValue("l." + number), from: v.PostFormValue("f." + number), until: v.PostFormValue("u." + number)}
		if err := v.takeLine(&f, number, &sent, cellID{id, res}, p); err != nil {
			return f, err
		}
		f.lines[number] = sent
	}
	return f, nil
}

// seenParts is how many parts say what a line was: level, first and last day that were
// recorded, then those that were shown; the script writes * for what it saw changed.
const seenParts = 6

// takeLine makes one line pending when it differs from what the page showed.
func (v *visit) takeLine(f *levelForm, n string, sent *typedLine, id cellID, p *pending) error {
	seen := strings.Split(v.PostFormValue("seen."+n), " ")
	if len(seen) != seenParts {
		return errForm
	}
	of := id.Resource.Type()
	was, ok := byLetter(of, seen[0])
	to, ok2 := byLetter(of, sent.level)
	if !ok || !ok2 {
		return errForm
	}
	now := []string{sent.level, sent.from, sent.until}
	w := wish{cellID: id, Level: to, Was: was}
	switch {
	case slices.Equal(now, seen[3:]): // as it was shown
		return nil
	case slices.Equal(now, seen[:3]) || (to == grant.None && was == grant.None): // as it was recorded
		p.drop(id)
		return nil
	case to == grant.None:
		p.put(w)
		return nil
	}
	sent.errors = map[string]string{}
	w.From = v.typedDay(f, sent, "f."+n, sent.from, fieldFrom)
	w.Until = v.typedDay(f, sent, "u."+n, sent.until, fieldUntil)
	if len(sent.errors) == 0 {
		p.put(w)
	}
	return nil
}

// typedDay reads a day of Europe/Paris: a level begins when its first day does, and ends
// when its last one does. No day is now, or without an end.
func (v *visit) typedDay(f *levelForm, sent *typedLine, id, typed, which string) *time.Time {
	if typed == "" {
		return nil
	}
	day, err := time.ParseInLocation(time.DateOnly, typed, text.Zone)
	if err != nil {
		v.wrongDay(f, sent, id, which, v.t.T("levels.no_date"))
		return nil
	}
	today := v.s.now().In(text.Zone).Format(time.DateOnly)
	switch {
	case which == fieldFrom && typed == today:
		return nil
	case typed < today:
		v.wrongDay(f, sent, id, which, v.t.T("levels.past."+which))
		return nil
	case which == fieldUntil && sent.from > typed:
		v.wrongDay(f, sent, id, which, v.t.T("levels.order"))
		return nil
	case which == fieldUntil:
		day = day.AddDate(0, 0, 1)
	}
	day = day.UTC()
	return &day
}

func (v *visit) wrongDay(f *levelForm, sent *typedLine, id, which, sentence string) {
	sent.errors[which] = sentence
	f.wrong = append(f.wrong, ui.FieldError{ID: id, Text: sentence})
}
