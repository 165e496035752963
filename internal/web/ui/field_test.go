package ui

import (
	"strings"
	"testing"

	"habilis/internal/text"
)

// WCAG 1.3.1, 3.3.1, 3.3.2: label, hint and error are tied to the input.
func TestFieldIsTiedToItsWords(t *testing.T) {
	html := render(t, in(text.FR), Field(FieldProps{Name: "email", Type: "email", Label: "E-mail", Hint: "Celui du cabinet", Error: "Saisissez une adresse"}))
	wants(t, html, `<label for="email">E-mail`, `id="email-hint"`, `id="email-error"`,
		`aria-describedby="email-hint email-error"`, `aria-invalid="true"`, `aria-required="true"`, `type="email"`)
	clean := render(t, in(text.FR), Field(FieldProps{Name: "email", Label: "E-mail"}))
	lacks(t, clean, "aria-invalid", "aria-describedby", "-error")
}

// WCAG 1.3.5: an administrator types somebody else's data, the browser must not fill it.
func TestAutocompleteIsOffUnlessAsked(t *testing.T) {
	wants(t, render(t, in(text.FR), Field(FieldProps{Name: "a", Label: "A"})), `autocomplete="off"`)
	wants(t, render(t, in(text.FR), Field(FieldProps{Name: "a", Label: "A", Autocomplete: "username"})), `autocomplete="username"`)
	wants(t, render(t, in(text.FR), PasswordField(PasswordProps{Name: "password", Label: "A"})), `autocomplete="current-password"`)
}

func TestOnlyWhatIsOptionalSaysSo(t *testing.T) {
	optional := render(t, in(text.FR), Field(FieldProps{Name: "a", Label: "Mobile", Optional: true}))
	wants(t, optional, "(facultatif)")
	lacks(t, optional, "aria-required")
	lacks(t, render(t, in(text.FR), SearchField(FieldProps{Name: "q", Label: "Nom"})), "aria-required", "(facultatif)")
	lacks(t, render(t, in(text.FR), Field(FieldProps{Name: "a", Label: "A", ReadOnly: true})), "aria-required")
}

// Without script nothing promises «Afficher»; passwords are never sent back in the page.
func TestPasswordField(t *testing.T) {
	html := render(t, in(text.FR), PasswordField(PasswordProps{Name: "password", Label: "Mot de passe"}))
	wants(t, html, `type="button" hidden data-reveal="password" aria-pressed="false"`, "Le mot de passe est affiché.")
	lacks(t, html, "value=")
}

// rules.md 6: the step-up asks for the person's own password and says why.
func TestStepUp(t *testing.T) {
	html := render(t, in(text.FR), StepUp(StepUpProps{Why: "Pour nommer un admin.", Error: "Le mot de passe ne correspond pas", Username: "b@x.example"}))
	wants(t, html, "Votre mot de passe", "Pour nommer un admin.", `name="password"`, `aria-invalid="true"`,
		`value="b@x.example" autocomplete="username" hidden`)
}

// MEM-9: «Ajouter un autre» is a submit button without script, and stops at the limit.
func TestMultiField(t *testing.T) {
	props := MultiFieldProps{Name: "email", Legend: "Adresses", Label: "Adresse {n}", Max: 3, Values: []string{"a@x.example", "b"},
		Errors: []string{"", "Saisissez une adresse"}, Add: ButtonProps{Label: "Ajouter un autre", Name: "do", Value: "add"}}
	html := render(t, in(text.FR), MultiField(props))
	wants(t, html, `for="email-1">Adresse 1`, `for="email-2">Adresse 2`, `value="a@x.example"`, `id="email-2-error"`,
		`type="submit" name="do" value="add"`, `formnovalidate`, `data-add`, `data-max="3"`)
	if got := strings.Count(html, `name="email"`); got != 2 {
		t.Errorf("%d inputs", got)
	}
	props.Values = append(props.Values, "")
	lacks(t, render(t, in(text.FR), MultiField(props)), "data-add")
	props.Values = nil
	if got := strings.Count(render(t, in(text.FR), MultiField(props)), `name="email"`); got != 1 {
		t.Errorf("%d inputs when nothing was typed", got)
	}
}

func TestGroups(t *testing.T) {
	html := render(t, in(text.FR), CheckList(GroupProps{Name: "roles", Legend: "Rôles", Error: "Choisissez un rôle", Choices: []Choice{
		{Value: "a", Label: "Soins", Chosen: true, Scope: &ScopeProps{Name: "scope-a", Label: "Portée du rôle Soins", Value: "s1", Options: []Option{{"org", "Tout"}, {"s1", "Saint-Aubin"}}}},
		{Value: "b", Label: "Lecture", Disabled: true, Hint: "Déjà donné"},
	}}))
	wants(t, html, `<fieldset id="roles" tabindex="-1"`, `aria-describedby="roles-error"`, `value="a" checked`, `value="b" disabled`,
		`aria-label="Portée du rôle Soins"`, `<option value="s1" selected>`)
	lacks(t, html, "aria-invalid", `value="org" selected`)
}

// An unavailable button stays focusable, says why, and submits nothing.
func TestButtons(t *testing.T) {
	wants(t, render(t, in(text.FR), Button(ButtonProps{Label: "x", Unavailable: "why"})), `type="button"`, `aria-disabled="true"`, `aria-describedby="why"`)
	wants(t, render(t, in(text.FR), Button(ButtonProps{Label: "x", Kind: Primary, Busy: "Envoi…"})), `type="submit"`, `class="btn btn-1"`, `data-busy="Envoi…"`)
	wants(t, render(t, in(text.FR), Button(ButtonProps{Label: "x", Reset: true})), `type="reset"`)
	wants(t, render(t, in(text.FR), LinkButton(LinkButtonProps{Label: "x", Hidden: "y", Href: "/a", Dialog: true})), `href="/a" data-dialog`, `<span class="vh"> y</span>`)
}

// DESIGN §12: the act of a confirmation is solid red unless told otherwise; the safe way out is marked.
func TestConfirm(t *testing.T) {
	props := ConfirmProps{Title: "Supprimer ?", Action: "/d", Button: ButtonProps{Label: "Supprimer"}, Keep: "Garder", Back: "/m"}
	html := render(t, in(text.FR), Confirm(props))
	wants(t, html, `data-confirm`, `<h1 id="confirm">Supprimer ?</h1>`, `btn-bad1`, `href="/m" data-keep>Garder</a>`)
	lacks(t, html, "password")
	props.Button.Kind = Primary
	lacks(t, render(t, in(text.FR), Confirm(props)), "btn-bad1")
}

func TestErrorSummary(t *testing.T) {
	if html := render(t, in(text.FR), ErrorSummary(nil)); html != "" {
		t.Errorf("nothing to correct, yet %s", html)
	}
	html := render(t, in(text.FR), ErrorSummary([]FieldError{{"email", "Saisissez une adresse"}, {"", "Relisez la page"}}))
	wants(t, html, `href="#email"`, "2\u00a0points à corriger", `tabindex="-1"`, "Relisez la page")
	if got := strings.Count(html, "<a "); got != 1 {
		t.Errorf("%d links", got)
	}
}
