package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/setting"
)

// SecurityPolicy is what an organisation has set about security (SEC-4).
type SecurityPolicy struct {
	Factors               []string  `json:"factors" doc:"Those that let somebody in; a recovery code always does." example:"[\"passkey\",\"totp\"]"` //nolint:lll // a tag is one literal
	Required              string    `json:"required" enum:"everybody,administrators" doc:"Of whom one is asked; of administrators always."`
	GraceDays             int       `json:"grace_days" doc:"How long others may do without."`
	RequiredSince         time.Time `json:"required_since,omitzero" doc:"When it last asked for more: the grace begins then, or with the account."` //nolint:lll // a tag is one literal
	Networks              []string  `json:"networks" doc:"The organisation's own addresses." example:"[\"203.0.113.0/24\"]"`
	NetworkFactor         bool      `json:"network_factor" doc:"Being there may be the second factor of those who have this factor."`
	NetworkOnly           bool      `json:"network_only" doc:"Nobody comes in by browser from elsewhere."`
	IdleMinutes           int       `json:"idle_minutes" doc:"How long a session may be left alone."`
	AbsoluteHours         int       `json:"absolute_hours" doc:"How long a session lasts at most."`
	DeviceDays            int       `json:"device_days" doc:"How long a browser may be remembered; 0: never."`
	EmailByAdministrators bool      `json:"email_by_administrators" doc:"Administrators may correct some addresses."`
	TemporaryPasswords    bool      `json:"temporary_passwords" doc:"The welcome letter may carry a temporary password."`
	AccessLetters         bool      `json:"access_letters" doc:"Holders and administrators are told who gained and lost access."`
	Version               int64     `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

type editSecurityInput struct {
	InOrg
	Versioned

	Body securityChange
}

type securityChange struct {
	Factors               *[]string `json:"factors,omitempty" maxItems:"3" enum:"passkey,totp,sms" example:"[\"passkey\",\"totp\"]"`
	Required              *string   `json:"required,omitempty" enum:"everybody,administrators"`
	GraceDays             *int      `json:"grace_days,omitempty" minimum:"0" maximum:"90"`
	Networks              *[]string `json:"networks,omitempty" maxItems:"50" doc:"They replace those before; the caller's own address must be in one." example:"[\"203.0.113.0/24\"]"` //nolint:lll // a tag is one literal
	NetworkFactor         *bool     `json:"network_factor,omitempty"`
	NetworkOnly           *bool     `json:"network_only,omitempty"`
	IdleMinutes           *int      `json:"idle_minutes,omitempty" minimum:"5" maximum:"30"`
	AbsoluteHours         *int      `json:"absolute_hours,omitempty" minimum:"1" maximum:"12"`
	DeviceDays            *int      `json:"device_days,omitempty" minimum:"0" maximum:"30"`
	EmailByAdministrators *bool     `json:"email_by_administrators,omitempty"`
	TemporaryPasswords    *bool     `json:"temporary_passwords,omitempty"`
	AccessLetters         *bool     `json:"access_letters,omitempty"`
}

// onto applies the change to a policy. Errors: fields to correct.
func (c securityChange) onto(v setting.Security) (setting.Security, error) {
	if c.Factors != nil {
		factors, ok := setting.ParseFactors(*c.Factors)
		if !ok {
			return v, malformedAt("body.factors", "api.malformed")
		}
		v.Factors = factors
	}
	var err error
	if c.Networks != nil {
		v.Networks, err = setting.ParseNetworks(*c.Networks)
	}
	v.Required = setting.Required(orSame(c.Required, string(v.Required)))
	v.GraceDays, v.IdleMinutes = orSame(c.GraceDays, v.GraceDays), orSame(c.IdleMinutes, v.IdleMinutes)
	v.AbsoluteHours, v.DeviceDays = orSame(c.AbsoluteHours, v.AbsoluteHours), orSame(c.DeviceDays, v.DeviceDays)
	v.NetworkFactor, v.NetworkOnly = orSame(c.NetworkFactor, v.NetworkFactor), orSame(c.NetworkOnly, v.NetworkOnly)
	v.EmailByAdministrators = orSame(c.EmailByAdministrators, v.EmailByAdministrators)
	v.TemporaryPasswords = orSame(c.TemporaryPasswords, v.TemporaryPasswords)
	v.QuietAccess = !orSame(c.AccessLetters, !v.QuietAccess)
	return v, err
}

// orSame is the value given, or the old one.
func orSame[T any](given *T, old T) T {
	if given == nil {
		return old
	}
	return *given
}

func (s *Server) aboutSecurity(d *door) {
	const path = "/organizations/{org}/security-policy"
	add(d, route{
		id: "getSecurityPolicy", method: http.MethodGet, path: path, tag: tagOrganizations, summary: "Security policy",
		about: "Needs security.edit, or members.invite: it says which welcomes may be chosen.", errors: []int{http.StatusNotFound},
	}, s.getSecurity)
	add(d, route{
		id: "editSecurityPolicy", method: http.MethodPatch, path: path, tag: tagOrganizations, summary: "Change the security policy",
		about:  "What is left out stays as it is. It holds from everybody's next request. Needs security.edit, with a fresh proof from a person.",
		errors: []int{http.StatusNotFound},
	}, s.editSecurity)
}

func (s *Server) getSecurity(ctx context.Context, in *InOrg) (*reply[SecurityPolicy], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	return securityReply(s.Settings.Security(ctx, in.By, id))
}

func securityReply(v setting.Security, err error) (*reply[SecurityPolicy], error) {
	if err != nil {
		return nil, err
	}
	p := SecurityPolicy{
		Factors: v.Factors.List(), Required: string(v.Required), GraceDays: v.GraceDays, RequiredSince: v.RequiredSince, Networks: []string{},
		NetworkFactor: v.NetworkFactor, NetworkOnly: v.NetworkOnly, IdleMinutes: v.IdleMinutes, AbsoluteHours: v.AbsoluteHours,
		DeviceDays: v.DeviceDays, EmailByAdministrators: v.EmailByAdministrators, TemporaryPasswords: v.TemporaryPasswords,
		AccessLetters: !v.QuietAccess, Version: v.Rev,
	}
	for _, n := range v.Networks {
		p.Networks = append(p.Networks, n.String())
	}
	return &reply[SecurityPolicy]{ETag: etag(v.Rev), Body: p}, nil
}

func (s *Server) editSecurity(ctx context.Context, in *editSecurityInput) (*reply[SecurityPolicy], error) {
	id, rev, v, err := presented(ctx, s, in.InOrg, in.Versioned, s.Settings.Security)
	if err != nil {
		return nil, err
	}
	if v, err = in.Body.onto(v); err != nil {
		return nil, err
	}
	return securityReply(s.Settings.SetSecurity(ctx, in.By, id, rev, v))
}
