package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

func sumOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// body is what of a part is kept beside its salt.
type body struct {
	Text  string `json:"text"`
	Email string `json:"email,omitempty"`
}

func insertFile(ctx context.Context, tx *store.Tx, c Campaign, signed, signature []byte, parts []part) error {
	_, err := tx.Exec(ctx, `insert into review_file (org_id, review_id, core, signature, made_at) values ($1, $2, $3, $4, $5)`,
		c.Org, c.ID, signed, signature, tx.Now)
	if err != nil {
		return err
	}
	return store.InsertAll(ctx, tx, parts, `insert into review_part (org_id, review_id, part, salt, body) values ($1, $2, $3, $4, $5)`, "",
		func(p *part) []any {
			salt, _ := hex.DecodeString(p.Salt) // written by us
			b, _ := json.Marshal(body{p.Text, p.Email})
			return []any{c.Org, c.ID, p.Part, salt, string(b)}
		})
}

func fileOf(ctx context.Context, tx *store.Tx, c Campaign) (signed, signature []byte, found bool, err error) {
	type stored struct{ signed, signature []byte }
	f, found, err := store.One(ctx, tx, func(s store.Scan) (stored, error) {
		var f stored
		return f, s(&f.signed, &f.signature)
	}, `select f.core, f.signature from review_file f where f.org_id = $1 and f.review_id = $2`, c.Org, c.ID)
	return f.signed, f.signature, found, err
}

func partsOf(ctx context.Context, tx *store.Tx, c Campaign) ([]part, error) {
	return store.All(ctx, tx, func(s store.Scan) (part, error) {
		var p part
		var salt []byte
		var said string
		if err := s(&p.Part, &salt, &said); err != nil {
			return p, err
		}
		var b body
		err := json.Unmarshal([]byte(said), &b)
		p.Salt, p.Text, p.Email = hex.EncodeToString(salt), b.Text, b.Email
		return p, err
	}, `select p.part, p.salt, p.body from review_part p where p.org_id = $1 and p.review_id = $2 order by p.part`, c.Org, c.ID)
}

// Erasure ---------------------------------------------------------------------------

// heldBy are the things that somebody held in any photograph of theirs.
func photographsOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select p.photograph from review_person p where p.org_id = $1 and p.member_id = $2`, org, m)
}

// accountsOf are the accounts that somebody has, or had.
func accountsOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select distinct s.account_id from member_state s where s.org_id = $1 and s.member_id = $2 and s.account_id is not null`, org, m)
}

func forgetParts(ctx context.Context, tx *store.Tx, org ident.Org, parts []string) error {
	var args store.Args
	query := `delete from review_part where org_id = ` + args.Add(org) + ` and part in ` + store.In(&args, parts)
	_, err := tx.Exec(ctx, query, args.List()...)
	return err
}

// forgetSaid erases what names somebody by a word, whomever it is said of.
func forgetSaid(ctx context.Context, tx *store.Tx, org ident.Org, word string) error {
	pattern := store.Like(word)
	if _, err := tx.Exec(ctx, `delete from review_part where org_id = $1 and body like $2 escape '\'`, org, pattern); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update review_person set comment = '' where org_id = $1 and comment like $2 escape '\'`, org, pattern)
	return err
}

func forgetComments(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	_, err := tx.Exec(ctx, `update review_person set comment = '' where org_id = $1 and member_id = $2`, org, m)
	return err
}

// onlyOne reports whether nobody else of the organisation has the name of a member.
func onlyOne(ctx context.Context, tx *store.Tx, org ident.Org, m member.Member) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[ident.Member], `
		select s.member_id from member_state s
		where s.org_id = $1 and s.known_until is null and s.given_name = $2 and s.family_name = $3 and s.member_id <> $4 limit 1`,
		org, m.GivenName, m.FamilyName, m.ID)
	return !found, err
}
