package directory

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"strings"

	"habilis/internal/store"
	"habilis/internal/text"
)

// Bounds of a search in the index.
const (
	maxSearchWords = 8     // more are not looked at
	maxTermRows    = 20000 // terms that one beginning may stand for
	minBeginning   = 3     // letters; a shorter word is a whole one («Le», «Li»)
	minPostalCode  = 2     // digits: a department
	atOnce         = 100   // lines looked at together
)

// What a term is about is its first letter.
const (
	termName   = "n"
	termTown   = "t"
	termPostal = "p"
)

// ByRPPS gives the practitioner of an RPPS number. Errors: ErrUnavailable, with
// ErrNotLoaded as its cause when no file was ever loaded.
func (x *Index) ByRPPS(ctx context.Context, rpps string) (a Answer, err error) {
	key, ok := personKey(typeRPPS, rpps)
	err = x.read(ctx, func(tx *store.Tx, about Load) error {
		a = Answer{Origin: FromIndex, AsOf: about.AsOf}
		if !ok {
			return nil
		}
		a.Practitioners, err = practitioners(ctx, tx, []int64{key})
		return err
	})
	return a, err
}

// ByName finds practitioners by words of their names and, when given, a town or a postal
// code: whoever bears the words whole first, then words that begin so. Without a town, the
// last words are tried as one («Diallo Saint-Aubin»). Errors: those of ByRPPS.
func (x *Index) ByName(ctx context.Context, n Name) (a Answer, err error) {
	limit := n.Limit
	if limit <= 0 || limit > MaxFound {
		limit = MaxFound
	}
	words := text.FoldWords(n.Words)
	words = words[:min(len(words), maxSearchWords)]
	err = x.read(ctx, func(tx *store.Tx, about Load) error {
		a = Answer{Origin: FromIndex, AsOf: about.AsOf}
		f := finder{tx: tx, most: about.Lines, limit: limit + 1}
		if err := f.names(ctx, words, n.City); err != nil {
			return err
		}
		a.More = len(f.found) > limit
		a.Practitioners, err = practitioners(ctx, tx, f.found[:min(len(f.found), limit)])
		return err
	})
	return a, err
}

// practitioners reads people, in order of their names.
func practitioners(ctx context.Context, tx *store.Tx, people []int64) ([]Practitioner, error) {
	if len(people) == 0 {
		return nil, nil
	}
	lines, err := linesOf(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	bodies := map[int64][][]string{}
	for _, l := range lines {
		bodies[l.person] = append(bodies[l.person], strings.Split(l.body, separator))
	}
	labels, err := labelsOf(ctx, tx, codesOf(bodies))
	if err != nil {
		return nil, err
	}
	var out []Practitioner
	for _, person := range people {
		if p := assemble(person, bodies[person], labels); p.FamilyName != "" {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Practitioner) int {
		return cmp.Or(cmp.Compare(text.SortKey(a.FamilyName), text.SortKey(b.FamilyName)),
			cmp.Compare(text.SortKey(a.GivenName), text.SortKey(b.GivenName)))
	})
	return out, nil
}

// codesOf lists the codes that need a label.
func codesOf(bodies map[int64][][]string) []string {
	seen := map[string]bool{}
	for _, list := range bodies {
		for _, b := range list {
			places := []int{1, 2}
			if b[0] == lineActivity && len(b) == activityFields {
				places = []int{bodyProfession, bodyCategory, bodyKnowHow, bodyMode, bodySector, bodyRole, bodyGenre}
			}
			for _, i := range places {
				if i < len(b) && b[i] != "" {
					seen[b[i]] = true
				}
			}
		}
	}
	out := make([]string, 0, len(seen))
	for code := range seen {
		out = append(out, code)
	}
	return out
}

// finder looks for people by terms.
type finder struct {
	tx    *store.Tx
	most  int64 // the number of the last line
	limit int
	found []int64
	seen  map[int64]bool
}

// names looks for the words with the town; without one, with the last words as a town.
func (f *finder) names(ctx context.Context, words []string, city string) error {
	if len(words) == 0 {
		return nil
	}
	f.seen = map[int64]bool{}
	if err := f.search(ctx, words, city); err != nil || city != "" {
		return err
	}
	for n := len(words) - 1; n > 0 && len(f.found) == 0; n-- {
		if err := f.search(ctx, words[:n], strings.Join(words[n:], " ")); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) search(ctx context.Context, words []string, city string) error {
	there, err := f.place(ctx, city)
	if err != nil {
		return err
	}
	whole, begun := there, there
	for _, w := range words {
		exact, beginning, err := f.lines(ctx, termName+w, len([]rune(w)) >= minBeginning)
		if err != nil {
			return err
		}
		whole, begun = whole.and(exact), begun.and(beginning)
	}
	if err := f.gather(ctx, whole); err != nil || len(f.found) >= f.limit {
		return err
	}
	return f.gather(ctx, begun)
}

// place gives the lines of a town or a postal code; nil, which is all, for none.
func (f *finder) place(ctx context.Context, city string) (lineSet, error) {
	words := strings.Fields(townKey(city))
	if len(words) == 0 {
		return nil, nil
	}
	if isPostal(words[0]) && len(words[0]) >= minPostalCode {
		_, all, err := f.lines(ctx, termPostal+words[0], true)
		return all, err
	}
	town := strings.Join(words, " ")
	_, all, err := f.lines(ctx, termTown+town, len([]rune(town)) >= minBeginning)
	return all, err
}

func isPostal(word string) bool {
	return strings.Trim(word, "0123456789") == ""
}

// lines gives the lines of a term, and with those of all terms that begin so.
func (f *finder) lines(ctx context.Context, term string, beginning bool) (exact, all lineSet, err error) {
	exact, all = newLineSet(f.most), newLineSet(f.most)
	before := term + "\x01" // before a space, the least that a term goes on with
	if beginning {
		before = term + "\U0010FFFF"
	}
	err = eachTerm(ctx, f.tx, term, before, maxTermRows, func(found string, lines []byte) error {
		if found == term {
			if err := exact.addAll(lines); err != nil {
				return err
			}
		}
		return all.addAll(lines)
	})
	return exact, all, err
}

// gather adds the people on these lines, until there are enough.
func (f *finder) gather(ctx context.Context, lines lineSet) error {
	for some := range slices.Chunk(lines.list(f.limit*atOnce), atOnce) {
		people, err := peopleOn(ctx, f.tx, some)
		if err != nil {
			return err
		}
		for _, p := range people {
			if !f.seen[p] && len(f.found) < f.limit {
				f.seen[p] = true
				f.found = append(f.found, p)
			}
		}
		if len(f.found) >= f.limit {
			return nil
		}
	}
	return nil
}

// lineSet is a set of lines, a bit each. Nil is all of them.
type lineSet []uint64

const wordBits = 64

func newLineSet(most int64) lineSet { return make(lineSet, most/wordBits+1) }

var errLines = errors.New("directory: a list of lines cannot be read")

// addAll adds the lines of a term's list.
func (s lineSet) addAll(list []byte) error {
	var line uint64
	for len(list) > 0 {
		step, n := binary.Uvarint(list)
		if n <= 0 {
			return errLines
		}
		line, list = line+step, list[n:]
		if line/wordBits >= uint64(len(s)) {
			return errLines
		}
		s[line/wordBits] |= 1 << (line % wordBits)
	}
	return nil
}

// and gives the lines that are in both.
func (s lineSet) and(o lineSet) lineSet {
	if s == nil {
		return o
	}
	out := make(lineSet, len(s))
	for i := range out {
		out[i] = s[i] & o[i]
	}
	return out
}

// list gives the first lines of the set.
func (s lineSet) list(most int) []int64 {
	var out []int64
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			if len(out) == most {
				return out
			}
			out = append(out, int64(i*wordBits+bits.TrailingZeros64(w)))
		}
	}
	return out
}

// townKey folds the name of a town as people and the files write it: «ST», «STE» and
// «CEDEX 12» differ from one to the other.
func townKey(town string) string {
	words := text.FoldWords(town)
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		case "cedex":
			return strings.Join(words[:i], " ")
		}
	}
	return strings.Join(words, " ")
}
