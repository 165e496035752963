package credential

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// CodeFor is what a code sent by SMS is for: one sent for another thing opens nothing
// (MFA-07).
type CodeFor string

// What codes are for.
const (
	CodeEnrol  CodeFor = "enrol"   // to prove that a number is the person's
	CodeSignIn CodeFor = "sign_in" // as the second proof of a sign-in
	CodeProve  CodeFor = "prove"   // to prove oneself again, signed in
)

// Bounds of a code (rules.md 2 and 4).
const (
	CodeLife   = 5 * time.Minute
	CodeTries  = 5
	CodeDigits = 6
)

// ErrPhoneUnproved is the refusal of a number that was not proved: it receives no code but
// the one that proves it.
var ErrPhoneUnproved = fault.New(fault.Conflict, "factor.phone_unproved")

// SMSCode is a code to be sent: it goes into the message, nowhere else.
type SMSCode struct {
	ID    ident.Code
	Code  secret.Text `json:"-"`
	Until time.Time
}

// The functions below join the caller's transaction. Those that write expect it to hold
// the installation's lock (action.Act's Accounts).

// NewSMS makes a code for a factor, for one purpose, in one browser (place: the ID of a
// half-session or of a session). Older ones for the same purpose are dead.
func NewSMS(ctx context.Context, tx *store.Tx, ring *secret.Ring, f Factor, what CodeFor, place string) (SMSCode, error) {
	digits, err := drawDigits()
	if err != nil {
		return SMSCode{}, err
	}
	if err := endCodes(ctx, tx, f.Account, what); err != nil {
		return SMSCode{}, err
	}
	c := SMSCode{ID: ident.NewCode(), Code: secret.NewText(digits), Until: tx.Now.Add(CodeLife)}
	tag := ring.MAC(secret.UseCode, codeData(c.ID, f.Account, f.ID, what, place, digits))
	return c, insertCode(ctx, tx, c, f, what, place, tag)
}

// UseSMS tries a code in the browser and for the purpose it was sent for. The try is
// counted before the code is looked at; the right one is spent by one statement. Without a
// code that waits, or once its tries are used, another must be asked for (Used.Locked).
func UseSMS(
	ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, what CodeFor, place, typed string,
) (Used, error) {
	c, found, err := tryCode(ctx, tx, account, what, place)
	if err != nil || !found {
		return Used{Kind: SMS, Locked: true}, err
	}
	u := Used{Kind: SMS, Factor: c.factor, Left: int(CodeTries - c.tries)}
	data := codeData(c.id, account, c.factor, what, place, plainCode(typed))
	if !ring.VerifyMAC(secret.UseCode, data, c.tag) {
		return u, nil
	}
	if u.OK, err = spendCode(ctx, tx, c.id); err != nil || !u.OK || what == CodeEnrol {
		return u, err
	}
	return u, touchFactor(ctx, tx, c.factor)
}

// CodeWaits reports whether a code can still be used: the message that carries it is
// worth sending.
func CodeWaits(ctx context.Context, tx *store.Tx, id ident.Code) (bool, error) {
	return codeWaits(ctx, tx, id)
}

// SMSPending tells until when a code waits in this browser, and which factor it was sent
// to; the last value is false when none does.
func SMSPending(
	ctx context.Context, tx *store.Tx, account ident.Account, what CodeFor, place string,
) (ident.Factor, time.Time, bool, error) {
	w, found, err := pendingCode(ctx, tx, account, what, place)
	return w.factor, w.until, found, err
}

// waitingCode is a code that may be tried.
type waitingCode struct {
	id     ident.Code
	factor ident.Factor
	tag    []byte
	tries  int64
	until  time.Time
}

// codeData is all that a code is bound to (MFA-07). No part can hold the separator.
func codeData(id ident.Code, account ident.Account, factor ident.Factor, what CodeFor, place, digits string) []byte {
	return []byte(strings.Join([]string{id.String(), account.String(), factor.String(), string(what), place, digits}, "\x00"))
}

// plainCode takes out the spaces with which people copy codes.
func plainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return 'x'
	}, typed)
}

// NewDigits draws the digits of a code that is sent to prove an address or a number.
func NewDigits() (string, error) { return drawDigits() }

// PlainDigits takes out the spaces with which people copy codes.
func PlainDigits(typed string) string { return plainCode(typed) }

// ten to the power of CodeDigits: how many codes there are.
var codes = new(big.Int).Exp(big.NewInt(10), big.NewInt(CodeDigits), nil)

func drawDigits() (string, error) {
	n, err := rand.Int(rand.Reader, codes)
	if err != nil {
		return "", fmt.Errorf("credential: %w", err)
	}
	return fmt.Sprintf("%0*d", CodeDigits, n), nil
}
