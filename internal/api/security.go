package api

import (
	"context"
	"net/http"

	"habilis/internal/setting"
)

// SecurityPolicy is what an organisation has set about security.
type SecurityPolicy struct {
	TemporaryPasswords bool  `json:"temporary_passwords" doc:"The welcome letter may carry a temporary password."`
	AccessLetters      bool  `json:"access_letters" doc:"Holders and administrators are told, hourly at most, who gained and lost access."`
	Version            int64 `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

type editSecurityInput struct {
	InOrg
	Versioned

	Body securityChange
}

type securityChange struct {
	TemporaryPasswords *bool `json:"temporary_passwords,omitempty"`
	AccessLetters      *bool `json:"access_letters,omitempty"`
}

func (s *Server) aboutSecurity(d *door) {
	const path = "/organizations/{org}/security-policy"
	add(d, route{
		id: "getSecurityPolicy", method: http.MethodGet, path: path, tag: tagOrganizations, summary: "Security policy",
		about: "Needs security.edit, or members.invite: it says which welcomes may be chosen.", errors: []int{http.StatusNotFound},
	}, s.getSecurity)
	add(d, route{
		id: "editSecurityPolicy", method: http.MethodPatch, path: path, tag: tagOrganizations, summary: "Change the security policy",
		about: "What is left out stays as it is. Needs security.edit.", errors: []int{http.StatusNotFound},
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
	return &reply[SecurityPolicy]{ETag: etag(v.Rev), Body: SecurityPolicy{v.TemporaryPasswords, !v.QuietAccess, v.Rev}}, nil
}

func (s *Server) editSecurity(ctx context.Context, in *editSecurityInput) (*reply[SecurityPolicy], error) {
	rev, err := in.version()
	if err != nil {
		return nil, err
	}
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Settings.Security(ctx, in.By, id)
	if err != nil {
		return nil, err
	}
	if in.Body.TemporaryPasswords != nil {
		v.TemporaryPasswords = *in.Body.TemporaryPasswords
	}
	if in.Body.AccessLetters != nil {
		v.QuietAccess = !*in.Body.AccessLetters
	}
	return securityReply(s.Settings.SetSecurity(ctx, in.By, id, rev, v))
}
