package ui

import (
	"context"
	"strings"
	"testing"

	"habilis/internal/text"
)

func app(t *testing.T, p Page) string {
	t.Helper()
	return render(t, context.Background(), App(p), ErrorBody(ErrorProps{Title: "x"}))
}

func wants(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(html, part) {
			t.Errorf("missing %s", part)
		}
	}
}

func lacks(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(html, part) {
			t.Errorf("unwanted %s", part)
		}
	}
}

// DESIGN §3 and §10: «[Erreur : ]Page – Organisation».
func TestTitle(t *testing.T) {
	p := Page{Text: text.For(text.FR), Title: "Membres", OrgName: "Maison de santé des Tilleuls"}
	wants(t, app(t, p), "<title>Membres – Maison de santé des Tilleuls</title>")
	p.Error = true
	wants(t, app(t, p), "<title>Erreur\u00a0: Membres – Maison de santé des Tilleuls</title>")
	p.Text, p.OrgName = text.For(text.EN), ""
	wants(t, app(t, p), `<html lang="en">`, "<title>Error: Membres</title>")
}

// WCAG 2.4.1: the skip link is the first thing in the page, and leads to main.
func TestSkipLinkComesFirst(t *testing.T) {
	html := app(t, page(text.FR))
	_, afterBody, _ := strings.Cut(html, "<body")
	_, afterBody, _ = strings.Cut(afterBody, ">")
	if !strings.HasPrefix(afterBody, `<a class="skip" href="#main">Aller au contenu</a>`) {
		t.Errorf("body begins with %.80s", afterBody)
	}
	wants(t, html, `<main id="main" tabindex="-1">`)
}

// SEC-5: the person's menu at every layout, without script; nothing of it for a stranger.
func TestPersonMenu(t *testing.T) {
	html := app(t, page(text.FR))
	wants(t, html, `popovertarget="person-menu"`, `id="person-menu" popover`, "Sécurité du compte", `href="/account/security"`,
		`action="/logout"`, "Se déconnecter", "Mes organisations", `name="lang" value="en" lang="en"`)
	stranger := page(text.FR)
	stranger.Person = nil
	lacks(t, app(t, stranger), "person-menu", "/logout", "/account")
}

// A GET never changes state (rules.md 9): language and sign-out are POST forms,
// and the switch comes back to the page.
func TestLanguageSwitch(t *testing.T) {
	p := page(text.EN)
	p.Path = "/o/tilleuls/members?q=a&page=2"
	html := app(t, p)
	wants(t, html, `<form method="post" action="/language">`, `name="next" value="/o/tilleuls/members?q=a&amp;page=2"`, `value="fr" lang="fr"`, "Français")
	lacks(t, html, `value="en"`)
}

func TestNavigation(t *testing.T) {
	html := app(t, page(text.FR))
	wants(t, html, `aria-current="page"`, `<h2 id="nav-organisation">Organisation</h2>`,
		`<span class="count count--wait">5<span class="vh"> à traiter</span></span>`,
		`<span class="count">34<span class="vh"> au total</span></span>`)
	if got := strings.Count(html, `aria-current`); got != 1 {
		t.Errorf("%d current pages", got)
	}
}

// DESIGN §7: the flash message is the first child of main, and is announced.
func TestFlashComesFirstInMain(t *testing.T) {
	_, main, _ := strings.Cut(app(t, page(text.FR)), `<main id="main" tabindex="-1">`)
	if !strings.HasPrefix(main, `<div class="note ok" role="status">`) {
		t.Errorf("main begins with %.80s", main)
	}
	wants(t, main, `<form method="post" action="/undo">`, "Annuler")
}

func TestFooterSaysTheAccessibilityState(t *testing.T) {
	for state, words := range map[AccessibilityState]string{
		NotConformant: "non conforme", PartlyConformant: "partiellement conforme", FullyConformant: "totalement conforme",
	} {
		p := page(text.FR)
		p.State = state
		wants(t, app(t, p), ">Accessibilité\u00a0: "+words+"</a>")
	}
}

// Pages name people: search engines stay away, and htmx keeps no copy of them.
func TestPagesStayPrivate(t *testing.T) {
	html := app(t, page(text.FR))
	wants(t, html, `<meta name="robots" content="noindex">`, `&#34;historyCacheSize&#34;:0`, `&#34;allowEval&#34;:false`, `&#34;includeIndicatorStyles&#34;:false`)
	p := page(text.FR)
	p.Live, p.Indexable = false, true
	lacks(t, app(t, p), "htmx.min", "htmx-config", "noindex")
}

func TestWithoutAPrinterWordsAreFrench(t *testing.T) {
	wants(t, render(t, context.Background(), StepUp(StepUpProps{})), "Votre mot de passe")
	wants(t, render(t, in(text.EN), StepUp(StepUpProps{})), "Your password")
}
