package setting

// Alert is something that people may be told of as it happens, or not: a closed list. What
// security or a right asks to tell is none, and nobody can refuse it.
type Alert string

// The alerts.
const (
	// AlertRegistration: the file of somebody who registers has arrived, and can be judged.
	AlertRegistration Alert = "registration"
	// AlertApproval: an account that the platform's support made waits for a decision.
	AlertApproval Alert = "approval"
	// AlertDirectory: the national directory says something else of members.
	AlertDirectory Alert = "directory"
	// AlertDeparture: somebody's departure is planned, is done, or wants somebody to take over.
	AlertDeparture Alert = "departure"
	// AlertWork: work was handed over to oneself.
	AlertWork Alert = "work"
	// AlertDelegation: one may act in somebody's name from now on, or may not any more.
	AlertDelegation Alert = "delegation"
	// AlertAccess: who gained and who lost access, to what one holds or administers.
	AlertAccess Alert = "access"
)

// Alerts are all of them, in the order in which they are shown.
var Alerts = []Alert{AlertRegistration, AlertApproval, AlertDirectory, AlertDeparture, AlertWork, AlertDelegation, AlertAccess}

// Channels are the ways by which somebody is told.
type Channels struct {
	Email  bool `json:"email"`
	Inside bool `json:"inside"` // a notice in Habilis
}

// None reports whether there is none.
func (c Channels) None() bool { return !c.Email && !c.Inside }
