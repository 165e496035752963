package ident

import (
	"errors"
	"strings"

	"github.com/google/uuid"
)

// Kind gives the prefix of the IDs of one kind of object.
type Kind interface{ prefix() string }

// ID names one object of kind K. The zero value names nothing.
type ID[K Kind] string

// ErrMalformed is returned for a text that is no ID of the wanted kind.
var ErrMalformed = errors.New("ident: not an identifier of this kind")

// length of "abc_" and a UUID in its 36 characters.
const length = 4 + 36

// New makes an ID that no other will ever equal. IDs made later sort later.
func New[K Kind]() ID[K] {
	var k K
	return ID[K](k.prefix() + "_" + uuid.Must(uuid.NewV7()).String())
}

// Parse reads an ID of kind K. It accepts only the canonical writing, so that
// one object has one name everywhere. Errors: ErrMalformed.
func Parse[K Kind](s string) (ID[K], error) {
	var k K
	rest, ok := strings.CutPrefix(s, k.prefix()+"_")
	if !ok || len(s) != length {
		return "", ErrMalformed
	}
	u, err := uuid.Parse(rest)
	if err != nil || u.String() != rest {
		return "", ErrMalformed
	}
	return ID[K](s), nil
}

// String gives the text of the ID.
func (id ID[K]) String() string { return string(id) }

// IsZero reports whether the ID names nothing.
func (id ID[K]) IsZero() bool { return id == "" }

// UnmarshalText reads an ID from a document; an empty text is the zero ID.
func (id *ID[K]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ""
		return nil
	}
	v, err := Parse[K](string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}
