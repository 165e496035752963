package client

import (
	"context"
	"net/http"
	"time"
)

// RegistrationStart begins a registration.
type RegistrationStart struct {
	Email    string `json:"email"`
	Language string `json:"language,omitempty"`
}

// RegistrationKey opens a registration; it is shown once.
type RegistrationKey struct {
	Key string `json:"key"`
}

// Registration is the file of somebody who comes by themself, as they see it.
type Registration struct {
	ID              string                `json:"id"`
	Organization    string                `json:"organization"`
	Member          *string               `json:"member"` // nil before there is a person
	Next            string                `json:"next"`   // the first step still to be done
	Verification    string                `json:"verification"`
	Email           string                `json:"email"`
	EmailProved     bool                  `json:"email_proved"`
	GivenName       string                `json:"given_name"`
	FamilyName      string                `json:"family_name"`
	Function        string                `json:"function"`
	Profession      Coded                 `json:"profession"`
	RPPS            string                `json:"rpps"`
	NoRPPS          string                `json:"no_rpps"`
	InDirectory     bool                  `json:"in_directory"`
	Phone           string                `json:"phone"` // masked
	PhoneProved     bool                  `json:"phone_proved"`
	Mailboxes       []string              `json:"mailboxes"` // MSSanté, of the claimed number: one may be proved; none where people decide
	Mailbox         *RegistrationMailbox  `json:"mailbox"`   // nil: no code was sent to any
	Documents       []Document            `json:"documents"`
	Missing         []string              `json:"missing"`
	Consents        []RegistrationConsent `json:"consents"`
	ConsentsVersion int64                 `json:"consents_version"`
	CompletedAt     *time.Time            `json:"completed_at"`
	ExpiresAt       time.Time             `json:"expires_at"`
}

// RegistrationMailbox is an MSSanté mailbox to which a code was sent.
type RegistrationMailbox struct {
	Address  string     `json:"address"`
	Waits    bool       `json:"waits"` // its code may still be given
	ProvedAt *time.Time `json:"proved_at"`
	EndedAt  *time.Time `json:"ended_at"` // since then it proves nothing
}

// RegistrationConsent is a text that whoever registers accepts.
type RegistrationConsent struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// RegistrationCode is the code that was sent.
type RegistrationCode struct {
	Code string `json:"code"`
}

// RegistrationPassword is the password of the account to come.
type RegistrationPassword struct {
	NewPassword string `json:"new_password"`
}

// RegistrationPerson is who somebody says they are.
type RegistrationPerson struct {
	Title      string `json:"title,omitempty"`
	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
	Function   string `json:"function"`
	Profession string `json:"profession,omitempty"`
	Site       string `json:"site,omitempty"`
	RPPS       string `json:"rpps,omitempty"`
	NoRPPS     string `json:"no_rpps,omitempty"`
}

// RegistrationPhone is the telephone to prove.
type RegistrationPhone struct {
	Number string `json:"number"`
}

// RegistrationMailboxChoice is one of the registration's mailboxes.
type RegistrationMailboxChoice struct {
	Address string `json:"address"`
}

// RegistrationAgreement accepts the texts that were shown.
type RegistrationAgreement struct {
	Version  int64 `json:"version"`
	Accepted []int `json:"accepted"`
}

// RegistrationSettings says whether people may register by themselves, and what they accept.
type RegistrationSettings struct {
	Open     bool                  `json:"open"`
	Consents []RegistrationConsent `json:"consents"`
	// TwoPeople: two different people certify each account.
	TwoPeople bool  `json:"certification_two_people"`
	Version   int64 `json:"version"`
}

// RegistrationSettingsChange is what to change of them; what is left out stays as it is.
type RegistrationSettingsChange struct {
	Open      *bool                  `json:"open,omitempty"`
	Consents  *[]RegistrationConsent `json:"consents,omitempty"`
	TwoPeople *bool                  `json:"certification_two_people,omitempty"`
}

func registrations(org string, below ...string) []string {
	return append([]string{"registrations", org}, below...)
}

// BeginRegistration begins a registration with an address; org is the organisation's name in
// addresses.
func (c *Client) BeginRegistration(ctx context.Context, org string, s RegistrationStart) (RegistrationKey, error) {
	return call[RegistrationKey](ctx, c, request{method: http.MethodPost, path: registrations(org), body: s})
}

// BeginMyRegistration begins one for the person whose token it is.
func (c *Client) BeginMyRegistration(ctx context.Context, org string) (RegistrationKey, error) {
	return call[RegistrationKey](ctx, c, request{method: http.MethodPost, path: registrations(org, "mine")})
}

// GetRegistration reads the registration that a key opens.
func (c *Client) GetRegistration(ctx context.Context, org, key string) (Registration, error) {
	return call[Registration](ctx, c, request{method: http.MethodGet, path: registrations(org, "file"), registration: key})
}

// registrationStep does one step of a registration.
func (c *Client) registrationStep(ctx context.Context, org, key string, body any, below ...string) (Registration, error) {
	return call[Registration](ctx, c, request{method: http.MethodPost, path: registrations(org, below...), body: body, registration: key})
}

// ProveRegistrationEmail takes the code of the letter.
func (c *Client) ProveRegistrationEmail(ctx context.Context, org, key string, code RegistrationCode) (Registration, error) {
	return c.registrationStep(ctx, org, key, code, "email")
}

// ChooseRegistrationPassword keeps the password of the account to come.
func (c *Client) ChooseRegistrationPassword(ctx context.Context, org, key string, p RegistrationPassword) (Registration, error) {
	return c.registrationStep(ctx, org, key, p, "password")
}

// DeclareRegistration says who the person is, or corrects it.
func (c *Client) DeclareRegistration(ctx context.Context, org, key string, p RegistrationPerson) (Registration, error) {
	return c.registrationStep(ctx, org, key, p, "person")
}

// AddRegistrationDocument gives a paper: a PDF, a JPEG or a PNG.
func (c *Client) AddRegistrationDocument(ctx context.Context, org, key string, about DocumentAbout, data []byte) (Registration, error) {
	return call[Registration](ctx, c, request{
		method: http.MethodPost, path: registrations(org, "documents"), query: about, file: data, registration: key,
	})
}

// RemoveRegistrationDocument takes a paper back.
func (c *Client) RemoveRegistrationDocument(ctx context.Context, org, key, document string) (Registration, error) {
	return call[Registration](ctx, c, request{method: http.MethodDelete, path: registrations(org, "documents", document), registration: key})
}

// SendRegistrationCode has a code sent to a telephone.
func (c *Client) SendRegistrationCode(ctx context.Context, org, key string, p RegistrationPhone) (Registration, error) {
	return c.registrationStep(ctx, org, key, p, "phone")
}

// ProveRegistrationPhone takes the code of the message.
func (c *Client) ProveRegistrationPhone(ctx context.Context, org, key string, code RegistrationCode) (Registration, error) {
	return c.registrationStep(ctx, org, key, code, "phone", "proof")
}

// SendRegistrationMailboxCode has a code sent to an MSSanté mailbox of the claimed number.
func (c *Client) SendRegistrationMailboxCode(ctx context.Context, org, key string, b RegistrationMailboxChoice) (Registration, error) {
	return c.registrationStep(ctx, org, key, b, "mailbox")
}

// ProveRegistrationMailbox takes the code of the letter.
func (c *Client) ProveRegistrationMailbox(ctx context.Context, org, key string, code RegistrationCode) (Registration, error) {
	return c.registrationStep(ctx, org, key, code, "mailbox", "proof")
}

// CompleteRegistration accepts the texts and sends the file.
func (c *Client) CompleteRegistration(ctx context.Context, org, key string, a RegistrationAgreement) (Registration, error) {
	return c.registrationStep(ctx, org, key, a, "consents")
}

// GetRegistrationSettings reads whether people may register by themselves.
func (c *Client) GetRegistrationSettings(ctx context.Context, org string) (RegistrationSettings, error) {
	return call[RegistrationSettings](ctx, c, request{method: http.MethodGet, path: inOrg(org, "settings", "registration")})
}

// EditRegistrationSettings changes it, from the version that was read.
func (c *Client) EditRegistrationSettings(
	ctx context.Context, org string, version int64, change RegistrationSettingsChange,
) (RegistrationSettings, error) {
	return call[RegistrationSettings](ctx, c, request{
		method: http.MethodPatch, path: inOrg(org, "settings", "registration"), body: change, version: &version,
	})
}
