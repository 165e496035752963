package notify

import (
	"errors"
	"html"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// breaks are values that would leave their line or their place.
var breaks = map[string]string{
	"CR LF and a header": "Bruno\r\nBcc: voleur@exemple.fr", "LF": "Bruno\nLacaze", "CR": "Bruno\rLacaze", "LF at the end": "Bruno\n", "NUL": "Bruno\x00", "tab": "Bruno\tLacaze",
	"U+2028": "Bruno\u2028Lacaze", "U+2029": "Bruno\u2029Lacaze", "U+0085": "Bruno\u0085Lacaze", "vertical tab": "Bruno\vLacaze", "right to left": "Bruno\u202elave", "zero width": "Bru\u200bno",
	"encoded word": "=?utf-8?q?=0D=0ABcc:_voleur@exemple.fr?=", "encoded word in base64": "=?UTF-8?B?DQpCY2M6IHg=?=", "invalid UTF-8": "Bruno\xff", "endless": strings.Repeat("a", 10_000), "only spaces": "   ",
}

// addresses that are not exactly one plain address.
var badAddresses = []string{
	"", "a", "a@", "@b.fr", "a@b>,<c@d", "a@b.fr,c@d.fr", "a@b.fr c@d.fr", "A <a@b.fr>", "<a@b.fr>", "a@b.fr\r\nBcc: c@d.fr", "a@b.fr\n", " a@b.fr", "a@b.fr ", "a@b@c.fr", `"a b"@c.fr`, `"a@b.fr>,<c"@d.fr`,
	"a(comment)@b.fr", "a@b.fr(x)", "a@[127.0.0.1]", "groupe: a@b.fr;", "a@b.fr\u2028", "=?utf-8?q?a?=@b.fr", "a@b..fr", ".a@b.fr", "a@exämple.fr", strings.Repeat("a", 65) + "@b.fr", "a@" + strings.Repeat("b", 260) + ".fr", "a@b.fr\x00",
}

// INJ-02: nothing that could break a header is accepted by any writer, in any
// place a name can stand.
func TestUnsafeNamesAreRefused(t *testing.T) {
	to := aicha(text.FR)
	for name, bad := range breaks {
		named := to
		named.Name = bad
		for where, write := range map[string]func() (Letter, error){
			"recipient": func() (Letter, error) { return WritePasswordChanged(named, PasswordChangedFacts{At: now}) },
			"inviter": func() (Letter, error) {
				return WriteInvitation(to, InvitationFacts{Org: tilleuls, By: bad, Link: link, Expires: now})
			},
			"organisation": func() (Letter, error) {
				return WriteDeactivated(to, AccessFacts{Org: Org{Name: bad}, By: "Bruno", At: now})
			},
			"site": func() (Letter, error) {
				return WriteAdministratorNamed(to, AdministrationFacts{Org: tilleuls, By: "Bruno", Site: bad, At: now})
			},
			"sites": func() (Letter, error) {
				return WriteInvitation(to, InvitationFacts{Org: tilleuls, By: "Bruno", Sites: []string{"A", bad}, Link: link, Expires: now})
			},
			"role": func() (Letter, error) {
				return WriteJoined(to, JoinedFacts{Org: tilleuls, By: "Bruno", Roles: []string{bad}, Link: link})
			},
			"contact": func() (Letter, error) {
				return WriteReactivated(to, AccessFacts{Org: tilleuls, By: "Bruno", At: now, Contact: Contact{bad, "a@b.fr"}})
			},
			"password": func() (Letter, error) {
				return WriteTemporaryPassword(to, TemporaryPasswordFacts{Org: tilleuls, By: "Bruno", Password: secret.NewText(bad), Link: link, Expires: now})
			},
		} {
			if l, err := write(); !errors.Is(err, ErrUnsafe) || l.Subject != "" {
				t.Errorf("%s as %s: %v", name, where, err)
			} else if len(bad) < 100 && len(bad) > 3 && strings.Contains(err.Error(), bad) {
				t.Errorf("%s as %s: the error repeats the value", name, where)
			}
		}
	}
}

// INJ-02: address "a@b>,<c@d".
func TestUnsafeAddressesAreRefused(t *testing.T) {
	for _, bad := range badAddresses {
		to := Recipient{Email: bad, Lang: text.FR}
		if _, err := WritePasswordChanged(to, PasswordChangedFacts{At: now}); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%q is accepted as a recipient: %v", bad, err)
		}
		if _, err := WriteReactivated(aicha(text.FR), AccessFacts{Org: tilleuls, By: "Bruno", At: now, Contact: Contact{"Bruno", bad}}); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%q is accepted as a contact: %v", bad, err)
		}
		if _, err := ParseFrom(bad); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%q is accepted as a sending address", bad)
		}
	}
	for _, good := range []string{"a@b.fr", "prenom.nom+habilis@sous.domaine.exemple.fr", "o'neil@exemple.fr", "a_b-c@xn--exmple-cua.fr", "1@2.fr"} {
		if err := checkAddress("address", good); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
}

func TestUnsafeLinksAreRefused(t *testing.T) {
	for _, bad := range []string{
		"", "activate/hi_x", "//habilis.exemple.fr/x", "http://habilis.exemple.fr/x", "javascript:alert(1)", "data:text/html,x", "https://", "https:exemple.fr", "https://a@habilis.exemple.fr/", "ftp://exemple.fr/",
		"https://exemple.fr/\r\nBcc: x", "https://exemple.fr/a b", "https://exemple.fr/\"><script>", "https://exemple.fr/é", "https://exemple.fr/" + strings.Repeat("a", 2000), "http://127.0.0.1.exemple.fr/",
	} {
		_, err := WritePasswordReset(aicha(text.FR), PasswordResetFacts{Link: secret.NewText(bad), Expires: now})
		if !errors.Is(err, ErrUnsafe) {
			t.Errorf("%q is accepted: %v", bad, err)
		} else if len(bad) > 12 && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: the error repeats the link", bad)
		}
	}
	for _, good := range []string{"https://habilis.exemple.fr/activate/hi_x", "http://127.0.0.1:8080/x", "http://localhost:8080/x?a=b&c=d#e", "http://[::1]:8080/"} {
		if err := checkURL("link", secret.NewText(good)); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
}

func TestUnsetDateIsRefused(t *testing.T) {
	if _, err := WritePasswordReset(aicha(text.FR), PasswordResetFacts{Link: link}); !errors.Is(err, ErrUnsafe) {
		t.Errorf("a letter without its deadline: %v", err)
	}
}

func TestMessageID(t *testing.T) {
	l, _ := mustMessage(t, samples(text.FR)["invitation"])
	for _, bad := range []string{"", "a b", "a@b", "a>b", "../a", ".a", "a/b", "a\r\nb", "é", strings.Repeat("a", 65)} {
		if _, err := l.Message(bad, now); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%q is accepted: %v", bad, err)
		}
	}
}

// INJ-05: a custom text is never a template.
func TestNamesAreNotTemplates(t *testing.T) {
	for _, payload := range []string{"{{.}}", "{{.Link}}", `{{template "letter"}}`, "${7*7}", "%s%d", "{{.Until", "<%= 7 %>", "{{printf `%v` .}}"} {
		org := Org{Name: payload, Enamel: Enamel(payload)}
		l, m := mustMessage(t, func() (Letter, error) {
			return WriteInvitation(Recipient{Name: payload, Email: "a@b.fr", Lang: text.FR}, InvitationFacts{Org: org, By: payload, Sites: []string{payload}, Roles: []string{payload}, Link: link, Expires: now, Contact: Contact{payload, "a@b.fr"}})
		})
		if !strings.Contains(l.Subject, payload) || strings.Count(m.Text.Reveal(), payload) < 6 || strings.Count(html.UnescapeString(m.HTML.Reveal()), payload) < 6 {
			t.Errorf("%q is not literal: %s\n%s", payload, l.Subject, m.Text.Reveal())
		}
	}
}

// INJ-01: names are shown as text in the HTML part.
func TestNamesAreEscapedInHTML(t *testing.T) {
	_, plain := mustMessage(t, samples(text.FR)["invitation"])
	tags := strings.Count(plain.HTML.Reveal(), "<")
	for _, payload := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</title><script>`, `</td></tr></table>`, `--><b>`, `<a href="javascript:alert(1)">x</a>`, `&lt;script&gt;`, `" style="background:url(//x)`, `<!--`, `]]>`, `<style>*{}</style>`, "`onclick=x",
	} {
		_, m := mustMessage(t, func() (Letter, error) {
			return WriteInvitation(Recipient{Name: payload, Email: "a@b.fr", Lang: text.FR}, InvitationFacts{Org: Org{Name: payload, Enamel: Enamel(payload)}, By: payload, Sites: []string{payload, payload}, Roles: []string{payload}, Link: link, Expires: now, Contact: Contact{payload, "a@b.fr"}})
		})
		if got := m.HTML.Reveal(); strings.Count(got, "<") != tags {
			t.Errorf("%q: %d tags instead of %d", payload, strings.Count(got, "<"), tags)
		} else if !strings.Contains(html.UnescapeString(got), payload) {
			t.Errorf("%q is not shown", payload)
		}
	}
}

// Whatever the name, a letter is either refused or stays on its lines and keeps
// the tags of its template.
func TestAnyNameIsSafe(t *testing.T) {
	write := func(name string) (Message, error) {
		l, err := WriteDeactivated(Recipient{Name: name, Email: "a@b.fr", Lang: text.EN}, AccessFacts{Org: Org{Name: name}, By: name, At: now.Add(time.Hour)})
		if err != nil {
			return Message{}, err
		}
		return l.Message("job_1", now)
	}
	reference, err := write("Bruno")
	if err != nil {
		t.Fatal(err)
	}
	tags := strings.Count(reference.HTML.Reveal(), "<")
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[<>"'&=?\r\n {}.%-~]{1,40}`)).Draw(t, "name")
		m, err := write(name)
		if err != nil {
			if !errors.Is(err, ErrUnsafe) {
				t.Fatal(err)
			}
			return
		}
		if strings.ContainsAny(m.Subject+m.SenderName, "\r\n\u2028\u2029\u0085") {
			t.Fatalf("%q breaks a header", m.Subject)
		}
		if strings.Count(m.HTML.Reveal(), "<") != tags {
			t.Fatalf("%q changes the HTML", name)
		}
		if _, err := (From{"habilis@exemple.fr"}).compose(m); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
	})
}
