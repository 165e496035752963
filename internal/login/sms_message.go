package login

import (
	"time"

	"habilis/internal/credential"
	"habilis/internal/ident"
)

// CodeMessage is a message that carries a code; its job holds the code as secret.
type CodeMessage struct {
	Account ident.Account
	Factor  ident.Factor // whose number it goes to
	Code    ident.Code
	For     credential.CodeFor
	Until   time.Time
}

// Kind names the job.
func (CodeMessage) Kind() string { return "sms.code" }

// PhoneReplacedMessage tells a number that it is no second factor any more (MFA-06); its job
// holds the number as secret.
type PhoneReplacedMessage struct {
	Account ident.Account
	At      time.Time
}

// Kind names the job.
func (PhoneReplacedMessage) Kind() string { return "sms.phone_replaced" }

// TextingLetter tells the platform's administrators that the messages of the day are nearly,
// or quite, used up (MFA-08).
type TextingLetter struct {
	Sent   int64
	PerDay int64
	At     time.Time

	Strangers bool // of those that may be asked for without a session
}

// Kind names the job.
func (TextingLetter) Kind() string { return "letter.texting" }
