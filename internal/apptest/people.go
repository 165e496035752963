package apptest

import (
	"context"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Operator is who sets things up: the command line.
var Operator = access.Operator("test")

// Org is an organisation of a test, with its first site and administrator.
type Org struct {
	ID    ident.Org
	Slug  string
	Site  ident.Site
	Admin Person
}

// Person is a member who can sign in with Password.
type Person struct {
	Email   string
	Account ident.Account
	Member  ident.Member
}

// NewOrg founds an organisation, as the platform does, and lets its first
// administrator come in by the letter.
func (s *Server) NewOrg(name, adminEmail string) Org {
	s.t.Helper()
	ctx := context.Background()
	seen := len(s.Mails(adminEmail))
	f, err := s.App.Enrolments.Found(ctx, Operator, enrolment.Found{
		Org: org.Details{Name: name, Kind: org.Practice}, Site: org.SiteDetails{Name: "Siège"}, Email: adminEmail, Language: text.FR,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	sites, err := s.App.Orgs.Sites(ctx, Operator, f.Org.ID, "")
	if err != nil {
		s.t.Fatal(err)
	}
	o := Org{ID: f.Org.ID, Slug: f.Org.Slug, Site: sites[0].ID}
	o.Admin = s.comeIn(adminEmail, seen, f.Line)
	return o
}

// NewMember invites somebody to the site of an organisation with a built-in role
// at a scope, and lets them come in.
func (s *Server) NewMember(o Org, email, builtIn string, at access.Scope) Person {
	s.t.Helper()
	seen := len(s.Mails(email))
	report, err := s.App.Enrolments.Invite(context.Background(), Operator, enrolment.Invite{
		Org: o.ID, Emails: []string{email}, Roles: []role.Given{{Role: s.Role(o, builtIn), Scope: at}}, Sites: []ident.Site{o.Site},
		Function: "secretary", Language: text.FR, Welcome: invitation.ByLink,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.comeIn(email, seen, report.Lines[0])
}

// comeIn finishes the account by the link of the letter; whoever has one is in.
func (s *Server) comeIn(email string, seen int, line enrolment.Line) Person {
	s.t.Helper()
	if line.Fate == enrolment.Joined {
		return Person{Email: email, Account: s.account(email), Member: line.Member}
	}
	if line.Fate != enrolment.Invited {
		s.t.Fatalf("%s: %s %s", email, line.Fate, line.Code)
	}
	link := s.Link(s.MailAfter(email, seen), "/activate/")
	local, _, _ := strings.Cut(email, "@")
	given, family, _ := strings.Cut(local, ".")
	if family == "" {
		family = "Essai"
	}
	f, err := s.App.Enrolments.Finish(context.Background(), access.Actor{Kind: access.Anonymous, Via: "test"}, strings.TrimPrefix(link, "/activate/"),
		enrolment.Finish{
			Names: account.Names{GivenName: upper(given), FamilyName: upper(family)}, Function: "secretary",
			Password: secret.NewText(Password), Language: text.FR,
		})
	if err != nil {
		s.t.Fatal(err)
	}
	return Person{Email: email, Account: f.Account, Member: f.Member}
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (s *Server) account(email string) ident.Account {
	s.t.Helper()
	key, code := account.ParseEmail(email)
	if code != "" {
		s.t.Fatal(email, code)
	}
	var a account.Account
	err := s.App.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
		a, _, err = account.ByEmail(context.Background(), tx, key.Key)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return a.ID
}

// Role gives a built-in role of an organisation.
func (s *Server) Role(o Org, builtIn string) (id ident.Role) {
	s.t.Helper()
	err := s.App.DB.Read(context.Background(), func(tx *store.Tx) error {
		r, err := role.BuiltIn(context.Background(), tx, o.ID, builtIn)
		id = r.ID
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}
