package notify

import (
	"time"

	"habilis/internal/secret"
)

// Scope is where somebody administers.
type Scope uint8

// The scopes of administration (ORG-3).
const (
	ScopeNone         Scope = iota // the person does not administer
	ScopeOrganization              // the whole organisation
	ScopeSite                      // some sites only
)

// InvitationFacts are what an invitation says.
type InvitationFacts struct {
	Org        Org
	By         string   // first and last name of who invites
	Sites      []string // names; may be empty
	Roles      []string // labels in the recipient's language; may be empty
	Administer Scope
	Link       secret.Text
	Expires    time.Time
	Contact    Contact
}

// WriteInvitation writes the letter of a pending invitation, also to the first
// administrator of a new organisation (MEM-9, MEM-11).
func WriteInvitation(to Recipient, f InvitationFacts) (Letter, error) {
	w := write(KindInvitation, to, &f.Org, map[string]any{"By": f.By, varUntil: f.Expires})
	w.say("intro")
	w.place(f.Sites, f.Roles)
	switch f.Administer {
	case ScopeOrganization:
		w.say("administers_organization")
	case ScopeSite:
		w.vars[varCount] = len(f.Sites)
		w.say("administers_site")
	case ScopeNone:
	}
	w.say("how")
	w.button(f.Link, w.common("once_until"))
	return w.end("invited", f.Contact)
}

// JoinedFacts are what the letter about a new membership says.
type JoinedFacts struct {
	Org     Org
	By      string
	Sites   []string
	Roles   []string
	Link    secret.Text // the product's address for this organisation; no token
	Contact Contact
}

// WriteJoined tells a person with an account that they joined an organisation,
// and how to leave it (MEM-10).
func WriteJoined(to Recipient, f JoinedFacts) (Letter, error) {
	w := write(KindJoined, to, &f.Org, map[string]any{"By": f.By})
	w.say("intro")
	w.place(f.Sites, f.Roles)
	w.say("leave")
	w.button(f.Link, "")
	return w.end("invited", f.Contact)
}

// TemporaryPasswordFacts are what the welcome with a temporary password says.
type TemporaryPasswordFacts struct {
	Org      Org
	By       string
	Sites    []string
	Roles    []string
	Password secret.Text
	Link     secret.Text // the sign-in page; no token
	Expires  time.Time
	Contact  Contact
}

// WriteTemporaryPassword writes the one letter that carries a secret (MEM-12).
func WriteTemporaryPassword(to Recipient, f TemporaryPasswordFacts) (Letter, error) {
	w := write(KindTemporaryPassword, to, &f.Org, map[string]any{"By": f.By, varUntil: f.Expires})
	w.say("intro")
	w.place(f.Sites, f.Roles, w.fact("email", 1, secret.NewText(to.Email)), w.fact("password", 1, f.Password))
	w.say("how")
	w.button(f.Link, w.t("until"))
	return w.end("invited", f.Contact)
}

// AdministrationFacts are what is said when administration is given or withdrawn.
type AdministrationFacts struct {
	Org     Org
	By      string
	Site    string    // the site's name; empty for the whole organisation
	At      time.Time // when it took effect
	Contact Contact
}

// scope is the name of what is administered.
func (f AdministrationFacts) scope() (name, suffix string) {
	if f.Site == "" {
		return f.Org.Name, "organization"
	}
	return f.Site, "site"
}

// WriteAdministratorNamed tells what the administration opens (ORG-5). It has no
// button: it is about security.
func WriteAdministratorNamed(to Recipient, f AdministrationFacts) (Letter, error) {
	scope, suffix := f.scope()
	w := write(KindAdministratorNamed, to, &f.Org, map[string]any{"By": f.By, "Scope": scope})
	w.say("intro_"+suffix, "opens")
	if f.Site == "" {
		w.list("organization_members", "organization_rights", "organization_administrators", "organization_settings")
	} else {
		w.list("site_members", "site_rights", "site_administrators")
		w.say("site_limits")
	}
	w.openYourself()
	return w.end("rights", f.Contact)
}

// WriteAdministratorRevoked tells that the administration was withdrawn (ORG-5).
func WriteAdministratorRevoked(to Recipient, f AdministrationFacts) (Letter, error) {
	scope, suffix := f.scope()
	w := write(KindAdministratorRevoked, to, &f.Org, map[string]any{"By": f.By, "Scope": scope, "At": f.At})
	w.say("intro_"+suffix, "keep")
	return w.end("rights", f.Contact)
}

// WriteSelfGranted tells an administrator that another one gave the administration
// to themself (RGT-1).
func WriteSelfGranted(to Recipient, f AdministrationFacts) (Letter, error) {
	scope, suffix := f.scope()
	w := write(KindSelfGranted, to, &f.Org, map[string]any{"By": f.By, "Scope": scope, "At": f.At})
	w.say("intro_"+suffix, "fine")
	w.openYourself()
	return w.end("administers", f.Contact)
}

// WriteSelfRights tells an administrator that another one gave roles or permissions to
// themself (RGT-1); rights are their names.
func WriteSelfRights(to Recipient, f AdministrationFacts, rights []string) (Letter, error) {
	scope, suffix := f.scope()
	w := write(KindSelfRights, to, &f.Org, map[string]any{"By": f.By, "Scope": scope, "At": f.At})
	w.say("intro_" + suffix)
	for _, name := range rights {
		w.errs = append(w.errs, checkLine("right", name))
	}
	w.letter.Blocks = append(w.letter.Blocks, Block{List: rights})
	w.say("fine")
	w.openYourself()
	return w.end("administers", f.Contact)
}

// AccessFacts are what is said when access to an organisation is closed or
// reopened (CHG-4).
type AccessFacts struct {
	Org     Org
	By      string
	At      time.Time
	Contact Contact
}

// WriteDeactivated tells that access to an organisation is closed.
func WriteDeactivated(to Recipient, f AccessFacts) (Letter, error) {
	w := write(KindDeactivated, to, &f.Org, map[string]any{"By": f.By, "At": f.At})
	w.say("intro", "elsewhere")
	return w.end("rights", f.Contact)
}

// WriteReactivated tells that access is open again.
func WriteReactivated(to Recipient, f AccessFacts) (Letter, error) {
	w := write(KindReactivated, to, &f.Org, map[string]any{"By": f.By, "At": f.At})
	w.say("intro", "how")
	w.openYourself()
	return w.end("rights", f.Contact)
}
