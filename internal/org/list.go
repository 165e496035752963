package org

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Filter narrows the list of organisations of the platform.
type Filter struct {
	Search string // words of the name or the slug, accents and case ignored
	Status Status
	Kind   Kind
	After  string // cursor
	Limit  int    // DefaultPageSize when zero, MaxPageSize at most
}

// List is one page of organisations.
type List struct {
	Items []Org
	Total int64
	Next  string
}

// place is where a page ended.
type place struct {
	Key string    `json:"k"`
	ID  ident.Org `json:"i"`
}

// All lists the organisations of the installation, by name, for the platform's
// support. Errors: secret.ErrCursor, fields to correct.
func (o Orgs) All(ctx context.Context, by access.Actor, f Filter) (List, error) {
	if err := f.check(); err != nil {
		return List{}, err
	}
	words, some := searchWords(f.Search)
	name := fmt.Sprintf("orgs|%q|%s|%s", words, f.Status, f.Kind)
	var after *place
	if f.After != "" {
		after = &place{}
		if err := o.Run.Ring.OpenCursor(name, f.After, after); err != nil {
			return List{}, err
		}
	}
	act := action.Act{Verb: "org.list", Needs: []access.Need{access.OfPlatform(access.PlatformSupport)}}
	return action.View(ctx, o.Run, by, act, func(tx *store.Tx) (List, error) {
		if !some {
			return List{}, nil
		}
		total, err := countFound(ctx, tx, words, f)
		if err != nil {
			return List{}, err
		}
		rows, err := listFound(ctx, tx, words, f, after, f.Limit+1)
		if err != nil {
			return List{}, err
		}
		return o.page(name, rows, total, f.Limit)
	})
}

func (f *Filter) check() error {
	if f.Limit == 0 {
		f.Limit = DefaultPageSize
	}
	var fields fault.Fields
	if f.Limit < 1 || f.Limit > MaxPageSize {
		fields.Add("limit", "org.limit", "Max", MaxPageSize)
	}
	if utf8.RuneCountInString(f.Search) > MaxSearch {
		fields.Add("q", string(text.TooLong), "Max", MaxSearch)
	}
	if !slices.Contains([]Status{"", Active, Suspended}, f.Status) {
		fields.Add("status", "org.status_unknown")
	}
	if f.Kind != "" && !slices.Contains(Kinds, f.Kind) {
		fields.Add("kind", "org.kind_unknown")
	}
	return fields.Err()
}

// page makes a page of the rows: one more was asked for than it shows.
func (o Orgs) page(name string, rows []listed, total int64, limit int) (List, error) {
	l := List{Total: total}
	for i, r := range rows {
		if i == limit {
			next, err := o.Run.Ring.Cursor(name, rows[i-1].at)
			l.Next = next
			return l, err
		}
		l.Items = append(l.Items, r.org)
	}
	return l, nil
}

// searchWords are the words to look for; none finds everything. The second value
// is false for a search that can find nothing, such as "%%%" (INJ-07).
func searchWords(search string) ([]string, bool) {
	words := text.FoldWords(search)
	return words, len(words) > 0 || strings.TrimSpace(search) == ""
}

// ShortWord is the length up to which a word is only looked for at the start of
// words: "le" would be found in most names (LST-1).
const ShortWord = 2

// Pattern is what a word of a search looks for in a folded column that begins
// with a space: the word anywhere, a short one from the start of a word.
func Pattern(word string) string {
	if utf8.RuneCountInString(word) <= ShortWord {
		return store.LikeWord(word)
	}
	return store.Like(word)
}
