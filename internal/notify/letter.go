package notify

import (
	"slices"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// Kind names a letter. It is also the area of its texts: letters.<kind>.
type Kind string

// The letters of the product.
const (
	KindInvitation           Kind = "invitation"            // MEM-9, MEM-11; also the first administrator of an organisation
	KindJoined               Kind = "joined"                // MEM-10: an existing account was added
	KindAdministratorNamed   Kind = "administrator_named"   // ORG-5
	KindAdministratorRevoked Kind = "administrator_revoked" // ORG-5
	KindPasswordReset        Kind = "password_reset"
	KindPasswordChanged      Kind = "password_changed"
	KindSignInFailures       Kind = "sign_in_failures" // at 10 failures (rules.md 4)
	KindPasswordLocked       Kind = "password_locked"  // at 25 in 24 hours (rules.md 4)
	KindTemporaryPassword    Kind = "temporary_password"
	KindDeactivated          Kind = "deactivated" // CHG-4
	KindReactivated          Kind = "reactivated" // CHG-4
	KindSessionsClosed       Kind = "sessions_closed"
	KindNewBrowser           Kind = "new_browser"         // a sign-in from where the person does not usually come
	KindSelfGranted          Kind = "self_granted"        // RGT-1: to the other administrators
	KindSelfRights           Kind = "self_rights"         // RGT-1: the same, of other rights than the administration
	KindSelfLevels           Kind = "self_levels"         // RGT-1: the same, of access to agendas and mailboxes
	KindAccessDigest         Kind = "access_digest"       // who gained and lost access, once an hour at most
	KindDelegationGiven      Kind = "delegation_given"    // RGT-6: to the holder of the identity
	KindDelegationProposed   Kind = "delegation_proposed" // MEM-6: to the holder, who alone confirms
	KindDelegationStarted    Kind = "delegation_started"  // RGT-6: to the delegate
	KindDelegationEnded      Kind = "delegation_ended"    // RGT-6: to the delegate
	KindDirectoryAlerts      Kind = "directory_alerts"    // VER-5: to the administrators, once a night
	KindTexting              Kind = "texting"             // MFA-08: to the platform's administrators
	KindTextingStrangers     Kind = "texting_strangers"   // the same, of the share of those who register
	KindLeft                 Kind = "left"                // SEC-5: to who left an organisation
	KindLeaver               Kind = "leaver"              // SEC-5: to its administrators
	KindEmailProof           Kind = "email_proof"         // CHG-2: to a new address
	KindEmailTaken           Kind = "email_taken"         // ENU-02: to the owner of the address
	KindEmailAsked           Kind = "email_asked"         // CHG-2: to the present address
	KindEmailChanged         Kind = "email_changed"       // CHG-2: to the new address
	KindEmailReplaced        Kind = "email_replaced"      // CHG-2: to the old address, with the way back
	KindEmailUndone          Kind = "email_undone"        // SEC-5: to the old address
	KindEmailWithdrawn       Kind = "email_withdrawn"     // SEC-5: to the new address
	KindWebhookStopped       Kind = "webhook_stopped"     // OUT-03, rules.md 13: to the administrators
)

// Kinds lists every letter.
var Kinds = append([]Kind{
	KindInvitation, KindJoined, KindAdministratorNamed, KindAdministratorRevoked, KindPasswordReset, KindPasswordChanged,
	KindSignInFailures, KindPasswordLocked, KindTemporaryPassword, KindDeactivated, KindReactivated, KindSessionsClosed, KindNewBrowser,
	KindSelfGranted, KindSelfRights, KindSelfLevels, KindAccessDigest, KindDirectoryAlerts, KindTexting, KindTextingStrangers,
	KindDelegationGiven, KindDelegationProposed, KindDelegationStarted, KindDelegationEnded,
	KindLeft, KindLeaver, KindEmailProof, KindEmailTaken, KindEmailAsked, KindEmailChanged, KindEmailReplaced,
	KindEmailUndone, KindEmailWithdrawn, KindWebhookStopped,
}, slices.Concat(
	factorKinds, careKinds, registrationKinds, lossKinds, approvalKinds, []Kind{KindMessage, KindSiteRemoved, KindSettingsChanged},
	alertKinds, dossierKinds, deactivationKinds, departureKinds, reviewKinds, mergeKinds, accountsKinds, personKinds, erasureKinds, exitKinds,
)...)

// Recipient is who a letter is for. Name may be empty: an invited address is
// often all that is known.
type Recipient struct {
	Name  string
	Email string
	Lang  text.Lang
}

// Org is the organisation whose plaque stands at the top of a letter.
type Org struct {
	Name   string
	Enamel Enamel
}

// Contact is whom to ask; the zero Contact sends people to their administration.
type Contact struct {
	Name  string
	Email string
}

// Letter is one letter, ready to be laid out: texts in the recipient's language,
// without markup.
type Letter struct {
	Kind      Kind
	To        Recipient
	Sender    string    // shown beside the sending address
	ReplyTo   Recipient // where answers go; zero: nowhere, nobody wrote it
	Subject   string
	Preheader string // what a mailbox shows after the subject
	Plaque    Plaque
	Greeting  string
	Blocks    []Block
	Button    *Button  // nil in security letters
	Footer    []string // why, what if it was not you, whom to ask
}

// Plaque is the plate at the top: what this is about, then whose it is.
type Plaque struct {
	Label  string
	Name   string
	Enamel Enamel
}

// Block is one piece of the body. Exactly one field is set.
type Block struct {
	Paragraph string
	Lines     []string // of a paragraph that somebody typed
	List      []string
	Facts     []Fact
}

// Fact is one line «Label : value». Labels keep prepositions away from names
// (DESIGN.md 9). The value is a secret in the temporary-password letter.
type Fact struct {
	Label string
	Value secret.Text
}

// Button is the one link of a letter. The URL carries a token: it is a secret.
type Button struct {
	Label string
	URL   secret.Text
	Note  string // until when it works
	Raw   string // introduces the same address in letters
	Intro string // introduces it in the plain text
}
