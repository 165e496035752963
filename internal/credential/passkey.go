package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Bounds of passkeys.
const (
	CeremonyLife       = 5 * time.Minute // of a challenge (rules.md 2)
	MaxPasskeyResponse = 64 << 10        // bytes of what a browser answers
)

// Faults of passkeys.
var (
	// ErrNoPasskeys is the refusal of a server whose public address is no name: WebAuthn
	// knows names and localhost, not numbers.
	ErrNoPasskeys = fault.New(fault.Conflict, "factor.passkey_no_name")
	// ErrPasskeyKnown is the refusal of a passkey that is somebody's already.
	ErrPasskeyKnown = fault.New(fault.Conflict, "factor.passkey_known")
)

// algorithms are those a passkey may sign with, the best first.
var algorithms = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// Passkeys makes and checks the ceremonies of WebAuthn. What a passkey may be used for is
// the caller's business; that it was used, here, by its person, who proved themselves to
// it, is found out here (rules.md 5, MFA-09).
//
// Each Begin keeps a challenge in the caller's transaction and gives the options for the
// browser, as JSON. Each Finish spends the challenge whatever comes of it: the caller must
// commit a refusal too.
type Passkeys struct{ lib *webauthn.WebAuthn }

// NewPasskeys makes the ceremonies of the server at a public address: its host is the
// relying party and it is the only origin, whatever a request says (rules.md 10).
func NewPasskeys(public *url.URL) *Passkeys {
	lib, err := webauthn.New(&webauthn.Config{
		RPID: public.Hostname(), RPDisplayName: "Habilis", RPOrigins: []string{public.Scheme + "://" + public.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: CeremonyLife},
			Registration: webauthn.TimeoutConfig{Timeout: CeremonyLife},
		},
		// Password managers answer extensions that nobody asked for.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil { // the host is an address in numbers: there are no passkeys
		return &Passkeys{}
	}
	return &Passkeys{lib: lib}
}

// Available reports whether this server can have passkeys at all.
func (p *Passkeys) Available() bool { return p != nil && p.lib != nil }

// Holder is the person that a passkey is made for, as their device will name them.
type Holder struct {
	Account     ident.Account
	Email, Name string
}

// holder is a person as the library wants them. The user handle is the account's ID: it
// says nothing of the person.
type holder struct {
	Holder
	keys []passkey
}

// passkey is one credential with the factor that keeps it.
type passkey struct {
	factor     ident.Factor
	credential webauthn.Credential
	until      time.Time // it rests until then; zero: it does not
}

func (h holder) WebAuthnID() []byte          { return []byte(h.Account) }
func (h holder) WebAuthnName() string        { return h.Email }
func (h holder) WebAuthnDisplayName() string { return h.Name }

func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, 0, len(h.keys))
	for i := range h.keys {
		all = append(all, h.keys[i].credential)
	}
	return all
}

// HasPasskey reports whether an account has one that can be used.
func HasPasskey(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	n, err := countPasskeys(ctx, tx, account)
	return n > 0, err
}

// withKeys reads the passkeys of a person.
func withKeys(ctx context.Context, tx *store.Tx, h Holder) (holder, error) {
	rows, err := passkeysOf(ctx, tx, h.Account)
	if err != nil {
		return holder{}, err
	}
	full := holder{Holder: h, keys: make([]passkey, 0, len(rows))}
	for _, r := range rows {
		k := passkey{factor: r.factor}
		if r.locked != nil {
			k.until = *r.locked
		}
		if err := json.Unmarshal([]byte(r.body), &k.credential); err != nil {
			return holder{}, err
		}
		full.keys = append(full.keys, k)
	}
	return full, nil
}

// awake leaves out the passkeys that rest.
func (h holder) awake(now time.Time) holder {
	h.keys = slices.DeleteFunc(h.keys, func(k passkey) bool { return !now.After(k.until) })
	return h
}

// factorOf gives the factor that keeps a credential.
func (h holder) factorOf(credential []byte) ident.Factor {
	for i := range h.keys {
		if bytes.Equal(h.keys[i].credential.ID, credential) {
			return h.keys[i].factor
		}
	}
	return ""
}
