package credential

import (
	"context"
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// BeginLogin gives the options of a sign-in by passkey alone: they are the same for
// everybody, and name nobody (ENU-01). Errors: ErrNoPasskeys.
func (p *Passkeys) BeginLogin(ctx context.Context, tx *store.Tx, place string) ([]byte, error) {
	if !p.Available() {
		return nil, ErrNoPasskeys
	}
	options, session, err := p.lib.BeginDiscoverableLogin()
	if err != nil {
		return nil, err
	}
	if err := keep(ctx, tx, ToSignIn, "", place, session); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// BeginSecond gives the options of a passkey after a first proof; place is the half's ID.
// Errors: ErrNoPasskeys, ErrFactorNotFound for somebody without one.
func (p *Passkeys) BeginSecond(ctx context.Context, tx *store.Tx, account ident.Account, place string) ([]byte, error) {
	return p.begin(ctx, tx, ToSecond, account, place)
}

// BeginStepUp gives the options with which a person proves themselves again; place is the
// session's ID. Errors: as BeginSecond.
func (p *Passkeys) BeginStepUp(ctx context.Context, tx *store.Tx, account ident.Account, place string) ([]byte, error) {
	return p.begin(ctx, tx, ToStepUp, account, place)
}

func (p *Passkeys) begin(ctx context.Context, tx *store.Tx, what Ceremony, account ident.Account, place string) ([]byte, error) {
	if !p.Available() {
		return nil, ErrNoPasskeys
	}
	who, err := withKeys(ctx, tx, Holder{Account: account})
	if err != nil {
		return nil, err
	}
	who = who.awake(tx.Now)
	if len(who.keys) == 0 {
		return nil, ErrFactorNotFound
	}
	options, session, err := p.lib.BeginLogin(who)
	if err != nil {
		return nil, err
	}
	if err := keep(ctx, tx, what, account, place, session); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// FinishLogin checks the answer of a sign-in by passkey alone and says whose it is: the
// account is zero unless the passkey is known. Whether the account may enter is the
// caller's to say.
func (p *Passkeys) FinishLogin(ctx context.Context, tx *store.Tx, place string, response []byte) (ident.Account, Used, error) {
	parsed, ok := p.parse(response)
	if !ok {
		return "", Used{Kind: Passkey}, nil
	}
	session, ok, err := spend(ctx, tx, ToSignIn, "", place, parsed.Response.CollectedClientData.Challenge)
	if err != nil || !ok {
		return "", Used{Kind: Passkey}, err
	}
	account, known, err := passkeyOwner(ctx, tx, handleOf(parsed.RawID))
	if err != nil || !known {
		return "", Used{Kind: Passkey}, err
	}
	who, err := withKeys(ctx, tx, Holder{Account: account})
	if err != nil {
		return "", Used{Kind: Passkey}, err
	}
	who = who.awake(tx.Now)
	_, proved, err := p.lib.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return who, nil }, session, parsed)
	u, err := who.used(ctx, tx, parsed.RawID, proved, err)
	return account, u, err
}

// FinishSecond checks the answer to BeginSecond.
func (p *Passkeys) FinishSecond(ctx context.Context, tx *store.Tx, account ident.Account, place string, response []byte) (Used, error) {
	return p.finish(ctx, tx, ToSecond, account, place, response)
}

// FinishStepUp checks the answer to BeginStepUp.
func (p *Passkeys) FinishStepUp(ctx context.Context, tx *store.Tx, account ident.Account, place string, response []byte) (Used, error) {
	return p.finish(ctx, tx, ToStepUp, account, place, response)
}

func (p *Passkeys) finish(
	ctx context.Context, tx *store.Tx, what Ceremony, account ident.Account, place string, response []byte,
) (Used, error) {
	parsed, ok := p.parse(response)
	if !ok {
		return Used{Kind: Passkey}, nil
	}
	session, ok, err := spend(ctx, tx, what, account, place, parsed.Response.CollectedClientData.Challenge)
	if err != nil || !ok {
		return Used{Kind: Passkey}, err
	}
	who, err := withKeys(ctx, tx, Holder{Account: account})
	if err != nil {
		return Used{Kind: Passkey}, err
	}
	who = who.awake(tx.Now)
	proved, err := p.lib.ValidateLogin(who, session, parsed)
	return who.used(ctx, tx, parsed.RawID, proved, err)
}

// used notes the use of a passkey. A counter that went back means that the passkey may
// have been copied: it is refused, and its counter stays.
func (h holder) used(ctx context.Context, tx *store.Tx, rawID []byte, proved *webauthn.Credential, refusal error) (Used, error) {
	u := Used{Kind: Passkey, Factor: h.factorOf(rawID)}
	if refusal != nil || proved == nil {
		return u, nil //nolint:nilerr // what the library refuses is refused; why is nobody's business
	}
	if proved.Authenticator.CloneWarning {
		u.Copied = true
		return u, nil
	}
	body, err := json.Marshal(proved)
	if err != nil {
		return Used{Kind: Passkey}, err
	}
	n, err := usePasskey(ctx, tx, u.Factor, string(body))
	u.OK = err == nil && n == 1
	return u, err
}

func (p *Passkeys) parse(response []byte) (*protocol.ParsedCredentialAssertionData, bool) {
	if !p.Available() || len(response) > MaxPasskeyResponse {
		return nil, false
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	return parsed, err == nil
}
