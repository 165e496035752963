package nomenclature

import (
	"slices"
	"strings"
	"sync"

	"habilis/internal/text"
)

// Code is one line of a nomenclature.
type Code struct {
	Code   string
	Label  string // in French, as published
	System string // address of the nomenclature that defines it
}

// Set is a nomenclature. Its Codes are shared by the whole program: never change them.
type Set struct {
	Name    string // "R38"
	Title   string // in French
	System  string // empty for a set drawn from several
	Version string
	Codes   []Code // in the order of the publisher

	at     map[string]int // place of a code
	folded []string       // labels, as searches compare them
}

// Names lists the sets, professions first.
func Names() []string {
	names := make([]string, len(tables()))
	for i, t := range tables() {
		names[i] = t.name
	}
	return names
}

// Get finds a set by its name: "R38", "r38" or "TRE_R38-SpecialiteOrdinale".
func Get(name string) (Set, bool) {
	name = strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(name), "TRE_"), "JDV_")
	if s, ok := load()[name]; ok {
		return s, true
	}
	short, _, _ := strings.Cut(name, "-")
	s, ok := load()[short]
	return s, ok
}

// Find gives the line of a code.
func (s Set) Find(code string) (Code, bool) {
	i, ok := s.at[code]
	if !ok {
		return Code{}, false
	}
	return s.Codes[i], true
}

// Search finds the codes whose label has, for each word of q, a word that begins with
// it, accents and case ignored; all of them for no word.
func (s Set) Search(q string) []Code {
	words := text.FoldWords(q)
	var found []Code
	for i, c := range s.Codes {
		label := " " + s.folded[i]
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(label, " "+w) }) {
			found = append(found, c)
		}
	}
	return found
}

// Named finds the code whose label is this one, accents and case ignored.
func (s Set) Named(label string) (Code, bool) {
	i := slices.Index(s.folded, text.Fold(label))
	if i < 0 {
		return Code{}, false
	}
	return s.Codes[i], true
}

func set(name string) Set { return load()[name] }

// inOrder gives a set's codes by label, as people look for them.
func inOrder(name string) func() []Code {
	return sync.OnceValue(func() []Code {
		codes := slices.Clone(set(name).Codes)
		slices.SortStableFunc(codes, func(a, b Code) int { return strings.Compare(text.SortKey(a.Label), text.SortKey(b.Label)) })
		return codes
	})
}

var professions, specialties = inOrder(AllProfessions), inOrder(OrdinalSpecialty)

// Professions are those of the national register today, by label (JDV_J106).
func Professions() []Code { return slices.Clone(professions()) }

// Specialties are the ordinal specialties, by label (R38): what a practitioner chooses
// from. Other know-how is known to Specialty.
func Specialties() []Code { return slices.Clone(specialties()) }

// Profession finds a profession of the national register today.
func Profession(code string) (Code, bool) { return set(AllProfessions).Find(code) }

// knowHow are the sets in which the directory says what somebody can do, the ordinal
// specialties first.
var knowHow = []string{OrdinalSpecialty, "R39", "R40", "R42", "R43", "R44", "R45", "R97", "G13", "R359", "R394"}

// Specialty finds a specialty, a competence, or any other know-how of the directory.
func Specialty(code string) (Code, bool) {
	for _, name := range knowHow {
		if c, ok := set(name).Find(code); ok {
			return c, true
		}
	}
	return Code{}, false
}

// byRole is the profession code of people whom the register knows by a role, not by a
// profession (R291).
const byRole = "99"

// Regulated reports whether the profession of this code is a regulated one: every
// profession of the register but 99, whose holders have an RPPS number all the same.
func Regulated(professionCode string) bool {
	_, ok := Profession(professionCode)
	return ok && professionCode != byRole
}

// HasRPPS reports whether those who practise this profession have an RPPS number today,
// which proposes the profile of a regulated profession (MEM-4): since September 2024
// all of them, psychologues and diététiciens included.
func HasRPPS(professionCode string) bool { return Regulated(professionCode) }
