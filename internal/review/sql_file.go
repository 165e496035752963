package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"habilis/internal/ident"
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

// photographsOf are what somebody might do, in every campaign: when it was opened, and when it was decided.
func photographsOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select p.photograph from review_person p where p.org_id = $1 and p.member_id = $2
		union all
		select p.judged from review_person p where p.org_id = $1 and p.member_id = $2`, org, m)
}

// thingsOf are the things that somebody holds, or held at any time: others have rights on them.
func thingsOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select distinct s.resource_id from resource_state s where s.org_id = $1 and s.holder_id = $2`, org, m)
}

// accountsOf are the accounts that somebody has, or had.
func accountsOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select distinct s.account_id from member_state s where s.org_id = $1 and s.member_id = $2 and s.account_id is not null`, org, m)
}

func forgetParts(ctx context.Context, tx *store.Tx, org ident.Org, parts []string) error {
	for some := range slices.Chunk(parts, atOnce) {
		var args store.Args
		query := `delete from review_part where org_id = ` + args.Add(org) + ` and part in ` + store.In(&args, some)
		if _, err := tx.Exec(ctx, query, args.List()...); err != nil {
			return err
		}
	}
	return nil
}

func forgetComments(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) error {
	_, err := tx.Exec(ctx, `update review_person set comment = '' where org_id = $1 and member_id = $2`, org, m)
	return err
}

// said is something that was said of somebody: a part of a file, a comment of a decision.
type said struct {
	review ident.Review
	of     string // name of the part, or the member
}

// saidIn reads parts, then comments, and keeps those that match.
func saidIn(ctx context.Context, tx *store.Tx, org ident.Org, matches func(string) bool) (parts, comments []said, err error) {
	keep := func(list *[]said, read func(string) (string, error)) func(store.Scan) error {
		return func(s store.Scan) error {
			var one said
			var kept string
			if err := s(&one.review, &one.of, &kept); err != nil {
				return err
			}
			words, err := read(kept)
			if err == nil && matches(words) {
				*list = append(*list, one)
			}
			return err
		}
	}
	ofBody := func(kept string) (string, error) {
		var b body
		err := json.Unmarshal([]byte(kept), &b)
		return b.Text + "\n" + b.Email, err
	}
	if err := store.Each(ctx, tx, keep(&parts, ofBody), `
		select p.review_id, p.part, p.body from review_part p where p.org_id = $1`, org); err != nil {
		return nil, nil, err
	}
	err = store.Each(ctx, tx, keep(&comments, func(kept string) (string, error) { return kept, nil }), `
		select p.review_id, p.member_id, p.comment from review_person p where p.org_id = $1 and p.comment <> ''`, org)
	return parts, comments, err
}

func forgetPart(ctx context.Context, tx *store.Tx, org ident.Org, v said) error {
	_, err := tx.Exec(ctx, `delete from review_part where org_id = $1 and review_id = $2 and part = $3`, org, v.review, v.of)
	return err
}

func forgetComment(ctx context.Context, tx *store.Tx, org ident.Org, v said) error {
	_, err := tx.Exec(ctx, `
		update review_person set comment = '' where org_id = $1 and review_id = $2 and member_id = $3`, org, v.review, v.of)
	return err
}

// called is how somebody is, or was, called.
type called struct{ given, family, email string }

func scanCalled(s store.Scan) (called, error) {
	var c called
	return c, s(&c.given, &c.family, &c.email)
}

// namesOf are the names and addresses that somebody has, or had, in the organisation.
func namesOf(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]called, error) {
	return store.All(ctx, tx, scanCalled, `
		select distinct s.given_name, s.family_name, s.email from member_state s where s.org_id = $1 and s.member_id = $2`, org, m)
}

// othersNames are the names of the other members, those who left too.
func othersNames(ctx context.Context, tx *store.Tx, org ident.Org, m ident.Member) ([]called, error) {
	return store.All(ctx, tx, scanCalled, `
		select distinct s.given_name, s.family_name, '' from member_state s
		where s.org_id = $1 and s.known_until is null and s.member_id <> $2`, org, m)
}
