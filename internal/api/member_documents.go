package api

import (
	"time"

	"habilis/internal/member"
	"habilis/internal/text"
)

// Member is a person in one organisation.
type Member struct {
	ID             string     `json:"id" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Organization   string     `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Account        *string    `json:"account" doc:"Null for a member who has none yet." example:"acc_019aa0f1-0a4c-7d03-96fe-c27b5e81a042"`
	Status         string     `json:"status" enum:"pending_approval,created,active,deactivated,left" doc:"created: never signed in."`
	Verification   string     `json:"verification" enum:"not_needed,unchecked,incomplete,verified" doc:"Of whoever registered by themself: only verified ones may sign in."` //nolint:lll // a tag is one literal
	Locked         bool       `json:"locked" doc:"The password is locked until it is reset."`
	ProfileType    string     `json:"profile_type" enum:"regulated,unregulated,non_practitioner"`
	Title          string     `json:"title" example:"Dr"`
	GivenName      string     `json:"given_name" example:"Claire"`
	FamilyName     string     `json:"family_name" example:"Morvan"`
	Email          string     `json:"email" doc:"Empty for a member without one." example:"claire.morvan@tilleuls.example"`
	Function       string     `json:"function" example:"physician"`
	Profession     Coded      `json:"profession" doc:"Of the national register; the code is empty for free text."`
	Specialty      Coded      `json:"specialty" doc:"Of the national list; the code is empty for free text."`
	RPPS           string     `json:"rpps" doc:"Once saved it never changes, nor does the profile type." example:"99700004122"`
	Identity       *Identity  `json:"identity" doc:"Where the professional identity comes from; null without one."`
	SIRET          string     `json:"siret" doc:"Printed on invoices." example:"73282932000074"`
	AMNumber       string     `json:"am_number" doc:"Of the Assurance Maladie, printed on prescriptions." example:"991823766"`
	Phone          string     `json:"phone" doc:"E.164, or empty."`
	MSSante        string     `json:"mssante"`
	MessagingReach string     `json:"messaging_reach" enum:"site,everyone"`
	Locum          *Locum     `json:"locum" doc:"Whom the member replaces; null for nobody."`
	StartsAt       *time.Time `json:"starts_at" doc:"When the membership begins; null: it has."`
	EndsAt         *time.Time `json:"ends_at" doc:"When the membership ends; null without an end."`
	LastSignInAt   *time.Time `json:"last_sign_in_at" doc:"Null before the first."`
	CreatedAt      time.Time  `json:"created_at"`
	Version        int64      `json:"version" doc:"The number in the ETag."`
}

func memberOf(m member.Member) Member {
	return Member{
		ID: m.ID.String(), Organization: m.Org.String(), Account: optionalID(m.Account), Status: string(m.Status),
		Verification: string(m.Verification),
		Locked:       m.Locked,
		ProfileType:  string(m.ProfileType), Title: m.Title, GivenName: m.GivenName, FamilyName: m.FamilyName, Email: m.Email,
		Function: m.Function, Profession: Coded{m.ProfessionCode, m.Profession}, Specialty: Coded{m.SpecialtyCode, m.Specialty},
		RPPS: m.RPPS, Identity: identityOf(m.Identity), SIRET: m.SIRET, AMNumber: m.AMNumber, Phone: m.Phone, MSSante: m.MSSante,
		MessagingReach: string(m.Reach), Locum: locumOf(m.Locum), StartsAt: end(m.StartsAt), EndsAt: end(m.EndsAt),
		LastSignInAt: moment(m.LastSignInAt), CreatedAt: m.CreatedAt.UTC(), Version: m.Version,
	}
}

// Identity is where a professional identity comes from.
type Identity struct {
	Source string     `json:"source" enum:"declared,directory" doc:"declared: typed, to be verified; directory: imported."`
	At     *time.Time `json:"at" doc:"Date of the data, or of the typing."`
}

func identityOf(i member.Identity) *Identity {
	if i.Source == member.NoIdentity {
		return nil
	}
	return &Identity{Source: string(i.Source), At: end(i.At)}
}

// Locum is whom a practitioner replaces, and when.
type Locum struct {
	Member *string `json:"member" doc:"Null for somebody of elsewhere." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name   string  `json:"name" example:"Claire Morvan"`
	From   string  `json:"from" format:"date" doc:"First day, by the calendar of metropolitan France." example:"2026-12-01"`
	Until  string  `json:"until" format:"date" doc:"Last day, included." example:"2026-12-31"`
}

func locumOf(l *member.Locum) *Locum {
	if l == nil {
		return nil
	}
	return &Locum{Member: optionalID(l.For), Name: l.Name, From: l.From, Until: l.Until}
}

// MemberRow is a member as lists show them.
type MemberRow struct {
	Member

	Administrator bool               `json:"administrator" doc:"Administers the organisation, or a site of it."`
	Sites         []SiteRef          `json:"sites"`
	Roles         []HeldRole         `json:"roles"`
	Invitation    *PendingInvitation `json:"invitation,omitempty" doc:"The one that waits for this member."`

	PlannedDeactivation *PlannedDeactivation `json:"planned_deactivation" doc:"Null when none is planned."`
	PlannedDeparture    *PlannedDeparture    `json:"planned_departure" doc:"Null when none is planned."`
}

func rowOf(t *text.Printer, r member.Row) MemberRow {
	return MemberRow{
		Member: memberOf(r.Member), Administrator: r.Admin, Sites: siteRefs(r.Sites), Roles: heldRoles(t, r.Roles),
		Invitation: pendingOf(r.Invitation), PlannedDeactivation: plannedOf(r.Planned), PlannedDeparture: plannedDeparture(r.Departure),
	}
}

// MemberSheet is a member with every right, and what the caller may do.
type MemberSheet struct {
	MemberRow

	Permissions    []HeldPermission `json:"permissions" doc:"Single permissions, besides those of the roles."`
	Administration []string         `json:"administration" doc:"Where the member administers: organization, or the IDs of sites."`
	May            MemberActs       `json:"may"`
}

// MemberActs is what the caller may do with a member.
type MemberActs struct {
	Edit       bool     `json:"edit"`
	EditRights bool     `json:"edit_rights" doc:"Some change of sites, roles or permissions could succeed."`
	Deactivate bool     `json:"deactivate"`
	Reactivate bool     `json:"reactivate"`
	CancelPlan bool     `json:"cancel_deactivation" doc:"Cancel the planned deactivation."`
	Depart     bool     `json:"depart" doc:"Read the departure, and decide it."`
	Resend     bool     `json:"resend" doc:"Send the invitation again."`
	Appoint    []string `json:"appoint" doc:"Scopes at which the member may be named administrator."`
	Withdraw   []string `json:"withdraw" doc:"Scopes at which administration may be withdrawn."`
}

func sheetOf(t *text.Printer, s member.Sheet) MemberSheet {
	v := MemberSheet{
		MemberRow: MemberRow{
			Member: memberOf(s.Member), Administrator: len(s.Administration) > 0, Sites: siteRefs(s.Sites), Roles: heldRoles(t, s.Roles),
			Invitation: pendingOf(s.Invitation), PlannedDeactivation: plannedOf(s.Planned), PlannedDeparture: plannedDeparture(s.Departure),
		},
		Permissions: make([]HeldPermission, 0, len(s.Permissions)), Administration: scopeCodes(s.Administration),
		May: MemberActs{
			Edit: s.May.Edit, EditRights: s.May.EditRights,
			Deactivate: s.May.Deactivate, Reactivate: s.May.Reactivate, CancelPlan: s.May.CancelPlan, Depart: s.May.Depart, Resend: s.May.Resend,
			Appoint: scopeCodes(s.May.Appoint), Withdraw: scopeCodes(s.May.Withdraw),
		},
	}
	for _, p := range s.Permissions {
		v.Permissions = append(v.Permissions, HeldPermission{
			Permission: string(p.Permission), Scope: p.Scope.Code(), SiteName: p.SiteName,
			GivenBy: p.GivenBy, GivenAt: p.GivenAt.UTC(), EndsAt: end(p.EndsAt),
		})
	}
	return v
}

// SiteRef is a site by name.
type SiteRef struct {
	ID   string `json:"id" example:"ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77"`
	Name string `json:"name" example:"Tilleuls Centre"`
}

func siteRefs(list []member.SiteRef) []SiteRef {
	out := make([]SiteRef, 0, len(list))
	for _, s := range list {
		out = append(out, SiteRef{s.ID.String(), s.Name})
	}
	return out
}

// HeldRole is a role that a member holds, and its source.
type HeldRole struct {
	Role     string     `json:"role" example:"rol_019aa0f0-5c22-7e90-9d14-3b7fa2c86e05"`
	BuiltIn  string     `json:"built_in" doc:"Code of a built-in role, or empty." example:"secretary"`
	Name     string     `json:"name" doc:"In the caller's language." example:"Secrétariat"`
	Scope    string     `json:"scope" doc:"organization, or the ID of a site." example:"organization"`
	SiteName string     `json:"site_name" doc:"Of a site's scope."`
	GivenBy  string     `json:"given_by" doc:"Name of who gave it, or empty."`
	GivenAt  time.Time  `json:"given_at"`
	EndsAt   *time.Time `json:"ends_at" doc:"Null without an end."`
}

func heldRoles(t *text.Printer, list []member.RoleRef) []HeldRole {
	out := make([]HeldRole, 0, len(list))
	for i := range list {
		r := &list[i]
		out = append(out, HeldRole{
			Role: r.Role.String(), BuiltIn: r.BuiltIn, Name: roleName(t, r.BuiltIn, r.Name), Scope: r.Scope.Code(), SiteName: r.SiteName,
			GivenBy: r.GivenBy, GivenAt: r.GivenAt.UTC(), EndsAt: end(r.EndsAt),
		})
	}
	return out
}

// HeldPermission is a single permission that a member holds, and its source.
type HeldPermission struct {
	Permission string     `json:"permission" example:"members.read"`
	Scope      string     `json:"scope" doc:"organization, or the ID of a site." example:"organization"`
	SiteName   string     `json:"site_name" doc:"Of a site's scope."`
	GivenBy    string     `json:"given_by" doc:"Name of who gave it, or empty."`
	GivenAt    time.Time  `json:"given_at"`
	EndsAt     *time.Time `json:"ends_at" doc:"Null without an end."`
}

// PendingInvitation is the invitation that waits for a member.
type PendingInvitation struct {
	ID        string    `json:"id" example:"inv_019aa0f2-33b7-7d48-a6e0-91c05d2f7b68"`
	ExpiresAt time.Time `json:"expires_at"`
}

func pendingOf(p *member.PendingInvitation) *PendingInvitation {
	if p == nil {
		return nil
	}
	return &PendingInvitation{ID: p.ID.String(), ExpiresAt: p.ExpiresAt.UTC()}
}
