package ident_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"habilis/internal/ident"
)

const uuid = "019a94c2-7b3e-7f00-8d2a-6b1c0d5e4f3a"

// TestParse: an ID has one writing, and is read as nothing but its own kind
// (rules.md 11, 12; INJ-01).
func TestParse(t *testing.T) {
	good := "mbr_" + uuid
	if id, err := ident.ParseMember(good); err != nil || id.String() != good || id.IsZero() {
		t.Errorf("%v, %v", id, err)
	}
	for name, bad := range map[string]string{
		"empty": "", "prefix alone": "mbr_", "another kind": "org_" + uuid, "no prefix": uuid, "prefix twice": "mbr_mbr_" + uuid,
		"capitals": "mbr_" + strings.ToUpper(uuid), "capital prefix": "MBR_" + uuid, "braces": "mbr_{" + uuid + "}",
		"urn": "mbr_urn:uuid:" + uuid, "no dashes": "mbr_" + strings.ReplaceAll(uuid, "-", ""), "space before": " " + good,
		"space after": good + " ", "line after": good + "\n", "nul after": good + "\x00", "one short": good[:len(good)-1],
		"one more": good + "0", "not hexadecimal": "mbr_" + strings.Replace(uuid, "0", "g", 1), "full width": "mbr_" + strings.Replace(uuid, "0", "０", 1),
		"dash elsewhere": "mbr_" + strings.Replace(uuid, "19a94c2-7", "19a94c27-", 1), "wildcard": "mbr_%", "SQL": "mbr_' or '1'='1",
	} {
		if id, err := ident.ParseMember(bad); !errors.Is(err, ident.ErrMalformed) || !id.IsZero() {
			t.Errorf("%s: read as %q, %v", name, id, err)
		}
	}
}

// TestKinds: each kind has a prefix of its own, as rest.md promises, and reads what
// it makes.
func TestKinds(t *testing.T) {
	made := map[string]string{
		"org": ident.NewOrg().String(), "ste": ident.NewSite().String(), "acc": ident.NewAccount().String(), "mbr": ident.NewMember().String(),
		"inv": ident.NewInvitation().String(), "rol": ident.NewRole().String(), "tok": ident.NewToken().String(), "ses": ident.NewSession().String(),
		"aud": ident.NewEvent().String(), "job": ident.NewJob().String(), "drf": ident.NewDraft().String(), "crd": ident.NewCredential().String(),
		"fct": ident.NewFactor().String(), "hlf": ident.NewHalf().String(), "dev": ident.NewDevice().String(), "cod": ident.NewCode().String(), "eml": ident.NewEmailChange().String(), "whk": ident.NewWebhook().String(), "evt": ident.NewOutEvent().String(),
	}
	for prefix, id := range made {
		if !strings.HasPrefix(id, prefix+"_") || len(id) != 40 || id[18] != '7' {
			t.Errorf("%s: %s", prefix, id)
		}
	}
	readers := map[string]func(string) error{
		"org": reads(ident.ParseOrg), "ste": reads(ident.ParseSite), "acc": reads(ident.ParseAccount), "mbr": reads(ident.ParseMember),
		"inv": reads(ident.ParseInvitation), "rol": reads(ident.ParseRole), "tok": reads(ident.ParseToken), "ses": reads(ident.ParseSession),
		"drf": reads(ident.ParseDraft), "fct": reads(ident.ParseFactor), "dev": reads(ident.ParseDevice), "whk": reads(ident.ParseWebhook), "evt": reads(ident.ParseOutEvent),
	}
	for kind, read := range readers {
		for prefix, id := range made {
			if err := read(id); (err == nil) != (kind == prefix) {
				t.Errorf("%s read as %s: %v", prefix, kind, err)
			}
		}
	}
}

func reads[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		_, err := parse(s)
		return err
	}
}

// TestNew: IDs are never the same and those made later sort later, from many
// goroutines too.
func TestNew(t *testing.T) {
	const n, each = 8, 5000
	lists := make([][]string, n)
	done := make(chan int)
	for g := range n {
		go func() {
			for range each {
				lists[g] = append(lists[g], ident.NewEvent().String())
			}
			done <- g
		}()
	}
	for range n {
		<-done
	}
	seen := make(map[string]bool, n*each)
	for g, list := range lists {
		if !slices.IsSorted(list) {
			t.Errorf("those of goroutine %d do not sort in the order in which they were made", g)
		}
		for _, id := range list {
			if seen[id] {
				t.Fatalf("%s was made twice", id)
			}
			seen[id] = true
		}
	}
}

// TestJSON: an ID is a string in a document; one of another kind, or no ID at all,
// is refused there; nothing is nothing.
func TestJSON(t *testing.T) {
	type doc struct {
		Member ident.Member                  `json:"member"`
		By     map[ident.Member]ident.Member `json:"by,omitempty"`
	}
	id := ident.NewMember()
	in := doc{id, map[ident.Member]ident.Member{id: id}}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `{"member":"`+id.String()+`","by":{"`+id.String()+`":"`+id.String()+`"}}` {
		t.Fatalf("%s, %v", b, err)
	}
	var out doc
	if err := json.Unmarshal(b, &out); err != nil || out.Member != id || out.By[id] != id {
		t.Errorf("%+v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"member":""}`), &out); err != nil || !out.Member.IsZero() {
		t.Errorf("%+v, %v", out, err)
	}
	for _, bad := range []string{`{"member":"org_` + uuid + `"}`, `{"member":"x"}`, `{"member":7}`, `{"by":{"x":"` + id.String() + `"}}`} {
		if err := json.Unmarshal([]byte(bad), &doc{}); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

// FuzzParse: whatever is read is written the same, is 40 characters of a small
// alphabet, and is no ID of another kind.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"mbr_" + uuid, "org_" + uuid, "mbr_{" + uuid[:34] + "}", "mbr_" + strings.ToUpper(uuid), "", "mbr_\xff", "mbr_" + uuid + "\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ident.ParseMember(s)
		if err != nil {
			if !id.IsZero() {
				t.Errorf("%q refused as %q", s, id)
			}
			return
		}
		if id.String() != s || len(s) != 40 || strings.Trim(s[4:], "0123456789abcdef-") != "" {
			t.Errorf("%q read as %q", s, id)
		}
		if _, err := ident.ParseOrg(s); err == nil {
			t.Errorf("%q is an organisation too", s)
		}
	})
}
