package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Purpose says what a token is for. It is also the token's prefix, so that a
// token presented for another purpose is refused before any look-up, and so
// that secret scanners recognise a leaked one.
type Purpose string

// The purposes of tokens. A prefix is never reused for another purpose.
const (
	Session      Purpose = "hs"  // browser session, in a cookie
	PreSession   Purpose = "hp"  // half-signed-in browser: between two steps
	Invitation   Purpose = "hi"  // link of an invitation, 30 days
	Reset        Purpose = "hr"  // link of a password reset, 1 hour
	API          Purpose = "hat" // REST, AuthZEN and SCIM tokens
	EmailProof   Purpose = "he"  // proof of a mailbox, 24 hours
	Undo         Purpose = "hx"  // undo of an e-mail change, sent to the old address
	SetUp        Purpose = "hu"  // first platform administrator, printed on the console, 1 hour
	Device       Purpose = "hd"  // a remembered browser, in a cookie, 30 days at most
	Recovery     Purpose = "hl"  // stops the removal of lost factors, sent to everybody concerned
	Registration Purpose = "hg"  // opens a registration: the cookie of a browser, or a mailed link
	Temporary    Purpose = "ht"  // opens the page that changes a temporary password, nothing else
	Unmerge      Purpose = "hm"  // undo of the merging of two accounts, sent to the one that gave way, 30 days
	Stay         Purpose = "hk"  // stops the erasure of an account that the platform was asked for, 7 days
)

const (
	tokenBytes  = 32 // of crypto/rand (rules.md 1)
	tokenLength = 43 // of those bytes in base64url without padding
)

// encoding is strict: the two spare bits of the last letter must be zero, so
// that one token has one spelling.
var encoding = base64.RawURLEncoding.Strict()

// Hash is the SHA-256 of a token, prefix included: all the database keeps of it.
// It is written to and read from an SQL column of bytes.
type Hash [sha256.Size]byte

// NewToken draws a token and its hash. The token goes to its recipient and
// nowhere else; the hash goes to the database.
func NewToken(p Purpose) (Text, Hash) {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime stops the program instead
	token := string(p) + "_" + encoding.EncodeToString(b[:])
	return NewText(token), Hash(sha256.Sum256([]byte(token)))
}

// HashToken returns the hash to look for when somebody presents a token, and
// false when the text cannot be a token of that purpose. It corrects nothing:
// no trimming, no change of case.
func HashToken(p Purpose, presented string) (Hash, bool) {
	body, ok := strings.CutPrefix(presented, string(p)+"_")
	if !ok || len(body) != tokenLength || strings.ContainsAny(body, "\r\n") {
		return Hash{}, false
	}
	if _, err := encoding.DecodeString(body); err != nil {
		return Hash{}, false
	}
	return Hash(sha256.Sum256([]byte(presented))), true
}

// Equal compares two hashes in constant time.
func (h Hash) Equal(other Hash) bool { return subtle.ConstantTimeCompare(h[:], other[:]) == 1 }

// IsZero reports whether the hash was never set.
func (h Hash) IsZero() bool { return h == Hash{} }

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Value gives the hash to SQL as bytes.
func (h Hash) Value() (driver.Value, error) { return h[:], nil }

var errHashShape = errors.New("secret: a hash is 32 bytes")

// Scan reads the hash from a column of bytes. A null or another length is an
// error: it is never a hash that could match.
func (h *Hash) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok || len(b) != len(h) {
		return fmt.Errorf("%w, the column holds %T of length %d", errHashShape, src, len(b))
	}
	copy(h[:], b)
	return nil
}
