package app

import (
	"net/url"
	"os"
	"strings"

	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/exchange"
	"habilis/internal/outbound"
	"habilis/internal/secret"
)

// asked reports whether the API of the directory is configured.
func (c Annuaire) asked() bool {
	return c.DirectoryURL != "" || !c.DirectoryKey.IsZero() || c.DirectoryKeyFile != ""
}

// openDirectory makes the directory: what was loaded here answers first, then the API.
func (b *Base) openDirectory() (err error) {
	place := directory.Place{Folder: b.Config.Data}
	if b.Config.Postgres() {
		place.DB = b.DB
	}
	if b.index, err = directory.OpenIndex(place); err != nil {
		return err
	}
	sources := []directory.Source{b.index}
	if b.Config.asked() {
		api, err := b.newFHIR()
		if err != nil {
			return err
		}
		sources = append(sources, api)
	}
	b.Directory = directory.Directory{Run: b.Runner, Source: directory.Lookup{Sources: sources, Log: b.Log}}
	b.Imports = exchange.Imports{Run: b.Runner, Enrolments: b.Enrolments, Index: b.index}
	b.Alerts = dossier.Alerts{Run: b.Runner}
	b.Dossiers = dossier.Dossiers{Run: b.Runner, Source: b.Directory}
	b.Watch = dossier.Watch{Run: b.Runner, Source: b.Directory, Log: b.Log}
	b.Registrations.Source, b.Registrations.Documents = b.Directory, b.Documents
	return nil
}

func (b *Base) newFHIR() (*directory.FHIR, error) {
	c := b.Config
	base, err := c.directoryURL()
	if err != nil {
		return nil, err
	}
	key, err := c.directoryKey()
	if err != nil {
		return nil, err
	}
	proxy, err := c.outboundProxy()
	if err != nil {
		return nil, err
	}
	client := outbound.New(outbound.Options{
		Operator: []string{outbound.HostPort(base)}, Plain: c.Dev, Proxy: proxy, MaxBody: directory.MaxAnswer,
	})
	return directory.NewFHIR(directory.FHIROptions{Base: base, Key: key, Client: client, DB: b.DB, Log: b.Log}), nil
}

// directoryURL reads the address of the API. Plain http is for development on this
// machine.
func (c Config) directoryURL() (*url.URL, error) {
	address := c.DirectoryURL
	if address == "" {
		address = directory.BaseURL
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || !ofWeb(u) || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, refuse("--directory-url", "write a whole address, for example %s", directory.BaseURL)
	case u.Scheme != "https" && (!c.Dev || !loopbackURL(u)):
		return nil, refuse("--directory-url", "use https:// — http is accepted for this machine alone, with --dev")
	}
	return u, nil
}

// ofWeb reports whether an address is one of a web server.
func ofWeb(u *url.URL) bool {
	return u.Host != "" && strings.HasPrefix(u.Scheme, "http") && len(u.Scheme) <= len("https")
}

func (c Annuaire) directoryKey() (secret.Text, error) {
	if c.DirectoryKeyFile == "" {
		return c.DirectoryKey, nil
	}
	b, err := readSecretFile(c.DirectoryKeyFile)
	if err != nil {
		return secret.Text{}, refuse("--directory-key-file", "%s", err)
	}
	return secret.NewText(strings.TrimRight(string(b), "\r\n")), nil
}

func (c Annuaire) outboundProxy() (*url.URL, error) {
	if c.OutboundProxy == "" {
		return nil, nil //nolint:nilnil // none is a choice
	}
	u, err := url.Parse(c.OutboundProxy)
	if err != nil || !ofWeb(u) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, refuse("--outbound-proxy", "write scheme, host and port only, for example http://proxy.example.fr:3128")
	}
	return u, nil
}

// checkDirectory refuses what openDirectory would, before anything is opened.
func (c Config) checkDirectory() error {
	if !c.asked() {
		return nil
	}
	if !c.DirectoryKey.IsZero() && c.DirectoryKeyFile != "" {
		return refuse("--directory-key-file", "give the key once: here, or with --directory-key")
	}
	if _, err := c.directoryURL(); err != nil {
		return err
	}
	if _, err := c.outboundProxy(); err != nil {
		return err
	}
	return c.checkDirectoryKey()
}

// checkDirectoryKey: the national API answers nobody without a key.
func (c Config) checkDirectoryKey() error {
	if c.DirectoryKeyFile != "" {
		info, err := os.Stat(c.DirectoryKeyFile)
		switch {
		case err != nil:
			return refuse("--directory-key-file", "it cannot be read: %s", err)
		case info.Mode().Perm()&0o077 != 0:
			return refuse("--directory-key-file", "only its owner may read it: chmod 600 %s", c.DirectoryKeyFile)
		}
		return nil
	}
	if c.DirectoryKey.IsZero() && strings.TrimSuffix(c.DirectoryURL, "/") == directory.BaseURL {
		return refuse("--directory-key-file", "the national API asks for a key: https://portal.api.esante.gouv.fr gives one")
	}
	return nil
}
