package paper

import (
	"bytes"
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"habilis/internal/fault"
)

// Bounds of a file (rules.md 16).
const (
	megabyte  = 1 << 20
	MaxBytes  = 10 * megabyte
	million   = 1_000_000
	MaxPixels = 40 * million
	// MaxSide is the longest side, in pixels, of an image that is kept: a page at 250 dots an
	// inch. Larger ones are made smaller.
	MaxSide = 3000
	// MaxName bounds the name of a file as it is shown, in characters.
	MaxName = 80
)

// Type is what a file is.
type Type string

// The types.
const (
	PDF  Type = "application/pdf"
	JPEG Type = "image/jpeg"
	PNG  Type = "image/png"
)

// Ending is the end of the name of a file of the type.
func (t Type) Ending() string {
	switch t {
	case PDF:
		return ".pdf"
	case JPEG:
		return ".jpg"
	case PNG:
		return ".png"
	}
	return ""
}

// Refusals of a file.
var (
	ErrEmpty     = fault.New(fault.Invalid, "paper.empty")
	ErrTooLarge  = fault.New(fault.TooLarge, "paper.too_large").With("Megabytes", MaxBytes/megabyte)
	ErrType      = fault.New(fault.Invalid, "paper.type")
	ErrDamaged   = fault.New(fault.Invalid, "paper.damaged")
	ErrTooMany   = fault.New(fault.Invalid, "paper.pixels").With("Millions", MaxPixels/million)
	ErrProtected = fault.New(fault.Invalid, "paper.protected")
	ErrActive    = fault.New(fault.Invalid, "paper.active")
)

// Paper is a file that may be kept.
type Paper struct {
	Type Type
	Data []byte
}

// Clean judges a file by its content and gives it as it may be kept. data is not changed.
// It waits for its turn while another image is unpacked. Errors: those above, and ctx's.
func Clean(ctx context.Context, data []byte) (Paper, error) {
	if len(data) == 0 {
		return Paper{}, ErrEmpty
	}
	if len(data) > MaxBytes {
		return Paper{}, ErrTooLarge
	}
	switch typeOf(data) {
	case PDF:
		return Paper{PDF, data}, checkPDF(data)
	case JPEG:
		clean, err := cleanImage(ctx, data, jpegFormat)
		return Paper{JPEG, clean}, err
	case PNG:
		clean, err := cleanImage(ctx, data, pngFormat)
		return Paper{PNG, clean}, err
	}
	return Paper{}, ErrType
}

// typeOf tells a file by its first bytes, from the very first: a file that begins as
// something else is that, too.
func typeOf(data []byte) Type {
	for _, known := range []struct {
		magic string
		is    Type
	}{{"%PDF-", PDF}, {"\xff\xd8\xff", JPEG}, {"\x89PNG\r\n\x1a\n", PNG}} {
		if bytes.HasPrefix(data, []byte(known.magic)) {
			return known.is
		}
	}
	return ""
}

// Name makes the name under which a file is shown and saved: letters, digits, apostrophes and spaces of
// what its sender called it, without its ending, and the ending of what it is. fallback is
// used when nothing is left.
func Name(typed string, is Type, fallback string) string {
	if i := strings.LastIndexAny(typed, `/\`); i >= 0 {
		typed = typed[i+1:]
	}
	if i := strings.LastIndexByte(typed, '.'); i > 0 {
		typed = typed[:i]
	}
	kept := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '(' || r == ')':
			return r
		case r == '\'' || r == '’':
			return '’'
		case unicode.IsSpace(r) || r == '.':
			return ' '
		}
		return -1
	}, norm.NFC.String(typed))
	kept = strings.Join(strings.Fields(kept), " ")
	if r := []rune(kept); len(r) > MaxName {
		kept = strings.TrimSpace(string(r[:MaxName]))
	}
	if kept == "" {
		kept = fallback
	}
	return kept + is.Ending()
}
