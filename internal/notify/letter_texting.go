package notify

import "time"

// TextingFacts are what the alert about the messages of a day says.
type TextingFacts struct {
	Sent   int64
	PerDay int64
	At     time.Time

	Strangers bool // of those that registrations may ask for
}

// WriteTexting tells an administrator of the platform that the messages by SMS of the day
// are nearly used up, or quite (MFA-08): all of them, or those that registrations may ask for.
func WriteTexting(to Recipient, f TextingFacts) (Letter, error) {
	kind := KindTexting
	if f.Strangers {
		kind = KindTextingStrangers
	}
	w := write(kind, to, nil, map[string]any{"Sent": f.Sent, "Max": f.PerDay, "At": f.At})
	if f.Sent < f.PerDay {
		w.say("near")
	} else {
		w.say("full")
	}
	w.say("look", "more")
	w.openYourself()
	return w.end("platform", Contact{})
}
