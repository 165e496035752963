package identifier

import (
	"regexp"
	"strings"

	"habilis/internal/fault"
)

// MSSante is an address of the health messaging (MSSanté). In small letters.
type MSSante string

// ErrMSSanteMalformed refuses what is no address.
var ErrMSSanteMalformed = fault.New(fault.Invalid, "identifier.mssante_malformed")

// Bounds of an address (RFC 5321).
const (
	maxMailbox = 254
	maxLocal   = 64
)

var (
	// mailbox is an address as operators give them: no quotes, no comments, ASCII.
	mailbox = regexp.MustCompile(
		`^[a-z0-9!#$%&'*+/=?^_{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_{|}~-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)
	// known is what the ministry publishes (health/facts.md 3).
	known = regexp.MustCompile(`^[^@\s]+@([^@\s]+\.mssante\.fr|interop-mssante\.apicrypt\.org)$`)
)

// ParseMSSante reads an MSSanté address. Errors: ErrMSSanteMalformed.
func ParseMSSante(s string) (MSSante, error) {
	if len(s) > maxMailbox {
		return "", ErrMSSanteMalformed
	}
	address := strings.ToLower(strings.TrimSpace(s))
	if !mailbox.MatchString(address) || strings.IndexByte(address, '@') > maxLocal {
		return "", ErrMSSanteMalformed
	}
	return MSSante(address), nil
}

// Format writes the address as it is.
func (m MSSante) Format() string { return string(m) }

// Doubt tells an address of a domain that the ministry's rule does not list: former
// addresses exist, and operators' rules could not be read.
func (m MSSante) Doubt() string {
	if known.MatchString(string(m)) {
		return ""
	}
	return "doubt.mssante"
}
