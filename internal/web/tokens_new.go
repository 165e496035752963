package web

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/web/ui"
)

// tokenDays are the lives that the page offers (rules.md 2: a year at most).
var tokenDays = []int{30, 90, 180, token.MaxLifeDays}

const (
	fieldDays        = "days"
	fieldPermissions = "permissions"
	fieldOnce        = "once"
	fieldTrusted     = "trusted"
	aDay             = 24 * time.Hour
)

// tokenNewView is the form of a new token.
type tokenNewView struct {
	Desk    desk
	Once    string // of this showing of the form: sent twice, it makes one token
	Name    string
	Days    string
	Trusted bool
	Rights  []ui.GroupProps // the permissions that the person holds, by domain
	Errors  map[string]string
	Summary []ui.FieldError
	Failure string
	// MayTrust: the person may edit the security policy, for which a trusted token answers.
	MayTrust bool
	Proof    *ui.StepUpProps
}

func (v *visit) tokenForm(d desk) error {
	if _, err := v.s.Tokens.List(v.Context(), v.by, d.of); err != nil {
		return v.offPlatform(err)
	}
	return v.showTokenForm(d, http.StatusOK, tokenNewView{Days: strconv.Itoa(int(token.DefaultLife / aDay))}, nil)
}

func (v *visit) showTokenForm(d desk, status int, view tokenNewView, chosen []string) error {
	view.Desk, view.Once = d, rand.Text()
	if d.of.Kind == token.OfOrganization {
		view.Rights = v.rightsByDomain(chosen)
		whole := access.OrgScope(v.org.ID)
		view.MayTrust = v.held.Has(access.SecurityEdit, whole) && v.held.Has(access.DecisionsAsk, whole)
	}
	view.Proof = v.proof(v.t.T("tokens.proof"), view.Errors)
	p, err := d.frame(v.t.T("tokens.new"))
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, TokenNewPage(p, view))
}

// rightsByDomain offers what the person holds for the whole organisation, and
// nothing else: a token cannot have more (rules.md 13).
func (v *visit) rightsByDomain(chosen []string) []ui.GroupProps {
	var groups []ui.GroupProps
	for _, p := range access.Catalogue() {
		if !v.held.Has(p, access.OrgScope(v.org.ID)) {
			continue
		}
		id := fieldPermissions + "-" + p.Domain()
		n := slices.IndexFunc(groups, func(g ui.GroupProps) bool { return g.ID == id })
		if n < 0 {
			n = len(groups)
			groups = append(groups, ui.GroupProps{ID: id, Name: fieldPermissions, Legend: v.t.T("permission_domain." + p.Domain())})
		}
		groups[n].Choices = append(groups[n].Choices, ui.Choice{
			Value: string(p), Label: v.t.T("permission." + string(p)), Hint: v.outcome("token_effect.", p),
			Chosen: slices.Contains(chosen, string(p)),
		})
	}
	return groups
}

// tokenSpots are the fields of a new token, by what the act calls them.
var tokenSpots = map[string]spot{
	"life": {fieldDays, ""}, fieldName: {fieldName, "tokens.name"}, fieldTrusted: {fieldTrusted, "tokens.trusted"},
}

// makeToken makes the token and shows its secret in the answer itself: it is never in
// an address, in a cookie nor in a page that can be asked for again (rules.md 1).
func (v *visit) makeToken(d desk) error {
	view := tokenNewView{Name: v.PostFormValue(fieldName), Days: v.PostFormValue(fieldDays), Trusted: v.PostFormValue(fieldTrusted) != ""}
	chosen := v.PostForm[fieldPermissions]
	made, err := v.tokenMade(d, view, chosen)
	f := fault.Of(err)
	switch {
	case err == nil && made.Secret.IsZero():
		v.flash(ui.ToneWait, v.sentence(token.ErrShownOnce))
		return v.to(d.base)
	case err == nil:
		return v.showSecret(d, made)
	case f.Kind == fault.Invalid || f.Kind == fault.Conflict || errors.Is(err, token.ErrNotHeld):
		view.Errors, view.Summary = v.fieldErrors(err, tokenSpots)
		if len(view.Summary) == 0 {
			view.Failure = v.sentence(f)
		}
		return v.showTokenForm(d, statusOf(f), view, chosen)
	}
	return v.offPlatform(err)
}

// tokenMade proves the person, then makes what the form asks for.
func (v *visit) tokenMade(d desk, view tokenNewView, chosen []string) (token.Made, error) {
	n := token.New{Kind: d.of.Kind, Org: d.of.Org, Account: d.of.Account, Name: view.Name, Trusted: view.Trusted}
	var f fault.Fields
	days, err := strconv.Atoi(view.Days)
	if err != nil || !slices.Contains(tokenDays, days) {
		f.Add(fieldDays, "token.life", "Max", token.MaxLifeDays)
	}
	n.Life = time.Duration(days) * aDay
	for _, p := range chosen {
		n.Permissions = append(n.Permissions, access.Permission(p))
	}
	_, empty := text.Line(view.Name, token.MaxName)
	f.Check(fieldName, string(empty), "Max", token.MaxName)
	if d.of.Kind == token.OfOrganization && len(chosen) == 0 {
		f.Add(fieldPermissions, "web.token_rights")
	}
	if err := f.Err(); err != nil {
		return token.Made{}, err
	}
	if err := v.provePlace(d); err != nil {
		return token.Made{}, err
	}
	by := v.by
	if by.Once, err = v.onceOf(view, chosen); err != nil {
		return token.Made{}, err
	}
	return v.s.Tokens.Make(v.Context(), by, n)
}

// provePlace asks for the password, but not of somebody whom the act refuses anyway.
func (v *visit) provePlace(d desk) error {
	if d.of.Kind == token.OfPlatform {
		return v.provePlatform()
	}
	return v.prove()
}

// onceOf is formOnce for the form of a token.
func (v *visit) onceOf(view tokenNewView, chosen []string) (access.Once, error) {
	return v.formOnce(append([]string{v.URL.Path, view.Name, view.Days, strconv.FormatBool(view.Trusted)}, chosen...)...)
}

// formOnce keeps a form sent twice, or a page reloaded, from doing a second time what was asked.
func (v *visit) formOnce(asked ...string) (access.Once, error) {
	key := v.PostFormValue(fieldOnce)
	if len(key) != len(rand.Text()) || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return access.Once{}, errForm
	}
	return access.Once{Key: key, Body: sha256.Sum256([]byte(strings.Join(asked, "\n")))}, nil
}

// tokenMadeView is what is shown of a token, once.
type tokenMadeView struct {
	Desk    desk
	Name    string
	Secret  string
	Until   string
	Example string // a line for the console, without the secret
}

func (v *visit) showSecret(d desk, made token.Made) error {
	p, err := d.frame(v.t.T("tokens.made_title"))
	if err != nil {
		return err
	}
	path := "/api/v1/organizations"
	if d.of.Kind == token.OfOrganization {
		path += "/" + v.org.Slug + "/members"
	}
	return v.show(http.StatusOK, TokenMadePage(p, tokenMadeView{
		Desk: d, Name: made.Token.Name, Secret: made.Secret.Reveal(), Until: v.t.Date(made.Token.ExpiresAt),
		Example: `curl -H "Authorization: Bearer $HABILIS_TOKEN" ` + v.s.BaseURL.String() + path,
	}))
}

// lives are the choices of how long a token is good.
func lives(t *text.Printer) []ui.Option {
	list := make([]ui.Option, 0, len(tokenDays))
	for _, d := range tokenDays {
		list = append(list, ui.Option{Value: strconv.Itoa(d), Label: t.T("tokens.days", "Count", d)})
	}
	return list
}
