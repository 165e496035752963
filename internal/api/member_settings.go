package api

import (
	"context"
	"net/http"

	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
)

// MemberSettings is what holds for a member, and what of it is their own.
type MemberSettings struct {
	PersonalSettings

	Own       []settingPart    `json:"own" doc:"The settings that are the member's own; the others are inherited."`
	Inherited PersonalSettings `json:"inherited" doc:"What the organisation sets for all."`
	Alerts    []MemberAlert    `json:"alerts" doc:"For themself, and for whoever may edit them."`
	Longest   *SessionLimits   `json:"longest_session,omitempty" doc:"What the security policy allows at most."`
	Version   int64            `json:"version" doc:"The number in the ETag; 0 while nothing was ever their own."`
}

// MemberAlert is one alert of a member.
type MemberAlert struct {
	Alert     alertCode `json:"alert"`
	Available bool      `json:"available" doc:"The member holds its right somewhere: else they are not told, and it cannot be turned on."`
	Own       bool      `json:"own" doc:"Of their own; else inherited."`
	Email     bool      `json:"email"`
	Inside    bool      `json:"inside"`
	Sites     []siteID  `json:"sites" doc:"That they chose; none: all where they hold the right."`
}

// MemberDefaults is what an organisation sets for its members.
type MemberDefaults struct {
	PersonalSettings

	Version int64 `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

// MemberDefaultsPreview is what an organisation sets, and for whom a change is one.
type MemberDefaultsPreview struct {
	MemberDefaults

	DryRun   bool             `json:"dry_run" doc:"Nothing was done."`
	Affected []AffectedByPart `json:"affected" doc:"Of a dry run: each setting that changes."`
}

// AffectedByPart says whom the change of one setting touches.
type AffectedByPart struct {
	Setting settingPart `json:"setting"`
	Changes int64       `json:"changes" doc:"Members who inherit it."`
	Keeps   int64       `json:"keeps" doc:"Members who have their own."`
	Names   []string    `json:"names" doc:"Of the first who keep theirs, for whoever may see all members."`
	Touched []string    `json:"touched" doc:"Of the first for whom it changes, the same."`
}

type editMemberSettingsInput struct {
	InMember
	Versioned

	Body memberPersonalChange
}

type editMemberDefaultsInput struct {
	InOrg
	Versioned

	DryRun bool `query:"dry_run" doc:"Say whom it would touch, and do nothing."`
	Body   personalChange
}

func (s *Server) aboutMemberSettings(d *door) {
	const defaults, path = "/organizations/{org}/settings/members", "/organizations/{org}/members/{mbr}/settings"
	add(d, route{
		id: "getMemberSettings", method: http.MethodGet, path: path, tag: tagMembers, summary: "Settings of a member",
		about:  "Language, calendar, working hours, signature; alerts and length of sessions. Each is inherited, or the member's own.",
		errors: []int{http.StatusNotFound},
	}, s.getMemberSettings)
	add(d, route{
		id: "editMemberSettings", method: http.MethodPatch, path: path, tag: tagMembers, summary: "Change the settings of a member",
		about: "What is left out stays as it is, of an alert too; null gives a setting back: it is inherited again. For oneself, or with " +
			"members.edit over the member, who is told by e-mail; their alerts and sessions then ask a person for a fresh proof.",
		errors: []int{http.StatusNotFound},
	}, s.editMemberSettings)
	add(d, route{
		id: "getMemberDefaults", method: http.MethodGet, path: defaults, tag: tagOrganizations, summary: "What members inherit",
		about: forItsOwn, errors: []int{http.StatusNotFound},
	}, s.getMemberDefaults)
	add(d, route{
		id: "editMemberDefaults", method: http.MethodPatch, path: defaults, tag: tagOrganizations, summary: "Change what members inherit",
		about: "What is left out stays as it is. Whoever has their own keeps it. dry_run says before whom it touches. Needs " +
			"settings.edit, with a fresh proof from a person.",
		errors: []int{http.StatusNotFound},
	}, s.editMemberDefaults)
}

func memberSettingsOf(v preference.Sheet) *reply[MemberSettings] {
	m := MemberSettings{
		PersonalSettings: personalOf(v.Effective.Personal, v.MayEdit), Own: partsOf(v.Own), Inherited: personalOf(v.Inherited, v.MayEdit),
		Alerts: make([]MemberAlert, 0, len(v.Alerts)), Version: v.Version,
	}
	if v.MayEdit {
		m.Longest = &SessionLimits{v.Policy.IdleMinutes, v.Policy.AbsoluteHours}
	}
	for _, a := range v.Alerts {
		line := MemberAlert{alertCode(a.Alert), a.Holds, a.Own, a.On.Email, a.On.Inside, []siteID{}}
		for _, site := range a.Chosen {
			line.Sites = append(line.Sites, siteID(site))
		}
		m.Alerts = append(m.Alerts, line)
	}
	return &reply[MemberSettings]{ETag: etag(v.Version), Body: m}
}

func (s *Server) getMemberSettings(ctx context.Context, in *InMember) (*reply[MemberSettings], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Preferences.Get(ctx, in.By, org, known(ident.ParseMember, in.Member))
	if err != nil {
		return nil, err
	}
	return memberSettingsOf(v), nil
}

func (s *Server) editMemberSettings(ctx context.Context, in *editMemberSettingsInput) (*reply[MemberSettings], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Preferences.Edit(ctx, in.By, org, known(ident.ParseMember, in.Member), version, in.Body.edit())
	if err != nil {
		return nil, err
	}
	return memberSettingsOf(v), nil
}

func defaultsOf(d setting.Defaults) MemberDefaults {
	return MemberDefaults{personalOf(d.Personal, true), d.Rev}
}

func (s *Server) getMemberDefaults(ctx context.Context, in *InOrg) (*reply[MemberDefaults], error) {
	org, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	d, err := s.Settings.Defaults(ctx, in.By, org)
	if err != nil {
		return nil, err
	}
	return &reply[MemberDefaults]{ETag: etag(d.Rev), Body: defaultsOf(d)}, nil
}

func (s *Server) editMemberDefaults(ctx context.Context, in *editMemberDefaultsInput) (*reply[MemberDefaultsPreview], error) {
	org, rev, d, err := presented(ctx, s, in.InOrg, in.Versioned, s.Settings.Defaults)
	if err != nil {
		return nil, err
	}
	out := MemberDefaultsPreview{DryRun: in.DryRun, Affected: []AffectedByPart{}}
	next := in.Body.onto(d.Personal)
	if !in.DryRun {
		if d, err = s.Settings.SetDefaults(ctx, in.By, org, rev, next); err != nil {
			return nil, err
		}
		out.MemberDefaults = defaultsOf(d)
		return &reply[MemberDefaultsPreview]{ETag: etag(d.Rev), Body: out}, nil
	}
	e, err := s.Preferences.PreviewDefaults(ctx, in.By, org, rev, next)
	if err != nil {
		return nil, err
	}
	for _, p := range e.Parts {
		out.Affected = append(out.Affected, AffectedByPart{
			settingPart(p.Part), p.Changes, p.Keeps, append([]string{}, p.Names...), append([]string{}, p.Touched...),
		})
	}
	out.MemberDefaults = defaultsOf(e.After)
	return &reply[MemberDefaultsPreview]{ETag: etag(d.Rev), Body: out}, nil
}
