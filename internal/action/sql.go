package action

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// recentKept is how many of the latest versions' times are kept, each of recentWidth
// characters: a reader who missed no more than those reads what changed, not everything.
const recentKept, recentWidth = 32, 16

// bumpVersion makes the organisation's next version and notes the time at which its rows
// changed; a zero time says that time does not tell them. It gives the version, 0 for an
// organisation that does not exist.
func bumpVersion(ctx context.Context, tx *store.Tx, org ident.Org, at time.Time) (int64, error) {
	version, _, err := store.One(ctx, tx, store.Value[int64], `
		insert into org_version (org_id, version, recent) select id, 1, cast($2 as text) from org where id = $1
		on conflict (org_id) do update set version = org_version.version + 1, recent = cast($2 as text) || substr(org_version.recent, 1, $3)
		returning version`, org, stamp(at), (recentKept-1)*recentWidth)
	return version, err
}

// stamp writes a time as org_version.recent has it.
func stamp(at time.Time) string {
	if at.IsZero() {
		return strings.Repeat("0", recentWidth)
	}
	return fmt.Sprintf("%0*x", recentWidth, uint64(at.UnixMicro()))
}

// Recent reads the times of org_version.recent, the latest version's first; a zero time
// where time does not tell what changed.
func Recent(text string) []time.Time {
	var out []time.Time
	for ; len(text) >= recentWidth; text = text[recentWidth:] {
		n, err := strconv.ParseUint(text[:recentWidth], 16, 64)
		at := time.Time{}
		if err == nil && n != 0 {
			at = time.UnixMicro(int64(n)).UTC() //nolint:gosec // written by stamp
		}
		out = append(out, at)
	}
	return out
}

// announce tells the other nodes that there is something new, once the transaction is
// committed. It is a hint: they look at the version before each answer anyway.
func announce(ctx context.Context, tx *store.Tx, org ident.Org) error {
	if tx.Engine != store.PostgreSQL {
		return nil
	}
	_, err := tx.Exec(ctx, announcePostgres, Channel, org)
	return err
}

// Channel is where PostgreSQL announces changed organisations.
const Channel = "habilis_version"

const announcePostgres = `select pg_notify($1, $2)`

// leap makes every organisation's version one that no server has seen.
func leap(ctx context.Context, tx *store.Tx, by int64) error {
	_, err := tx.Exec(ctx, `update org_version set version = version + $1, recent = ''`, by)
	return err
}

// chainFor gives the organisation whose trail takes the refusal: the act's, if it
// exists; a made-up one must not make a chain. One whose removal has begun takes none: whoever
// goes on knocking would keep its trail from ending (AUD-4).
func (r *Runner) chainFor(ctx context.Context, act Act) (ident.Org, error) {
	if act.org().IsZero() {
		return "", nil
	}
	var found bool
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		_, found, err = store.One(ctx, tx, store.Value[string], `
			select id from org where id = $1 and not exists (
				select 1 from org_exit x where x.org_id = org.id and x.stage <> 'asked')`, act.org())
		return err
	})
	if err != nil || !found {
		return "", err
	}
	return act.org(), nil
}

type keptKey struct {
	body   []byte
	result string
}

func findKey(ctx context.Context, tx *store.Tx, caller, key, act string, since time.Time) (keptKey, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (keptKey, error) {
		var k keptKey
		return k, s(&k.body, &k.result)
	}, `select body_hash, result from idempotency where caller = $1 and key = $2 and act = $3 and created_at > $4`, caller, key, act, since)
}

func keepKey(ctx context.Context, tx *store.Tx, caller, key, act string, body []byte, result string) error {
	_, err := tx.Exec(ctx, `
		insert into idempotency (caller, key, act, body_hash, result, created_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (caller, key, act) do update set body_hash = excluded.body_hash, result = excluded.result, created_at = excluded.created_at`,
		caller, key, act, body, result, tx.Now)
	return err
}

func dropKeys(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from idempotency where created_at < $1`, before)
	return err
}
