package credential

import (
	"context"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// EnrolmentLife is how long a factor that was begun may take to be proved (rules.md 5).
const EnrolmentLife = 10 * time.Minute

// MaxFactors bounds the factors of one account, proved or not.
const MaxFactors = 20

// MaxFactorName bounds what a person calls a factor, in characters.
const MaxFactorName = 60

// Refusals of factors.
var (
	// ErrEnrolmentOver refuses the proof of a factor that was begun too long ago, or in
	// another browser.
	ErrEnrolmentOver = fault.New(fault.Gone, "factor.enrolment_over")
	// ErrTooManyFactors refuses one more.
	ErrTooManyFactors = fault.New(fault.Conflict, "factor.too_many").With("Max", MaxFactors)
)

// BegunTOTP is an application of codes that its person is about to add: the seed is shown
// until it is proved, and never again.
type BegunTOTP struct {
	Factor    ident.Factor
	Seed      secret.Text `json:"-"`
	ExpiresAt time.Time
}

// The functions below join the caller's transaction; those that write expect it to hold
// the installation's lock (action.Act's Accounts). place is where the person is: the ID of
// a session, or of a half-session that may open nothing before a factor is proved.

// BeginTOTP draws the seed of a new application of codes. One that the account had begun
// before is forgotten. Errors: ErrTooManyFactors.
func BeginTOTP(ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, place string) (BegunTOTP, error) {
	if err := dropBegunTOTP(ctx, tx, account); err != nil {
		return BegunTOTP{}, err
	}
	if err := roomForFactor(ctx, tx, account); err != nil {
		return BegunTOTP{}, err
	}
	b := BegunTOTP{Factor: ident.NewFactor(), Seed: newSeed(), ExpiresAt: tx.Now.Add(EnrolmentLife)}
	return b, insertTOTP(ctx, tx, b.Factor, account, ring.Seal(seedPlace(account, b.Factor), []byte(b.Seed.Reveal())), place)
}

// PendingTOTP gives the application of codes that the account began in this place and has
// not proved; the second value is false when there is none.
func PendingTOTP(ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, place string) (BegunTOTP, bool, error) {
	p, ok, err := begunTOTP(ctx, tx, account, place)
	if err != nil || !ok {
		return BegunTOTP{}, false, err
	}
	seed, err := openSeed(ring, account, p)
	return BegunTOTP{Factor: p.id, Seed: seed, ExpiresAt: p.created.Add(EnrolmentLife)}, err == nil, err
}

// ProveTOTP makes the application of codes that the account began in this place a factor,
// if code is one that it shows. A wrong code is no error; the person may try again until
// the enrolment is over. Errors: ErrEnrolmentOver.
func ProveTOTP(
	ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, place string, factor ident.Factor, name, code string,
) (bool, error) {
	p, ok, err := begunTOTP(ctx, tx, account, place)
	if err != nil {
		return false, err
	}
	if !ok || p.id != factor {
		return false, ErrEnrolmentOver
	}
	typed, ok := parseTOTP(code)
	if !ok {
		return false, nil
	}
	seed, err := openSeed(ring, account, p)
	if err != nil {
		return false, err
	}
	step, ok, err := matchedStep(seed, typed, 0, tx.Now)
	if err != nil || !ok {
		return false, err
	}
	return true, proveTOTP(ctx, tx, account, factor, name, step)
}

// UseTOTP spends one code of an application. The try is counted before the code is looked
// at, and a code works once whatever the door or the node (MFA-01, MFA-02): of those that
// an account has, any may show it. A text that is no code costs no try.
func UseTOTP(ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, code string) (Used, error) {
	typed, ok := parseTOTP(code)
	if !ok {
		return idleTOTP(ctx, tx, account)
	}
	tried, err := countTOTP(ctx, tx, account)
	if err != nil {
		return Used{}, err
	}
	if len(tried) == 0 {
		return Used{Kind: TOTP, Locked: true}, nil
	}
	right := -1
	for i := range tried {
		if ok, err := spendTOTP(ctx, tx, ring, account, tried[i], typed); err != nil {
			return Used{}, err
		} else if ok {
			right = i
			break
		}
	}
	if right >= 0 {
		return Used{Kind: TOTP, Factor: tried[right].id, OK: true, Left: FactorTries}, takeBackTOTP(ctx, tx, tried)
	}
	return restTOTP(ctx, tx, tried)
}

// idleTOTP tells how many tries are left, having counted none.
func idleTOTP(ctx context.Context, tx *store.Tx, account ident.Account) (Used, error) {
	failures, found, err := leftTOTP(ctx, tx, account)
	if err != nil || !found {
		return Used{Kind: TOTP, Locked: true}, err
	}
	return Used{Kind: TOTP, Left: int(max(0, FactorTries-failures))}, nil
}

// spendTOTP takes the step of the code, if it is one of this factor: of two that show the
// same code, on whatever node, one gets it.
func spendTOTP(ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, of triedTOTP, typed string) (bool, error) {
	seed, err := openSeed(ring, account, of)
	if err != nil {
		return false, err
	}
	step, ok, err := matchedStep(seed, typed, of.last, tx.Now)
	if err != nil || !ok {
		return false, err
	}
	n, err := takeStep(ctx, tx, of.id, step)
	return n == 1, err
}

// takeBackTOTP uncounts a try that was right. The wrong ones before it stay: somebody who
// guesses gains nothing from its person's signing in meanwhile.
func takeBackTOTP(ctx context.Context, tx *store.Tx, tried []triedTOTP) error {
	for _, t := range tried {
		if err := uncountTOTP(ctx, tx, t.id); err != nil {
			return err
		}
	}
	return nil
}

// restTOTP ends a try that was wrong: what failed too often rests.
func restTOTP(ctx context.Context, tx *store.Tx, tried []triedTOTP) (Used, error) {
	u := Used{Kind: TOTP, Locked: true}
	for _, t := range tried {
		if t.failures < FactorTries {
			u.Locked, u.Left = false, max(u.Left, FactorTries-int(t.failures))
			continue
		}
		u.Locks = true
		if err := restFactor(ctx, tx, t.id, tx.Now.Add(FactorRest)); err != nil {
			return Used{}, err
		}
	}
	return u, nil
}

// seedPlace is where a seed opens: in its factor's row of its account, nowhere else.
func seedPlace(account ident.Account, factor ident.Factor) secret.AAD {
	return secret.AAD{Table: "factor", Column: "secret", Tenant: account.String(), Row: factor.String()}
}

func openSeed(ring *secret.Ring, account ident.Account, of triedTOTP) (secret.Text, error) {
	b, err := ring.Open(seedPlace(account, of.id), of.sealed)
	return secret.NewText(string(b)), err
}

// EnrolTOTP gives an account an application of codes whose seed is known already: for the
// demonstration, whose administrators come in with one that its operator reads at
// start-up, and for tests. The error is that of a seed that is none.
func EnrolTOTP(
	ctx context.Context, tx *store.Tx, ring *secret.Ring, account ident.Account, name string, seed secret.Text,
) (ident.Factor, error) {
	if _, err := TOTPCode(seed, tx.Now); err != nil {
		return "", err
	}
	id := ident.NewFactor()
	if err := insertTOTP(ctx, tx, id, account, ring.Seal(seedPlace(account, id), []byte(seed.Reveal())), ""); err != nil {
		return "", err
	}
	return id, proveTOTP(ctx, tx, account, id, name, 0)
}
