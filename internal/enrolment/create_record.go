package enrolment

import (
	"maps"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/member"
)

// event is the record of a creation: everything the member was given, never a secret; own is what
// they have of their own.
func (c *creation) event(m member.Member, own map[string]any) audit.Event {
	after := map[string]any{
		"profile_type": m.ProfileType, "function": m.Function, "messaging_reach": m.Reach, "status": m.Status,
		"sites": c.sites, "roles": rolesOf(c.roles), "welcome": c.in.Welcome,
	}
	for name, value := range map[string]string{
		"title": m.Title, "given_name": m.GivenName, "family_name": m.FamilyName, "email": m.Email, "rpps": m.RPPS,
		"identity": string(m.Identity.Source), "profession_code": m.ProfessionCode, "profession": m.Profession,
		"specialty_code": m.SpecialtyCode, "specialty": m.Specialty, "phone": m.Phone, "mssante": m.MSSante, "siret": m.SIRET,
		"am_number": m.AMNumber,
	} {
		if value != "" {
			after[name] = value
		}
	}
	maps.Copy(after, own)
	if len(c.in.Permissions) > 0 {
		after["permissions"] = permissionsOf(c.in.Permissions)
	}
	if len(c.in.Administers) > 0 {
		after["administration"] = codesOf(c.in.Administers)
	}
	if m.Locum != nil {
		after["locum"] = map[string]string{
			"for": m.Locum.For.String(), "name": m.Locum.Name, "from": m.Locum.From, "until": m.Locum.Until,
		}
	}
	e := audit.Event{
		Org: c.org, Verb: verbCreate, Object: m.ID.String(), Subject: m.ID.String(),
		Names: map[string]string{"member": m.Name()}, After: after,
	}
	if len(c.sites) == 1 {
		e.Site = c.sites[0]
	}
	return e
}

// permissionsOf writes permissions with their scopes for the trail.
func permissionsOf(given []member.GivenPermission) []map[string]string {
	list := make([]map[string]string, len(given))
	for n, g := range given {
		list[n] = map[string]string{"permission": string(g.Permission), "scope": g.Scope.Code()}
	}
	return list
}

func codesOf(scopes []access.Scope) []string {
	codes := make([]string, len(scopes))
	for n, s := range scopes {
		codes[n] = s.Code()
	}
	return codes
}
