package ui

import "github.com/a-h/templ"

// The addresses that give a browser the options of a passkey, as JSON, by POST.
const (
	PathPasskeySignIn = "/login/passkey/options"                                       //nolint:gosec // an address, not a secret
	PathPasskeySecond = "/login/second-factor/passkey/options"                         //nolint:gosec // an address, not a secret
	PathPasskeyHalf   = "/login/second-factor/enrol/passkey/options"                   //nolint:gosec // an address, not a secret
	PathPasskeyStepUp = "/account/passkey/options"                                     //nolint:gosec // an address, not a secret
	PathPasskeyMerge  = "/account/security/accounts/new/second-factor/passkey/options" //nolint:gosec // an address, not a secret
	PathPasskeyNew    = PathPasskeys + "/options"
)

// PathPasskeys is where a person adds a passkey.
const PathPasskeys = "/account/security/passkeys/new" //nolint:gosec // an address, not a secret

// Where a form has what a browser answers: with a passkey used, and with one made.
const (
	FieldPasskey     = "passkey"
	FieldPasskeyMade = "passkey_made"
)

// PasskeyProps asks for a passkey within a form: with script its button asks the device,
// puts the answer into the form and sends it. Without script, and in a browser that knows no
// passkeys, it is not shown: something else always stands beside it.
type PasskeyProps struct {
	ID      string // of the button; needed where a page points to it
	Label   string
	Options string // one of the addresses above
	Action  string // where the form goes with the answer, when not where it goes without
	Make    bool   // a passkey is made, not used
	Kind    Kind   // of the button; Secondary unless given
	Wide    bool
	Or      bool // says «ou» first: it stands below what it replaces
}

func (p PasskeyProps) button() ButtonProps {
	b := ButtonProps{Label: p.Label, Kind: p.Kind, Icon: IconFingerprint, Wide: p.Wide, Plain: true}
	if p.ID != "" {
		b.Attrs = templ.Attributes{"id": p.ID}
	}
	return b
}

func (p PasskeyProps) field() string {
	if p.Make {
		return FieldPasskeyMade
	}
	return FieldPasskey
}
