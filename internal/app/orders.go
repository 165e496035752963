package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/blob"
	"habilis/internal/credential"
	"habilis/internal/privacy"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// CreateAdmin makes the single-use link of a platform administrator (CFG-01).
type CreateAdmin struct {
	Email string `json:"email"` // empty: whoever opens the link says which
	Base  string `json:"base"`  // of the command line, for a server that does not run
}

// Verb names the order.
func (CreateAdmin) Verb() string { return "admin.create" }

// Do prints the link.
func (o CreateAdmin) Do(ctx context.Context, b *Base, out io.Writer) error {
	base, err := b.publicURL()
	if err != nil {
		return err
	}
	link, err := b.Logins.NewSetUpLink(ctx, operator, o.Email)
	if err != nil {
		return err
	}
	whose := "the first administrator"
	if o.Email != "" {
		whose = o.Email
	}
	fmt.Fprintf(out, "Open this address once, within an hour, to make the account of %s:\n\n  %s/setup/%s\n\n"+
		"Whoever has it becomes platform administrator: send it to nobody.\n", whose, base, link.Reveal())
	return nil
}

// publicURL is the address that people open, for a link to print: the running
// server's, the configured one, or the one on which a server listens by default.
func (b *Base) publicURL() (string, error) {
	if b.Public != nil {
		return b.Public.String(), nil
	}
	if b.Config.BaseURL == "" {
		return "http://" + DefaultListen, nil
	}
	u, err := b.Config.parseBaseURL()
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// CreateToken makes an API token.
type CreateToken struct {
	Org         string   `json:"org"` // slug or ID; empty for the platform
	Name        string   `json:"name"`
	Permissions []string `json:"permissions"`
	Days        int      `json:"days"`
	Platform    bool     `json:"platform"`
	Trusted     bool     `json:"trusted"`
}

// Verb names the order.
func (CreateToken) Verb() string { return "token.create" }

const day = 24 * time.Hour

// Do prints the token, and nothing else on that line: scripts read it.
func (o CreateToken) Do(ctx context.Context, b *Base, out io.Writer) error {
	n := token.New{Kind: token.OfPlatform, Name: o.Name, Life: time.Duration(o.Days) * day, Trusted: o.Trusted}
	if !o.Platform {
		org, _, err := b.Orgs.Enter(ctx, operator, o.Org)
		if err != nil {
			return err
		}
		n.Kind, n.Org = token.OfOrganization, org.ID
	}
	for _, p := range o.Permissions {
		n.Permissions = append(n.Permissions, access.Permission(p))
	}
	made, err := b.Tokens.Make(ctx, operator, n)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, made.Secret.Reveal())
	return nil
}

// RotateKeys adds a key and makes it the current one, and seals again with it what the
// others sealed.
type RotateKeys struct {
	Later bool `json:"later"` // what is sealed waits for ResealKeys: other servers do not have the key yet
}

// Verb names the order.
func (RotateKeys) Verb() string { return "keys.rotate" }

// Do rotates, and lists the keys.
func (o RotateKeys) Do(ctx context.Context, b *Base, out io.Writer) error {
	if err := b.Ring.Rotate(b.Config.Clock()); err != nil {
		return err
	}
	ListKeys(b.Ring.Keys(), out)
	if err := b.record(ctx, o.Verb(), map[string]any{"current": b.Ring.Current().String()}); err != nil || o.Later {
		return err
	}
	return ResealKeys{}.Do(ctx, b, out)
}

// resealers are the packages that keep sealed values for longer than a job lives.
var resealers = []func(context.Context, *store.DB, *secret.Ring) (int, error){
	credential.Reseal, blob.Reseal, webhook.Reseal, privacy.Reseal,
}

// ResealKeys seals again with the current key what older keys sealed.
type ResealKeys struct{}

// Verb names the order.
func (ResealKeys) Verb() string { return "keys.reseal" }

// Do seals again, while the server serves, and says how much.
func (o ResealKeys) Do(ctx context.Context, b *Base, out io.Writer) error {
	n := 0
	for _, reseal := range resealers {
		some, err := reseal(ctx, b.DB, b.Ring)
		if n += some; err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "Sealed again with the current key: %d\n", n)
	if n == 0 {
		return nil
	}
	return b.record(ctx, o.Verb(), map[string]any{"current": b.Ring.Current().String(), "sealed": n})
}

// ListKeys prints the keys without the keys.
func ListKeys(keys []secret.KeyInfo, out io.Writer) {
	for _, k := range keys {
		mark := " "
		if k.Current {
			mark = "*"
		}
		fmt.Fprintf(out, "%s %s  %s\n", mark, k.ID, k.Created.Format(time.DateTime))
	}
}

// record writes what the operator did to the installation as a whole.
func (b *Base) record(ctx context.Context, verb string, after map[string]any) error {
	act := action.Act{Verb: verb, Needs: []access.Need{access.OfPlatform(access.PlatformAdminister)}}
	_, err := action.Run(ctx, b.Runner, operator, act, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{Verb: verb, After: after})
		return struct{}{}, nil
	})
	return err
}

// WriteBackup writes a backup to out.
type WriteBackup struct{}

// Verb names the order.
func (WriteBackup) Verb() string { return "installation.backup" }

// Do streams the backup. Nobody reads it without the keys (AUD-06); that it was
// made is recorded before, so that the copy says so too.
func (o WriteBackup) Do(ctx context.Context, b *Base, out io.Writer) error {
	if err := b.record(ctx, o.Verb(), nil); err != nil {
		return err
	}
	info, err := b.DB.Backup(ctx, out, b.Ring)
	if err == nil {
		b.Log.Info("backup", "rows", info.Rows, "made_at", info.MadeAt)
	}
	return err
}
