package credential

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers/v2"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Phone is a mobile number to which codes may be sent, in E.164. It prints as stars:
// numbers are kept sealed and shown masked (rules.md 21, 22).
type Phone struct{ number secret.Text }

// Prefixes are the beginnings of the numbers to which messages may be sent (MFA-08).
type Prefixes []string

// FrenchPrefixes are those of French mobile numbers: the mainland's, and the codes of the
// overseas departments and territories.
var FrenchPrefixes = Prefixes{"+336", "+337", "+262", "+508", "+590", "+594", "+596", "+681", "+687", "+689"}

// Refusals of a number.
var (
	ErrPhone        = fault.New(fault.Invalid, "factor.phone")
	ErrPhoneMobile  = fault.New(fault.Invalid, "factor.phone_not_mobile")
	ErrPhoneForeign = fault.New(fault.Invalid, "factor.phone_prefix")
)

// Parse reads a mobile number as people write it. Premium, fixed and shared-cost numbers
// are refused, and those of prefixes that are not listed (MFA-08). Errors: ErrPhone,
// ErrPhoneMobile, ErrPhoneForeign.
func (allowed Prefixes) Parse(typed string) (Phone, error) {
	e164, err := identifier.ParsePhone(typed)
	if err != nil {
		return Phone{}, ErrPhone
	}
	if !slices.ContainsFunc(allowed, func(p string) bool { return strings.HasPrefix(string(e164), p) }) {
		return Phone{}, ErrPhoneForeign
	}
	if !mobile(string(e164)) {
		return Phone{}, ErrPhoneMobile
	}
	return Phone{secret.NewText(string(e164))}, nil
}

// mainlandMobile is a mobile number of the mainland by the French plan itself: ranges are
// opened there sooner than in the library's table, and 06 and 07 are never premium.
var mainlandMobile = regexp.MustCompile(`^\+33[67][0-9]{8}$`)

// mobile reports whether a number in E.164 is that of a mobile, at a plain rate.
func mobile(e164 string) bool {
	if mainlandMobile.MatchString(e164) {
		return true
	}
	n, err := phonenumbers.Parse(e164, "ZZ")
	return err == nil && phonenumbers.GetNumberType(n) == phonenumbers.MOBILE
}

// Allows reports whether messages may still go to a number: the list may have become
// shorter since it was given.
func (allowed Prefixes) Allows(p Phone) bool {
	return slices.ContainsFunc(allowed, func(prefix string) bool { return strings.HasPrefix(p.number.Reveal(), prefix) })
}

// Reveal gives the number in E.164: for the gateway alone.
func (p Phone) Reveal() secret.Text { return p.number }

// shownDigits are how many digits of a masked number stand at its end.
const shownDigits = 2

// Mask is the number as its person knows it again: «06 •• •• •• 12». A foreign one keeps
// its country code.
func (p Phone) Mask() string {
	shown := []rune(identifier.Phone(p.number.Reveal()).Format())
	groups := strings.FieldsFunc(string(shown), func(r rune) bool { return r == ' ' || r == '\u00a0' })
	for i, g := range groups {
		switch {
		case i == 0:
			groups[i] = keepFirst(g)
		case i == len(groups)-1:
			groups[i] = keepLast(g)
		default:
			groups[i] = strings.Repeat("•", utf8.RuneCountInString(g))
		}
	}
	return strings.Join(groups, "\u00a0")
}

// keepFirst leaves a country code, or two digits.
func keepFirst(g string) string {
	if strings.HasPrefix(g, "+") || len(g) <= shownDigits {
		return g
	}
	return g[:shownDigits] + strings.Repeat("•", len(g)-shownDigits)
}

func keepLast(g string) string {
	if len(g) <= shownDigits {
		return g
	}
	return strings.Repeat("•", len(g)-shownDigits) + g[len(g)-shownDigits:]
}

// handleData is what the handle of a number is made of.
func handleData(p Phone) []byte { return []byte("phone " + p.number.Reveal()) }

func addPhone(
	ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, p Phone, givenBy, place string,
) (Factor, error) {
	f := Factor{ID: ident.NewFactor(), Account: account, Kind: SMS, Hint: p.Mask(), GivenBy: givenBy, CreatedAt: tx.Now}
	sealed := ring.Seal(seedPlace(account, f.ID), []byte(p.number.Reveal()))
	handle := ring.MAC(secret.UseIndex, handleData(p))
	return f, insertPhone(ctx, tx, f, sealed, handle, place)
}

// AddSMS adds, for an administrator (givenBy: their account), a number to somebody's
// account. It is worth nothing until its person has proved it (SEC-2). A number that an
// administrator gave before and that was not proved makes room. Errors:
// ErrPhoneTaken for one that the account has already.
func AddSMS(ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, p Phone, givenBy string) (ident.Factor, error) {
	f, err := newPhone(ctx, tx, ring, account, p, givenBy, "")
	return f.ID, err
}

// StartSMS adds a number that its person typed in a browser (place: the ID of their
// session or half-session); the proof must come from there, within EnrolmentLife. Others that
// the person typed and did not prove make room. Errors: ErrPhoneTaken, ErrTooManyFactors.
func StartSMS(ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, p Phone, place string) (Factor, error) {
	return newPhone(ctx, tx, ring, account, p, "", place)
}

// ErrPhoneTaken is the refusal of a number that the account has already.
var ErrPhoneTaken = fault.New(fault.Conflict, "factor.phone_same")

func newPhone(
	ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, p Phone, givenBy, place string,
) (Factor, error) {
	held, err := phonesOf(ctx, tx, account)
	if err != nil {
		return Factor{}, err
	}
	for _, h := range held {
		if h.proved && ring.VerifyMAC(secret.UseIndex, handleData(p), h.handle) {
			return Factor{}, ErrPhoneTaken
		}
	}
	for _, h := range held {
		if h.proved || (h.givenBy == "") != (givenBy == "") {
			continue
		}
		if err := removeFactor(ctx, tx, account, h.id, cmp.Or(ident.Account(givenBy), account)); err != nil {
			return Factor{}, err
		}
	}
	n, err := countFactors(ctx, tx, account)
	if err == nil && n >= MaxFactors {
		err = ErrTooManyFactors
	}
	if err != nil {
		return Factor{}, err
	}
	return addPhone(ctx, tx, ring, account, p, givenBy, place)
}

// SMSToProve gives a number that waits for its proof: one that its person typed in this
// place less than EnrolmentLife ago, or one that an administrator gave. Errors:
// ErrFactorNotFound, ErrEnrolmentOver.
func SMSToProve(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor, place string) (Factor, error) {
	list, err := factorsOf(ctx, tx, account)
	if err != nil {
		return Factor{}, err
	}
	i := slices.IndexFunc(list, func(f Factor) bool { return f.ID == id && f.Kind == SMS && f.ProvedAt.IsZero() })
	if i < 0 {
		return Factor{}, ErrFactorNotFound
	}
	f := list[i]
	if f.GivenBy != "" {
		return f, nil
	}
	begun, err := phoneBegunIn(ctx, tx, id)
	if err == nil && (begun != place || !tx.Now.Before(f.CreatedAt.Add(EnrolmentLife))) {
		err = ErrEnrolmentOver
	}
	return f, err
}

// PhoneOf opens the number of a factor. Errors: ErrFactorNotFound.
func PhoneOf(ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, id ident.Factor) (Phone, error) {
	sealed, found, err := sealedPhone(ctx, tx, account, id)
	if err == nil && !found {
		err = ErrFactorNotFound
	}
	if err != nil {
		return Phone{}, err
	}
	number, err := ring.Open(seedPlace(account, id), sealed)
	return Phone{secret.NewText(string(number))}, err
}

// heldPhone is a number of an account.
type heldPhone struct {
	id      ident.Factor
	handle  []byte
	proved  bool
	givenBy string
}

// KeptPhone is a number that was parsed before and kept sealed since.
func KeptPhone(number secret.Text) Phone { return Phone{number} }
