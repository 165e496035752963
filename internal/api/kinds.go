package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/invitation"
	"habilis/internal/journal"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/text"
)

// The types of this file write the closed lists of the nouns, and the shape of
// identifiers, into the schemas: the lists stay where the nouns keep them.
type (
	roleID         string
	siteID         string
	memberID       string
	scopeCode      string // "organization", or the ID of a site
	languageCode   string
	orgKind        string
	orgStatus      string
	enamel         string
	titleText      string
	functionCode   string
	permissionCode string
	memberStatus   string
	welcome        string
	memberOrder    string
	profileType    string
	reach          string
	auditKind      string
	auditOutcome   string
	auditFormat    string
	resourceKind   string
	resourceStatus string
	noOrMemberID   string // empty for nobody
	eventKind      string
)

const uuidPattern = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

func idPattern(prefix string) string { return "^" + prefix + "_" + uuidPattern + "$" }

var scopePattern = "^(" + access.WholeOrganization + "|ste_" + uuidPattern + ")$"

const noOrMemberPattern = "^(|mbr_" + uuidPattern + ")$"

func idSchema(prefix, example string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: idPattern(prefix), Examples: []any{example}}
}

// Examples of identifiers, for the description.
const (
	exampleOrg  = "org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"
	exampleSite = "ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"
	exampleMbr  = "mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"
	exampleInv  = "inv_019aa0f2-33b7-7d48-a6e0-91c05d2f7b68"
	exampleRole = "rol_019aa0f0-5c22-7e90-9d14-3b7fa2c86e05"
	exampleTok  = "tok_019aa0f4-1f66-7a2b-8c9d-e04b6d13f5a9"
	exampleSes  = "ses_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"
	exampleAcc  = "acc_019aa0f1-0a4c-7d03-96fe-c27b5e81a042"
)

// Schema tells the shape of a role's identifier.
func (roleID) Schema(huma.Registry) *huma.Schema { return idSchema("rol", exampleRole) }

// Schema tells the shape of a site's identifier.
func (siteID) Schema(huma.Registry) *huma.Schema { return idSchema("ste", exampleSite) }

// Schema tells the shape of a member's identifier.
func (memberID) Schema(huma.Registry) *huma.Schema { return idSchema("mbr", exampleMbr) }

// Schema tells how a scope is written.
func (scopeCode) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: scopePattern, Examples: []any{access.WholeOrganization}}
}

// Schema lists the languages of the interface.
func (languageCode) Schema(huma.Registry) *huma.Schema { return oneOf(text.All) }

// Schema lists the kinds of organisations.
func (orgKind) Schema(huma.Registry) *huma.Schema { return oneOf(org.Kinds) }

// Schema lists the families of acts.
func (auditKind) Schema(huma.Registry) *huma.Schema { return oneOf(journal.Kinds) }

// Schema lists how acts end.
func (auditOutcome) Schema(huma.Registry) *huma.Schema {
	return oneOf([]string{audit.Done, audit.Refused})
}

// Schema lists the formats of an export.
func (auditFormat) Schema(huma.Registry) *huma.Schema {
	return oneOf([]journal.Format{journal.CSV, journal.JSONL})
}

// Schema lists the statuses of organisations.
func (orgStatus) Schema(huma.Registry) *huma.Schema {
	return oneOf([]org.Status{org.Active, org.Suspended})
}

// Schema lists the colours of plaques.
func (enamel) Schema(huma.Registry) *huma.Schema { return oneOf(org.Enamels) }

// Schema lists the forms of address.
func (titleText) Schema(huma.Registry) *huma.Schema { return oneOf(member.Titles) }

// Schema lists the functions of members.
func (functionCode) Schema(huma.Registry) *huma.Schema { return oneOf(member.Functions) }

// Schema lists the permissions of the catalogue.
func (permissionCode) Schema(huma.Registry) *huma.Schema { return oneOf(access.Catalogue()) }

// Schema lists the kinds of events that can be chosen.
func (eventKind) Schema(huma.Registry) *huma.Schema { return oneOf(event.Kinds()) }

// Schema lists the statuses of members.
func (memberStatus) Schema(huma.Registry) *huma.Schema {
	return oneOf([]member.Status{member.PendingApproval, member.Created, member.Active, member.Deactivated})
}

// Schema lists the orders of the list of members.
func (memberOrder) Schema(huma.Registry) *huma.Schema {
	return oneOf([]member.Sort{
		member.ByName, "-" + member.ByName, member.ByLastSignIn, "-" + member.ByLastSignIn, member.ByCreation, "-" + member.ByCreation,
	})
}

// Schema lists the profile types.
func (profileType) Schema(huma.Registry) *huma.Schema { return oneOf(member.ProfileTypes) }

// Schema lists whom a member may converse with.
func (reach) Schema(huma.Registry) *huma.Schema { return oneOf(member.Reaches) }

// Schema lists the ways of coming in.
func (welcome) Schema(huma.Registry) *huma.Schema {
	return oneOf([]invitation.Welcome{invitation.ByLink, invitation.ByTemporaryPassword})
}

// Schema lists whose a resource may be.
func (resourceKind) Schema(huma.Registry) *huma.Schema { return oneOf(resource.Kinds(resource.Agenda)) }

// Schema lists the statuses by which resources are listed.
func (resourceStatus) Schema(huma.Registry) *huma.Schema { return oneOf(resource.Statuses) }

// Schema tells the shape of a member's identifier, which may be left empty.
func (noOrMemberID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: noOrMemberPattern, Examples: []any{exampleMbr}}
}

// oneOf is the schema of a closed list.
func oneOf[T ~string](values []T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

// patternField words what does not have the shape of an identifier or a scope.
func patternField(location, pattern string) fault.Field {
	if pattern == scopePattern {
		return fault.Field{Location: location, Code: "api.scope"}
	}
	switch pattern {
	case noOrMemberPattern:
		pattern = idPattern("mbr")
	case leveledPattern:
		pattern = idPattern("agd")
	}
	prefix, _, ok := strings.Cut(strings.TrimPrefix(pattern, "^"), "_")
	if ok && pattern == idPattern(prefix) {
		return fault.Field{Location: location, Code: "api.identifier", Args: map[string]any{"Prefix": prefix + "_"}}
	}
	return fault.Field{Location: location, Code: errUnknownCode}
}

// texts gives the plain words of a list.
func texts[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}
