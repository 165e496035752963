package app

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"habilis/internal/directory"
	"habilis/internal/secret"
)

// rules.md 17 and 23: the directory is asked over https, with one key that nobody else
// can read; what is unsafe stops the start.
func TestDirectorySettings(t *testing.T) {
	private, open := filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "open")
	for path, mode := range map[string]os.FileMode{private: 0o600, open: 0o644} {
		if err := os.WriteFile(path, []byte("la-cle\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		set     Annuaire
		dev     bool
		setting string
	}{
		"nothing":                 {},
		"a key in the file":       {set: Annuaire{DirectoryKeyFile: private}},
		"a key":                   {set: Annuaire{DirectoryKey: secret.NewText("x")}},
		"two keys":                {set: Annuaire{DirectoryKey: secret.NewText("x"), DirectoryKeyFile: private}, setting: "--directory-key-file"},
		"a file for all to read":  {set: Annuaire{DirectoryKeyFile: open}, setting: "--directory-key-file"},
		"no such file":            {set: Annuaire{DirectoryKeyFile: private + "x"}, setting: "--directory-key-file"},
		"the national one, bare":  {set: Annuaire{DirectoryURL: directory.BaseURL + "/"}, setting: "--directory-key-file"},
		"another":                 {set: Annuaire{DirectoryURL: "https://annuaire.ght.example/fhir"}},
		"http":                    {set: Annuaire{DirectoryURL: "http://annuaire.ght.example/fhir"}, dev: true, setting: "--directory-url"},
		"http here":               {set: Annuaire{DirectoryURL: "http://127.0.0.1:9/fhir"}, setting: "--directory-url"},
		"http here, development":  {set: Annuaire{DirectoryURL: "http://127.0.0.1:9/fhir"}, dev: true},
		"no address":              {set: Annuaire{DirectoryURL: "annuaire"}, setting: "--directory-url"},
		"a user in it":            {set: Annuaire{DirectoryURL: "https://a:b@annuaire.example/"}, setting: "--directory-url"},
		"a proxy":                 {set: Annuaire{DirectoryKeyFile: private, OutboundProxy: "http://proxy.example:3128"}},
		"a proxy of no web":       {set: Annuaire{DirectoryKeyFile: private, OutboundProxy: "socks5://proxy.example"}, setting: "--outbound-proxy"},
		"a proxy that is no host": {set: Annuaire{DirectoryKeyFile: private, OutboundProxy: "proxy"}, setting: "--outbound-proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			config := bare()
			config.Annuaire, config.Dev = c.set, c.dev
			err := config.Check()
			if c.setting == "" && err != nil {
				t.Error(err)
			}
			if c.setting != "" {
				refused(t, err, c.setting, "")
			}
		})
	}
	key, err := Annuaire{DirectoryKeyFile: private}.directoryKey()
	if err != nil || key.Reveal() != "la-cle" {
		t.Errorf("%s %v", key.Reveal(), err)
	}
	if u, err := (Config{Annuaire: Annuaire{DirectoryKeyFile: private}}).directoryURL(); err != nil || u.String() != directory.BaseURL {
		t.Errorf("%v %v", u, err)
	}
	if _, err := url.Parse(directory.BaseURL); err != nil {
		t.Error(err)
	}
}
