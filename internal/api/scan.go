package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"habilis/internal/fault"
)

// Bounds of a body (rules.md 14).
const (
	MaxBody  = 1 << 20 // bytes
	MaxDepth = 32      // objects and lists inside one another
	MaxNames = 100     // fields of one object
)

// scan refuses a body that encoding/json would read with indulgence: bytes that are
// no UTF-8, a name given twice, levels without end, a number that no float64 holds,
// text that was damaged on its way, null but for the fields that may be null. The shape
// itself is judged by the schema.
func scan(body []byte, mayBeNull func(field string) bool) error {
	if !utf8.Valid(body) || !json.Valid(body) {
		return errMalformed // json.Valid itself stops at 10,000 levels (INJ-08)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	s := scanner{mayBeNull: mayBeNull}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errMalformed.Because(err)
		}
		if err := s.next(token); err != nil {
			return err
		}
	}
}

// scanner knows where it is: the objects and lists that are open, outermost first.
type scanner struct {
	open      []level
	mayBeNull func(field string) bool
}

// level is one open object or list.
type level struct {
	names map[string]struct{} // of an object; nil for a list
	name  string              // the field being read
	key   bool                // of an object: a name comes next
	index int                 // of a list: the item being read
}

func (s *scanner) next(token json.Token) error {
	if d, ok := token.(json.Delim); ok {
		return s.delim(d)
	}
	if name, ok := token.(string); ok && s.wantsName() {
		return s.enter(name)
	}
	err := s.value(token)
	s.advance()
	return err
}

func (s *scanner) delim(d json.Delim) error {
	if d == '}' || d == ']' {
		s.open = s.open[:len(s.open)-1]
		s.advance()
		return nil
	}
	if len(s.open) == MaxDepth {
		return errMalformed.With("Depth", MaxDepth)
	}
	l := level{}
	if d == '{' {
		l = level{names: map[string]struct{}{}, key: true}
	}
	s.open = append(s.open, l)
	return nil
}

func (s *scanner) top() *level { return &s.open[len(s.open)-1] }

func (s *scanner) wantsName() bool { return len(s.open) > 0 && s.top().names != nil && s.top().key }

// enter begins a field.
func (s *scanner) enter(name string) error {
	l := s.top()
	l.name, l.key = name, false
	if _, twice := l.names[name]; twice {
		return malformedAt(s.place(), "api.duplicate_field")
	}
	l.names[name] = struct{}{}
	if len(l.names) > MaxNames {
		return errTooLarge
	}
	return plain(name, s.place)
}

// advance ends a value: the next name or item comes.
func (s *scanner) advance() {
	if len(s.open) == 0 {
		return
	}
	l := s.top()
	l.key = l.names != nil
	l.index++
}

func (s *scanner) value(token json.Token) error {
	switch v := token.(type) {
	case nil:
		if len(s.open) == 1 && s.top().names != nil && s.mayBeNull(s.top().name) {
			return nil
		}
		return fault.OnField(s.place(), "api.null")
	case string:
		return plain(v, s.place)
	case json.Number:
		if f, err := v.Float64(); err != nil || math.IsInf(f, 0) {
			return malformedAt(s.place(), "api.number")
		}
	}
	return nil
}

// plain refuses what no field may hold: U+0000, which PostgreSQL cannot store, and
// U+FFFD, which stands where a half of a surrogate pair was.
func plain(s string, place func() string) error {
	if strings.ContainsRune(s, 0) || strings.ContainsRune(s, utf8.RuneError) {
		return malformedAt(place(), "api.damaged_text")
	}
	return nil
}

// place writes where the scanner is: body.emails[3].
func (s *scanner) place() string {
	var b strings.Builder
	b.WriteString("body")
	for _, l := range s.open {
		if l.names != nil {
			b.WriteString("." + clip(l.name))
			continue
		}
		b.WriteString("[" + strconv.Itoa(l.index) + "]")
	}
	return b.String()
}

// maxEcho bounds what is repeated of a name that the caller made up, in bytes.
const maxEcho = 100

// clip shortens what is repeated to the caller, at the border of a character.
func clip(s string) string {
	if len(s) <= maxEcho {
		return s
	}
	s = s[:maxEcho]
	for s != "" && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// malformedAt is a request that cannot be read, for one reason at one place.
func malformedAt(place, code string) error {
	f := *errMalformed
	f.Fields = []fault.Field{{Location: place, Code: code}}
	return &f
}
