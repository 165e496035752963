package credential

import (
	"context"
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// BeginEnrol gives the options with which a browser makes a passkey for a person: one that
// is found without an address being typed, asks who holds it, and is not on a device that
// has one of theirs already. Errors: ErrNoPasskeys, ErrTooManyFactors.
func (p *Passkeys) BeginEnrol(ctx context.Context, tx *store.Tx, h Holder, place string) ([]byte, error) {
	if !p.Available() {
		return nil, ErrNoPasskeys
	}
	who, err := withKeys(ctx, tx, h)
	if err != nil {
		return nil, err
	}
	if err := roomForFactor(ctx, tx, h.Account); err != nil {
		return nil, err
	}
	options, session, err := p.lib.BeginRegistration(who,
		webauthn.WithCredentialParameters(algorithms), webauthn.WithExclusions(who.descriptors()))
	if err != nil {
		return nil, err
	}
	if err := keep(ctx, tx, ToEnrol, h.Account, place, session); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

func roomForFactor(ctx context.Context, tx *store.Tx, account ident.Account) error {
	n, err := countFactors(ctx, tx, account)
	if err == nil && n >= MaxFactors {
		err = ErrTooManyFactors
	}
	return err
}

func (h holder) descriptors() []protocol.CredentialDescriptor {
	all := make([]protocol.CredentialDescriptor, 0, len(h.keys))
	for i := range h.keys {
		all = append(all, h.keys[i].credential.Descriptor())
	}
	return all
}

// FinishEnrol keeps the passkey that a browser made, under a name. The second value is
// false for an answer that does not hold. Errors: ErrNoPasskeys, ErrPasskeyKnown,
// ErrTooManyFactors.
func (p *Passkeys) FinishEnrol(
	ctx context.Context, tx *store.Tx, account ident.Account, place, name string, response []byte,
) (ident.Factor, bool, error) {
	if !p.Available() {
		return "", false, ErrNoPasskeys
	}
	parsed, ok := parseCreation(response)
	if !ok {
		return "", false, nil
	}
	session, ok, err := spend(ctx, tx, ToEnrol, account, place, parsed.Response.CollectedClientData.Challenge)
	if err != nil || !ok {
		return "", false, err
	}
	who, err := withKeys(ctx, tx, Holder{Account: account})
	if err != nil {
		return "", false, err
	}
	made, err := p.lib.CreateCredential(who, session, parsed)
	if err != nil {
		return "", false, nil //nolint:nilerr // what the library refuses is refused; why is nobody's business
	}
	if err := roomForFactor(ctx, tx, account); err != nil {
		return "", false, err
	}
	id, err := keepPasskey(ctx, tx, account, name, made)
	return id, err == nil, err
}

func keepPasskey(ctx context.Context, tx *store.Tx, account ident.Account, name string, made *webauthn.Credential) (ident.Factor, error) {
	_, known, err := passkeyOwner(ctx, tx, handleOf(made.ID))
	if err != nil {
		return "", err
	}
	if known {
		return "", ErrPasskeyKnown
	}
	body, err := json.Marshal(made)
	if err != nil {
		return "", err
	}
	id := ident.NewFactor()
	return id, insertPasskey(ctx, tx, id, account, name, handleOf(made.ID), string(body))
}

func parseCreation(response []byte) (*protocol.ParsedCredentialCreationData, bool) {
	if len(response) > MaxPasskeyResponse {
		return nil, false
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	return parsed, err == nil
}
