package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// CalendarSettings is how a calendar is shown. Times of day are written "08:30"; "24:00" ends a day.
type CalendarSettings struct {
	View        string `json:"view"`      // day, week
	FirstDay    string `json:"first_day"` // monday, saturday, sunday
	DayStart    string `json:"day_start"`
	DayEnd      string `json:"day_end"`
	SlotMinutes int    `json:"slot_minutes"` // 5, 10, 15, 20, 30, 60
	Weekends    bool   `json:"weekends"`
}

// WorkingRange is some hours of a day.
type WorkingRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// AlertChannels are the ways by which somebody is told.
type AlertChannels struct {
	Email  bool `json:"email"`
	Inside bool `json:"inside"` // a notice in Habilis
}

// SessionLimits is how long sessions last; 0: as the security policy says.
type SessionLimits struct {
	IdleMinutes   int `json:"idle_minutes"`
	AbsoluteHours int `json:"absolute_hours"`
}

// PersonalSettings is what a member has for themself, or what their organisation sets for all.
type PersonalSettings struct {
	Language      string                    `json:"language"` // fr, en, account
	Calendar      CalendarSettings          `json:"calendar"`
	WorkingHours  map[string][]WorkingRange `json:"working_hours"` // by day, monday to sunday
	Signature     string                    `json:"signature"`
	Notifications map[string]AlertChannels  `json:"notifications"` // by alert; nil where they may not be told
	Session       *SessionLimits            `json:"session"`       // the same
}

// MemberAlert is one alert of a member.
type MemberAlert struct {
	Alert     string   `json:"alert"`
	Available bool     `json:"available"` // the member holds its right somewhere
	Own       bool     `json:"own"`
	Email     bool     `json:"email"`
	Inside    bool     `json:"inside"`
	Sites     []string `json:"sites"` // chosen; none: all where they hold the right
}

// MemberSettings is what holds for a member, and what of it is their own.
type MemberSettings struct {
	PersonalSettings

	Own       []string         `json:"own"` // names of settings; the others are inherited
	Inherited PersonalSettings `json:"inherited"`
	Alerts    []MemberAlert    `json:"alerts"`
	Longest   *SessionLimits   `json:"longest_session"`
	Version   int64            `json:"version"`
}

// MemberSettingsChange changes what a member has of their own: what is nil stays as it is, a pointer
// to nil is given back.
type MemberSettingsChange struct {
	Language      **string                    `json:"language,omitempty"`
	Calendar      **CalendarSettings          `json:"calendar,omitempty"`
	WorkingHours  **map[string][]WorkingRange `json:"working_hours,omitempty"`
	Signature     **string                    `json:"signature,omitempty"`
	Session       **SessionLimits             `json:"session,omitempty"`
	Notifications **map[string]AlertChange    `json:"notifications,omitempty"` // the alerts to change; a pointer to nil: all are given back
}

// Own is the change to a value of one's own.
func Own[T any](v T) **T {
	p := &v
	return &p
}

// Inherited is the change that gives back.
func Inherited[T any]() **T { return new(*T) }

// AlertChange changes one alert: what is nil stays as it holds for the member.
type AlertChange struct {
	Inherited bool     `json:"inherited,omitempty"` // gives it back
	Email     *bool    `json:"email,omitempty"`
	Inside    *bool    `json:"inside,omitempty"`
	Sites     []string `json:"sites,omitzero"` // not nil and empty: wherever they hold the right
}

// ChannelsChange changes what an organisation sets of one alert: what is nil stays as it is.
type ChannelsChange struct {
	Email  *bool `json:"email,omitempty"`
	Inside *bool `json:"inside,omitempty"`
}

// MemberDefaults is what an organisation sets for its members.
type MemberDefaults struct {
	PersonalSettings

	Version int64 `json:"version"`
}

// MemberDefaultsChange changes it; what is nil stays as it is.
type MemberDefaultsChange struct {
	Language      *string                   `json:"language,omitempty"`
	Calendar      *CalendarSettings         `json:"calendar,omitempty"`
	WorkingHours  map[string][]WorkingRange `json:"working_hours,omitempty"`
	Signature     *string                   `json:"signature,omitempty"`
	Notifications map[string]ChannelsChange `json:"notifications,omitempty"`
	Session       *SessionLimits            `json:"session,omitempty"`
}

// AffectedByPart says whom the change of one setting touches.
type AffectedByPart struct {
	Setting string   `json:"setting"`
	Changes int64    `json:"changes"`
	Keeps   int64    `json:"keeps"`
	Names   []string `json:"names"`   // of the first who keep their own, for whoever may see all members
	Touched []string `json:"touched"` // of the first for whom it changes, the same
}

// MemberDefaultsPreview is what an organisation sets, and for whom a change is one.
type MemberDefaultsPreview struct {
	MemberDefaults

	DryRun   bool             `json:"dry_run"`
	Affected []AffectedByPart `json:"affected"`
}

const partSettings = "settings"

// GetMemberSettings reads the settings of a member.
func (c *Client) GetMemberSettings(ctx context.Context, org, member string) (MemberSettings, error) {
	return call[MemberSettings](ctx, c, request{method: http.MethodGet, path: inOrg(org, "members", member, partSettings)})
}

// EditMemberSettings changes them, from the version read.
func (c *Client) EditMemberSettings(ctx context.Context, org, member string, version int64, change MemberSettingsChange,
) (MemberSettings, error) {
	return call[MemberSettings](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "members", member, partSettings), version: &version, body: change,
	})
}

// GetMemberDefaults reads what an organisation sets for its members.
func (c *Client) GetMemberDefaults(ctx context.Context, org string) (MemberDefaults, error) {
	return call[MemberDefaults](ctx, c, request{method: http.MethodGet, path: inOrg(org, partSettings, "members")})
}

// EditMemberDefaults changes it, from the version read.
func (c *Client) EditMemberDefaults(ctx context.Context, org string, version int64, change MemberDefaultsChange,
) (MemberDefaultsPreview, error) {
	return call[MemberDefaultsPreview](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partSettings, "members"), version: &version, body: change,
	})
}

// PreviewMemberDefaults says whom EditMemberDefaults would touch.
func (c *Client) PreviewMemberDefaults(ctx context.Context, org string, version int64, change MemberDefaultsChange,
) (MemberDefaultsPreview, error) {
	return call[MemberDefaultsPreview](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, partSettings, "members"), version: &version, body: change, query: dryRun{true},
	})
}

// Notice is something that the caller was told in Habilis.
type Notice struct {
	ID      string     `json:"id"`
	Alert   string     `json:"alert"`
	What    string     `json:"what"`
	Text    string     `json:"text"` // in the caller's language
	Count   int64      `json:"count"`
	Subject *string    `json:"subject"` // a member
	Day     *time.Time `json:"day"`
	At      time.Time  `json:"at"`
	ReadAt  *time.Time `json:"read_at"`
}

// Notices is a page of them, the latest first.
type Notices struct {
	List[Notice]

	Unread int64 `json:"unread"` // on all pages
}

// NoticeQuery chooses notices of an organisation.
type NoticeQuery struct {
	Paging
	MyPlace

	Unread bool `query:"unread"`
}

// ReadNotices names the notices to mark as read; none: all of the organisation.
type ReadNotices struct {
	Organization string   `json:"organization"`
	Notices      []string `json:"notices,omitempty"`
}

// ListMyNotices gives a page of the caller's notices in an organisation.
func (c *Client) ListMyNotices(ctx context.Context, q NoticeQuery) (Notices, error) {
	return call[Notices](ctx, c, request{method: http.MethodGet, path: []string{"me", "notices"}, query: q})
}

// MyNotices goes through them.
func (c *Client) MyNotices(ctx context.Context, q NoticeQuery) iter.Seq2[Notice, error] {
	return every(q.Paging, func(p Paging) (List[Notice], error) {
		q.Paging = p
		page, err := c.ListMyNotices(ctx, q)
		return page.List, err
	})
}

// ReadMyNotices marks notices as read.
func (c *Client) ReadMyNotices(ctx context.Context, read ReadNotices) error {
	return act(ctx, c, request{method: http.MethodPost, path: []string{"me", "notices", "read"}, body: read})
}

// NewMemberSettings is what a member who is created has of their own; what is nil is inherited.
type NewMemberSettings struct {
	Language      *string                   `json:"language,omitempty"`
	Calendar      *CalendarSettings         `json:"calendar,omitempty"`
	WorkingHours  map[string][]WorkingRange `json:"working_hours,omitempty"`
	Signature     *string                   `json:"signature,omitempty"`
	Session       *SessionLimits            `json:"session,omitempty"`
	Notifications map[string]AlertChange    `json:"notifications,omitempty"`
}
