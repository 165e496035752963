package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/invitation"
	"habilis/internal/secret"
	"habilis/internal/text"
)

type letterInput struct {
	Caller

	Body Presented
}

// Presented is the token of a letter. It stands in the body: an address would be logged
// (rules.md 1).
type Presented struct {
	Token secret.Text `json:"token" writeOnly:"true" doc:"The token of the letter's link."`
}

type finishInput struct {
	Caller

	Body activation
}

type activation struct {
	Presented

	Title       titleText    `json:"title,omitempty"`
	GivenName   string       `json:"given_name" example:"Jeanne"`
	FamilyName  string       `json:"family_name" example:"Moreau"`
	Function    functionCode `json:"function,omitempty" doc:"Needed where the invitation left it open."`
	NewPassword secret.Text  `json:"new_password" writeOnly:"true"`
	Language    languageCode `json:"language,omitempty" doc:"Of the interface; the letter's by default."`
}

func (s *Server) aboutActivations(d *door) {
	gone := []int{http.StatusConflict, http.StatusGone}
	add(d, route{
		id: "openActivation", method: http.MethodPost, path: "/activations/open", tag: tagActivations, summary: "Read an invitation's link",
		about: "What the link offers. It spends nothing, however often it is read.", errors: gone, public: true,
	}, s.openActivation)
	add(d, route{
		id: "finishActivation", method: http.MethodPost, path: "/activations", tag: tagActivations, summary: "Finish an account",
		about:  "Spends the link: makes the account with its password, and the membership.",
		status: http.StatusCreated, errors: gone, public: true,
	}, s.finishActivation)
	add(d, route{
		id: "joinActivation", method: http.MethodPost, path: "/activations/join", tag: tagActivations, summary: "Join with my account",
		about:  "Spends the link for the signed-in person, whose account has the invited address.",
		status: http.StatusCreated, errors: gone,
	}, s.joinActivation)
}

// Offer is what an invitation's link offers.
type Offer struct {
	Organization string      `json:"organization" doc:"Its name." example:"Maison de santé des Tilleuls"`
	Email        string      `json:"email" doc:"The invited address, masked." example:"j…@example.fr"`
	HasAccount   bool        `json:"has_account" doc:"The person signs in and joins, instead of choosing a password."`
	InvitedBy    string      `json:"invited_by" example:"Bruno Lacaze"`
	Roles        []OfferRole `json:"roles"`
	Sites        []string    `json:"sites" doc:"Names of the sites."`
	Function     string      `json:"function" doc:"Empty: the person chooses."`
	Language     string      `json:"language" example:"fr"`
	ExpiresAt    time.Time   `json:"expires_at"`
}

// OfferRole is a role that is offered.
type OfferRole struct {
	Name     string `json:"name" doc:"In the caller's language." example:"Secrétariat"`
	SiteName string `json:"site_name" doc:"Empty for the whole organisation."`
}

func (s *Server) openActivation(ctx context.Context, in *letterInput) (*plainReply[Offer], error) {
	o, err := s.Enrolments.Open(ctx, in.By, in.Body.Token.Reveal())
	if err != nil {
		return nil, err
	}
	return replied(offerOf(in.call.words(ctx), o)), nil
}

func offerOf(t *text.Printer, o enrolment.Offer) Offer {
	v := Offer{
		Organization: o.Org.Name, Email: o.Masked, HasAccount: o.HasAccount, InvitedBy: o.InvitedBy, Sites: texts(o.Sites),
		Function: o.Function, Language: string(o.Language), ExpiresAt: o.ExpiresAt.UTC(), Roles: make([]OfferRole, 0, len(o.Roles)),
	}
	for _, r := range o.Roles {
		v.Roles = append(v.Roles, offerRole(t, r))
	}
	return v
}

func offerRole(t *text.Printer, l invitation.Label) OfferRole {
	return OfferRole{Name: roleName(t, l.BuiltIn, l.Name), SiteName: l.SiteName}
}

// Activated is a membership begun.
type Activated struct {
	Account      string `json:"account" example:"acc_019aa0f1-0a4c-7d03-96fe-c27b5e81a042"`
	Organization string `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Slug         string `json:"slug" doc:"The organisation's name in addresses." example:"tilleuls"`
	Member       string `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Email        string `json:"email" doc:"The address to sign in with." example:"jeanne.moreau@example.fr"`
}

func (s *Server) finishActivation(ctx context.Context, in *finishInput) (*reply[Activated], error) {
	b := in.Body
	f := enrolment.Finish{
		Names:    account.Names{Title: string(b.Title), GivenName: b.GivenName, FamilyName: b.FamilyName},
		Function: string(b.Function), Password: b.NewPassword, Language: text.Lang(b.Language),
	}
	return s.activated(s.Enrolments.Finish(ctx, in.By, b.Token.Reveal(), f))
}

func (s *Server) joinActivation(ctx context.Context, in *letterInput) (*reply[Activated], error) {
	return s.activated(s.Enrolments.Join(ctx, in.By, in.Body.Token.Reveal()))
}

func (s *Server) activated(f enrolment.Finished, err error) (*reply[Activated], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Activated]{Location: s.at("organizations", f.Org.String(), "members", f.Member.String()), Body: Activated{
		Account: f.Account.String(), Organization: f.Org.String(), Slug: f.Slug, Member: f.Member.String(), Email: f.Email,
	}}, nil
}
