package authzen

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of a body (rules.md 14).
const (
	MaxBody  = 1 << 20 // bytes
	MaxDepth = 32      // objects and lists inside one another
	MaxNames = 100     // fields of one object
)

// errSyntax is what is no strict JSON: it can be read in two ways, or in none.
var errSyntax = errors.New("authzen: no strict JSON")

// errNames is an object of more than MaxNames fields.
var errNames = errors.New("authzen: too many fields")

// reader reads JSON without making anything of what nobody needs. It refuses what
// encoding/json would read with indulgence: a name given twice, bytes that are no
// UTF-8, half a surrogate pair, U+0000, levels without end. A fuzz test holds it
// against encoding/json.
type reader struct {
	body  []byte
	at    int
	depth int
	names [][]byte // of the objects that are open, outermost first
}

// read takes a body: one value and nothing after it.
func (r *reader) read(body []byte, value func(*reader) error) error {
	r.body, r.at, r.depth, r.names = body, 0, 0, r.names[:0]
	if !utf8.Valid(body) {
		return errSyntax
	}
	if err := value(r); err != nil {
		return err
	}
	if r.peek() != 0 || r.at != len(body) {
		return errSyntax
	}
	return nil
}

// peek gives the next byte that is no white space; 0 at the end.
func (r *reader) peek() byte {
	for ; r.at < len(r.body); r.at++ {
		switch c := r.body[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take reads the byte c, after white space.
func (r *reader) take(c byte) error {
	if r.peek() != c {
		return errSyntax
	}
	r.at++
	return nil
}

// open begins an object or a list.
func (r *reader) open(c byte) error {
	if r.depth == MaxDepth {
		return errSyntax
	}
	r.depth++
	return r.take(c)
}

// object begins an object; field wants what it returns.
func (r *reader) object() (first int, err error) {
	return len(r.names), r.open('{')
}

// field gives the name of the next field; more is false at the end of the object.
func (r *reader) field(first int) (name []byte, more bool, err error) {
	if r.peek() == '}' {
		r.at++
		r.depth--
		r.names = r.names[:first]
		return nil, false, nil
	}
	if len(r.names) > first {
		if err := r.take(','); err != nil {
			return nil, false, err
		}
	}
	if name, err = r.str(); err != nil {
		return nil, false, err
	}
	for _, before := range r.names[first:] {
		if bytes.Equal(before, name) {
			return nil, false, errSyntax
		}
	}
	if len(r.names)-first == MaxNames {
		return nil, false, errNames
	}
	r.names = append(r.names, name)
	return name, true, r.take(':')
}

// item reports whether another item of a list comes; n are those before it.
func (r *reader) item(n int) (bool, error) {
	if r.peek() == ']' {
		r.at++
		r.depth--
		return false, nil
	}
	if n > 0 {
		if err := r.take(','); err != nil {
			return false, err
		}
	}
	return true, nil
}

// skip reads a value that nobody needs, as strictly as one that somebody does, and
// gives its text.
func (r *reader) skip() ([]byte, error) {
	c := r.peek()
	begin := r.at
	var err error
	switch c {
	case '{':
		err = r.skipObject()
	case '[':
		err = r.skipList()
	case '"':
		_, err = r.str()
	case 't':
		err = r.word("true")
	case 'f':
		err = r.word("false")
	case 'n':
		err = r.word("null")
	default:
		err = r.number()
	}
	return r.body[begin:r.at], err
}

func (r *reader) skipObject() error {
	first, err := r.object()
	for err == nil {
		var more bool
		if _, more, err = r.field(first); err != nil || !more {
			return err
		}
		_, err = r.skip()
	}
	return err
}

func (r *reader) skipList() error {
	err := r.open('[')
	for n := 0; err == nil; n++ {
		var more bool
		if more, err = r.item(n); err != nil || !more {
			return err
		}
		_, err = r.skip()
	}
	return err
}

func (r *reader) word(w string) error {
	if !bytes.HasPrefix(r.body[r.at:], []byte(w)) {
		return errSyntax
	}
	r.at += len(w)
	return nil
}

func (r *reader) digits() bool {
	begin := r.at
	for r.at < len(r.body) && r.body[r.at] >= '0' && r.body[r.at] <= '9' {
		r.at++
	}
	return r.at > begin
}

// next reads one byte of those given, if it comes.
func (r *reader) next(of string) bool {
	if r.at < len(r.body) && strings.IndexByte(of, r.body[r.at]) >= 0 {
		r.at++
		return true
	}
	return false
}

func (r *reader) number() error {
	r.next("-")
	if !r.next("0") && !r.digits() {
		return errSyntax
	}
	if r.next(".") && !r.digits() {
		return errSyntax
	}
	if r.next("eE") {
		r.next("+-")
		if !r.digits() {
			return errSyntax
		}
	}
	return nil
}

// str reads a string. What it gives belongs to the body unless something in it was
// escaped: it is copied by whoever keeps it.
func (r *reader) str() ([]byte, error) {
	if err := r.take('"'); err != nil {
		return nil, err
	}
	begin := r.at
	for ; r.at < len(r.body); r.at++ {
		switch c := r.body[r.at]; {
		case c == '"':
			r.at++
			return r.body[begin : r.at-1], nil
		case c == '\\':
			return r.escaped(append([]byte(nil), r.body[begin:r.at]...))
		case c < ' ':
			return nil, errSyntax
		}
	}
	return nil, errSyntax
}

// escaped reads the rest of a string from its first backslash on.
func (r *reader) escaped(out []byte) ([]byte, error) {
	for r.at < len(r.body) {
		c := r.body[r.at]
		r.at++
		switch {
		case c == '"':
			return out, nil
		case c < ' ':
			return nil, errSyntax
		case c != '\\':
			out = append(out, c)
			continue
		}
		var ok bool
		if out, ok = r.escape(out); !ok {
			return nil, errSyntax
		}
	}
	return nil, errSyntax
}

// plain are the escapes of one letter, and what each stands for.
var plain = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (r *reader) escape(out []byte) ([]byte, bool) {
	if r.at == len(r.body) {
		return nil, false
	}
	c := r.body[r.at]
	r.at++
	if b, ok := plain[c]; ok {
		return append(out, b), true
	}
	u, ok := r.hex()
	if c != 'u' || !ok || u == 0 {
		return nil, false
	}
	if utf16.IsSurrogate(u) {
		if !bytes.HasPrefix(r.body[r.at:], []byte(`\u`)) {
			return nil, false
		}
		r.at += 2
		low, ok := r.hex()
		if u = utf16.DecodeRune(u, low); !ok || u == utf8.RuneError {
			return nil, false
		}
	}
	return utf8.AppendRune(out, u), true
}

// hex reads the four digits of \u.
func (r *reader) hex() (rune, bool) {
	const digits = 4
	if len(r.body)-r.at < digits {
		return 0, false
	}
	var u rune
	for _, c := range r.body[r.at : r.at+digits] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		u = u<<4 | rune(c) //nolint:mnd // bits of a hexadecimal digit
	}
	r.at += digits
	return u, true
}
