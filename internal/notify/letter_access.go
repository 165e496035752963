package notify

import (
	"time"

	"habilis/internal/text"
)

// Bounds of what a letter about access lists: it tells that something happened, and the
// history tells the rest.
const (
	maxPeople = 12  // of each list
	maxPlaces = 120 // code points of the places of one person
)

// AccessDigestFacts are what an hour's letter about access says.
type AccessDigestFacts struct {
	Org     Org
	Holder  bool // of what is theirs; else of the whole organisation
	Gained  []AccessMove
	Lost    []AccessMove
	Changed []AccessMove
	Contact Contact
}

// AccessMove is one person, and the agendas and mailboxes concerned: never their level.
type AccessMove struct {
	Name   string
	Places []string
}

// WriteAccessDigest tells a holder, or an administrator, who gained and who lost access.
func WriteAccessDigest(to Recipient, f AccessDigestFacts) (Letter, error) {
	w := write(KindAccessDigest, to, &f.Org, map[string]any{})
	if f.Holder {
		w.say("intro_holder")
	} else {
		w.say("intro_organization")
	}
	w.moves("gained", f.Gained)
	w.moves("lost", f.Lost)
	w.moves("changed", f.Changed)
	if f.Holder {
		w.say("where_holder")
		w.openYourself()
		return w.end("holder", f.Contact)
	}
	w.say("where")
	w.openYourself()
	return w.end("administers", f.Contact)
}

// moves adds one list, when there is anything in it.
func (w *writer) moves(key string, list []AccessMove) {
	if len(list) == 0 {
		return
	}
	w.say(key)
	items := make([]string, 0, maxPeople+1)
	for _, m := range list[:min(len(list), maxPeople)] {
		items = append(items, w.printer.T("letters.access_digest.line", "Name", m.Name, "Places", w.places(m.Places)))
	}
	if more := len(list) - maxPeople; more > 0 {
		items = append(items, w.printer.T("letters.access_digest.more", varCount, more))
	}
	w.letter.Blocks = append(w.letter.Blocks, Block{List: items})
}

// places lists names as far as they stay on one line.
func (w *writer) places(names []string) string {
	shown, length := 0, 0
	for _, name := range names {
		if length += len([]rune(name)) + 2; shown > 0 && length > maxPlaces {
			break
		}
		shown++
	}
	list := append([]string{}, names[:shown]...)
	if more := len(names) - shown; more > 0 {
		list = append(list, text.For(w.letter.To.Lang).T("letters.access_digest.more_places", varCount, more))
	}
	return w.printer.List(list)
}

// SelfLevelsFacts are what the letter about access given to oneself says.
type SelfLevelsFacts struct {
	Org     Org
	By      string
	At      time.Time
	Places  []string // agendas and mailboxes
	Contact Contact
}

// WriteSelfLevels tells an administrator that somebody gave themself access (RGT-1).
func WriteSelfLevels(to Recipient, f SelfLevelsFacts) (Letter, error) {
	w := write(KindSelfLevels, to, &f.Org, map[string]any{"By": f.By, "At": f.At})
	w.say("intro")
	items := make([]string, 0, maxPeople+1)
	items = append(items, f.Places[:min(len(f.Places), maxPeople)]...)
	if more := len(f.Places) - maxPeople; more > 0 {
		items = append(items, w.printer.T("letters.access_digest.more_places", varCount, more))
	}
	w.letter.Blocks = append(w.letter.Blocks, Block{List: items})
	w.say("fine")
	w.openYourself()
	return w.end("administers", f.Contact)
}
