package preference

import (
	"maps"
	"time"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/setting"
)

// Preferences is the register of what members have for themself.
type Preferences struct{ Run *action.Runner }

// Refusals.
var (
	// ErrStale is the refusal of a change to a version that is no longer in force.
	ErrStale = fault.New(fault.Stale, "preference.stale")
	// ErrNotMember: notices and alerts are of members; a token is none.
	ErrNotMember = fault.New(fault.Forbidden, "preference.not_member")
)

// Own is what a member has of their own; nil is inherited.
type Own struct {
	Language      *setting.Language              `json:"language,omitempty"`
	Calendar      *setting.Calendar              `json:"calendar,omitempty"`
	WorkingHours  *setting.WorkingHours          `json:"working_hours,omitempty"`
	Notifications map[setting.Alert]Subscription `json:"notifications,omitempty"` // an alert that is missing is inherited
	Signature     *string                        `json:"signature,omitempty"`
	Session       *setting.SessionLength         `json:"session,omitempty"`
}

// Subscription is how somebody is told of an alert, and at which sites.
type Subscription struct {
	setting.Channels

	Sites []ident.Site `json:"sites,omitempty"` // none: wherever they hold the right
}

// Has reports whether a part is the member's own; of the notifications, whether one alert is.
func (o Own) Has(p setting.Part) bool {
	switch p {
	case setting.PartLanguage:
		return o.Language != nil
	case setting.PartCalendar:
		return o.Calendar != nil
	case setting.PartWorkingHours:
		return o.WorkingHours != nil
	case setting.PartNotifications:
		return len(o.Notifications) > 0
	case setting.PartSignature:
		return o.Signature != nil
	case setting.PartSession:
		return o.Session != nil
	}
	return false
}

// Over is what holds for a member: their own where they have it, else what they inherit.
func (o Own) Over(inherited setting.Personal) Effective {
	e := Effective{Personal: inherited, Sites: map[setting.Alert][]ident.Site{}}
	take(&e.Language, o.Language)
	take(&e.Calendar, o.Calendar)
	take(&e.WorkingHours, o.WorkingHours)
	take(&e.Signature, o.Signature)
	take(&e.Session, o.Session)
	e.Notifications = make(map[setting.Alert]setting.Channels, len(inherited.Notifications))
	maps.Copy(e.Notifications, inherited.Notifications)
	for a, s := range o.Notifications {
		e.Notifications[a] = s.Channels
		e.Sites[a] = s.Sites
	}
	return e
}

func take[T any](to, own *T) {
	if own != nil {
		*to = *own
	}
}

// Effective is what holds for a member.
type Effective struct {
	setting.Personal

	Sites map[setting.Alert][]ident.Site // that narrow an alert; none: wherever they hold the right
}

// Edit changes what a member has of their own. What is left out stays as it is.
type Edit struct {
	Language      Change[setting.Language]
	Calendar      Change[setting.Calendar]
	WorkingHours  Change[setting.WorkingHours]
	Notifications map[setting.Alert]Change[Subscription]
	Signature     Change[string]
	Session       Change[setting.SessionLength]
	// Alerts changes some of an alert, where Notifications says all of it.
	Alerts map[setting.Alert]AlertChange
}

// AlertChange changes some of one alert: what is nil stays as it holds for the member, of their own
// or inherited. One that names nothing changes nothing.
type AlertChange struct {
	Email, Inside *bool
	Sites         *[]ident.Site // none: wherever they hold the right
}

// Change changes one part: not at all (the zero value), to one's own, or back to what is
// inherited.
type Change[T any] struct {
	Back bool
	To   *T
}

// To makes a part one's own.
func To[T any](v T) Change[T] { return Change[T]{To: &v} }

// Back gives a part back: it is inherited again.
func Back[T any]() Change[T] { return Change[T]{Back: true} }

// Sheet is the settings of a member, as one who may see them sees them.
type Sheet struct {
	Org     ident.Org
	Member  ident.Member
	Name    string
	Version int64 // what a change must name; 0: nothing was ever their own

	Own       Own
	Inherited setting.Personal // what the organisation sets for all
	Effective Effective
	Alerts    []AlertRow
	// Policy is the longest that sessions may last here: Effective.Session counts where it is
	// shorter.
	Policy setting.SessionLength

	Self    bool // one's own
	MayEdit bool
}

// AlertRow is one alert of a member.
type AlertRow struct {
	Alert  setting.Alert
	Holds  bool // they hold its right somewhere: else it tells them nothing, and cannot be chosen
	Own    bool
	On     setting.Channels
	Chosen []ident.Site // of Sites; none: all of them
	Sites  []SiteRef    // among which they may choose
	// Left are those of their choice that count no more: closed, or no longer of their right. One that
	// whoever looks may not know of has no name.
	Left []SiteRef
}

// SiteRef is a site by name.
type SiteRef struct {
	ID   ident.Site
	Name string
}

// DefaultsEffect is what a change of what the organisation sets would do, part by part.
type DefaultsEffect struct {
	Before, After setting.Defaults
	Parts         []PartEffect // those that change; none: nothing does
}

// PartEffect says whom the change of a part touches.
type PartEffect struct {
	Part    setting.Part
	Changes int64    // members who inherit it: it changes for them
	Keeps   int64    // members who have their own, and keep it
	Names   []string // of the first MaxNamed who keep theirs; nobody is named to whoever may not see all members
	Touched []string // of the first MaxNamed for whom it changes; the same
}

// MaxNamed bounds the people whom PartEffect names.
const MaxNamed = 20

// Notice is something that a member is told in Habilis.
type Notice struct {
	ID      ident.Notice
	Alert   setting.Alert
	What    What
	Count   int64        // how many; 0: it is about no number
	Subject ident.Member // whom it is about; zero: nobody, or nobody whom the reader may know
	Name    string       // theirs, now
	Day     time.Time    // a day that matters; zero: none
	At      time.Time
	ReadAt  time.Time // zero: not read
}

// What is what happened: a closed list, each with its sentence, key "notices.what.<what>".
type What string

// What happens.
const (
	RegistrationReady    What = "registration_ready"   // Count files can be judged
	RegistrationRuled    What = "registration_ruled"   // the platform's support decided of the file of Subject
	ApprovalWaits        What = "approval_waits"       // of Subject
	DirectoryDiffers     What = "directory_differs"    // Count alerts are open
	DeparturePlanned     What = "departure_planned"    // of Subject, on Day
	DepartureDone        What = "departure_done"       // of Subject
	DepartureUnconfirmed What = "departure_to_confirm" // of Subject: nobody may end it as it was planned
	DepartureReceiver    What = "departure_receiver"   // of Subject: Count items wait for somebody
	WorkReceived         What = "work_received"        // Count items
	DelegationStarts     What = "delegation_starts"    // Count
	DelegationEnds       What = "delegation_ends"      // Count
	AccessChanged        What = "access_changed"       // Count people
)

// NoticeQuery chooses a page of notices.
type NoticeQuery struct {
	Unread bool
	Size   int    // 0: DefaultNotices
	After  string // cursor
}

// Bounds of notices.
const (
	NoticeLife     = setting.MaxNoticeDays * 24 * time.Hour // an organisation may ask for less (AUD-4)
	DefaultNotices = 20
	MaxNotices     = 100
)

// NoticePage is one page, the latest first.
type NoticePage struct {
	Notices []Notice
	Unread  int64  // of all pages
	Total   int64  // that the query finds
	Next    string // cursor, empty at the end
}
