package secret

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

// stars is all that a formatted secret ever shows (rules.md 22).
const stars = "***"

// Text is a secret string: a password, a token, a key read from a file. The
// zero Text is empty.
//
// The value sits behind a pointer because fmt does not call the methods of a
// value found in another struct's unexported field: it would print a plain
// string there, but prints a pointer as an address. A Text cannot be compared
// with == for the same care; use Equal.
type Text struct {
	_     [0]func()
	value *string
}

// NewText wraps a secret. From there on it prints as three stars.
func NewText(s string) Text { return Text{value: &s} }

// Reveal returns the secret itself. Every call is a place to review.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero reports whether the secret is empty.
func (t Text) IsZero() bool { return t.Reveal() == "" }

// Equal compares two secrets in a time that depends on their lengths only.
func (t Text) Equal(u Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(u.Reveal())) == 1
}

// Format prints three stars whatever the verb and flags.
func (t Text) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, stars) }

// String returns three stars.
func (t Text) String() string { return stars }

// GoString returns three stars.
func (t Text) GoString() string { return stars }

// LogValue logs three stars.
func (t Text) LogValue() slog.Value { return slog.StringValue(stars) }

// MarshalJSON writes three stars: secret fields are write-only in every answer
// (rules.md 21).
func (t Text) MarshalJSON() ([]byte, error) { return []byte(`"` + stars + `"`), nil }

// MarshalText writes three stars, for XML, text encoders and map keys.
func (t Text) MarshalText() ([]byte, error) { return []byte(stars), nil }

// UnmarshalText reads a secret from a flag, the environment, a file or JSON.
func (t *Text) UnmarshalText(b []byte) error {
	*t = NewText(string(b))
	return nil
}

const maxSecretFile = 4096 // bytes

var errSecretFile = errors.New("secret: the file is empty, too long, or has several lines")

// ReadFile reads a secret that the operator keeps in a file, such as the password
// of the mail server. One line break at the end is dropped.
func ReadFile(path string) (Text, error) {
	f, err := os.Open(path)
	if err != nil {
		return Text{}, fmt.Errorf("secret: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	b, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return Text{}, fmt.Errorf("secret: %w", err)
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if s == "" || len(b) > maxSecretFile || strings.ContainsAny(s, "\r\n\x00") {
		return Text{}, errSecretFile
	}
	return NewText(s), nil
}
