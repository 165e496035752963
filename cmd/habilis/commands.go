package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"habilis/internal/app"
	"habilis/internal/secret"
)

// file is the flag that configFile has already read; it is here to be known.
type file struct {
	Config string `help:"Configuration file: JSON, a key for each flag." placeholder:"FILE"`
}

type migrateCmd struct {
	file
	app.Place
}

// Run brings the schema up to date.
func (c *migrateCmd) Run(t *terminal) error {
	return app.Migrate(t.ctx, app.Config{Place: c.Place}, t.log, t.out)
}

type adminCmd struct {
	Open   openNetworksCmd `cmd:"" name:"open-networks" help:"Let the members of an organisation in from every address again."`
	Create createAdminCmd  `cmd:"" name:"create-platform-admin" help:"Print a link, good once, that makes a platform administrator."`
}

type createAdminCmd struct {
	file
	app.Place
	Email string `help:"Address of the administrator." placeholder:"ADDRESS"`
}

// Run prints the link.
func (c *createAdminCmd) Run(t *terminal) error {
	return app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.CreateAdmin{Email: c.Email}, t.out)
}

type openNetworksCmd struct {
	file
	app.Place
	Org string `help:"Slug or ID of the organisation." placeholder:"SLUG" required:""`
}

// Run opens the organisation.
func (c *openNetworksCmd) Run(t *terminal) error {
	return app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.OpenNetworks{Org: c.Org}, t.out)
}

type tokenCmd struct {
	Create createTokenCmd `cmd:"" help:"Print a new API token, once."`
}

type createTokenCmd struct {
	file
	app.Place
	Org        string   `help:"Slug or ID of the organisation." placeholder:"SLUG" xor:"owner" required:""`
	Platform   bool     `help:"A token of the platform instead." xor:"owner" required:""`
	Name       string   `required:"" help:"What the token is for." placeholder:"TEXT"`
	Permission []string `help:"What it may do; by default all that administrators may." placeholder:"CODE"`
	Days       int      `default:"90" help:"How long it is good, at most 365."`
	Trusted    bool     `help:"What it says of its callers' address and second factor is believed in decisions; of an organisation only."`
}

// Run prints the token.
func (c *createTokenCmd) Run(t *terminal) error {
	return app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.CreateToken{
		Org: c.Org, Platform: c.Platform, Name: c.Name, Permissions: c.Permission, Days: c.Days, Trusted: c.Trusted,
	}, t.out)
}

type keysCmd struct {
	List   listKeysCmd   `cmd:"" help:"List the keys, without the keys; * marks the current one."`
	Rotate rotateKeysCmd `cmd:"" help:"Add a key and use it from now on; what the others sealed still opens."`
	Public publicKeysCmd `cmd:"" help:"Print the public keys: whoever has them checks what this installation signed, with verify-audit."`
	Reseal resealKeysCmd `cmd:"" help:"Seal again with the current key what the older keys sealed."`
}

type listKeysCmd struct {
	file
	app.Place
}

// Run lists the keys.
func (c *listKeysCmd) Run(t *terminal) error {
	ring, err := secret.Load(c.KeyPath())
	if err != nil {
		return err
	}
	app.ListKeys(ring.Keys(), t.out)
	return nil
}

type publicKeysCmd struct {
	file
	app.Place
}

// Run prints the public keys.
func (c *publicKeysCmd) Run(t *terminal) error {
	ring, err := secret.Load(c.KeyPath())
	if err != nil {
		return err
	}
	_, err = t.out.Write(ring.PublicFile(strings.TrimSuffix(c.BaseURL, "/")))
	return err
}

type rotateKeysCmd struct {
	file
	app.Place
	Later bool `help:"Do not seal again what the older keys sealed: with several servers, copy the key file first, then run keys reseal."`
}

// Run rotates the keys.
func (c *rotateKeysCmd) Run(t *terminal) error {
	return app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.RotateKeys{Later: c.Later}, t.out)
}

type resealKeysCmd struct {
	file
	app.Place
}

// Run seals again.
func (c *resealKeysCmd) Run(t *terminal) error {
	return app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.ResealKeys{}, t.out)
}

type backupCmd struct {
	file
	app.Place
	File string `arg:"" help:"File to write; it must not exist." placeholder:"FILE"`
}

// Run writes the backup under another name first: a file with the name asked for
// is whole.
func (c *backupCmd) Run(t *terminal) error {
	if _, err := os.Lstat(c.File); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s exists already; a backup is never overwritten", c.File)
	}
	f, err := os.CreateTemp(filepath.Dir(c.File), ".habilis-backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone already when all went well
	failed := app.Execute(t.ctx, app.Config{Place: c.Place}, t.log, app.WriteBackup{}, f)
	if err := errors.Join(failed, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.File); err != nil {
		return err
	}
	return wrote(c.File, t.out)
}

func wrote(path string, out io.Writer) error {
	info, err := os.Stat(path)
	if err == nil {
		fmt.Fprintf(out, "%s: %d bytes. It opens with the key file only: keep a copy of that elsewhere.\n", path, info.Size())
	}
	return err
}

type restoreCmd struct {
	file
	app.Place
	File string `arg:"" help:"Backup to read." placeholder:"FILE"`
}

// Run restores.
func (c *restoreCmd) Run(t *terminal) error {
	return app.Restore(t.ctx, app.Config{Place: c.Place}, c.File, t.log, t.out)
}

type verifyCmd struct {
	file
	app.Place
	Heads     string `help:"Signed heads kept elsewhere; by default those of the data folder." placeholder:"FILE"`
	File      string `help:"Check instead that this file is the one that was signed: an access review, what an organisation took with it. Neither server nor database is needed." placeholder:"FILE" and:"signed"` //nolint:lll // a tag is one literal
	Signature string `help:"The signature of that file." placeholder:"FILE" and:"signed"`
	Keys      string `help:"The public keys of the installation that signed it." placeholder:"FILE" and:"signed"`

	KeyFingerprint string `name:"key-fingerprint" help:"Believe this key alone, by the SHA-256 fingerprint that the installation shows beside the file." placeholder:"HEX"` //nolint:lll // a tag is one literal
}

// Run verifies.
func (c *verifyCmd) Run(t *terminal) error {
	if c.File != "" {
		return app.VerifySigned(app.Signed{File: c.File, Signature: c.Signature, Keys: c.Keys, Fingerprint: c.KeyFingerprint}, t.out)
	}
	return app.VerifyAudit(t.ctx, app.Config{Place: c.Place}, c.Heads, t.log, t.out)
}

type doctorCmd struct {
	file
	app.Config
}

// Run looks.
func (c *doctorCmd) Run(t *terminal) error { return app.Doctor(t.ctx, c.Config, t.log, t.out) }

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(t *terminal) error {
	_, err := fmt.Fprintln(t.out, app.Version, app.Revision())
	return err
}
