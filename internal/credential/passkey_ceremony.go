package credential

import (
	"context"
	"crypto/sha256"
	"encoding/json"

	"github.com/go-webauthn/webauthn/webauthn"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Ceremony is what a challenge is for; it serves for nothing else (MFA-07).
type Ceremony string

// The ceremonies.
const (
	ToEnrol  Ceremony = "enrol"
	ToSignIn Ceremony = "sign_in" // whole, by passkey alone
	ToSecond Ceremony = "second"  // after a first proof
	ToStepUp Ceremony = "step_up" // the person again, in their session
)

// keep writes what a challenge needs to be checked: for one purpose, in the browser that
// place names, within CeremonyLife. account is zero for a whole sign-in.
func keep(ctx context.Context, tx *store.Tx, what Ceremony, account ident.Account, place string, s *webauthn.SessionData) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return insertCeremony(ctx, tx, challengeHash(s.Challenge), what, account, place, string(body), tx.Now.Add(CeremonyLife))
}

// spend takes the challenge of an answer, once: of two that present it, one gets it. The
// second value is false for one that is spent, expired, made up, for something or somebody
// else, or of another browser.
func spend(
	ctx context.Context, tx *store.Tx, what Ceremony, account ident.Account, place, challenge string,
) (s webauthn.SessionData, ok bool, err error) {
	body, found, err := spendCeremony(ctx, tx, challengeHash(challenge), what, account, place)
	if err != nil || !found {
		return s, false, err
	}
	err = json.Unmarshal([]byte(body), &s)
	return s, err == nil, err
}

func challengeHash(challenge string) secret.Hash {
	return secret.Hash(sha256.Sum256([]byte(challenge)))
}

// handleOf names a credential in the index: its ID is long as it likes.
func handleOf(credential []byte) secret.Hash { return secret.Hash(sha256.Sum256(credential)) }
