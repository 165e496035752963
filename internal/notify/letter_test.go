package notify

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"habilis/internal/grant"
	"habilis/internal/preference"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/workitem"
)

var update = flag.Bool("update", false, "write the golden files again")

var (
	now      = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	tilleuls = Org{Name: "Maison de santé des Tilleuls", Enamel: EnamelEmail}
	bruno    = Contact{Name: "Bruno Lacaze", Email: "bruno.lacaze@tilleuls.example"}
	link     = secret.NewText("https://habilis.exemple.fr/activate/hi_k3vJ0Zl8yq2mXbT5uNcR7sWpEaDfGhQ1oI4LrVtY9MU")
)

func aicha(lang text.Lang) Recipient {
	return Recipient{Name: "Aïcha Diallo", Email: "aicha.diallo@exemple.fr", Lang: lang}
}

// samples writes one letter of each kind, and the variants that read differently.
func samples(lang text.Lang) map[string]func() (Letter, error) {
	to, role := aicha(lang), map[text.Lang]string{text.FR: "Soins", text.EN: "Care"}[lang]
	sites := []string{"Saint-Aubin", "Grand-Pré"}
	expires := now.AddDate(0, 0, 30)
	home := secret.NewText("https://habilis.exemple.fr/o/tilleuls/home")
	mine, until := secret.NewText("https://habilis.exemple.fr/o/tilleuls/me/delegations"), now.AddDate(0, 1, 0)
	midnight := time.Date(2026, 12, 24, 0, 0, 0, 0, text.Zone)
	all := map[string]func() (Letter, error){
		"invitation": func() (Letter, error) {
			return WriteInvitation(to, InvitationFacts{Org: tilleuls, By: "Bruno Lacaze", Sites: sites, Roles: []string{role}, Link: link, Expires: expires, Contact: bruno})
		},
		"invitation-first-administrator": func() (Letter, error) {
			return WriteInvitation(Recipient{Email: "direction@exemple.fr", Lang: lang}, InvitationFacts{Org: Org{"Clinique Saint-Aubin", EnamelBrique}, By: "Habilis", Administer: ScopeOrganization, Link: link, Expires: expires})
		},
		"invitation-site-administrator": func() (Letter, error) {
			return WriteInvitation(to, InvitationFacts{Org: tilleuls, By: "Bruno Lacaze", Sites: sites[:1], Administer: ScopeSite, Link: link, Expires: expires})
		},
		"joined": func() (Letter, error) {
			return WriteJoined(to, JoinedFacts{Org: Org{"CPTS des Deux-Rives", EnamelCanard}, By: "Inès Roussel", Sites: sites[:1], Roles: []string{role}, Link: home, Contact: bruno})
		},
		"administrator_named": func() (Letter, error) {
			return WriteAdministratorNamed(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", At: now, Contact: bruno})
		},
		"administrator_named-site": func() (Letter, error) {
			return WriteAdministratorNamed(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", Site: "Grand-Pré", At: now})
		},
		"administrator_revoked": func() (Letter, error) {
			return WriteAdministratorRevoked(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", At: now})
		},
		"site_removed": func() (Letter, error) {
			return WriteSiteRemoved(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", Site: "Grand-Pré", At: now})
		},
		"settings_changed": func() (Letter, error) {
			return WriteSettingsChanged(to, SettingsChangedFacts{Org: tilleuls, From: now, By: []SettingsBy{
				{"Bruno Lacaze", settingsWords(text.For(lang), preference.ByOther{
					Parts: []setting.Part{setting.PartSignature, setting.PartSession}, Alerts: []setting.Alert{setting.AlertAccess, setting.AlertWork},
				})}, {"Claire Morvan", settingsWords(text.For(lang), preference.ByOther{Parts: []setting.Part{setting.PartWorkingHours}})},
			}})
		},
		"administrator_revoked-site": func() (Letter, error) {
			return WriteAdministratorRevoked(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", Site: "Grand-Pré", At: now})
		},
		"data_export": func() (Letter, error) { return WriteDataExport(to, DataExportFacts{Until: expires}) },
		"data_export-member": func() (Letter, error) {
			return WriteDataExport(to, DataExportFacts{Org: &tilleuls, Until: expires})
		},
		"erased": func() (Letter, error) { return WriteErased(to, AccessFacts{Org: tilleuls, At: now}) },
		"account_erased": func() (Letter, error) {
			return WriteAccountErased(Recipient{Email: "aicha.diallo@exemple.fr", Lang: lang}, now)
		},
		"texting": func() (Letter, error) {
			return WriteTexting(to, TextingFacts{Sent: 400, PerDay: 500, At: now})
		},
		"texting-full": func() (Letter, error) {
			return WriteTexting(to, TextingFacts{Sent: 500, PerDay: 500, At: now})
		},
		"texting_strangers": func() (Letter, error) {
			return WriteTexting(to, TextingFacts{Sent: 80, PerDay: 100, At: now, Strangers: true})
		},
		"texting_strangers-full": func() (Letter, error) {
			return WriteTexting(to, TextingFacts{Sent: 100, PerDay: 100, At: now, Strangers: true})
		},
		"self_granted": func() (Letter, error) {
			return WriteSelfGranted(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", At: now})
		},
		"self_granted-site": func() (Letter, error) {
			return WriteSelfGranted(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", Site: "Grand-Pré", At: now})
		},
		"self_rights": func() (Letter, error) {
			return WriteSelfRights(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", At: now}, []string{"Soins", "Voir les membres"})
		},
		"self_rights-site": func() (Letter, error) {
			return WriteSelfRights(to, AdministrationFacts{Org: tilleuls, By: "Bruno Lacaze", Site: "Grand-Pré", At: now}, []string{"Soins"})
		},
		"self_levels": func() (Letter, error) {
			return WriteSelfLevels(to, SelfLevelsFacts{Org: tilleuls, By: "Bruno Lacaze", At: now, Places: []string{"Dr Morvan", "Échographie"}})
		},
		"self_levels-many": func() (Letter, error) {
			return WriteSelfLevels(to, SelfLevelsFacts{Org: tilleuls, By: "Bruno Lacaze", At: now, Places: agendas(15)})
		},
		"access_digest": func() (Letter, error) {
			return WriteAccessDigest(to, AccessDigestFacts{
				Org: tilleuls, Gained: []AccessMove{{"Julie Delmas", []string{"Dr Morvan", "Échographie"}}}, Lost: []AccessMove{{"Paul Garnier", []string{"Accueil"}}},
				Changed: []AccessMove{{"Nadège Petit", []string{"Dr Morvan"}}},
			})
		},
		"access_digest-holder": func() (Letter, error) {
			return WriteAccessDigest(to, AccessDigestFacts{Org: tilleuls, Holder: true, Gained: []AccessMove{{"Julie Delmas", []string{"Dr Diallo"}}}})
		},
		"access_digest-many": func() (Letter, error) {
			f := AccessDigestFacts{Org: tilleuls}
			for i := range 14 {
				f.Gained = append(f.Gained, AccessMove{fmt.Sprintf("Personne %d", i+1), agendas(60)})
			}
			return WriteAccessDigest(to, f)
		},
		"delegation_given": func() (Letter, error) {
			return WriteDelegationGiven(to, DelegationFacts{
				Org: tilleuls, By: "Bruno Lacaze", Member: "Julie Delmas", Link: mine, Acts: []DelegatedAct{{grant.Send, nil}, {grant.Receive, &until}},
			})
		},
		"delegation_proposed": func() (Letter, error) {
			return WriteDelegationProposed(to, DelegationFacts{
				Org: tilleuls, By: "Bruno Lacaze", Member: "Julie Delmas", Link: mine, Acts: []DelegatedAct{{grant.Draft, nil}}, Contact: bruno,
			})
		},
		"delegation_started": func() (Letter, error) {
			return WriteDelegationStarted(to, DelegationFacts{Org: tilleuls, Identities: []string{"Dr Morvan", "Accueil"}, Link: mine, Acts: []DelegatedAct{{grant.Send, nil}, {grant.Receive, &midnight}}})
		},
		"delegation_started-many": func() (Letter, error) {
			return WriteDelegationStarted(to, DelegationFacts{Org: tilleuls, Identities: []string{"Dr Morvan", "Dr Diallo", "Accueil", "Centre", "Nord"}, Link: mine, Acts: []DelegatedAct{{grant.Send, nil}}})
		},
		"delegation_ended": func() (Letter, error) {
			return WriteDelegationEnded(to, DelegationFacts{Org: tilleuls, Identities: []string{"Dr Morvan"}, At: now, Link: mine, Acts: []DelegatedAct{{grant.Draft, nil}}})
		},
		"directory_alerts": func() (Letter, error) {
			return WriteDirectoryAlerts(to, DirectoryAlertsFacts{Org: tilleuls, Alerts: 3, Link: secret.NewText("https://habilis.exemple.fr/o/tilleuls/directory-alerts")})
		},
		"directory_alerts-one": func() (Letter, error) {
			return WriteDirectoryAlerts(to, DirectoryAlertsFacts{Org: tilleuls, Alerts: 1, Link: secret.NewText("https://habilis.exemple.fr/o/tilleuls/directory-alerts")})
		},
		"registration-arrived": func() (Letter, error) {
			return WriteRegistrationArrived(to, ArrivedFacts{Org: tilleuls, Files: 3, Link: secret.NewText("https://habilis.exemple.fr/o/tilleuls/dossiers")})
		},
		"registration-arrived-one": func() (Letter, error) {
			return WriteRegistrationArrived(to, ArrivedFacts{Org: tilleuls, Files: 1, Link: secret.NewText("https://habilis.exemple.fr/o/tilleuls/dossiers")})
		},
		"work-received": func() (Letter, error) {
			return WriteWorkReceived(to, WorkFacts{
				Org: tilleuls, Held: []workitem.Holding{{Kind: workitem.Task, Items: 12, Late: 2}, {Kind: workitem.Letter, Items: 1}},
				Link: secret.NewText("https://habilis.exemple.fr/o/tilleuls/members/mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"),
			})
		},
		"password_reset": func() (Letter, error) {
			return WritePasswordReset(to, PasswordResetFacts{Link: secret.NewText("https://habilis.exemple.fr/password/reset/hr_jeton"), Expires: now.Add(time.Hour)})
		},
		"password_changed": func() (Letter, error) {
			return WritePasswordChanged(to, PasswordChangedFacts{At: now, SessionsClosed: true})
		},
		"sign_in_failures": func() (Letter, error) { return WriteSignInFailures(to, FailuresFacts{Failures: 10, At: now}) },
		"password_locked":  func() (Letter, error) { return WritePasswordLocked(to, FailuresFacts{Failures: 25, At: now}) },
		"temporary_password": func() (Letter, error) {
			return WriteTemporaryPassword(to, TemporaryPasswordFacts{Org: Org{"Clinique Saint-Aubin", EnamelPin}, By: "Claire Morvan", Sites: sites[:1], Roles: []string{role}, Password: secret.NewText("k7mq-2vxr-9wtb-h4nd"), Link: secret.NewText("https://habilis.exemple.fr/login"), Expires: now.Add(72 * time.Hour), Contact: bruno})
		},
		"deactivated": func() (Letter, error) {
			return WriteDeactivated(to, AccessFacts{Org: tilleuls, By: "Bruno Lacaze", At: now})
		},
		"reactivated": func() (Letter, error) {
			return WriteReactivated(to, AccessFacts{Org: tilleuls, By: "Bruno Lacaze", At: now})
		},
		"sessions_closed": func() (Letter, error) {
			return WriteSessionsClosed(to, SessionsClosedFacts{Closed: 2, Max: 10, At: now})
		},
		"new_browser": func() (Letter, error) {
			return WriteNewBrowser(to, NewBrowserFacts{At: now, Origin: Origin{Address: "192.0.2.7", Browser: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}})
		},
		"message": func() (Letter, error) {
			return WriteMessage(to, MessageFacts{
				Org: tilleuls, By: "Bruno Lacaze", ReplyTo: bruno.Email, Subject: "Fermeture le 24 décembre",
				Text: "Bonjour,\n\nle cabinet ferme <à midi> :\n- accueil\n- secrétariat\n\n\nBonnes fêtes",
			})
		},
		"new_browser-nameless": func() (Letter, error) { return WriteNewBrowser(to, NewBrowserFacts{At: now}) },
		"sessions_closed-one": func() (Letter, error) {
			return WriteSessionsClosed(to, SessionsClosedFacts{Closed: 1, Max: 10, At: now})
		},
	}
	for _, more := range []func(text.Lang) map[string]func() (Letter, error){emailSamples, factorSamples, careSamples, lossSamples, dossierSamples, approvalSamples, registrationSamples, webhookSamples, deactivationSamples, departureSamples, reviewSamples, mergeSamples, accountsSamples, erasureSamples, exitSamples} {
		maps.Copy(all, more(lang))
	}
	return all
}

func agendas(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("Agenda du Dr Morvan %d", i+1))
	}
	return list
}

func mustMessage(t *testing.T, write func() (Letter, error)) (Letter, Message) {
	t.Helper()
	letter, err := write()
	if err != nil {
		t.Fatal(err)
	}
	m, err := letter.Message("job_01", now)
	if err != nil {
		t.Fatal(err)
	}
	return letter, m
}

func eachSample(t *testing.T, check func(t *testing.T, name string, lang text.Lang, l Letter, m Message)) {
	t.Helper()
	for _, lang := range text.All {
		for name, write := range samples(lang) {
			t.Run(name+"."+string(lang), func(t *testing.T) {
				l, m := mustMessage(t, write)
				check(t, name, lang, l, m)
			})
		}
	}
}

// Every letter, word for word, in both languages (DESIGN.md 17).
func TestLettersGolden(t *testing.T) {
	eachSample(t, func(t *testing.T, name string, lang text.Lang, _ Letter, m Message) {
		t.Helper()
		got := fmt.Sprintf("From: %s\nTo: %s <%s>\nSubject: %s\n\n%s\n%s", m.SenderName, m.To.Name, m.To.Email, m.Subject, m.Text.Reveal(), m.HTML.Reveal())
		path := filepath.Join("testdata", name+"."+string(lang)+".golden")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the letter changed; look at it, then run go test ./internal/notify -update\n%s", got)
		}
	})
}

// Every kind has a sample here, so that no letter escapes these tests.
func TestEveryKindIsSampled(t *testing.T) {
	seen := map[Kind]bool{}
	for _, write := range samples(text.FR) {
		l, _ := mustMessage(t, write)
		seen[l.Kind] = true
	}
	for _, k := range Kinds {
		if !seen[k] {
			t.Errorf("no sample of %s", k)
		}
	}
	if len(seen) != len(Kinds) {
		t.Errorf("%d kinds sampled, %d listed", len(seen), len(Kinds))
	}
}

// DESIGN.md 17: 560 px, inline styles, no remote image, no script, no style
// sheet; security letters have no link; plain text within 76 columns.
func TestLetterShape(t *testing.T) {
	withLink := map[Kind]bool{KindInvitation: true, KindJoined: true, KindPasswordReset: true, KindTemporaryPassword: true, KindDirectoryAlerts: true, KindRegistrationArrived: true, KindWorkReceived: true, KindDelegationGiven: true, KindDelegationProposed: true, KindDelegationStarted: true, KindDelegationEnded: true, KindEmailProof: true, KindEmailReplaced: true, KindAccountGaveWay: true, KindFactorRemovalWait: true, KindFileOpened: true, KindFileRuled: true, KindLossWait: true, KindErasureAsked: true, KindApprovalWaits: true, KindRegistrationAccount: true, KindRegistrationLink: true, KindRegistrationSent: true}
	eachSample(t, func(t *testing.T, _ string, lang text.Lang, l Letter, m Message) {
		t.Helper()
		html, plain := m.HTML.Reveal(), m.Text.Reveal()
		for _, banned := range []string{"<img", "<script", "<style", "<link", "src=", "url(", "@import", "ZgotmplZ", "⟦", "<no value>"} {
			if strings.Contains(html+plain+m.Subject, banned) {
				t.Errorf("the letter has %q", banned)
			}
		}
		if !strings.Contains(html, `max-width:560px`) || !strings.Contains(html, `<html lang="`+string(lang)+`"`) || !strings.Contains(html, l.Plaque.Enamel.plate().Line) {
			t.Error("the column, the language or the engraved line is missing")
		}
		if links := strings.Count(html, "href="); withLink[l.Kind] != (links == 1) || withLink[l.Kind] != (l.Button != nil) || withLink[l.Kind] != strings.Contains(plain, "://") {
			t.Errorf("%d links in a %s", links, l.Kind)
		}
		if b := l.Button; b != nil && (!strings.Contains(plain, "\n"+b.URL.Reveal()+"\n") || strings.Count(html, b.URL.Reveal()) != 2) {
			t.Error("the raw link does not stand below the button, or alone on its line of text")
		}
		for line := range strings.SplitSeq(plain, "\n") {
			if utf8.RuneCountInString(line) > textWidth && !strings.Contains(line, "://") {
				t.Errorf("a line of %d: %s", utf8.RuneCountInString(line), line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("spaces at the end of %q", line)
			}
		}
		if len(l.Footer) != 4 {
			t.Errorf("%d lines in the grey block", len(l.Footer))
		}
		if l.To.Lang == text.FR && strings.ContainsAny(plain, "'") {
			t.Error("a straight apostrophe in French")
		}
	})
	if d := text.Defects(); len(d) != 0 {
		t.Errorf("texts that could not be made: %v", d)
	}
}

// Only the temporary-password letter carries a secret besides links (MEM-12), and
// formatting a letter or a message never prints either (rules.md 22).
func TestLettersDoNotPrintSecrets(t *testing.T) {
	eachSample(t, func(t *testing.T, _ string, _ text.Lang, l Letter, m Message) {
		t.Helper()
		for _, out := range []string{fmt.Sprintf("%v %+v %#v", l, l, l), fmt.Sprintf("%v %+v %#v", m, m, m)} {
			if strings.Contains(out, "hi_k3vJ") || strings.Contains(out, "_jeton") || strings.Contains(out, "k7mq") {
				t.Errorf("printed: %s", out)
			}
		}
		if has := strings.Contains(m.Text.Reveal(), "k7mq-2vxr-9wtb-h4nd"); has != (l.Kind == KindTemporaryPassword) {
			t.Errorf("carries a password: %v", has)
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ in, indent, want string }{
		{"", "", ""},
		{"court", "", "court"},
		{strings.Repeat("mot ", 30) + "fin", "", ""},
		{strings.Repeat("x", 200) + " " + strings.Repeat("y", 200), "", strings.Repeat("x", 200) + "\n" + strings.Repeat("y", 200)},
		{strings.Repeat("é", 70) + " " + strings.Repeat("à", 20), "  ", strings.Repeat("é", 70) + "\n  " + strings.Repeat("à", 20)},
		{strings.Repeat("a", 74) + " ?", "", strings.Repeat("a", 74) + " ?"},
		{strings.Repeat("a", 70) + " fin\u00a0du\u202f?", "", strings.Repeat("a", 70) + "\nfin\u00a0du\u202f?"},
	} {
		got := wrap(c.in, c.indent)
		if c.want != "" && got != c.want {
			t.Errorf("wrap(%q) = %q", c.in, got)
		}
		if strings.ReplaceAll(got, "\n"+c.indent, " ") != c.in {
			t.Errorf("wrap(%q) lost something: %q", c.in, got)
		}
	}
}

func TestEnamels(t *testing.T) {
	if len(plates) != 6 {
		t.Errorf("%d enamels", len(plates))
	}
	if Enamel("rose").plate() != EnamelEmail.plate() || Enamel("").plate() != EnamelEmail.plate() || EnamelPin.plate() == EnamelEmail.plate() {
		t.Error("an unknown enamel must show the default one, and only it")
	}
}
